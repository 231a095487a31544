/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KDTLS_ASSOC_LOOKUP_H
#define KDTLS_ASSOC_LOOKUP_H

#include <linux/rcupdate.h>
#include <linux/types.h>

#include "assoc.h"
#include "socket.h"

struct sk_buff;

/* A reference to the association of a connected socket, or NULL; as kdtls_epoch_get(). */
static inline struct kdtls_assoc *kdtls_lookup_connected(struct kdtls_sock *ks)
{
	struct kdtls_assoc *assoc;

	rcu_read_lock_sched();
	assoc = rcu_dereference_sched(ks->assoc);
	if (assoc && !refcount_inc_not_zero(&assoc->refs))
		assoc = NULL;
	rcu_read_unlock_sched();
	return assoc;
}

/* Can anything be decided about datagrams? Not before keys or a request. */
bool kdtls_lookup_possible(struct kdtls_sock *ks);
/*
 * The same. connected: a reference to the association of a connected socket, NULL:
 * it has many peers. For kdtls_lookup_skb(); none if it is false.
 */
static inline bool kdtls_lookup_begin(struct kdtls_sock *ks,
				      struct kdtls_assoc **connected)
{
	*connected = NULL;
	if (kdtls_peer_table_of(ks))
		return true;
	*connected = kdtls_lookup_connected(ks);
	if (likely(*connected &&
		   kdtls_assoc_state(*connected) != DTLS_STATE_NONE))
		return true;
	kdtls_assoc_put(*connected);
	return false;
}

/* kdtls_lookup_skb() of a socket with many peers. */
struct kdtls_assoc *kdtls_lookup_among(struct kdtls_sock *ks,
				       const struct sk_buff *skb,
				       unsigned int off,
				       struct kdtls_assoc **successor);
/*
 * A reference to the association that the datagram at off belongs to, or NULL; and
 * to its successor, if there is one (peer_table.h). Takes over the reference to
 * connected; one that was queued before connect() may be from another address.
 */
static inline struct kdtls_assoc *
kdtls_lookup_skb(struct kdtls_sock *ks, struct kdtls_assoc *connected,
		 const struct sk_buff *skb, unsigned int off,
		 struct kdtls_assoc **successor)
{
	if (!connected)
		return kdtls_lookup_among(ks, skb, off, successor);
	if (likely(kdtls_source_is(ks->sk, skb, &connected->remote)))
		return connected;
	kdtls_assoc_put(connected);
	return NULL;
}

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
struct kdtls_assoc *kdtls_lookup_named(struct kdtls_sock *ks, const void *name,
				       int len, u64 id);
static inline struct kdtls_assoc *
kdtls_lookup_addressee(struct kdtls_sock *ks, const void *name, int len, u64 id)
{
	if (likely(!name && !id && !kdtls_peer_table_of(ks)))
		return kdtls_lookup_connected(ks);
	return kdtls_lookup_named(ks, name, len, id);
}

/* 0, or -EISCONN: that is not the peer of the association */
int kdtls_lookup_check_peer(struct kdtls_assoc *assoc, const void *addr,
			    int len);

#endif /* KDTLS_ASSOC_LOOKUP_H */
