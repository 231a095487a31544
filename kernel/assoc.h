/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An association: one peer of one socket. It has an id that is never used
 * again, a state that only moves forward, epochs, and counters. A connected
 * socket has one, which stays until close; another may have many (peer_table.h),
 * each of which leaves the socket when it ends.
 *
 * References: the socket or its table of peers holds one, the id table none
 * (lookup takes one if there still is one), a handshake one. An association
 * holds its struct sock, never a file.
 */
#ifndef KDTLS_ASSOC_H
#define KDTLS_ASSOC_H

#include <linux/math64.h>
#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/rhashtable-types.h>
#include <linux/spinlock.h>
#include <linux/uidgid.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include "address.h"
#include "epoch.h"
#include "owner.h"
#include "peer_table.h"

struct kdtls_cursor;
struct kdtls_sock;
struct kdtls_flight;
struct kdtls_handshake;
struct kdtls_peer_info;

enum kdtls_counter {
	KDTLS_TX_RECORDS,
	KDTLS_TX_BYTES,
	KDTLS_RX_RECORDS,
	KDTLS_RX_BYTES,
	KDTLS_DROPS,		/* + enum dtls_drop */
	KDTLS_COUNTERS = KDTLS_DROPS + DTLS_DROP_COUNT,
};

#define KDTLS_RX_EPOCHS	3	/* previous, current, next: kdtls_rx_slot() */

struct kdtls_assoc {
	u64			id;
	refcount_t		refs;
	struct sock		*sk;		/* held; may change once: peeloff.c */
	struct kdtls_sock	*ks;		/* lives as long as sk */

	struct mutex		telling;	/* its events in their order */
	spinlock_t		lock;		/* BH; of members with [l] */
	enum dtls_state		state;		/* [l], READ_ONCE without */
	int			error;		/* [l], positive errno */
	u16			role, version;	/* role for good; version [l] */
	u16			alert;		/* last from the peer */
	u16			size_limit;	/* [l], RFC 8449, 0: none */
	u32			keyed_by;	/* enum kdtls_keyer, for good */
	u64			tx_epoch, rx_epoch; /* [l], newest ever */
	struct kdtls_epoch __rcu *tx;		/* [l] */
	struct kdtls_epoch __rcu *rx[KDTLS_RX_EPOCHS]; /* [l] */
	struct list_head	early;		/* [l], before their keys */
	unsigned int		early_bytes;	/* [l] */
	struct kdtls_flight	*flight;	/* [l], last_flight.c */
	struct kdtls_handshake	*handshake;	/* [l], handshake.c */
	struct kdtls_peer_info	*peer;		/* [l], what was negotiated */
	bool			close_sent;	/* [l], READ_ONCE without */
	u16			narrow;		/* [l], found by loss, 0: none */
	unsigned long		heard;		/* jiffies, idle.c; no lock */
	unsigned long		refused;	/* [l], last no_renegotiation */

	union kdtls_addr	local, remote;
	struct kdtls_sock	*listed;	/* with whose peers; its sk is held */
	bool			one_of_many;	/* on its socket */
	bool			leaving;	/* it, removed from its peers */
	bool			names_source;	/* local, of a wildcard socket */
	bool			early_opening;	/* some early records are not read yet */
	u32 link; /* that it is reached by, address.h */
	struct rhlist_head	peers_node;
	struct kdtls_peer_key	peers_key;	/* of remote */
	kuid_t			uid;		/* who asked */
	struct pid		*pid;		/* a reference; for logs */
	atomic64_t		counters[KDTLS_COUNTERS];
	struct rcu_head		rcu;
};

/* NULL: out of memory. State NONE; not yet in a table of peers. */
struct kdtls_assoc *kdtls_assoc_create(struct kdtls_sock *ks,
				       const struct kdtls_ends *ends, u16 role,
				       u32 keyed_by,
				       const struct kdtls_owner *owner);
void kdtls_assoc_put(struct kdtls_assoc *assoc);
/* A reference, or NULL. Any context. */
struct kdtls_assoc *kdtls_assoc_by_id(struct net *net, u64 id);
/*
 * The next of a walk, a reference, or NULL: that was all. In the order of their
 * ids, as far as an index has their bits. net NULL: any. May sleep.
 */
struct kdtls_assoc *kdtls_assoc_next(struct net *net,
				     struct kdtls_cursor *cursor);

/*
 * Install an epoch (which it takes over on success) in one direction.
 * -EALREADY: this direction had this epoch or a newer one already.
 * -EPIPE: the association is closed or failed.
 */
int kdtls_assoc_set_tx(struct kdtls_assoc *assoc, struct kdtls_epoch *epoch);
int kdtls_assoc_set_rx(struct kdtls_assoc *assoc, struct kdtls_epoch *epoch);

/*
 * The moves of the state. Each returns false if somebody was faster, and else
 * wakes who waits on the socket and tells who listens. Process context.
 *
 * One of many that fails or closes leaves the socket, which has no error from
 * it.
 */
bool kdtls_assoc_handshaking(struct kdtls_assoc *assoc);	/* NONE -> */
bool kdtls_assoc_established(struct kdtls_assoc *assoc);	/* both keyed */
bool kdtls_assoc_fail(struct kdtls_assoc *assoc, int error);	/* errno > 0 */
bool kdtls_assoc_close(struct kdtls_assoc *assoc, enum dtls_reason reason);
bool kdtls_assoc_reset(struct kdtls_assoc *assoc);	/* by a fatal alert */
bool kdtls_assoc_expire(struct kdtls_assoc *assoc);	/* silent for too long */
/* Its peer came back: by is another between the same two ends. */
bool kdtls_assoc_replace(struct kdtls_assoc *assoc,
			 const struct kdtls_assoc *by);

/*
 * Ends the association for good, as close() of its socket: keys are wiped. For
 * the owner: who took it from the socket or its table.
 */
void kdtls_assoc_end(struct kdtls_assoc *assoc);
/* Ends one of many, if nobody else does. */
void kdtls_assoc_leave(struct kdtls_assoc *assoc);

/*
 * Its keys have been used for 7/8 of what they are good for, in this direction:
 * DTLS_REASON_SEALED or DTLS_REASON_FORGED. Process context.
 */
void kdtls_assoc_limit(struct kdtls_assoc *assoc, enum dtls_reason direction);

/* Where keys to receive with are. A 32-bit machine has no u64 % 3 of its own. */
static inline unsigned int kdtls_rx_slot(u64 epoch)
{
	u32 slot;

	div_u64_rem(epoch, KDTLS_RX_EPOCHS, &slot);
	return slot;
}

static inline enum dtls_state kdtls_assoc_state(const struct kdtls_assoc *a)
{
	return READ_ONCE(a->state);
}

/* One of many on its socket? To be asked before which socket that is. */
static inline bool kdtls_assoc_shares(const struct kdtls_assoc *assoc)
{
	/* pairs with the move in peeloff.c */
	return smp_load_acquire(&assoc->one_of_many);
}

static inline void kdtls_assoc_ends(const struct kdtls_assoc *assoc,
				    struct kdtls_ends *ends)
{
	ends->local = assoc->local;
	ends->remote = assoc->remote;
	ends->link = assoc->link;
	ends->iif = 0;
}

/* RFC 8449 section 4: a limit above the protocol's own is that. */
static inline u16 kdtls_size_limit(u16 told)
{
	return min_t(u16, told, DTLS_MAX_CONTENT);
}

/* May a renegotiation be refused by an alert now? Once a second. */
bool kdtls_renegotiation_ratelimit(struct kdtls_assoc *assoc);

/* UDP payload bytes that fit the path now. */
u32 kdtls_assoc_path(struct kdtls_assoc *assoc);
/*
 * More than so many arrive nowhere, and no ICMP message says it: what was found
 * by loss, in a handshake. Lowers kdtls_assoc_path(), for good.
 */
#define KDTLS_PATH_MIN	228	/* of 256 bytes of IPv4 */
void kdtls_assoc_narrow(struct kdtls_assoc *assoc, u32 path);
/*
 * The same for what was sent so often without an answer: RFC 6347 section
 * 4.1.1.1 lets it be smaller from the third time on. KDTLS_PATH_MIN at least.
 */
u32 kdtls_assoc_guess(struct kdtls_assoc *assoc, unsigned int losses);
/* Bytes of application data that fit one record on the path now. */
u32 kdtls_assoc_mtu(struct kdtls_assoc *assoc);

void kdtls_assoc_exit(void);

#endif /* KDTLS_ASSOC_H */
