// SPDX-License-Identifier: GPL-2.0
/* Traffic secrets of an association, from DTLS_KEYS to its end. */
#include <linux/string.h>

#include "charge.h"
#include "flight13.h"
#include "handshake.h"
#include "handshake_epoch.h"
#include "key_update.h"
#include "limit_work.h"
#include "update_rx.h"
#include "update_tx.h"

/* Of two threads of a daemon that are here at once one is first. */
static struct kdtls_key_update *publish(struct kdtls_assoc *assoc,
					struct kdtls_key_update *update)
{
	/* pairs with READ_ONCE() and the dependency behind it */
	struct kdtls_key_update *first = cmpxchg(&assoc->key_update, NULL,
						 update);

	if (!first)
		return update;
	mutex_destroy(&update->lock);
	kdtls_free_sensitive(update);
	return first;
}

static struct kdtls_key_update *create(struct kdtls_assoc *assoc)
{
	struct kdtls_key_update *update = kdtls_alloc(assoc->sk,
						      sizeof(*update));

	if (!update)
		return NULL;
	mutex_init(&update->lock);
	update->assoc = assoc;
	kdtls_update_rx_init(update);
	kdtls_update_tx_init(update);
	kdtls_flight13_init(update);
	kdtls_handshake_epoch_init(update);
	kdtls_limit_work_init(update);
	return publish(assoc, update);
}

static int give(struct kdtls_key_update *update, u32 direction,
		const u8 *secret, size_t len, u16 message_seq)
{
	lockdep_assert_held(&update->lock);
	if (update->ended)
		return -EPIPE;
	if (update->given & direction)
		return -EALREADY;
	if (direction == DTLS_KEYS_TX) {
		memcpy(update->tx.secret, secret, len);
		update->tx.message_seq = message_seq;
	} else {
		memcpy(update->rx.secret, secret, len);
		update->rx.inbound.next = message_seq;
	}
	/* pairs with kdtls_key_update_of() */
	smp_store_release(&update->given, update->given | direction);
	return 0;
}

int kdtls_key_update_give(struct kdtls_assoc *assoc, u32 direction,
			  const u8 *secret, size_t len, u16 message_seq)
{
	struct kdtls_key_update *update = READ_ONCE(assoc->key_update);
	int err;

	update = update ?: create(assoc);
	if (!update)
		return -ENOMEM;
	mutex_lock(&update->lock);
	err = give(update, direction, secret, len, message_seq);
	mutex_unlock(&update->lock);
	return err;
}

void kdtls_key_update_plan(struct kdtls_key_update *update,
			   struct delayed_work *work, unsigned long delay)
{
	lockdep_assert_held(&update->lock);
	refcount_inc(&update->assoc->refs);
	if (mod_delayed_work(kdtls_control_wq, work, delay))
		kdtls_assoc_put(update->assoc);
}

void kdtls_key_update_unplan(struct kdtls_key_update *update,
			     struct delayed_work *work)
{
	if (cancel_delayed_work(work))
		kdtls_assoc_put(update->assoc);
}

void kdtls_key_update_end(struct kdtls_assoc *assoc)
{
	struct kdtls_key_update *update = READ_ONCE(assoc->key_update);

	if (!update)
		return;
	mutex_lock(&update->lock);
	update->ended = true;
	kdtls_update_rx_end(update);
	kdtls_update_tx_end(update);
	kdtls_flight13_end(update);
	kdtls_key_update_unplan(update, &update->handshake_over);
	mutex_unlock(&update->lock);
}

void kdtls_key_update_free(struct kdtls_assoc *assoc)
{
	if (!assoc->key_update)
		return;
	mutex_destroy(&assoc->key_update->lock);
	kdtls_free_sensitive(assoc->key_update);
}
