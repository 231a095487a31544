// SPDX-License-Identifier: GPL-2.0
/*
 * The state of an association moves forward only: handshake, established, then
 * closed or failed. Each step is taken once, wakes the socket and queues an
 * event.
 */
#include "assoc.h"
#include "assoc_state.h"
#include "charge.h"
#include "epoch.h"
#include "event.h"
#include "handshake.h"
#include "inbox.h"
#include "input.h"
#include "input_work.h"
#include "key_update.h"
#include "last_flight.h"
#include "output.h"
#include "peer_table.h"
#include "socket.h"
#include "stats.h"
#include "trace.h"
#include "tun.h"

static bool assoc_ended(const struct kdtls_assoc *assoc)
{
	return assoc->state >= DTLS_STATE_CLOSED;
}

/* A send that has begun gets no further number. */
static void tx_stop(struct kdtls_assoc *assoc)
{
	struct kdtls_epoch *tx = rcu_dereference_protected(assoc->tx,
			lockdep_is_held(&assoc->lock));

	if (tx)
		kdtls_epoch_stop(tx);
}

/* Returns what was there. */
static struct kdtls_epoch *epoch_replace(struct kdtls_assoc *assoc,
					 struct kdtls_epoch __rcu **slot,
					 struct kdtls_epoch *epoch)
{
	return rcu_replace_pointer(*slot, epoch, lockdep_is_held(&assoc->lock));
}

/* What goes: the oldest of those that are kept; and what a skipped one left. */
static void install_rx(struct kdtls_assoc *assoc, struct kdtls_epoch *epoch,
		       struct kdtls_epoch *gone[2])
{
	u64 number = epoch->params.epoch;
	unsigned int oldest = kdtls_rx_slot(number - KDTLS_RX_EPOCHS);

	gone[0] = epoch_replace(assoc, &assoc->rx[kdtls_rx_slot(number)],
				epoch);
	gone[1] = epoch_replace(assoc, &assoc->rx[oldest], NULL);
	assoc->rx_epoch = number;
}

static void install_tx(struct kdtls_assoc *assoc, struct kdtls_epoch *epoch,
		       struct kdtls_epoch *gone[2])
{
	tx_stop(assoc);
	gone[0] = epoch_replace(assoc, &assoc->tx, epoch);
	assoc->tx_epoch = epoch->params.epoch;
}

int kdtls_assoc_install(struct kdtls_assoc *assoc, struct kdtls_epoch *epoch,
			enum kdtls_direction direction)
{
	bool tx = direction == KDTLS_DIRECTION_TX;
	u64 number = epoch->params.epoch;
	struct kdtls_epoch *gone[2] = { epoch };
	int err = 0;

	spin_lock_bh(&assoc->lock);
	if (assoc_ended(assoc)) {
		err = -EPIPE;
	} else if (number <= (tx ? assoc->tx_epoch : assoc->rx_epoch)) {
		err = -EALREADY;
	} else {
		if (tx)
			install_tx(assoc, epoch, gone);
		else
			install_rx(assoc, epoch, gone);
		trace_kdtls_key_install(assoc->id, number, tx,
					epoch->params.cipher->id);
	}
	spin_unlock_bh(&assoc->lock);
	kdtls_epoch_put(gone[0]);
	kdtls_epoch_put(gone[1]);
	return err;
}

static bool sends_cid(struct kdtls_assoc *assoc)
{
	struct kdtls_epoch *tx = kdtls_epoch_get(&assoc->tx);
	bool cid = tx && tx->params.cid_len;

	kdtls_epoch_put(tx);
	return cid;
}

/* In DTLS 1.3 all records have one, which the limit of the first direction counts. */
static bool inner_type_new(const struct kdtls_assoc *assoc,
			   enum kdtls_direction direction, bool cid)
{
	return assoc->version == DTLS_VERSION_1_2 &&
	       direction == KDTLS_DIRECTION_TX && cid;
}

void kdtls_assoc_complete_limit(struct kdtls_assoc *assoc,
				enum kdtls_direction direction, u16 limit)
{
	bool cid = sends_cid(assoc);

	if (!limit && !inner_type_new(assoc, direction, cid))
		return;
	spin_lock_bh(&assoc->lock);
	assoc->size_limit = kdtls_size_limit(assoc->version, cid,
					     limit ?: assoc->size_limit);
	spin_unlock_bh(&assoc->lock);
}

/* In a handshake it has not left for another socket. */
static void early_take(struct kdtls_assoc *assoc, struct list_head *early)
{
	lockdep_assert_held(&assoc->lock);
	list_splice_init(&assoc->early, early);
	kdtls_skmem_uncharge(assoc->sk, assoc->early_bytes);
	atomic_sub(assoc->early_bytes, &assoc->ks->early_bytes);
	assoc->early_bytes = 0;
}

/* A move of the state. */
struct step {
	enum dtls_state		to;
	int			error;	/* positive errno */
	enum dtls_reason	reason;	/* of an end */
	u64			other;	/* id of the replacement, or 0 */
};

/* Says where it was; what was early comes out. */
static bool move_locked(struct kdtls_assoc *assoc, const struct step *step,
			enum dtls_state *from, struct list_head *early)
{
	bool moved;

	lockdep_assert_held(&assoc->event_lock);
	spin_lock_bh(&assoc->lock);
	*from = assoc->state;
	moved = !assoc_ended(assoc) && *from < step->to;
	if (step->to == DTLS_STATE_ESTABLISHED)
		moved = moved && rcu_access_pointer(assoc->tx) &&
			assoc->rx_epoch;
	if (moved) {
		assoc->error = step->error;
		if (early)
			early_take(assoc, early);
		if (step->to == DTLS_STATE_ESTABLISHED)
			WRITE_ONCE(assoc->early_opening, !list_empty(early));
		if (step->to == DTLS_STATE_FAILED)
			tx_stop(assoc);
		WRITE_ONCE(assoc->state, step->to);
	}
	spin_unlock_bh(&assoc->lock);
	return moved;
}

/* A DTLS_EVENT_*; 0: no event, the association was never announced. */
static u32 event_of(enum dtls_state from, const struct step *step)
{
	if (step->to == DTLS_STATE_ESTABLISHED)
		return DTLS_EVENT_ESTABLISHED;
	if (step->to == DTLS_STATE_HANDSHAKE || from == DTLS_STATE_NONE)
		return 0;
	if (from != DTLS_STATE_ESTABLISHED)
		return DTLS_EVENT_FAILED;
	return step->other ? DTLS_EVENT_REPLACED : DTLS_EVENT_CLOSED;
}

/* The state moves forward only; events are queued in the same order. */
static bool move_state(struct kdtls_assoc *assoc, const struct step *step,
		       struct list_head *early)
{
	enum dtls_state from;
	bool moved;
	u32 event;

	mutex_lock(&assoc->event_lock);
	moved = move_locked(assoc, step, &from, early);
	if (moved) {
		trace_kdtls_state(assoc->id, from, step->to, step->error);
		event = event_of(from, step);
		if (event)
			kdtls_event(assoc, event, step->reason, step->other);
	}
	mutex_unlock(&assoc->event_lock);
	return moved;
}

/*
 * Wakes readers, writers and pollers: there is something new to ask. A socket
 * with many peers does not change with one of them.
 */
static void wake_socket(struct kdtls_assoc *assoc)
{
	struct sock *sk = assoc->sk;

	if (assoc->one_of_many)
		return;
	sk->sk_state_change(sk);
	sk->sk_write_space(sk);
	kdtls_tun_look(assoc->ks);
	assoc->ks->data_ready(sk);
}

bool kdtls_assoc_handshaking(struct kdtls_assoc *assoc)
{
	const struct step begin = { .to = DTLS_STATE_HANDSHAKE };

	if (!move_state(assoc, &begin, NULL))
		return false;
	/* What came before the attach may be the peer's first flight. */
	kdtls_input_work_schedule(assoc->ks);
	return true;
}

bool kdtls_assoc_established(struct kdtls_assoc *assoc)
{
	const struct step keyed = { .to = DTLS_STATE_ESTABLISHED };
	LIST_HEAD(early);
	bool some;

	kdtls_assoc_heard(assoc);	/* before a sweep looks */
	if (!move_state(assoc, &keyed, &early))
		return false;
	some = !list_empty(&early);
	kdtls_mib_add(sock_net(assoc->sk), KDTLS_MIB_ESTABLISHED, 1);
	/* first: among what was early may be its own end */
	if (assoc->one_of_many)
		kdtls_peer_table_supersede(assoc);
	kdtls_input_early(assoc, &early);
	WRITE_ONCE(assoc->early_opening, false);
	wake_socket(assoc);
	/* The work would only race with readers, unless it has to answer. */
	if (!assoc->one_of_many && kdtls_flight_kept(assoc))
		kdtls_input_work_schedule(assoc->ks);
	else if (assoc->one_of_many && some)
		assoc->ks->data_ready(assoc->sk);
	return true;
}

/* The pending error of a connected socket. */
static void report_error(struct kdtls_assoc *assoc, int error)
{
	struct sock *sk = assoc->sk;

	if (assoc->one_of_many)
		return;
	WRITE_ONCE(sk->sk_err, error);
	sk_error_report(sk);
}

bool kdtls_assoc_fail(struct kdtls_assoc *assoc, int error)
{
	const struct step fail = {
		.to = DTLS_STATE_FAILED,
		.error = error,
		.reason = DTLS_REASON_ERROR,
	};
	LIST_HEAD(early);

	if (!move_state(assoc, &fail, &early))
		return false;
	kdtls_records_put(&early);
	kdtls_mib_add(sock_net(assoc->sk), KDTLS_MIB_HANDSHAKE_FAILED, 1);
	report_error(assoc, error);
	wake_socket(assoc);
	kdtls_assoc_leave(assoc);
	return true;
}

static bool close_by(struct kdtls_assoc *assoc, const struct step *step)
{
	LIST_HEAD(early);

	if (!move_state(assoc, step, &early))
		return false;
	kdtls_records_put(&early);
	wake_socket(assoc);
	kdtls_assoc_leave(assoc);
	return true;
}

bool kdtls_assoc_close(struct kdtls_assoc *assoc, enum dtls_reason reason)
{
	const struct step close = {
		.to = DTLS_STATE_CLOSED,
		.reason = reason,
	};

	return close_by(assoc, &close);
}

bool kdtls_assoc_replace(struct kdtls_assoc *assoc,
			 const struct kdtls_assoc *by)
{
	const struct step replace = {
		.to = DTLS_STATE_CLOSED,
		.other = by->id,
	};

	return close_by(assoc, &replace);
}

bool kdtls_assoc_expire(struct kdtls_assoc *assoc)
{
	const struct step expire = {
		.to = DTLS_STATE_CLOSED,
		.error = ETIMEDOUT,
		.reason = DTLS_REASON_IDLE,
	};

	kdtls_output_alert(assoc, KDTLS_ALERT_WARNING,
			   KDTLS_ALERT_CLOSE_NOTIFY);
	if (!close_by(assoc, &expire))
		return false;
	kdtls_mib_add(sock_net(assoc->sk), KDTLS_MIB_IDLE_ENDED, 1);
	return true;
}

bool kdtls_assoc_spend(struct kdtls_assoc *assoc)
{
	const struct step spend = {
		.to = DTLS_STATE_CLOSED,
		.error = EKEYEXPIRED,
		.reason = DTLS_REASON_FORGED,
	};

	if (kdtls_assoc_state(assoc) != DTLS_STATE_ESTABLISHED)
		return false;
	kdtls_output_alert(assoc, KDTLS_ALERT_WARNING,
			   KDTLS_ALERT_CLOSE_NOTIFY);
	/* first: a reader is not to take the end for the peer's */
	report_error(assoc, EKEYEXPIRED);
	if (!close_by(assoc, &spend))
		return false;
	kdtls_mib_add(sock_net(assoc->sk), KDTLS_MIB_FORGED_ENDED, 1);
	return true;
}

bool kdtls_assoc_reset(struct kdtls_assoc *assoc)
{
	if (!kdtls_assoc_close(assoc, DTLS_REASON_PEER))
		return false;
	report_error(assoc, ECONNRESET);
	return true;
}

static void keys_forget(struct kdtls_assoc *assoc)
{
	struct kdtls_epoch *epochs[KDTLS_RX_SLOTS + 1];
	int i;

	spin_lock_bh(&assoc->lock);
	for (i = 0; i < KDTLS_RX_SLOTS; i++)
		epochs[i] = rcu_replace_pointer(assoc->rx[i], NULL, true);
	epochs[i] = rcu_replace_pointer(assoc->tx, NULL, true);
	spin_unlock_bh(&assoc->lock);
	for (i = 0; i <= KDTLS_RX_SLOTS; i++)
		kdtls_epoch_put(epochs[i]);
}

void kdtls_assoc_end(struct kdtls_assoc *assoc)
{
	if (kdtls_assoc_state(assoc) == DTLS_STATE_ESTABLISHED)
		kdtls_output_alert(assoc, KDTLS_ALERT_WARNING,
				   KDTLS_ALERT_CLOSE_NOTIFY);
	kdtls_assoc_close(assoc, DTLS_REASON_CLOSE);
	/* none begins any more */
	kdtls_handshake_cancel(assoc, ECONNABORTED);
	kdtls_flight_drop(assoc);
	kdtls_key_update_end(assoc);
	keys_forget(assoc);
	kdtls_assoc_delist(assoc);
}

void kdtls_assoc_leave(struct kdtls_assoc *assoc)
{
	if (kdtls_peer_table_remove(assoc))
		kdtls_assoc_end(assoc);
}

bool kdtls_renegotiation_ratelimit(struct kdtls_assoc *assoc)
{
	bool may;

	spin_lock_bh(&assoc->lock);
	may = !assoc->refused || time_after(jiffies, assoc->refused + HZ);
	if (may)
		assoc->refused = jiffies ?: 1;
	spin_unlock_bh(&assoc->lock);
	return may;
}
