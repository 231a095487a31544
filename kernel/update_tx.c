// SPDX-License-Identifier: GPL-2.0
/* Sending under changed keys: KeyUpdate, its ACK, and what comes between. */
#include <linux/string.h>

#include "assoc.h"
#include "assoc_state.h"
#include "epoch.h"
#include "event.h"
#include "generation13.h"
#include "key_update.h"
#include "output.h"
#include "stats.h"
#include "update_tx.h"
#include "record/dtls13/dtls13.h"

/* One more record of it. What cannot be sent now is sent by the timer. */
static void transmit(struct kdtls_key_update *update)
{
	struct kdtls_update_tx *tx = &update->tx;
	u8 message[DTLS13_KEY_UPDATE_LEN];

	lockdep_assert_held(&update->lock);
	dtls13_put_key_update(message, tx->message_seq, tx->request);
	kdtls_output_numbered(update->assoc, DTLS_TYPE_HANDSHAKE, message,
			      sizeof(message), &tx->sent[tx->tries]);
	WRITE_ONCE(tx->tries, tx->tries + 1);
	kdtls_key_update_plan(update, &tx->again, kdtls_pause_after(tx->tries));
}

/* Has it been sent as often as it may be? */
static bool given_up(const struct kdtls_key_update *update)
{
	return update->tx.next && update->tx.tries == KDTLS_UPDATE_TRIES;
}

/* The keys are made before the message is sent: its ACK cannot fail then. */
static int prepare(struct kdtls_key_update *update)
{
	struct kdtls_assoc *assoc = update->assoc;
	struct kdtls_epoch *next;

	next = kdtls_generation13_next(assoc->sk, &assoc->tx, update->tx.secret,
				       update->tx.next_secret);
	if (IS_ERR(next))
		return PTR_ERR(next);
	WRITE_ONCE(update->tx.next, next);
	memset(update->tx.sent, 0xff, sizeof(update->tx.sent));
	return 0;
}

/*
 * One that was given up is the same message still: the peer may have received it.
 * Its records are those that are sent from now on; of the others no ACK will come.
 */
static void begin(struct kdtls_key_update *update)
{
	if (!update->tx.next && prepare(update)) {
		/* there was no memory for it */
		kdtls_key_update_plan(update, &update->tx.again, HZ);
		return;
	}
	update->tx.wanted = false;
	WRITE_ONCE(update->tx.tries, 0);
	transmit(update);
}

/* True: the peer has not acknowledged it in time. */
static bool go_on(struct kdtls_key_update *update)
{
	lockdep_assert_held(&update->lock);
	if (update->ended || !kdtls_key_update_speaks(update->assoc))
		return false;
	/* the peer takes messages in their order: it waits for the flight's ACK */
	if (update->tx.wanted) {
		if (!update->flight.kept)
			begin(update);
		return false;
	}
	/* another may have begun while this one waited, with its own time */
	if (!update->tx.next || delayed_work_pending(&update->tx.again))
		return false;
	if (given_up(update))
		return true;
	transmit(update);
	return false;
}

/* Owns a reference to the association. */
static void again(struct work_struct *work)
{
	struct kdtls_key_update *update = container_of(to_delayed_work(work),
			struct kdtls_key_update, tx.again);
	struct kdtls_assoc *assoc = update->assoc;
	bool failed;

	mutex_lock(&update->lock);
	failed = go_on(update);
	mutex_unlock(&update->lock);
	if (failed)
		kdtls_event_updated(assoc, DTLS_REASON_UNACKNOWLEDGED);
	kdtls_assoc_put(assoc);
}

void kdtls_update_tx_init(struct kdtls_key_update *update)
{
	INIT_DELAYED_WORK(&update->tx.again, again);
}

static bool on_its_way(const struct kdtls_key_update *update)
{
	return update->tx.wanted || (update->tx.next && !given_up(update));
}

static bool last_one(const struct kdtls_key_update *update)
{
	return update->tx.message_seq >= DTLS13_MESSAGE_SEQS ||
	       READ_ONCE(update->assoc->tx_epoch) >= DTLS13_MAX_EPOCH;
}

/* By the work item, which waits for no memory of a user's cgroup. */
static int start(struct kdtls_key_update *update, u8 request)
{
	lockdep_assert_held(&update->lock);
	if (update->ended || !kdtls_key_update_speaks(update->assoc))
		return -EPIPE;
	if (on_its_way(update))
		return -EALREADY;
	if (!update->tx.next) {
		if (last_one(update))
			return -EKEYEXPIRED;
		update->tx.request = request;
	}
	update->tx.wanted = true;
	kdtls_key_update_plan(update, &update->tx.again, 0);
	return 0;
}

int kdtls_update_tx_start(struct kdtls_assoc *assoc, u8 request)
{
	struct kdtls_key_update *update = kdtls_key_update_of(assoc);
	int err;

	if (!update)
		return -EOPNOTSUPP;
	mutex_lock(&update->lock);
	err = start(update, request);
	mutex_unlock(&update->lock);
	return err;
}

/*
 * One that is to be sent is the answer; behind one that was sent comes another, and
 * behind one that is sent again and says less. Where it fails the peer asks again, or
 * goes on with the keys that it has.
 */
static void answer(struct kdtls_key_update *update, u8 request)
{
	struct kdtls_update_tx *tx = &update->tx;
	int err = 0;

	lockdep_assert_held(&update->lock);
	if (!tx->wanted)
		err = start(update, request);
	else if (!tx->next)
		tx->request |= request;
	if (err == -EALREADY || (!err && tx->request < request)) {
		tx->owed = true;
		tx->owed_request |= request;
	}
}

void kdtls_update_tx_answer(struct kdtls_key_update *update, u8 request)
{
	mutex_lock(&update->lock);
	answer(update, request);
	mutex_unlock(&update->lock);
}

/* Behind the one that was acknowledged. */
static void pay(struct kdtls_key_update *update)
{
	u8 request = update->tx.owed_request;

	update->tx.owed = false;
	update->tx.owed_request = 0;
	answer(update, request);
}

static bool was_sent(const struct kdtls_update_tx *tx, u64 seq)
{
	unsigned int i;

	for (i = 0; i < tx->tries; i++)
		if (tx->sent[i] == seq)
			return seq <= DTLS_MAX_SEQ;
	return false;
}

/* Does it acknowledge a record of the KeyUpdate? */
static bool acknowledges(const struct kdtls_key_update *update, const u8 *ack,
			 unsigned int count)
{
	u64 epoch = READ_ONCE(update->assoc->tx_epoch);
	unsigned int i;

	for (i = 0; i < count; i++) {
		struct dtls13_number number = dtls13_ack_number(ack, i);

		if (number.epoch == epoch && was_sent(&update->tx, number.seq))
			return true;
	}
	return false;
}

/* The old keys are wiped when the last call that sends with them ends. */
static void change(struct kdtls_key_update *update)
{
	struct kdtls_update_tx *tx = &update->tx;

	kdtls_key_update_unplan(update, &tx->again);
	kdtls_assoc_install(update->assoc, tx->next, KDTLS_DIRECTION_TX);
	WRITE_ONCE(tx->next, NULL);
	memcpy(tx->secret, tx->next_secret, sizeof(tx->secret));
	memzero_explicit(tx->next_secret, sizeof(tx->next_secret));
	tx->message_seq++;
	if (tx->owed)
		pay(update);
}

void kdtls_update_tx_acked(struct kdtls_key_update *update, const u8 *ack,
			   unsigned int count)
{
	bool changed;

	mutex_lock(&update->lock);
	changed = update->tx.next && acknowledges(update, ack, count);
	if (changed)
		change(update);
	mutex_unlock(&update->lock);
	if (changed) {
		kdtls_mib_add(sock_net(update->assoc->sk),
			      KDTLS_MIB_TX_KEY_UPDATES, 1);
		kdtls_event_updated(update->assoc, DTLS_REASON_NONE);
	}
}

void kdtls_update_tx_go_on(struct kdtls_key_update *update)
{
	lockdep_assert_held(&update->lock);
	if (update->tx.wanted)
		kdtls_key_update_plan(update, &update->tx.again, 0);
}

void kdtls_update_tx_end(struct kdtls_key_update *update)
{
	struct kdtls_update_tx *tx = &update->tx;

	lockdep_assert_held(&update->lock);
	kdtls_key_update_unplan(update, &tx->again);
	kdtls_epoch_put(tx->next);
	WRITE_ONCE(tx->next, NULL);
	memzero_explicit(tx->secret, sizeof(tx->secret));
	memzero_explicit(tx->next_secret, sizeof(tx->next_secret));
}
