// SPDX-License-Identifier: GPL-2.0
/*
 * A sender on the same machine splices a record out of page cache and changes it
 * while it is opened. An AEAD reads a text twice: what was authenticated must be
 * what is delivered.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include "pair.h"
#include "tap.h"

#define RECORDS	300	/* at least, ... */
#define MAX_RECORDS	30000	/* ... and until one was changed and one was not */
#define CONTENT	4000	/* with header and tag in one page */
#define FLIPPED	2000

static unsigned char content[CONTENT], in[CONTENT + 1];
static atomic_bool end;

/* A bit of the ciphertext, back and forth. */
static void *flip(void *arg)
{
	volatile unsigned char *byte = (unsigned char *)arg + FLIPPED;

	while (!atomic_load_explicit(&end, memory_order_relaxed))
		*byte ^= 1;
	return NULL;
}

static bool splice_out(int fd, int file, size_t len)
{
	off_t off = 0;

	return sendfile(fd, file, &off, len) == (ssize_t)len;
}

static void race(int cipher)
{
	unsigned long delivered = 0, dropped = 0, wrong = 0;
	int file = memfd_create("record", 0);
	unsigned char record[PAIR_MAX_RECORD], *page;
	pthread_t thread;
	struct pair p;

	pair_victim(&p, AF_INET, cipher);
	need(file >= 0 && !ftruncate(file, 8192), "a file in memory");
	page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	need(page != MAP_FAILED, "mmap");
	atomic_store(&end, false);
	need(!pthread_create(&thread, NULL, flip, page), "a thread");
	for (int i = 0; i < RECORDS ||
	     (i < MAX_RECORDS && (!delivered || !dropped)); i++) {
		size_t len = pair_record(cipher, 1, 10 + i, content, CONTENT, record);
		ssize_t got;

		memcpy(page, record, len);
		need(splice_out(p.a, file, len), "sendfile");
		got = recv(p.b, in, sizeof(in), MSG_DONTWAIT);
		if (got < 0)
			dropped++;
		else if (got == CONTENT && !memcmp(in, content, CONTENT))
			delivered++;
		else
			wrong++;
	}
	atomic_store(&end, true);
	pthread_join(thread, NULL);
	is_int(wrong, 0, "%s: nothing was delivered that was not authenticated",
	       cipher_name(cipher));
	ok(delivered && dropped, "... although records were changed meanwhile");
	diag("%lu delivered, %lu dropped, %lu wrong", delivered, dropped, wrong);
	munmap(page, 8192);
	close(file);
	pair_close(&p);
}

int main(void)
{
	memset(content, 'c', sizeof(content));
	race(DTLS_CIPHER_CHACHA20_POLY1305);
	race(DTLS_CIPHER_AES_128_GCM);
	race(DTLS_CIPHER_AES_128_CCM);
	return done_testing();
}
