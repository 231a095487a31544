// SPDX-License-Identifier: GPL-2.0
/* Receiving under changed keys: the epochs before and after a KeyUpdate. */
#include <linux/string.h>

#include <linux/kdtls_netlink.h>

#include "assoc.h"
#include "assoc_state.h"
#include "epoch.h"
#include "generation13.h"
#include "handshake.h"
#include "key_update.h"
#include "update_rx.h"

/* For records that were overtaken on the way. RFC 9147 section 4.2.1: a bound. */
#define OVERTAKEN	(5 * HZ)

/* What is in this slot, if it is older. */
static struct kdtls_epoch *take_older(struct kdtls_assoc *assoc, int slot,
				      u64 epoch)
{
	struct kdtls_epoch *old;

	spin_lock_bh(&assoc->lock);
	old = rcu_dereference_protected(assoc->rx[slot],
					lockdep_is_held(&assoc->lock));
	if (old && old->params.epoch < epoch)
		RCU_INIT_POINTER(assoc->rx[slot], NULL);
	else
		old = NULL;
	spin_unlock_bh(&assoc->lock);
	return old;
}

/* Owns a reference to the association. */
static void forget(struct work_struct *work)
{
	struct kdtls_key_update *update = container_of(to_delayed_work(work),
			struct kdtls_key_update, rx.forget);
	struct kdtls_assoc *assoc = update->assoc;
	int i;

	mutex_lock(&update->lock);
	for (i = 0; i < KDTLS_RX_EPOCHS; i++)
		kdtls_epoch_put(take_older(assoc, i, update->rx.confirmed));
	mutex_unlock(&update->lock);
	kdtls_assoc_put(assoc);
}

void kdtls_update_rx_init(struct kdtls_key_update *update)
{
	INIT_DELAYED_WORK(&update->rx.forget, forget);
}

/* The secret becomes the next one's when that is installed. */
static int install_next(struct kdtls_key_update *update,
			const struct kdtls_epoch *epoch,
			u8 next_secret[DTLS_MAX_KEY])
{
	struct kdtls_assoc *assoc = update->assoc;
	struct kdtls_epoch *next;
	int err;

	next = kdtls_generation13_next(assoc->sk, epoch, update->rx.secret,
				       next_secret);
	if (IS_ERR(next))
		return PTR_ERR(next);
	next->unconfirmed = true;
	err = kdtls_assoc_install(assoc, next, KDTLS_DIRECTION_RX);
	if (!err)
		memcpy(update->rx.secret, next_secret, DTLS_MAX_KEY);
	return err;
}

/*
 * RFC 9147 section 8: the peer sends no other KeyUpdate before the last one is
 * acknowledged, and then in the new epoch.
 */
int kdtls_update_rx_apply(struct kdtls_key_update *update,
			  const struct kdtls_epoch *epoch)
{
	u8 next_secret[DTLS_MAX_KEY] = {};
	int err;

	lockdep_assert_held(&update->lock);
	if (update->ended)
		return -EPIPE;
	if (epoch->params.epoch != READ_ONCE(update->assoc->rx_epoch))
		return -EPROTO;
	err = install_next(update, epoch, next_secret);
	memzero_explicit(next_secret, sizeof(next_secret));
	return err;
}

void kdtls_update_rx_confirm(struct kdtls_assoc *assoc,
			     struct kdtls_epoch *epoch)
{
	struct kdtls_key_update *update = assoc->key_update;

	mutex_lock(&update->lock);
	if (epoch->unconfirmed && !update->ended) {
		WRITE_ONCE(epoch->unconfirmed, false);
		update->rx.confirmed = epoch->params.epoch;
		kdtls_key_update_plan(update, kdtls_control_wq,
				      &update->rx.forget, OVERTAKEN);
	}
	mutex_unlock(&update->lock);
}

void kdtls_update_rx_end(struct kdtls_key_update *update)
{
	lockdep_assert_held(&update->lock);
	kdtls_key_update_unplan(update, &update->rx.forget);
	memzero_explicit(update->rx.secret, sizeof(update->rx.secret));
}
