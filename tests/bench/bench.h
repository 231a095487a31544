/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Ways to carry records from one socket to another on loopback, one file
 * each. A round sends `count` records of `bytes` bytes each from `out` and
 * receives them into `in`, as `batch` says.
 */
#ifndef KDTLS_TESTS_BENCH_H
#define KDTLS_TESTS_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#define MMSG_RECORDS	32
#define GSO_RECORDS	64
#define GSO_BYTES	65000
/* What AES-128-GCM adds to a record: header, explicit nonce, tag. */
#define OVERHEAD	(13 + 8 + 16)

enum batch { BATCH_1, BATCH_MMSG, BATCH_GSO, BATCHES };

struct load {
	enum batch batch;
	size_t bytes;
	unsigned int count;
	unsigned char *out, *in;	/* count * bytes */
};

struct path {
	const char *name;
	bool batches[BATCHES];		/* which it can do */
	const char *cipher;		/* NULL: none */
	void (*open)(const struct load *load);
	void (*round)(const struct load *load);
	void (*close)(void);
};

extern const struct path path_udp, path_kdtls, path_openssl, path_gnutls;

/* sockets.c: a round of datagrams of `bytes` bytes, from a to b */
void sockets_offload(int a, int b, const struct load *load);
void sockets_send(int a, const struct load *load);
/* at least one record; returns bytes */
size_t sockets_receive(int b, const struct load *load, size_t have);

#endif
