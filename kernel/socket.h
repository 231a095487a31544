/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the module keeps for one attached socket, and the originals of what it
 * replaced. Lives until the struct sock is destroyed: the socket is never
 * detached, for threads may sleep in our functions.
 */
#ifndef KDTLS_SOCKET_H
#define KDTLS_SOCKET_H

#include <linux/mutex.h>
#include <linux/net.h>
#include <linux/workqueue.h>
#include <net/sock.h>

#include "assoc.h"
#include "event.h"
#include "splice.h"
#include "idle.h"
#include "inbox.h"
#include "leftover.h"
#include "reader.h"

/* The replaced functions of one address family, made from the first socket. */
struct kdtls_hooks {
	struct proto		prot;		/* what sk_prot points to */
	struct proto_ops	ops;		/* what sk_socket->ops points to */
	struct proto		*base;		/* UDP's own */
	const struct proto_ops	*base_ops;
};

/* Of AF_INET and AF_INET6 sockets; hooks.c fills them in. */
extern struct kdtls_hooks kdtls_hooks4, kdtls_hooks6;

struct kdtls_tun;

struct kdtls_sock {
	struct sock		*sk;
	const struct kdtls_hooks *hooks;
	void			(*data_ready)(struct sock *sk);	/* UDP's own */
	void			(*destruct)(struct sock *sk);
	struct in6_addr		hidden;	/* the v4 peer (v4mapped.c), or :: */

	struct kdtls_assoc __rcu *assoc;	/* of the connected socket */
	struct kdtls_peer_table	*peers;		/* see kdtls_peer_table_of */
	struct kdtls_listener	*listener;	/* see kdtls_listener_of */
	unsigned long		read_at;	/* jiffies, by the application */
	struct kdtls_tun __rcu	*tun;	/* DTLS_TUN; tun.h */
	struct kdtls_inbox	inbox;
	atomic_t		early_bytes;	/* of all its associations */
	size_t			account;	/* charge.c */
	struct kdtls_splice	splice;
	struct kdtls_leftover	leftover;
	bool			silent;		/* close(): UDP's is next */
	struct delayed_work	input_work;	/* without a reader */
	struct kdtls_idle	idle;
	struct kdtls_events	events;
	bool			closed;		/* close() has begun */
	atomic_t		readers;	/* about to sleep in recv */
	atomic_t		peers_count;	/* listed as this socket's */

	struct mutex		config;		/* assoc, window_bits, idle, tun */
	u32			recvinfo;	/* DTLS_RECVINFO_*; no lock */
	u32			window_bits;
	u32			peers_limit;	/* no lock */
	u8			cid_len;	/* DTLS_CID; for good with peers */
	u32			roam;		/* DTLS_ROAM_*; no lock */
	u16			gso_size;	/* UDP_SEGMENT as set; no lock */
	bool			gro_ours;	/* UDP_GRO of DTLS_TUN; config */
	struct rcu_work		free;
};

/* Valid while the caller has a reference to sk, or in RCU: set once. */
static inline struct kdtls_sock *kdtls_sk(const struct sock *sk)
{
	return (struct kdtls_sock *)rcu_dereference_raw(__sk_user_data(sk));
}

/* Any context; the caller has a reference to sk, or is in RCU. */
bool kdtls_attached(const struct sock *sk);

static inline const struct proto *kdtls_base(const struct kdtls_sock *ks)
{
	return ks->hooks->base;
}

/*
 * What waits here is in sk_rmem_alloc beside UDP's queue, which must be emptied
 * however full it is: this is about what was taken out of it.
 */
static inline bool kdtls_inbox_full(const struct kdtls_sock *ks)
{
	return READ_ONCE(ks->inbox.bytes) > READ_ONCE(ks->sk->sk_rcvbuf);
}

/* Every call of the application undoes what it finds. */
static inline void kdtls_leftover_look(struct kdtls_sock *ks)
{
	if (kdtls_leftover_seen(ks->sk))
		kdtls_leftover_undo(ks);
}

/* No room for what does not come by its own queue? As UDP says it. */
static inline bool kdtls_rmem_full(const struct sock *sk)
{
	return atomic_read(&sk->sk_rmem_alloc) > READ_ONCE(sk->sk_rcvbuf);
}

/*
 * The table of a socket that has, or had, associations with many peers, which
 * it may share (reuseport.h); such a socket is never connected again. NULL: not one
 * of those. It stays until the context goes.
 */
static inline struct kdtls_peer_table *
kdtls_peer_table_of(const struct kdtls_sock *ks)
{
	/* pairs with the store that makes the table */
	return smp_load_acquire(&ks->peers);
}

/* What DTLS_LISTEN made, until the context goes; or NULL. */
static inline struct kdtls_listener *
kdtls_listener_of(const struct kdtls_sock *ks)
{
	/* pairs with the store that makes it */
	return smp_load_acquire(&ks->listener);
}

/* The application reads or polls: reports events that were lost. */
static inline void kdtls_events_looked(struct kdtls_sock *ks)
{
	if (unlikely(atomic_read(&ks->events.lost)))
		kdtls_events_report_lost(ks);
}

/* The application reads by itself: of many peers, that serves them all. */
static inline void kdtls_input_work_unneeded(struct kdtls_sock *ks)
{
	unsigned long now = jiffies;

	/* only what is new is written: many readers share it */
	if (READ_ONCE(ks->read_at) != now)
		WRITE_ONCE(ks->read_at, now);
}

#endif /* KDTLS_SOCKET_H */
