// SPDX-License-Identifier: GPL-2.0
/* Receiving under changed keys: the epochs before and after a KeyUpdate. */
#include <linux/string.h>

#include "assoc.h"
#include "assoc_state.h"
#include "epoch.h"
#include "event.h"
#include "generation13.h"
#include "key_update.h"
#include "output.h"
#include "stats.h"
#include "update_rx.h"
#include "update_tx.h"
#include "record/dtls13/dtls13.h"

/* For records that were overtaken on the way. RFC 9147 section 4.2.1: a bound. */
#define OVERTAKEN	(5 * HZ)
/* Between two KeyUpdates: what a peer can make us derive, at most. */
#define PAUSE		(HZ / 50)

/* What is in this slot, if it is older; epoch 2 has its own time. */
static struct kdtls_epoch *take_older(struct kdtls_assoc *assoc, int slot,
				      u64 epoch)
{
	struct kdtls_epoch *old;

	spin_lock_bh(&assoc->lock);
	old = rcu_dereference_protected(assoc->rx[slot],
					lockdep_is_held(&assoc->lock));
	if (old && old->params.epoch < epoch &&
	    old->params.epoch != DTLS13_HANDSHAKE_EPOCH)
		RCU_INIT_POINTER(assoc->rx[slot], NULL);
	else
		old = NULL;
	spin_unlock_bh(&assoc->lock);
	return old;
}

static void forget_older(struct kdtls_assoc *assoc, u64 epoch)
{
	int i;

	for (i = 0; i < KDTLS_RX_SLOTS; i++)
		kdtls_epoch_put(take_older(assoc, i, epoch));
}

/* Owns a reference to the association. */
static void forget(struct work_struct *work)
{
	struct kdtls_key_update *update = container_of(to_delayed_work(work),
			struct kdtls_key_update, rx.forget);
	struct kdtls_assoc *assoc = update->assoc;

	mutex_lock(&update->lock);
	/* else a newer one was confirmed while this waited, with its own time */
	if (!delayed_work_pending(&update->rx.forget))
		forget_older(assoc, update->rx.confirmed);
	mutex_unlock(&update->lock);
	kdtls_assoc_put(assoc);
}

/* The secret becomes the next one's when that is installed. */
static int install_next(struct kdtls_key_update *update,
			u8 next_secret[DTLS_MAX_KEY])
{
	int newest = kdtls_rx_slot(update->rx.number.epoch), err;
	struct kdtls_assoc *assoc = update->assoc;
	struct kdtls_epoch *next;

	next = kdtls_generation13_next(assoc->sk, &assoc->rx[newest],
				       update->rx.secret, next_secret);
	if (IS_ERR(next))
		return PTR_ERR(next);
	next->unconfirmed = true;
	err = kdtls_assoc_install(assoc, next, KDTLS_DIRECTION_RX);
	if (!err)
		memcpy(update->rx.secret, next_secret, DTLS_MAX_KEY);
	return err;
}

/* False: nothing has changed, and the peer sends it again. */
static bool apply_locked(struct kdtls_key_update *update)
{
	struct kdtls_update_rx *rx = &update->rx;
	u8 next_secret[DTLS_MAX_KEY] = {};
	int err;

	lockdep_assert_held(&update->lock);
	if (update->ended)
		return false;
	rx->asked = false;
	rx->earliest = jiffies + PAUSE;
	err = install_next(update, next_secret);
	memzero_explicit(next_secret, sizeof(next_secret));
	if (err)
		return false;
	rx->inbound.next++;
	rx->inbound.offset = 0;
	return true;
}

/* Owns a reference to the association. */
static void apply(struct work_struct *work)
{
	struct kdtls_key_update *update = container_of(to_delayed_work(work),
			struct kdtls_key_update, rx.apply);
	struct kdtls_assoc *assoc = update->assoc;
	struct dtls13_number number;
	bool applied, requested;

	mutex_lock(&update->lock);
	applied = apply_locked(update);
	number = update->rx.number;
	requested = update->rx.request == DTLS13_UPDATE_REQUESTED;
	mutex_unlock(&update->lock);
	if (applied) {
		kdtls_mib_add(sock_net(assoc->sk), KDTLS_MIB_RX_KEY_UPDATES, 1);
		kdtls_output_ack(assoc, &number);
		kdtls_event_peer_updated(assoc);
	}
	if (applied && requested)
		kdtls_update_tx_answer(update, DTLS13_UPDATE_NOT_REQUESTED);
	kdtls_assoc_put(assoc);
}

void kdtls_update_rx_init(struct kdtls_key_update *update)
{
	update->rx.earliest = jiffies;
	INIT_DELAYED_WORK(&update->rx.apply, apply);
	INIT_DELAYED_WORK(&update->rx.forget, forget);
}

static unsigned long until(unsigned long when)
{
	unsigned long now = jiffies;

	return time_after(when, now) ? when - now : 0;
}

/*
 * RFC 9147 section 8: the peer sends no other KeyUpdate before the last one is
 * acknowledged, and then in the new epoch.
 */
int kdtls_update_rx_ask(struct kdtls_key_update *update,
			const struct dtls13_number *number, u8 request)
{
	struct kdtls_update_rx *rx = &update->rx;

	lockdep_assert_held(&update->lock);
	if (update->ended)
		return -EPIPE;
	if (number->epoch != READ_ONCE(update->assoc->rx_epoch))
		return -EPROTO;
	if (rx->asked)
		return 0;
	rx->asked = true;
	rx->number = *number;
	rx->request = request;
	kdtls_key_update_plan(update, &rx->apply, until(rx->earliest));
	return 0;
}

void kdtls_update_rx_confirm(struct kdtls_assoc *assoc,
			     struct kdtls_epoch *epoch)
{
	struct kdtls_key_update *update = assoc->key_update;

	mutex_lock(&update->lock);
	if (epoch->unconfirmed && !update->ended) {
		WRITE_ONCE(epoch->unconfirmed, false);
		update->rx.confirmed = epoch->params.epoch;
		kdtls_key_update_plan(update, &update->rx.forget, OVERTAKEN);
	}
	mutex_unlock(&update->lock);
}

void kdtls_update_rx_end(struct kdtls_key_update *update)
{
	lockdep_assert_held(&update->lock);
	kdtls_key_update_unplan(update, &update->rx.apply);
	kdtls_key_update_unplan(update, &update->rx.forget);
	memzero_explicit(update->rx.secret, sizeof(update->rx.secret));
}
