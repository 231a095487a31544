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

#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/rhashtable-types.h>
#include <linux/seqlock.h>
#include <linux/spinlock.h>
#include <linux/uidgid.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include "address.h"
#include "cid_table.h"
#include "epoch.h"
#include "owner.h"
#include "peer_table.h"

struct kdtls_cursor;
struct kdtls_sock;
struct kdtls_flight;
struct kdtls_handshake;
struct kdtls_key_update;
struct kdtls_mibs;
struct kdtls_peer_info;

enum kdtls_counter {
	KDTLS_TX_RECORDS,
	KDTLS_TX_BYTES,
	KDTLS_RX_RECORDS,
	KDTLS_RX_BYTES,
	KDTLS_DROPS,		/* + enum dtls_drop */
	KDTLS_COUNTERS = KDTLS_DROPS + DTLS_DROP_COUNT,
};

#define KDTLS_RX_EPOCHS	3	/* the newest, and two before it */
#define KDTLS_RX_SLOTS	4	/* kdtls_rx_slot() */

struct kdtls_assoc {
	u64			id;
	refcount_t		refs;
	struct sock		*sk;		/* held; may change once: peeloff.c */
	struct kdtls_sock	*ks;		/* lives as long as sk */

	struct mutex		event_lock;	/* its events in their order */
	spinlock_t		lock;		/* BH; of members with [l] */
	enum dtls_state		state;		/* [l], READ_ONCE without */
	int			error;		/* [l], positive errno */
	u16			role, version;	/* role for good; version [l] */
	u16			alert;		/* last from the peer */
	u16			size_limit;	/* [l], RFC 8449, 0: none */
	u32			keyed_by;	/* enum kdtls_keyer, for good */
	u64			tx_epoch, rx_epoch; /* [l], newest ever */
	struct kdtls_epoch __rcu *tx;		/* [l] */
	struct kdtls_epoch __rcu *rx[KDTLS_RX_SLOTS]; /* [l] */
	struct list_head	early;		/* [l], before their keys */
	unsigned int		early_bytes;	/* [l] */
	struct kdtls_flight	*flight;	/* [l], last_flight.c */
	struct kdtls_handshake	*handshake;	/* [l], handshake.c */
	struct kdtls_peer_info	*peer;		/* [l], what was negotiated */
	struct kdtls_key_update	*key_update;	/* DTLS 1.3, key_update.h; set once */
	bool			close_sent;	/* [l], READ_ONCE without */
	u16			narrow;		/* [l], found by loss, 0: none */
	unsigned long		heard;		/* jiffies, idle.c; no lock */
	unsigned long		refused;	/* [l], last no_renegotiation */

	union kdtls_addr	local;
	union kdtls_addr	remote;		/* [l]; kdtls_assoc_remote() without */
	seqcount_spinlock_t	remote_seq;
	struct kdtls_sock	*listed;	/* owner of the table entry; its sk is held */
	bool			one_of_many;	/* on its socket */
	bool			leaving;	/* it, removed from its peers */
	bool			names_source;	/* local, of a wildcard socket */
	bool			early_opening;	/* some early records are not read yet */
	u32 link; /* that it is reached by, address.h */
	struct kdtls_peer_place	peers_place;
	/* beside it, if cid_len; in a handshake: what was chosen for its peer */
	struct kdtls_cid_entry	by_cid;
	u8			cid_len;	/* of a CID in what it receives; no lock */
	union kdtls_addr	seen_at;	/* [l], last in an event; roam.c */
	unsigned long		seen_when;	/* [l], jiffies */
	u32			moves;		/* under event_lock; READ_ONCE without */
	kuid_t			uid;		/* of the requester */
	struct pid		*pid;		/* a reference; for logs */
	struct kdtls_mibs __percpu *mibs;	/* of its namespace, that sk holds */
	atomic64_t		counters[KDTLS_COUNTERS];
	struct rcu_head		rcu;
};

/* NULL: out of memory. State NONE; not yet in a table of peers. */
struct kdtls_assoc *kdtls_assoc_create(struct kdtls_sock *ks,
				       const struct kdtls_ends *ends, u16 role,
				       u32 keyed_by,
				       const struct kdtls_owner *owner);
/* No reference is left. Any context. */
void kdtls_assoc_last_put(struct kdtls_assoc *assoc);
/* assoc may be NULL. */
static inline void kdtls_assoc_put(struct kdtls_assoc *assoc)
{
	if (assoc && refcount_dec_and_test(&assoc->refs))
		kdtls_assoc_last_put(assoc);
}

/* No longer found by its id; gives back the owner's reference. */
void kdtls_assoc_delist(struct kdtls_assoc *assoc);
/* A reference, or NULL. Any context. */
struct kdtls_assoc *kdtls_assoc_by_id(struct net *net, u64 id);
/*
 * The next of a walk, a reference, or NULL: that was all. In the order of their
 * ids, as far as an index has their bits. net NULL: any. May sleep.
 */
struct kdtls_assoc *kdtls_assoc_next(struct net *net,
				     struct kdtls_cursor *cursor);

/* Where keys to receive with are: by the bits in a record (RFC 9147 section 4). */
static inline unsigned int kdtls_rx_slot(u64 epoch)
{
	return epoch % KDTLS_RX_SLOTS;
}

static inline enum dtls_state kdtls_assoc_state(const struct kdtls_assoc *a)
{
	return READ_ONCE(a->state);
}

/* Of assoc->heard: many packets find its time there already. */
#define KDTLS_HEARD_TICK	(HZ / 4UL)

/* A record of the peer was authentic. Any context. */
static inline void kdtls_assoc_heard(struct kdtls_assoc *assoc)
{
	unsigned long now = jiffies - jiffies % KDTLS_HEARD_TICK;

	if (READ_ONCE(assoc->heard) != now)
		WRITE_ONCE(assoc->heard, now);
}

/* One of many on its socket? To be asked before which socket that is. */
static inline bool kdtls_assoc_shares(const struct kdtls_assoc *assoc)
{
	/* pairs with the move in peeloff.c */
	return smp_load_acquire(&assoc->one_of_many);
}

/*
 * Where the peer is: as it was at one moment. That of a connected socket's association
 * never changes. Any context.
 */
static inline void kdtls_assoc_remote(const struct kdtls_assoc *assoc,
				      union kdtls_addr *addr)
{
	unsigned int seq;

	do {
		seq = read_seqcount_begin(&assoc->remote_seq);
		*addr = assoc->remote;
	} while (read_seqcount_retry(&assoc->remote_seq, seq));
}

static inline void kdtls_assoc_ends(const struct kdtls_assoc *assoc,
				    struct kdtls_ends *ends)
{
	ends->local = assoc->local;
	kdtls_assoc_remote(assoc, &ends->remote);
	ends->link = assoc->link;
	ends->iif = 0;
}

/*
 * Bytes of content, 0: no limit but the protocol's. RFC 8449 section 4: it is about
 * what is encrypted, in DTLS 1.3 and with a Connection ID (RFC 9146 section 4)
 * the content type, too; that has a place in the protocol's own limit only in 1.3.
 */
static inline u16 kdtls_size_limit(u16 version, bool cid, u16 limit)
{
	if (version == DTLS_VERSION_1_3)
		return limit ? min_t(u16, limit - 1, DTLS_MAX_CONTENT) : 0;
	if (!limit)
		return cid ? DTLS_MAX_CONTENT - 1 : 0;
	return min_t(u16, limit, DTLS_MAX_CONTENT) - cid;
}

void kdtls_assoc_exit(void);

#endif /* KDTLS_ASSOC_H */
