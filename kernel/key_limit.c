// SPDX-License-Identifier: GPL-2.0
/* Limits of keys: counted where records are; limit_work.c acts. */
#include <linux/bitops.h>

#include "assoc.h"
#include "epoch.h"
#include "event.h"
#include "handshake.h"
#include "key_limit.h"
#include "key_update.h"
#include "record/limit.h"

/*
 * Here a thread of the user's seals or opens, or a work item that holds
 * update->lock: neither may wait for that lock. The work owns a reference.
 */
static void reach(struct kdtls_key_update *update, enum kdtls_reached limit)
{
	set_bit(limit, &update->limits);
	refcount_inc(&update->assoc->refs);
	if (!queue_work(kdtls_control_wq, &update->limit))
		kdtls_assoc_put(update->assoc);
}

static void near_sealed(struct kdtls_assoc *assoc, struct kdtls_epoch *epoch)
{
	struct kdtls_key_update *update = kdtls_key_update_of(assoc);

	WRITE_ONCE(epoch->near, U64_MAX);
	if (!update) {
		kdtls_event_limit(assoc, DTLS_REASON_SEALED);
		return;
	}
	reach(update, KDTLS_SEALED_NEAR);
}

bool kdtls_limit_sealed(struct kdtls_assoc *assoc, struct kdtls_epoch *epoch,
			u8 type, u64 seq)
{
	/* before others see that the limit was looked at */
	if (kdtls_key_update_of(assoc))
		WRITE_ONCE(epoch->data_end,
			   dtls_data_end(epoch->params.cipher->seal_limit));
	if (!atomic_xchg(&epoch->limit_reported, 1))
		near_sealed(assoc, epoch);
	return seq < kdtls_epoch_end(epoch, type);
}

static bool is_newest(const struct kdtls_assoc *assoc,
		      const struct kdtls_epoch *epoch)
{
	return READ_ONCE(assoc->rx_epoch) == epoch->params.epoch;
}

/* In an older epoch the peer has updated its keys already. */
static void near_failed(struct kdtls_assoc *assoc,
			const struct kdtls_epoch *epoch)
{
	struct kdtls_key_update *update = kdtls_key_update_of(assoc);

	if (update && is_newest(assoc, epoch))
		reach(update, KDTLS_FAILED_NEAR);
	else
		kdtls_event_limit(assoc, DTLS_REASON_FORGED);
}

/* False: another caller was first. */
static bool drop_keys(struct kdtls_assoc *assoc, struct kdtls_epoch *epoch)
{
	struct kdtls_epoch __rcu **slot =
		&assoc->rx[kdtls_rx_slot(epoch->params.epoch)];
	bool there;

	spin_lock_bh(&assoc->lock);
	there = rcu_access_pointer(*slot) == epoch;
	if (there)
		RCU_INIT_POINTER(*slot, NULL);
	spin_unlock_bh(&assoc->lock);
	if (there)
		kdtls_epoch_put(epoch);
	return there;
}

/* If the peer has newer keys these are dropped, else the association is closed, too. */
static void over_failed(struct kdtls_assoc *assoc, struct kdtls_epoch *epoch)
{
	struct kdtls_key_update *update = kdtls_key_update_of(assoc);

	if (update && drop_keys(assoc, epoch) && is_newest(assoc, epoch))
		reach(update, KDTLS_FAILED_OVER);
}

void kdtls_limit_failed(struct kdtls_assoc *assoc, struct kdtls_epoch *epoch)
{
	switch (dtls_failures(atomic64_inc_return(&epoch->failures),
			      epoch->params.cipher->fail_limit)) {
	case DTLS_FAILURES_NEAR:
		if (!atomic_xchg(&epoch->limit_reported, 1))
			near_failed(assoc, epoch);
		break;
	case DTLS_FAILURES_OVER:
		over_failed(assoc, epoch);
		break;
	default:
		break;
	}
}
