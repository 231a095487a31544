// SPDX-License-Identifier: GPL-2.0
/*
 * What the time model (tests/bench/model) takes from a real machine, in turns: a
 * record of UDP, OpenSSL and GnuTLS over loopback, and one sealed and opened by
 * the kernel's own AES-GCM code, compiled for user space. Nanoseconds a record;
 * in a guest of --icount, instructions.
 */
#include <dlfcn.h>
#include <getopt.h>
#include <stdint.h>
#include <stdlib.h>

#include "bench.h"
#include "stats.h"
#include "tap.h"

#define MAX_TURNS	101
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define HEADER_AAD	13	/* RFC 6347: of a record's AAD */
#define TAG		16

static const unsigned int sizes[] = { 0, 20, 160, 1400 };

static const struct batch batches[] = {
	{ "1", WAY_1, 1 },
	{ "mmsg", WAY_MMSG, MMSG_RECORDS },
	{ "gso", WAY_GSO, GSO_RECORDS },
};

static const struct path * const paths[] = {
	&path_udp, &path_openssl, &path_gnutls,
};

/* The layout that the assembly expects; what the bytes are is of no matter. */
struct gcm_key {
	uint32_t round_keys[120];
	uint32_t key_len;
	uint32_t nonce;
	uint64_t powers[8][2] __attribute__((aligned(16)));
	uint64_t xored[8];
	uint64_t shifted[2];
};

static struct gcm_key key = { .key_len = 16 };

static struct {
	void (*prepare)(struct gcm_key *key);
	void (*aad)(const struct gcm_key *key, void *hash, const void *aad,
		    int len);
	void (*seal)(const struct gcm_key *key, uint32_t *counter, void *hash,
		     const void *from, void *to, int len);
	void (*open)(const struct gcm_key *key, uint32_t *counter, void *hash,
		     const void *from, void *to, int len);
	void (*sealed)(const struct gcm_key *key, const uint32_t *counter,
		       void *hash, uint64_t aad_len, uint64_t len);
	_Bool (*opened)(const struct gcm_key *key, const uint32_t *counter,
			const void *hash, uint64_t aad_len, uint64_t len,
			const void *tag, int tag_len);
} gcm;

static void *symbol(void *library, const char *name)
{
	void *address = dlsym(library, name);

	need(address, name);
	return address;
}

static void aead_open(const char *file)
{
	void *library = dlopen(file, RTLD_NOW);

	need(library, file);
	*(void **)&gcm.prepare = symbol(library, "aes_gcm_precompute_aesni_avx");
	*(void **)&gcm.aad = symbol(library, "aes_gcm_aad_update_aesni_avx");
	*(void **)&gcm.seal = symbol(library, "aes_gcm_enc_update_aesni_avx");
	*(void **)&gcm.open = symbol(library, "aes_gcm_dec_update_aesni_avx");
	*(void **)&gcm.sealed = symbol(library, "aes_gcm_enc_final_aesni_avx");
	*(void **)&gcm.opened = symbol(library, "aes_gcm_dec_final_aesni_avx");
	gcm.prepare(&key);
}

/* Seals a record and opens it. */
static void aead_round(unsigned char *data, int len)
{
	_Alignas(16) uint32_t counter[4] = { 2 };
	_Alignas(16) unsigned char hash[TAG] = { 0 }, tag[TAG];
	unsigned char aad[HEADER_AAD] = { 0 };

	gcm.aad(&key, hash, aad, sizeof(aad));
	gcm.seal(&key, counter, hash, data, data, len);
	gcm.sealed(&key, counter, hash, sizeof(aad), len);
	memcpy(tag, hash, sizeof(tag));
	memset(hash, 0, sizeof(hash));
	counter[0] = 2;
	gcm.aad(&key, hash, aad, sizeof(aad));
	gcm.open(&key, counter, hash, data, data, len);
	need(gcm.opened(&key, counter, hash, sizeof(aad), len, tag, TAG),
	     "the tag is right");
}

/* As the kernel does for a system call in which it uses the FPU's registers. */
static void fpu_round(void)
{
	static _Alignas(64) unsigned char area[16384];

	/* registers of AVX are in use */
	__asm__ volatile("vpcmpeqd %%ymm1, %%ymm1, %%ymm1\n\t"
			 "xsavec64 %0\n\t"
			 "xrstor64 %0"
			 : "+m" (area) : "a" (-1), "d" (-1) : "xmm1");
}

/* Times of rounds of one kind, from several turns. */
struct cell {
	struct load load;		/* path NULL: the AEAD; no bytes: the FPU */
	unsigned int rounds;		/* of a turn */
	double samples[MAX_TURNS];
};

static void cell_round(const struct cell *cell)
{
	if (cell->load.path)
		cell->load.path->round(&cell->load);
	else if (!cell->load.bytes)
		fpu_round();
	else
		aead_round(cell->load.out, cell->load.bytes);
}

static double turn(const struct cell *cell)
{
	double start = now_ns();
	unsigned int i;

	for (i = 0; i < cell->rounds; i++)
		cell_round(cell);
	return (now_ns() - start) / cell->rounds / cell->load.count;
}

static void cell_measure(struct cell *cell, double turn_ns, int turns)
{
	int i;

	cell->load.out = calloc(cell->load.count, cell->load.bytes + 1);
	cell->load.in = calloc(cell->load.count, cell->load.bytes + 1);
	need(cell->load.out && cell->load.in, "memory");
	if (cell->load.path)
		cell->load.path->open(&cell->load);
	cell->rounds = 20;
	turn(cell);
	cell->rounds = turn_ns / (turn(cell) * cell->load.count) + 1;
	for (i = 0; i < turns; i++)
		cell->samples[i] = turn(cell);
}

static void print(FILE *f, struct cell *cell, int turns)
{
	static const char *comma = "";
	struct summary s = summarise(cell->samples, turns);
	const struct load *load = &cell->load;

	fprintf(f, "%s{\"path\": \"%s\", \"bytes\": %zu, \"batch\": \"%s\", \"ns\": ",
		comma, load->path ? load->path->name : load->bytes ? "aead" : "fpu",
		load->bytes,
		load->path ? load->batch->name : "-");
	print_summary(f, &s, 1);
	fprintf(f, "}");
	comma = ",\n";
}

/*
 * The AEAD, and with fpu (an emulated CPU has no xsavec) the FPU's registers saved
 * and restored.
 */
static void aead_all(FILE *f, bool fpu, double turn_ns, int turns)
{
	size_t i;

	for (i = !fpu; i < ARRAY_SIZE(sizes); i++) {
		struct cell cell = {
			.load = { .bytes = sizes[i], .count = 1 },
		};

		cell_measure(&cell, turn_ns, turns);
		print(f, &cell, turns);
	}
}

static void batches_of(FILE *f, const struct path *path, unsigned int bytes,
		       double turn_ns, int turns)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(batches); i++) {
		unsigned int fit = GSO_BYTES / (bytes + MAX_OVERHEAD);
		struct cell cell = { .load = {
			.path = path, .batch = &batches[i], .bytes = bytes,
			.cipher = cipher_by_name("AES-128-GCM"),
			.count = batches[i].records,
		} };

		if (batches[i].way == WAY_GSO && cell.load.count > fit)
			cell.load.count = fit;
		cell_measure(&cell, turn_ns, turns);
		print(f, &cell, turns);
	}
}

static void sockets_all(FILE *f, double turn_ns, int turns)
{
	size_t i, p;

	for (p = 0; p < ARRAY_SIZE(paths); p++)
		for (i = 1; i < ARRAY_SIZE(sizes); i++)
			batches_of(f, paths[p], sizes[i], turn_ns, turns);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "aead", 1, NULL, 'a' }, { "sockets", 0, NULL, 's' },
		{ "json", 1, NULL, 'j' }, { "turns", 1, NULL, 't' },
		{ "help", 0, NULL, 'h' }, { }
	};
	const char *aead = NULL;
	bool sockets = false;
	FILE *f = stdout;
	int c, turns = 41;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (c) {
		case 'a': aead = optarg; break;
		case 's': sockets = true; break;
		case 'j':
			f = fopen(optarg, "w");
			need(f, optarg);
			break;
		case 't': turns = atoi(optarg); break;
		default:
			fprintf(stderr, "Usage: bench-model [--aead FILE.so] [--sockets] [--turns N] [--json FILE]\n");
			return c == 'h' ? 0 : 2;
		}
	}
	need(turns > 0 && turns <= MAX_TURNS, "turns");
	fprintf(f, "[\n");
	if (aead) {
		aead_open(aead);
		aead_all(f, sockets, 1e6, turns);
	}
	if (sockets)
		sockets_all(f, 2e6, turns);
	fprintf(f, "\n]\n");
	fclose(f);
	return 0;
}
