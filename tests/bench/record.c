// SPDX-License-Identifier: GPL-2.0
/*
 * The module's record code (kernel/record), compiled for user space with an
 * AEAD of OpenSSL's EVP, beside OpenSSL's and GnuTLS's record layers, all in
 * memory, in one process, in turns; and beside the same calls of the AEAD with
 * the same copies alone ("aead"). The module's code calls OpenSSL's AEAD here,
 * GnuTLS its own.
 *
 * A run seals RECORDS records from the application's memory and opens them
 * into it. In a guest of tests/harness/vm/run --icount it counts instructions.
 */
#include <getopt.h>
#include <openssl/evp.h>

#include "library.h"
#include "record/header12.h"
#include "record/open12.h"
#include "record/seal12.h"
#include "stats.h"
#include "tap.h"

#define RECORDS		32
#define MAX_RUNS	201
#define WINDOW_LONGS	(DTLS_WINDOW_DEFAULT / (8 * sizeof(long)))
#define STRIDE		(DTLS_HEADROOM + MAX_BYTES + MAX_OVERHEAD)

enum side { KDTLS, AEAD, LIBRARIES, OPENSSL = LIBRARIES, GNUTLS, SIDES };

static const char * const side_names[SIDES] = {
	"kdtls", "aead", "openssl", "gnutls"
};

static const struct library * const libraries[SIDES] = {
	[OPENSSL] = &library_openssl, [GNUTLS] = &library_gnutls,
};

/* Our two ends. */
static struct {
	struct dtls_record_params params;
	EVP_CIPHER_CTX *seal, *open;
	u64 next;
	struct dtls_window window;
	unsigned long map[WINDOW_LONGS];
	u8 records[RECORDS][STRIDE];
	size_t lens[RECORDS];
} ours;

static struct gathered to[SIDES][2];
static u8 out[RECORDS * MAX_BYTES], in[RECORDS * MAX_BYTES];
static int runs = 41;
static double run_ns = 2e6;

/* The key is set once, as in the kernel. */
static EVP_CIPHER_CTX *keyed(const struct cipher *cipher, int enc)
{
	EVP_CIPHER *evp = EVP_CIPHER_fetch(NULL, cipher->name, NULL);
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	u8 key[32];

	memset(key, 0xc1, sizeof(key));
	need(evp && ctx && EVP_CipherInit_ex(ctx, evp, NULL, key, NULL, enc),
	     "EVP");
	EVP_CIPHER_free(evp);
	return ctx;
}

static void ours_open(const struct cipher *cipher)
{
	EVP_CIPHER_CTX_free(ours.seal);
	EVP_CIPHER_CTX_free(ours.open);
	ours.seal = keyed(cipher, 1);
	ours.open = keyed(cipher, 0);
	ours.params = (struct dtls_record_params){
		.cipher = dtls_cipher_by_id(cipher->kdtls), .epoch = 1,
	};
	memset(ours.params.iv, 0xc2, ours.params.cipher->iv_len);
	ours.next = 0;
	dtls_window_init(&ours.window, ours.map, DTLS_WINDOW_DEFAULT, 0);
}

static bool aead(EVP_CIPHER_CTX *ctx, const struct dtls_aead_op *op, u8 *buf,
		 size_t len)
{
	u8 *text = buf + op->aad_off + op->aad_len;
	int n;

	return EVP_CipherInit_ex(ctx, NULL, NULL, NULL, op->nonce, -1) &&
	       EVP_CipherUpdate(ctx, NULL, &n, buf + op->aad_off,
				op->aad_len) &&
	       EVP_CipherUpdate(ctx, text, &n, text, len) &&
	       EVP_CipherFinal_ex(ctx, text + len, &n) > 0;
}

static void seal(const u8 *content, size_t len, unsigned int i)
{
	const struct dtls_record_params *p = &ours.params;
	u8 *buf = ours.records[i];
	struct dtls12_content c = {
		.seq = ours.next++, .len = len,
		.type = DTLS_TYPE_APPLICATION_DATA,
	};
	struct dtls_aead_op op;

	memcpy(buf + DTLS_HEADROOM + dtls12_content_offset(p), content, len);
	dtls12_seal_begin(p, &c, buf, &op);
	need(aead(ours.seal, &op, buf, op.text_len) &&
	     EVP_CIPHER_CTX_ctrl(ours.seal, EVP_CTRL_AEAD_GET_TAG,
				 p->cipher->tag_len,
				 buf + op.aad_off + op.aad_len + op.text_len) > 0,
	     "seal");
	ours.lens[i] = dtls12_seal_end(p, &c, buf);
}

static void open_(u8 *content, size_t wanted, unsigned int i)
{
	const struct dtls_record_params *p = &ours.params;
	u8 *buf = ours.records[i];
	struct dtls_opened opened;
	size_t len;
	struct dtls_aead_op op;
	struct dtls_header h;

	need(!dtls12_parse(buf + DTLS_HEADROOM, ours.lens[i], 0, &h) &&
	     dtls_window_check(&ours.window, h.seq) &&
	     !dtls12_open_begin(p, &h, buf + DTLS_HEADROOM, buf, &op), "open");
	len = op.text_len - p->cipher->tag_len;
	need(EVP_CIPHER_CTX_ctrl(ours.open, EVP_CTRL_AEAD_SET_TAG,
				 p->cipher->tag_len,
				 buf + op.aad_off + op.aad_len + len) > 0 &&
	     aead(ours.open, &op, buf, len), "open");
	need(dtls_window_accept(&ours.window, h.seq) &&
		     !dtls12_open_end(p, &h, buf, &op, &opened) &&
		     opened.len == wanted &&
		     opened.type == DTLS_TYPE_APPLICATION_DATA,
	     "open");
	memcpy(content, buf + opened.off, opened.len);
}

/* The cost of the AEAD alone: numbers are nonces, zeros the AAD. */
static struct dtls_aead_op bare_op(unsigned int i, size_t len)
{
	struct dtls_aead_op op = {
		.aad_off = DTLS_HEADROOM + 8, .aad_len = 13, .text_len = len,
	};

	memcpy(op.nonce, &i, sizeof(i));
	return op;
}

static void bare_seal(const u8 *content, size_t len, unsigned int i)
{
	struct dtls_aead_op op = bare_op(i, len);
	u8 *buf = ours.records[i], *text = buf + op.aad_off + op.aad_len;

	memcpy(text, content, len);
	need(aead(ours.seal, &op, buf, len) &&
	     EVP_CIPHER_CTX_ctrl(ours.seal, EVP_CTRL_AEAD_GET_TAG,
				 DTLS_MAX_TAG, text + len) > 0, "seal");
}

static void bare_open(u8 *content, size_t len, unsigned int i)
{
	struct dtls_aead_op op = bare_op(i, len);
	u8 *buf = ours.records[i], *text = buf + op.aad_off + op.aad_len;

	need(EVP_CIPHER_CTX_ctrl(ours.open, EVP_CTRL_AEAD_SET_TAG,
				 DTLS_MAX_TAG, text + len) > 0 &&
	     aead(ours.open, &op, buf, len), "open");
	memcpy(content, text, len);
}

static void put(int side, unsigned int i, size_t bytes)
{
	const u8 *content = out + i * bytes;

	if (side == KDTLS)
		seal(content, bytes, i);
	else if (side == AEAD)
		bare_seal(content, bytes, i);
	else
		libraries[side]->write(0, content, bytes);
}

static void get(int side, unsigned int i, size_t bytes)
{
	u8 *content = in + i * bytes;

	if (side == KDTLS)
		open_(content, bytes, i);
	else if (side == AEAD)
		bare_open(content, bytes, i);
	else
		need(libraries[side]->read(1, content, bytes), "a record");
}

static void round_of(int side, size_t bytes)
{
	unsigned int i;

	for (i = 0; i < RECORDS; i++)
		put(side, i, bytes);
	for (i = 0; i < RECORDS; i++)
		get(side, i, bytes);
}

static void checked_round(int side, size_t bytes)
{
	static unsigned int salt;
	size_t i;

	salt++;
	for (i = 0; i < RECORDS * bytes; i++)
		out[i] = salt + i * 7 + i / bytes * 13;
	memset(in, ~salt, RECORDS * bytes);
	round_of(side, bytes);
	need(!memcmp(in, out, RECORDS * bytes), "what was sent");
}

static double run(int side, size_t bytes, unsigned long rounds)
{
	double start = now_ns();
	unsigned long i;

	for (i = 0; i < rounds; i++)
		round_of(side, bytes);
	return (now_ns() - start) / rounds / RECORDS;
}

struct cell {
	const struct cipher *cipher;
	size_t bytes;
	struct summary time[SIDES], ratio[SIDES];
};

/* In turns; each is first equally often. */
static void measure(struct cell *cell)
{
	double time[SIDES][MAX_RUNS], ratio[SIDES][MAX_RUNS];
	unsigned long rounds[SIDES];
	int i, k, side;

	for (side = 0; side < SIDES; side++) {
		checked_round(side, cell->bytes);
		rounds[side] = run_ns / (run(side, cell->bytes, 4) * RECORDS) + 1;
	}
	for (i = 0; i < runs; i++) {
		for (k = 0; k < SIDES; k++) {
			side = (i + k) % SIDES;
			time[side][i] = run(side, cell->bytes, rounds[side]);
		}
		for (side = 0; side < SIDES; side++)
			ratio[side][i] = time[side][i] / time[KDTLS][i];
	}
	for (side = 0; side < SIDES; side++) {
		checked_round(side, cell->bytes);
		cell->time[side] = summarise(time[side], runs);
		cell->ratio[side] = summarise(ratio[side], runs);
	}
}

static void open_all(const struct cipher *cipher)
{
	int side;

	ours_open(cipher);
	for (side = LIBRARIES; side < SIDES; side++)
		handshake_both(libraries[side], cipher, 0, NULL, to[side]);
}

static void cpu_name(char *name, size_t size)
{
	FILE *f = fopen("/proc/cpuinfo", "r");
	char line[256];

	snprintf(name, size, "unknown CPU");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "model name : %127[^\n\"]", name) == 1)
			break;
	if (f)
		fclose(f);
}

static void print_cell(FILE *f, const struct cell *c, const char *unit)
{
	char cpu[128];
	int side;

	cpu_name(cpu, sizeof(cpu));
	fprintf(f, "{\"bytes\": %zu, \"cipher\": \"%s\", \"unit\": \"%s\", \"cpu\": \"%s\", \"runs\": %d,\n \"versions\": {",
		c->bytes, c->cipher->name, unit, cpu, runs);
	for (side = LIBRARIES; side < SIDES; side++)
		fprintf(f, "%s\"%s\": \"%s\"", side > LIBRARIES ? ", " : "",
			side_names[side], libraries[side]->version());
	fprintf(f, "}");
	for (side = 0; side < SIDES; side++) {
		fprintf(f, ",\n \"%s\": ", side_names[side]);
		print_summary(f, &c->time[side], 1);
	}
	fprintf(f, ",\n \"ratios\": {");
	for (side = 1; side < SIDES; side++) {
		fprintf(f, "%s\"%s\": ", side > 1 ? ", " : "",
			side_names[side]);
		print_summary(f, &c->ratio[side], 3);
	}
	fprintf(f, "}}");
}

static void usage(FILE *f)
{
	fprintf(f,
"Usage: bench-record [OPTION...]\n"
"The record code and the libraries' record layers in memory, in turns.\n"
"  --bytes N,..    sizes of a record's content (64,256,1400,8192)\n"
"  --cipher C,..   AES-128-GCM,AES-256-GCM,ChaCha20-Poly1305 (all)\n"
"  --runs N        of each (41)\n"
"  --quick         7 short ones\n"
"  --json FILE     default: standard output\n");
}

static void each_size(FILE *f, const struct cipher *cipher, const char *sizes)
{
	const char *unit = getenv("KDTLS_ICOUNT") && *getenv("KDTLS_ICOUNT") ?
			   "instructions" : "ns";
	char list[256], *word, *state;
	static bool more;

	snprintf(list, sizeof(list), "%s", sizes);
	for (word = strtok_r(list, ",", &state); word;
	     word = strtok_r(NULL, ",", &state)) {
		struct cell cell = {
			.cipher = cipher, .bytes = strtoul(word, NULL, 10),
		};

		need(cell.bytes && cell.bytes <= MAX_BYTES, "size");
		measure(&cell);
		fprintf(f, "%s\n", more ? "," : "[");
		more = true;
		print_cell(f, &cell, unit);
	}
}

static void each_cipher(FILE *f, char *ciphers, const char *sizes)
{
	char *word, *state;

	for (word = strtok_r(ciphers, ",", &state); word;
	     word = strtok_r(NULL, ",", &state)) {
		const struct cipher *cipher = cipher_by_name(word);

		need(cipher, word);
		open_all(cipher);
		each_size(f, cipher, sizes);
	}
	fprintf(f, "\n]\n");
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "bytes", 1, NULL, 'n' }, { "cipher", 1, NULL, 'c' },
		{ "runs", 1, NULL, 'r' }, { "quick", 0, NULL, 'q' },
		{ "json", 1, NULL, 'j' }, { "help", 0, NULL, 'h' }, { }
	};
	char all[] = "AES-128-GCM,AES-256-GCM,ChaCha20-Poly1305";
	char *ciphers = all, *sizes = "64,256,1400,8192";
	const char *json = "/dev/stdout";
	FILE *f;
	int c;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (c) {
		case 'n': sizes = optarg; break;
		case 'c': ciphers = optarg; break;
		case 'r': runs = atoi(optarg); break;
		case 'q': runs = 7; run_ns = 0.5e6; break;
		case 'j': json = optarg; break;
		case 'h': usage(stdout); return 0;
		default: usage(stderr); return 2;
		}
	}
	need(runs > 0 && runs <= MAX_RUNS, "1 to 201 runs");
	f = fopen(json, "w");
	need(f, json);
	each_cipher(f, ciphers, sizes);
	need(!fclose(f), json);
	return 0;
}
