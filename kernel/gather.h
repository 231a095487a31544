/* SPDX-License-Identifier: GPL-2.0 */
/*
 * splice() and sendfile() send one datagram in pieces and set MSG_MORE by
 * themselves on all but the last. The pieces are gathered as plaintext and
 * become one record, as they would be one datagram of UDP.
 */
#ifndef KDTLS_GATHER_H
#define KDTLS_GATHER_H

#include <linux/mutex.h>
#include <linux/socket.h>

struct kdtls_sock;

struct kdtls_gather {
	struct mutex	lock;		/* of what follows */
	void		*buf;		/* DTLS_MAX_CONTENT bytes, when used */
	size_t		len;
};

void kdtls_gather_init(struct kdtls_gather *gather);
void kdtls_gather_free(struct kdtls_gather *gather);

/* Is this send a piece? */
bool kdtls_gathering(struct kdtls_sock *ks, const struct msghdr *msg);
/* Adds a piece; sends when it is the last. As sendmsg(); -EMSGSIZE: too many. */
int kdtls_gather_add(struct kdtls_sock *ks, struct msghdr *msg, size_t len);
/* The splice ended without a last piece: send what there is. */
void kdtls_gather_end(struct kdtls_sock *ks);

#endif /* KDTLS_GATHER_H */
