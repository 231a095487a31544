// SPDX-License-Identifier: GPL-2.0
/*
 * Epoch 2 behind the handshake. RFC 9147 section 5.8.1:
 *
 *	... for at least twice the default MSL defined for [RFC0793], when in
 *	the FINISHED state, the server MUST respond to retransmission of the
 *	client's final flight with a retransmit of its ACK.
 *
 * Records of epoch 3 do not say that the client has that ACK: it may send data as soon
 * as it has sent its flight. So its keys stay for that time, whatever comes; or until
 * epoch 5 is installed, as of any epoch three before: by then the client has had ACKs
 * of two KeyUpdates. Epoch 6, which has the same two bits and slot, never meets them.
 */
#include <linux/kdtls.h>
#include <linux/string.h>

#include "assoc.h"
#include "epoch.h"
#include "flight13.h"
#include "handshake_epoch.h"
#include "key_update.h"
#include "secret13.h"
#include "record/dtls13/dtls13.h"

#define LIFE	(240 * HZ)	/* twice the MSL of RFC 793 */

struct kdtls_epoch *
kdtls_handshake_epoch_create(struct sock *sk, const struct dtls_direction *dir,
			     u16 cipher, u32 window_bits)
{
	struct kdtls_key key = {
		.version = DTLS_VERSION_1_3,
		.cipher = cipher,
		.epoch = DTLS13_HANDSHAKE_EPOCH,
		.seq = dir->handshake_seq,
		.cid_len = dir->cid_len,
		.handshake = true,
	};
	struct kdtls_epoch *epoch;
	int err;

	if (!(dir->flags & DTLS_DIRECTION_HANDSHAKE))
		return NULL;
	memcpy(key.cid, dir->cid, sizeof(key.cid));
	err = kdtls_secret13_keys(dtls_cipher_by_id(cipher),
				  dir->handshake_key, &key);
	epoch = err ? ERR_PTR(err) : kdtls_epoch_create(sk, &key, window_bits);
	memzero_explicit(&key, sizeof(key));
	return epoch;
}

static struct kdtls_epoch __rcu **slot_of(struct kdtls_assoc *assoc)
{
	return &assoc->rx[kdtls_rx_slot(DTLS13_HANDSHAKE_EPOCH)];
}

/* False: it has ended. The slot is empty, for the epochs begin with 3. */
static bool put_into_slot(struct kdtls_assoc *assoc, struct kdtls_epoch *epoch)
{
	bool put;

	spin_lock_bh(&assoc->lock);
	put = assoc->state < DTLS_STATE_CLOSED &&
	      !rcu_access_pointer(*slot_of(assoc));
	if (put)
		rcu_assign_pointer(*slot_of(assoc), epoch);
	spin_unlock_bh(&assoc->lock);
	return put;
}

static struct kdtls_epoch *take_from_slot(struct kdtls_assoc *assoc)
{
	struct kdtls_epoch *epoch;

	spin_lock_bh(&assoc->lock);
	epoch = rcu_dereference_protected(*slot_of(assoc),
					  lockdep_is_held(&assoc->lock));
	if (epoch && epoch->params.epoch == DTLS13_HANDSHAKE_EPOCH)
		RCU_INIT_POINTER(*slot_of(assoc), NULL);
	else
		epoch = NULL;
	spin_unlock_bh(&assoc->lock);
	return epoch;
}

/* Owns a reference to the association. */
static void over(struct work_struct *work)
{
	struct kdtls_key_update *update = container_of(to_delayed_work(work),
			struct kdtls_key_update, handshake_over);
	struct kdtls_assoc *assoc = update->assoc;

	kdtls_epoch_put(take_from_slot(assoc));
	kdtls_assoc_put(assoc);
}

static void receive(struct kdtls_assoc *assoc, struct kdtls_epoch *epoch)
{
	struct kdtls_key_update *update = assoc->key_update;

	if (!put_into_slot(assoc, epoch)) {
		kdtls_epoch_put(epoch);
		return;
	}
	mutex_lock(&update->lock);
	if (!update->ended)
		kdtls_key_update_plan(update, &update->handshake_over, LIFE);
	mutex_unlock(&update->lock);
}

void kdtls_handshake_epoch_install(struct kdtls_assoc *assoc,
				   struct kdtls_epoch *epoch,
				   enum kdtls_direction direction)
{
	if (direction == KDTLS_DIRECTION_TX)
		kdtls_flight13_give(assoc->key_update, epoch);
	else
		receive(assoc, epoch);
}

void kdtls_handshake_epoch_init(struct kdtls_key_update *update)
{
	INIT_DELAYED_WORK(&update->handshake_over, over);
}
