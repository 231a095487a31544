// SPDX-License-Identifier: GPL-2.0
/*
 * Secrets in the guest's memory: /proc/kcore is searched for a random key. The
 * test must find it while the socket is open, else it proves nothing; and must
 * not find it after close. A record's plaintext and nonce must not be found
 * after it was read. With a cipher of the crypto API and one of the library. This
 * process stores them inverted, so that it does not find its own copies.
 */
#include <elf.h>
#include <endian.h>
#include <fcntl.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "pair.h"
#include "tap.h"

#define KEY	16
#define NONCE	12
#define CHUNK	(1 << 20)

static unsigned char inverted[2][KEY];
static unsigned char chunk[CHUNK + KEY];

/* Compares without ever having the key in memory. */
static bool is_key(const unsigned char *p, const unsigned char *inv, int size)
{
	for (int i = 0; i < size; i++)
		if ((p[i] ^ inv[i]) != 0xff)
			return false;
	return true;
}

static int in_chunk(const unsigned char *inv, int size, size_t len)
{
	unsigned char first = ~inv[0];
	const unsigned char *p = chunk, *end = chunk + len - KEY;
	int found = 0;

	while (p < end && (p = memchr(p, first, end - p))) {
		found += is_key(p, inv, size);
		p++;
	}
	return found;
}

/*
 * How often each of the two, the second with this length, occurs in RAM (the
 * direct map of kcore).
 */
static bool search(int found[2], int second)
{
	int fd = open("/proc/kcore", O_RDONLY);
	Elf64_Ehdr eh;
	Elf64_Phdr ph;
	size_t all = 0;

	found[0] = found[1] = 0;
	if (fd < 0 || pread(fd, &eh, sizeof(eh), 0) != sizeof(eh))
		return false;
	for (int i = 0; i < eh.e_phnum; i++) {
		if (pread(fd, &ph, sizeof(ph), eh.e_phoff + i * sizeof(ph)) !=
		    sizeof(ph))
			break;
		/* RAM has a physical address; vmalloc and text are in it */
		if (ph.p_type != PT_LOAD || ph.p_paddr == (Elf64_Addr)-1 ||
		    ph.p_paddr > 1ULL << 40)
			continue;
		if (ph.p_vaddr >= 0xffffffff80000000ULL ||
		    ph.p_memsz > 1ULL << 36)
			continue;
		for (size_t off = 0; off < ph.p_memsz; off += CHUNK) {
			ssize_t got = pread(fd, chunk, sizeof(chunk),
					    ph.p_offset + off);

			if (got <= KEY)
				continue;
			all += got;
			found[0] += in_chunk(inverted[0], KEY, got);
			found[1] += in_chunk(inverted[1], second, got);
		}
	}
	memset(chunk, 0, sizeof(chunk));
	close(fd);
	diag("%zu MiB searched: %d, %d", all >> 20, found[0], found[1]);
	return all > 64 << 20;
}

static void install(int fd, int cipher)
{
	struct dtls_keys keys;

	pair_keys(&keys, cipher, true);
	for (int i = 0; i < KEY; i++) {
		keys.tx.key[i] = ~inverted[0][i];
		keys.rx.key[i] = ~inverted[1][i];
	}
	need(!pair_set_keys(fd, &keys), "keys");
	explicit_bzero(&keys, sizeof(keys));
}

/* Leftovers on this task's stacks are overwritten by other calls. */
static void other_calls(void)
{
	char buf[4096];

	for (int i = 0; i < 50; i++) {
		int fd = open("/proc/self/status", O_RDONLY);

		if (read(fd, buf, sizeof(buf)) < 0)
			break;
		close(fd);
	}
	usleep(300000);
}

static void invent(void)
{
	need(getrandom(inverted, sizeof(inverted), 0) == sizeof(inverted),
	     "getrandom");
}

/*
 * The nonce of the first record: the salt and the number, all inverted[1]. With a
 * write IV of 12 bytes (RFC 7905) the rest of it is zero.
 */
static void key_pair(struct pair *p, int cipher)
{
	struct dtls_keys keys;
	__u64 number;

	inverted[1][4] = 0xff;		/* epoch 1 */
	inverted[1][5] = 0xfe;
	inverted[1][6] = 0xff;		/* a number that is not reached soon */
	memcpy(&number, inverted[1] + 4, sizeof(number));
	number = ~be64toh(number) & ~(0xffffULL << 48);
	for (int i = 0; i < 2; i++) {
		struct dtls_direction *dir;

		pair_keys(&keys, cipher, !i);
		dir = i ? &keys.rx : &keys.tx;
		memset(dir->iv, 0, sizeof(dir->iv));
		for (int j = 0; j < 4; j++)
			dir->iv[j] = ~inverted[1][j];
		dir->seq = number;
		need(!pair_set_keys(i ? p->b : p->a, &keys), "keys");
	}
	explicit_bzero(&keys, sizeof(keys));
	explicit_bzero(&number, sizeof(number));
}

#define RECORD	1400	/* in pages of its own: it is opened in the workspace */

static void read_records(int cipher)
{
	static unsigned char text[RECORD];
	int found[2];
	struct pair p;

	invent();
	pair_plain(&p, AF_INET);
	pair_attach(&p);
	key_pair(&p, cipher);
	for (int i = 0; i < KEY; i++)
		text[RECORD / 2 + i] = ~inverted[0][i];
	need(send(p.a, text, RECORD, 0) == RECORD, "send");
	explicit_bzero(text, sizeof(text));
	need(recv(p.b, text, RECORD, 0) == RECORD, "recv");
	ok(is_key(text + RECORD / 2, inverted[0], KEY), "%s: a record comes",
	   cipher_name(cipher));
	explicit_bzero(text, sizeof(text));
	other_calls();
	need(search(found, NONCE), "kcore");
	is_int(found[0], 0, "what was read is not found afterwards");
	is_int(found[1], 0, "and its nonce is not");
	pair_close(&p);
}

/* False: /proc/kcore cannot be read here. */
static bool closed_sockets(int cipher)
{
	int open_now[2], closed[2];
	struct pair p;

	invent();
	pair_plain(&p, AF_INET);
	pair_attach(&p);
	install(p.a, cipher);
	send(p.a, "x", 1, 0);
	if (!search(open_now, KEY))
		return false;
	ok(open_now[0] && open_now[1],
	   "%s: both keys are found while the socket is open",
	   cipher_name(cipher));
	pair_close(&p);
	other_calls();
	need(search(closed, KEY), "kcore");
	is_int(closed[0], 0, "the sending key is not found after close");
	is_int(closed[1], 0, "the receiving key is not found after close");
	return true;
}

/* Sending with keys, the first secret as sn_key; receiving with the second. */
static void install13(int fd)
{
	struct dtls_keys keys;

	pair_keys13(&keys, DTLS_CIPHER_AES_128_GCM, true);
	keys.tx.flags = 0;
	memset(keys.tx.key + KEY, 0, sizeof(keys.tx.key) - KEY);
	for (int i = 0; i < KEY; i++) {
		keys.tx.sn_key[i] = ~inverted[0][i];
		keys.rx.key[i] = ~inverted[1][i];
	}
	need(!pair_set_keys(fd, &keys), "keys of DTLS 1.3");
	explicit_bzero(&keys, sizeof(keys));
}

static void closed_sockets13(void)
{
	int found[2];
	struct pair p;

	invent();
	pair_plain(&p, AF_INET);
	pair_attach(&p);
	install13(p.a);
	other_calls();
	need(search(found, KEY), "kcore");
	ok(found[0], "DTLS 1.3: the sn_key is found while the socket is open");
	ok(found[1], "... and the traffic secret");
	pair_close(&p);
	other_calls();
	need(search(found, KEY), "kcore");
	is_int(found[0], 0, "the sn_key is not found after close");
	is_int(found[1], 0, "... and the traffic secret is not");
}

/* One secret at both ends, the same for each direction. */
static void install_secret13(int fd, bool client)
{
	struct dtls_keys keys;

	pair_keys13(&keys, DTLS_CIPHER_AES_128_GCM, client);
	for (int i = 0; i < KEY; i++) {
		keys.tx.key[i] = ~inverted[1][i];
		keys.rx.key[i] = ~inverted[1][i];
	}
	need(!pair_set_keys(fd, &keys), "secrets of DTLS 1.3");
	explicit_bzero(&keys, sizeof(keys));
}

static bool updated(int fd)
{
	struct dtls_status st = {};
	socklen_t len = sizeof(st);

	need(!getsockopt(fd, SOL_DTLS, DTLS_STATUS, &st, &len), "DTLS_STATUS");
	return st.tx_epoch == 4 && st.rx_epoch == 4;
}

/* The new keys are not to open old records. */
static void updated_sockets13(void)
{
	const struct dtls_key_update want = { .flags = DTLS_KEY_UPDATE_REQUEST };
	int found[2];
	struct pair p;

	invent();
	pair_plain(&p, AF_INET);
	pair_attach(&p);
	install_secret13(p.a, true);
	install_secret13(p.b, false);
	need(!setsockopt(p.a, SOL_DTLS, DTLS_KEY_UPDATE, &want, sizeof(want)),
	     "DTLS_KEY_UPDATE");
	for (int i = 0; i < 300 && !(updated(p.a) && updated(p.b)); i++)
		usleep(10000);
	ok(updated(p.a) && updated(p.b), "keys are updated");
	other_calls();
	need(search(found, KEY), "kcore");
	is_int(found[1], 0, "the traffic secret before is not found");
	pair_close(&p);
}

int main(void)
{
	static const int ciphers[] = {
		DTLS_CIPHER_AES_128_GCM, DTLS_CIPHER_CHACHA20_POLY1305,
	};

	for (int i = 0; i < 2; i++) {
		if (!closed_sockets(ciphers[i])) {
			printf("1..0 # SKIP /proc/kcore cannot be read here\n");
			return 0;
		}
		read_records(ciphers[i]);
	}
	closed_sockets13();
	updated_sockets13();
	return done_testing();
}
