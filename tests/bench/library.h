/* SPDX-License-Identifier: GPL-2.0 */
/* A TLS library: an even end is a client, the next one its server. */
#ifndef KDTLS_TESTS_BENCH_LIBRARY_H
#define KDTLS_TESTS_BENCH_LIBRARY_H

#include "gather.h"

#define LIBRARY_ENDS	8192

struct library {
	const char *name;
	const char *(*version)(void);
	/* An end on a socket: one system call a record. */
	void (*make)(int end, const struct cipher *cipher, int fd);
	/* A client's records go to to[1] and come from to[0], a server's the other way. */
	void (*in_memory)(int end, struct gathered *to);
	/* of the handshake; true when it is done */
	bool (*step)(int end);
	/* one record, whole, or the program ends */
	void (*write)(int end, const void *data, size_t len);
	/* one record; false: nothing came before the socket's timeout */
	bool (*read)(int end, void *data, size_t len);
};

extern const struct library library_openssl, library_gnutls;

/* handshake.c */

/* Both ends, 2 * pair and the next, are here; fds NULL: in memory, all of it. */
void handshake_both(const struct library *l, const struct cipher *cipher,
		    int pair, const int *fds, struct gathered *to);
/* The other end is in another process. */
void handshake_one(const struct library *l, const struct cipher *cipher,
		   int end, int fd);

#endif
