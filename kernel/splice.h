/* SPDX-License-Identifier: GPL-2.0 */
/*
 * splice() and sendfile() send one datagram in pieces and set MSG_MORE by
 * themselves on all but the last. The pieces are gathered as plaintext and
 * become one record, as they would be one datagram of UDP.
 */
#ifndef KDTLS_SPLICE_H
#define KDTLS_SPLICE_H

#include <linux/mutex.h>
#include <linux/socket.h>

struct kdtls_sock;

struct kdtls_splice {
	struct mutex	lock;		/* of what follows */
	void		*buf;		/* DTLS_MAX_CONTENT bytes, when used */
	size_t		len;
};

void kdtls_splice_init(struct kdtls_splice *splice);
void kdtls_splice_free(struct kdtls_splice *splice);

/* Is this send, one with MSG_SPLICE_PAGES, a piece? */
bool kdtls_splice_piece(struct kdtls_sock *ks, const struct msghdr *msg);
/* Adds a piece; the caller holds the lock. -EMSGSIZE: too many; -ENOBUFS; -EFAULT. */
int kdtls_splice_add(struct kdtls_splice *splice, struct msghdr *msg,
		     size_t len);

#endif /* KDTLS_SPLICE_H */
