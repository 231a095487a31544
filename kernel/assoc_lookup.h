/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KDTLS_ASSOC_LOOKUP_H
#define KDTLS_ASSOC_LOOKUP_H

#include <linux/types.h>

struct kdtls_assoc;
struct kdtls_sock;
struct sk_buff;

/* A reference to the association of a connected socket, or NULL. */
struct kdtls_assoc *kdtls_lookup_connected(struct kdtls_sock *ks);
/* Can anything be decided about datagrams? Not before keys or a request. */
bool kdtls_lookup_possible(struct kdtls_sock *ks);
/*
 * A reference to the association that the datagram at off belongs to, or NULL; and
 * to its successor, if there is one (peer_table.h).
 */
struct kdtls_assoc *kdtls_lookup_skb(struct kdtls_sock *ks,
				     const struct sk_buff *skb,
				     unsigned int off,
				     struct kdtls_assoc **successor);
/*
 * With DTLS_CID: where the datagrams of a packet end that belong to the same
 * association as the one at off. One sender may send for several.
 */
unsigned int kdtls_lookup_end(struct kdtls_sock *ks, const struct sk_buff *skb,
			      unsigned int off);
/* The running one with this id, of this socket; a reference, or NULL. */
struct kdtls_assoc *kdtls_lookup_id(struct kdtls_sock *ks, u64 id);
/*
 * The association that a message goes to, by its address and, unless that is
 * 0, its id: a reference; NULL: the socket has asked for nothing yet. ERR_PTR:
 * -EISCONN: not the peer of this connected socket; of another socket:
 * -EDESTADDRREQ: neither is given; -ENOTCONN: no association there; -EINVAL,
 * -EAFNOSUPPORT: no such address.
 */
struct kdtls_assoc *kdtls_lookup_addressee(struct kdtls_sock *ks,
					   const void *name, int len, u64 id);

/* 0, or -EISCONN: that is not the peer of the association */
int kdtls_lookup_check_peer(struct kdtls_assoc *assoc, const void *addr,
			    int len);

#endif /* KDTLS_ASSOC_LOOKUP_H */
