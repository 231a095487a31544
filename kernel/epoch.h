/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An epoch: the keys of one direction, with its record numbers (sending) or
 * its replay window (receiving). Installed once, read under RCU, wiped and
 * freed when the last reference goes.
 */
#ifndef KDTLS_EPOCH_H
#define KDTLS_EPOCH_H

#include <linux/atomic.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "aead_key.h"
#include "mask13.h"
#include "record/limit.h"
#include "record/record.h"

struct kdtls_assoc;
struct sock;

struct kdtls_epoch {
	struct dtls_record_params params;
	struct kdtls_aead_key	key;
	u16			content_off;	/* in a record that it seals */
	u16			overhead;	/* bytes added to its content */
	bool			dtls13;		/* else DTLS 1.2 */
	bool			unconfirmed;	/* the peer has not used it; or epoch 2: open.c */
	refcount_t		refs;

	/* sending */
	atomic64_t		next;		/* number of the next record */
	u64			near;		/* above this: key_limit.c; no lock */
	u64			data_end;	/* of data below this; no lock */

	/* receiving */
	spinlock_t		lock;		/* of window; process context */
	struct dtls_window	window;
	atomic64_t		failures;	/* failed tags; in 1.2 inside the window */

	atomic_t		limit_reported;	/* near it, once */
	struct kdtls_mask13	mask;		/* DTLS 1.3: else all zeros */
	struct sock		*payer;		/* held: of the keys' memory */
	struct rcu_work		free;
	unsigned long		map[];		/* of window */
};

/* What installing an epoch needs; the caller wipes it afterwards. */
struct kdtls_key {
	u16	version;
	u16	cipher;			/* enum dtls_cipher_id */
	u64	epoch;
	u8	key_len;
	u8	iv_len;
	u8	sn_len;			/* DTLS 1.3; else 0 */
	u8	cid_len;		/* Connection ID of this direction, or 0 */
	u8	key[DTLS_MAX_KEY];
	u8	iv[DTLS_MAX_IV];
	u8	sn_key[DTLS_MAX_SN_KEY];
	u8	cid[DTLS_MAX_CID];
	u64	seq;
	u64	failures;		/* receiving: failed tags so far */
	bool	handshake;		/* epoch 2 */
};

/*
 * All may sleep. The memory is charged to sk's cgroup. Create checks every
 * member: -EINVAL (lengths, epoch, number, failures), -EOPNOTSUPP (version, cipher),
 * -ENOENT (no such algorithm), -ENOMEM.
 */
struct kdtls_epoch *kdtls_epoch_create(struct sock *sk,
				       const struct kdtls_key *key,
				       u32 window_bits);
/* No reference is left. Any context. */
void kdtls_epoch_last_put(struct kdtls_epoch *epoch);
/* epoch may be NULL. Any context. */
static inline void kdtls_epoch_put(struct kdtls_epoch *epoch)
{
	if (epoch && refcount_dec_and_test(&epoch->refs))
		kdtls_epoch_last_put(epoch);
}

/*
 * Takes a reference under RCU; NULL if there is none. Preemption off is a read-side
 * section as well, and with CONFIG_PREEMPT_RCU a cheaper one.
 */
static inline struct kdtls_epoch *
kdtls_epoch_get(struct kdtls_epoch __rcu **slot)
{
	struct kdtls_epoch *epoch;

	rcu_read_lock_sched();
	/* one without references has left the slot: there is another, or none */
	do {
		epoch = rcu_dereference_sched(*slot);
	} while (epoch && unlikely(!refcount_inc_not_zero(&epoch->refs)));
	rcu_read_unlock_sched();
	return epoch;
}

int __init kdtls_epoch_init(void);
void kdtls_epoch_exit(void);	/* after rcu_barrier() */

const char *kdtls_epoch_driver(const struct kdtls_epoch *epoch);
u64 kdtls_epoch_tx_seq(struct kdtls_epoch *epoch);
u64 kdtls_epoch_rx_seq(struct kdtls_epoch *epoch);
/*
 * What DTLS 1.3 rebuilds a number from. It may be less by what others open at
 * the moment, never half a number.
 */
static inline u64 kdtls_epoch_expected(struct kdtls_epoch *epoch)
{
#ifdef CONFIG_64BIT
	return READ_ONCE(epoch->window.next);
#else
	return kdtls_epoch_rx_seq(epoch);
#endif
}

/* A peer's messages must not use up the last numbers by their ACKs. */
static inline u64 kdtls_epoch_end(const struct kdtls_epoch *epoch, u8 type)
{
	if (likely(type == DTLS_TYPE_APPLICATION_DATA))
		return READ_ONCE(epoch->data_end);
	return type == DTLS_TYPE_ACK ? DTLS_LAST_DATA_END : DTLS_MAX_SEQ + 1;
}

/* The number of the next record, of this type. False: the end is reached. */
static inline bool kdtls_epoch_number(struct kdtls_epoch *epoch, u8 type,
				      u64 *seq)
{
	u64 end = kdtls_epoch_end(epoch, type);

	/* Past the end it is not incremented: the counter cannot wrap. */
	if ((u64)atomic64_read(&epoch->next) >= end)
		return false;
	*seq = atomic64_fetch_inc(&epoch->next);
	return *seq < end;
}

/* No number after this, not for an alert either. Any context. */
void kdtls_epoch_stop(struct kdtls_epoch *epoch);

#endif /* KDTLS_EPOCH_H */
