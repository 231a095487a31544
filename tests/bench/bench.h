/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Ways to carry records from one socket to another. A round sends `count`
 * records of `bytes` bytes each from `out` and receives them into `in`, by
 * `batch`; a way with put and get can also answer (batch "rtt").
 */
#ifndef KDTLS_TESTS_BENCH_H
#define KDTLS_TESTS_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#define MMSG_RECORDS	32
#define GSO_RECORDS	64
#define GSO_BYTES	65000
/* Bytes that a cipher may add to a record: header, explicit nonce, tag. */
#define MAX_OVERHEAD	(13 + 8 + 16)
#define MAX_BYTES	16384

/* cipher.c: how each library calls it */
struct cipher {
	const char *name;
	int kdtls;			/* enum dtls_cipher_id */
	unsigned int overhead;
	const char *openssl, *gnutls;
};

const struct cipher *cipher_by_name(const char *name);	/* NULL: unknown */

/* Repetitions of code that runs in one thread agree. */
#define SPREAD	0.01

enum way { WAY_1, WAY_MMSG, WAY_GSO, WAY_RTT, WAYS };

struct batch {
	const char *name;
	enum way way;
	unsigned int records;		/* at most */
};

struct load {
	const struct path *path;
	const struct batch *batch;
	const struct cipher *cipher;	/* NULL: none */
	size_t bytes;
	unsigned int count;
	unsigned char *out, *in;	/* count * bytes */
};

struct path {
	const char *name;
	bool ways[WAYS];		/* supported */
	bool plain;			/* no cipher */
	const char *fixed;		/* has only this one */
	double spread;			/* of repetitions: the maximum accepted */
	const struct library *library;
	void (*open)(const struct load *load);
	void (*round)(const struct load *load);
	/* a record out of and into end 0 or 1, waiting for it */
	void (*put)(const struct load *load, int end, const void *data);
	void (*get)(const struct load *load, int end, void *data);
};

extern const struct path path_udp, path_kdtls, path_kdtls13, path_openssl,
	path_gnutls, path_wireguard, path_ktls;

/* sockets.c: the plain calls, on two sockets that are connected */
void sockets_prepare(const int fds[2], const struct load *load);
void sockets_send(int fd, const struct load *load);
/* at least one record; returns bytes */
size_t sockets_receive(int fd, const struct load *load, size_t have);
void sockets_round(const int fds[2], const struct load *load);
void sockets_put(int fd, const struct load *load, const void *data);
void sockets_get(int fd, const struct load *load, void *data);

/* rtt.c: turns put and get into rounds */
void rtt_open(const struct load *load);
void rtt_round(const struct load *load);

#endif
