/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The associations of a socket that has many: found by the peer's address in
 * constant time under RCU. The table has a reference to each. Sockets of one
 * SO_REUSEPORT group (reuseport.h) have one table, in which each association is of
 * one of them: the lookup of a datagram finds it for all, everything else is
 * about those of the socket that is named.
 *
 * A peer may have several, one for each address of a wildcard socket that it
 * talks to; and for a while two between the same two ends: a client that lost
 * its state comes back from the same port, and the old one stands until the
 * new one is established (RFC 6347 section 4.2.8).
 */
#ifndef KDTLS_PEER_TABLE_H
#define KDTLS_PEER_TABLE_H

#include <linux/in6.h>
#include <linux/rhashtable-types.h>
#include <linux/types.h>

struct kdtls_assoc;
struct kdtls_cid;
struct kdtls_ends;
struct kdtls_peer_table;
struct kdtls_sock;
union kdtls_addr;

/*
 * What is hashed: the peer's address and port. IPv4 addresses are mapped.
 * Associations of one peer that differ otherwise (in the local address, in the
 * VRF) are a list, which is short:
 * kdtls_peer_table_add() keeps it so.
 */
struct kdtls_peer_key {
	struct in6_addr	host;
	u32		link;		/* of a link-local address */
	__be16		port;
	u16		zero;
};

/* An association in the table, by one address. */
struct kdtls_peer_entry {
	struct rhlist_head	node;
	struct kdtls_peer_key	key;
	struct kdtls_assoc	*assoc;
};

/*
 * Its place there. A peer that moves is listed by the other entry, as soon as no
 * reader can be in that any more, and then not by the first.
 */
struct kdtls_peer_place {
	struct kdtls_peer_entry	entries[2];
	struct kdtls_peer_entry	*listed;	/* the association's lock; or NULL */
	unsigned long		unused_since;	/* the other: RCU's state then */
};

/*
 * A bound socket is from now on one for many peers, in the table of its group
 * if that has one. The caller holds ks->config. 0, -ENOMEM, or -EINVAL: the group's
 * Connection IDs have another length than DTLS_CID of this socket.
 */
int kdtls_peer_table_prepare(struct kdtls_sock *ks);
/*
 * On a socket that is not connected: the caller holds ks->config, or it has a
 * table. The table takes the caller's reference over on success. -ENOENT: the
 * socket closes; -EEXIST: these two addresses have an association on this link,
 * on whatever socket (for one that the daemon will key: one in its handshake), or
 * the Connection ID that it receives with has; -EMLINK: the peer's address has as
 * many as one may; -ENOSPC: the socket has as many as it may; -EUSERS: the network
 * namespace has; -EINVAL: as above; -ENOMEM.
 */
int kdtls_peer_table_add(struct kdtls_sock *ks, struct kdtls_assoc *assoc);
/*
 * One that is in the table is found by assoc->by_cid.cid, too, from now on, and is
 * not any more; nothing if it has none. -EEXIST, -ENOMEM; -EPIPE: it leaves the
 * table.
 */
int kdtls_peer_table_add_cid(struct kdtls_assoc *assoc);
void kdtls_peer_table_remove_cid(struct kdtls_assoc *assoc);
/*
 * The peer is at another address from now on; from: where it was until now. 0;
 * -ENOENT: it is not in the table, or has a socket of its own; -EALREADY: it is
 * there; -EEXIST: another association is; -EMLINK: as many are as may be; -EINVAL:
 * the address is of a link that the association is not of; -EAGAIN: it has moved
 * just now; -ENOMEM. Process context.
 */
int kdtls_peer_table_move(struct kdtls_assoc *assoc,
			  const union kdtls_addr *to, union kdtls_addr *from);
/*
 * True for the one caller that removed it: it owns the table's reference and has
 * to end the association. It stays whole until the last reference goes. False
 * for all if it has a socket of its own (peeloff.c), which ends it; it is not
 * listed any more then. Any context.
 */
bool kdtls_peer_table_remove(struct kdtls_assoc *assoc);
/*
 * A reference to the running association between these ends, which are a
 * datagram's, or NULL: of its own link before one of none; one that is
 * established before one that is not. It may have been listed here and have a
 * socket of its own now, or be another's of the group.
 *
 * successor: NULL, or set to a reference to the association in handshake that
 * will end it, or to NULL.
 */
struct kdtls_assoc *kdtls_peer_table_find(struct kdtls_sock *ks,
					  const struct kdtls_ends *ends,
					  struct kdtls_assoc **successor);
/*
 * The one that receives with this Connection ID, whatever address the datagram is
 * from: our end must be its. States as above; it has no successor.
 */
struct kdtls_assoc *kdtls_peer_table_find_cid(struct kdtls_sock *ks,
					      const struct kdtls_ends *ends,
					      const struct kdtls_cid *cid);
/* By the peer's address alone: of this socket, in the same order the newest. */
struct kdtls_assoc *
kdtls_peer_table_find_address(struct kdtls_sock *ks,
			      const union kdtls_addr *remote);
/*
 * The association is established: older ones between the same ends are closed
 * without an alert to the peer, which has lost them. Process context.
 */
void kdtls_peer_table_supersede(struct kdtls_assoc *assoc);
/*
 * Calls fn for each of this socket that is there all the time, without a lock;
 * it may miss some when others, or fn, remove any. May sleep.
 */
void kdtls_peer_table_each(struct kdtls_sock *ks,
			   void (*fn)(struct kdtls_assoc *assoc));

/* The same in steps, between which others may run; zero at its beginning. */
struct kdtls_peer_table_walk {
	struct rhashtable_iter	iter;
	bool			begun;
};

/* A few of them. False: it was the end, and the walk can begin again. */
bool kdtls_peer_table_some(struct kdtls_sock *ks,
			   struct kdtls_peer_table_walk *walk,
			   void (*fn)(struct kdtls_assoc *assoc));
/* For a walk that is not to go on. */
void kdtls_peer_table_walk_end(struct kdtls_peer_table_walk *walk);

/*
 * The socket closes: ends all of it, each with its close_notify. May sleep.
 */
void kdtls_peer_table_end(struct kdtls_sock *ks);

/* The socket's own limit, or the module's if that is lower. */
u32 kdtls_peer_table_limit(const struct kdtls_sock *ks);

/* The caller has a reference, or the context of a socket with one. */
void kdtls_peer_table_hold(struct kdtls_peer_table *peers);
/* The caller has no entry and no lookup in progress. NULL is allowed. May sleep. */
void kdtls_peer_table_put(struct kdtls_peer_table *peers);

int __init kdtls_peer_table_init(void);
void kdtls_peer_table_exit(void);

#endif /* KDTLS_PEER_TABLE_H */
