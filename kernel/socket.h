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

struct kdtls_sock {
	struct sock		*sk;
	const struct kdtls_hooks *hooks;
	void			(*data_ready)(struct sock *sk);	/* UDP's own */
	void			(*destruct)(struct sock *sk);
	struct in6_addr		hidden;	/* the v4 peer (v4mapped.c), or :: */

	struct kdtls_assoc __rcu *assoc;	/* of the connected socket */
	struct kdtls_peer_table
		*peers; /* of another; see kdtls_peer_table_of */
	struct kdtls_listener	*listener;	/* see kdtls_listener_of */
	unsigned long		read_at;	/* jiffies, by the application */
	struct kdtls_inbox	inbox;
	atomic_t		early_bytes;	/* of all its associations */
	size_t			account;	/* charge.c */
	struct kdtls_splice	gather;
	struct kdtls_leftover	leftover;
	bool			silent;		/* close(): UDP's is next */
	struct delayed_work	service;	/* when nobody reads */
	struct kdtls_idle	idle;
	struct kdtls_events	events;
	bool			closed;		/* close() has begun */
	atomic_t		readers;	/* about to sleep in recv */
	atomic_t		peers_count;	/* listed as this socket's */

	struct mutex		config;		/* assoc, window_bits, idle */
	u32			recvinfo;	/* DTLS_RECVINFO_*; no lock */
	u32			window_bits;
	u32			peers_limit;	/* no lock */
	u16			gso_size;	/* UDP_SEGMENT as set; no lock */
	struct rcu_work		free;
};

/* Valid while the caller has a reference to sk, or in RCU: set once. */
static inline struct kdtls_sock *kdtls_sk(const struct sock *sk)
{
	return (struct kdtls_sock *)rcu_dereference_raw(__sk_user_data(sk));
}

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

/* A reference to the association of a connected socket, or NULL. */
struct kdtls_assoc *kdtls_socket_assoc(struct kdtls_sock *ks);
/* Can anything be decided about datagrams? Not before keys or a request. */
bool kdtls_socket_decides(struct kdtls_sock *ks);
/*
 * A reference to the association that a datagram belongs to, or NULL; and to
 * its successor, if there is one (peer_table.h).
 */
struct kdtls_assoc *kdtls_socket_assoc_of(struct kdtls_sock *ks,
					  const struct sk_buff *skb,
					  struct kdtls_assoc **successor);
/* The running one with this id, of this socket; a reference, or NULL. */
struct kdtls_assoc *kdtls_socket_assoc_by_id(struct kdtls_sock *ks, u64 id);
/*
 * The association that a message goes to, by its address and, unless that is
 * 0, its id: a reference; NULL: the socket has asked for nothing yet. ERR_PTR:
 * -EISCONN: not the peer of this connected socket; of another socket:
 * -EDESTADDRREQ: neither is given; -ENOTCONN: no association there; -EINVAL,
 * -EAFNOSUPPORT: no such address.
 */
struct kdtls_assoc *kdtls_socket_addressee(struct kdtls_sock *ks,
					   const void *name, int len, u64 id);

/*
 * attach.c: setsockopt(SOL_IP, DTLS_ULP). -EOPNOTSUPP: no UDP socket; -EALREADY;
 * -EBUSY: somebody else has hooked it, or it is in use; -EBADF; -ENOMEM.
 */
int kdtls_attach(struct sock *sk);
int __init kdtls_attach_init(void);
void kdtls_attach_exit(void);
/* hooks.c: the copies of struct proto and proto_ops; NULL: not a UDP we know */
const struct kdtls_hooks *kdtls_hooks_for(struct sock *sk);

/* 0, or -EISCONN: that is not the peer of the association */
int kdtls_check_peer(struct kdtls_assoc *assoc, const void *addr, int len);

/* sockopt.c */
int kdtls_setsockopt(struct sock *sk, int level, int optname, sockptr_t optval,
		     unsigned int optlen);
int kdtls_getsockopt(struct sock *sk, int level, int optname,
		     char __user *optval, int __user *optlen);
/* sendmsg.c */
int kdtls_sendmsg(struct sock *sk, struct msghdr *msg, size_t len);
/* recvmsg.c: any flag but MSG_ERRQUEUE */
int kdtls_recvmsg(struct sock *sk, struct msghdr *msg, size_t len, int flags,
		  int *addr_len);
/* Nothing more will come; is something queued? */
bool kdtls_recv_ended(struct kdtls_sock *ks);
bool kdtls_recv_queued(struct kdtls_sock *ks);
/* What somebody else than a reader opened: readers about to sleep must know. */
void kdtls_recv_tell(struct kdtls_sock *ks, struct list_head *records);
/* The same for what readers and pollers have not been told of yet. */
void kdtls_recv_leave(struct kdtls_sock *ks, struct list_head *records);
/* poll.c */
__poll_t kdtls_poll(struct file *file, struct socket *sock,
		    struct poll_table_struct *wait);
int kdtls_next_len(struct sock *sk);	/* SIOCINQ */
/* input_work.c */
void kdtls_data_ready(struct sock *sk);
void kdtls_input_work(struct work_struct *work);
void kdtls_input_work_schedule(struct kdtls_sock *ks);
/* The application looks: is there something that it was not told of? */
static inline void kdtls_events_looked(struct kdtls_sock *ks)
{
	if (unlikely(atomic_read(&ks->events.lost)))
		kdtls_events_tell_lost(ks);
}

/* The application reads by itself: of many peers, that serves them all. */
static inline void kdtls_input_work_unneeded(struct kdtls_sock *ks)
{
	unsigned long now = jiffies;

	/* only what is new is written: many readers share it */
	if (READ_ONCE(ks->read_at) != now)
		WRITE_ONCE(ks->read_at, now);
}

extern struct workqueue_struct *kdtls_wq;
int __init kdtls_input_work_init(void);
void kdtls_input_work_exit(void);

/*
 * input.c: takes one packet from UDP's queue, if there is one and it can be
 * decided, opens its records and gives what is for the application to sink.
 * Returns how many records were decided, which is what it has cost (budget.h),
 * and at least 1; 0 if no packet was taken: not while the socket has a pending
 * error, which stays pending.
 * Process context, no lock held.
 */
int kdtls_input(struct kdtls_sock *ks, struct kdtls_sink *sink);
/* A datagram that the application read before it attached. */
int kdtls_inject(struct kdtls_sock *ks, sockptr_t data, size_t len);
/* Records held back until there were keys. */
void kdtls_input_early(struct kdtls_assoc *assoc, struct list_head *early);

/* cmsg.c */
/* Name and control messages for what the reader took. */
void kdtls_recv_cmsgs(const struct kdtls_reader *reader, int *addr_len);

struct kdtls_send_control {
	u8	type;		/* content type */
	u16	segment;	/* UDP_SEGMENT as the application sees it */
	u64	assoc;		/* id, 0: by the address alone */
	struct kdtls_sock *caller;
	void	*control;	/* for UDP: kmalloc'ed, or NULL */
	size_t	controllen;
};

int kdtls_send_control_parse(struct kdtls_sock *ks, struct msghdr *msg,
			     struct kdtls_send_control *ctl);

#endif /* KDTLS_SOCKET_H */
