// SPDX-License-Identifier: GPL-2.0
/*
 * sendfile and splice, out and in. Pieces that the kernel marks with
 * MSG_MORE are one message; nothing bypasses the hooks.
 */
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include "capture.h"
#include "pair.h"
#include "tap.h"

static char out[16384], in[70000];

static int file_of(size_t len)
{
	int fd = memfd_create("splice", 0);

	canary_fill(out, len, len);
	need(fd >= 0 && write(fd, out, len) == (ssize_t)len, "memfd");
	return fd;
}

/* All data that arrives within a short time, concatenated. */
static size_t collect(int fd, unsigned int *messages)
{
	size_t all = 0;
	ssize_t got;

	*messages = 0;
	while (pair_poll(fd, POLLIN, 300)) {
		got = recv(fd, in + all, sizeof(in) - all, 0);
		if (got <= 0)
			break;
		all += got;
		++*messages;
	}
	return all;
}

static void whole(struct pair *p, size_t len, size_t asked)
{
	unsigned int messages = 0;
	int fd = file_of(len);
	off_t off = 0;
	ssize_t sent = sendfile(p->a, fd, &off, asked);
	size_t got = collect(p->b, &messages);

	ok(sent == (ssize_t)len && got == len && !memcmp(in, out, len),
	   "sendfile of %zu bytes, requested %zu", len, asked);
	diag("sendfile returned %zd; %zu bytes in %u messages", sent, got,
	     messages);
	close(fd);
}

static void spliced(struct pair *p)
{
	unsigned int messages;
	int pipes[2];

	need(!pipe(pipes), "pipe");
	canary_fill(out, 3000, 5);
	need(write(pipes[1], out, 3000) == 3000, "write");
	ok(splice(pipes[0], NULL, p->a, NULL, 3000, 0) == 3000 &&
	   collect(p->b, &messages) == 3000 && !memcmp(in, out, 3000),
	   "splice from a pipe");
	need(send(p->a, out, 1000, 0) == 1000, "send");
	need(pair_poll(p->b, POLLIN, 2000), "poll");
	ok(splice(p->b, NULL, pipes[1], NULL, 1000, 0) == 1000 &&
	   read(pipes[0], in, sizeof(in)) == 1000 && !memcmp(in, out, 1000),
	   "splice into a pipe has the plaintext");
	close(pipes[0]);
	close(pipes[1]);
}

/* The file must not change: records must not be sealed in its page cache. */
static void untouched(struct pair *p)
{
	unsigned int messages;
	int fd = file_of(8000);
	off_t off = 0;
	char *map;

	need(sendfile(p->a, fd, &off, 8000) == 8000, "sendfile");
	collect(p->b, &messages);
	map = mmap(NULL, 8000, PROT_READ, MAP_SHARED, fd, 0);
	ok(map != MAP_FAILED && !memcmp(map, out, 8000),
	   "the page cache is as it was");
	close(fd);
}

static void keyless(void)
{
	int fd = file_of(500);
	off_t off = 0;
	struct pair p;

	pair_plain(&p, AF_INET);
	pair_attach(&p);
	ok(sendfile(p.a, fd, &off, 500) == -1 && errno == ENOTCONN,
	   "sendfile before the keys sends nothing");
	pair_close(&p);
	close(fd);
}

int main(void)
{
	struct capture *tap = capture_start(NULL, NULL);
	struct pair p;

	keyless();
	pair_open(&p, AF_INET, DTLS_CIPHER_AES_128_GCM);
	whole(&p, 1000, 1000);
	whole(&p, 10000, 10000);
	whole(&p, 1000, 5000);
	whole(&p, 16384, 1 << 20);
	spliced(&p);
	untouched(&p);
	ok(send(p.a, out, 10, 0) == 10 && recv(p.b, in, 99, 0) == 10,
	   "and send still works");
	pair_close(&p);
	pair_open(&p, AF_INET6, DTLS_CIPHER_CHACHA20_POLY1305);
	whole(&p, 1000, 5000);
	pair_close(&p);
	capture_check(tap, "all of this");
	return done_testing();
}
