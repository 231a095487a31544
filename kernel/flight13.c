// SPDX-License-Identifier: GPL-2.0
/*
 * A client's last flight, or a server's tickets. Only ACKs say that the peer has it:
 * what the server sends in epoch 3 it may have sent before, and its own flight, if it
 * is repeated, cannot be opened any more. So the timer alone sends again.
 */
#include <linux/kdtls.h>
#include <linux/string.h>
#include <linux/uio.h>

#include "assoc.h"
#include "charge.h"
#include "epoch.h"
#include "flight13.h"
#include "key_update.h"
#include "last_flight.h"
#include "output.h"
#include "path_mtu.h"
#include "stats.h"
#include "update_tx.h"
#include "record/dtls13/dtls13.h"
#include "record/dtls13/flight13.h"

/* The rest is sent so long after it was, or its ACK may be on the way, too. */
#define PROMPT	(HZ / 10)
/* RFC 9147 section 5.8.3: so many records at once; the others so long after. */
#define AT_ONCE	10

/* With its bytes and their bits in the same memory. */
struct kept {
	struct dtls13_flight	flight;
	u8			bytes[];
};

static void kept_free(struct dtls13_flight *flight)
{
	if (flight)
		kdtls_free_sensitive(container_of(flight, struct kept, flight));
}

/* In the handshake, too: the daemon's last word is `done`. */
static bool may_send(const struct kdtls_key_update *update)
{
	enum dtls_state state = kdtls_assoc_state(update->assoc);

	return (state == DTLS_STATE_HANDSHAKE ||
		state == DTLS_STATE_ESTABLISHED) &&
	       !READ_ONCE(update->assoc->close_sent);
}

/* Acknowledged, given up, or at its end. */
static void wipe(struct kdtls_key_update *update)
{
	struct kdtls_flight13 *f = &update->flight;

	lockdep_assert_held(&update->lock);
	kdtls_key_update_unplan(update, &f->again);
	kept_free(f->kept);
	WRITE_ONCE(f->kept, NULL);
	kdtls_epoch_put(f->epoch);
	f->epoch = NULL;
}

static void finish(struct kdtls_key_update *update)
{
	wipe(update);
	kdtls_update_tx_go_on(update);
}

/* Bytes of a fragment and its header, as for the flights of DTLS 1.2. */
static size_t room_of(const struct kdtls_key_update *update)
{
	const struct kdtls_flight13 *f = &update->flight;
	u16 limit = READ_ONCE(update->assoc->size_limit);
	size_t room = kdtls_path_mtu_guess(update->assoc, f->tries) -
		      f->epoch->overhead;

	return limit ? min_t(size_t, room, limit) : room;
}

static void send_piece(struct kdtls_key_update *update,
		       struct dtls13_piece *piece)
{
	struct kdtls_flight13 *f = &update->flight;
	const struct kvec vec[] = {
		{ piece->header, sizeof(piece->header) },
		{ (u8 *)f->kept->data + piece->content,
		  piece->to - piece->content },
	};
	u64 seq = U64_MAX;

	kdtls_output_under(update->assoc, f->epoch, DTLS_TYPE_HANDSHAKE, vec,
			   ARRAY_SIZE(vec), &seq);
	if (seq != U64_MAX)
		dtls13_flight_sent(f->kept, seq, piece);
}

/* True: there may be more. */
static bool send_some(struct kdtls_key_update *update)
{
	struct kdtls_flight13 *f = &update->flight;
	size_t room = room_of(update);
	unsigned int i;

	for (i = 0; i < AT_ONCE; i++) {
		if (!dtls13_flight_next(f->kept, room, &f->last))
			return false;
		send_piece(update, &f->last);
	}
	return true;
}

/* What cannot be sent now is sent by the timer. */
static void transmit(struct kdtls_key_update *update)
{
	struct kdtls_flight13 *f = &update->flight;

	lockdep_assert_held(&update->lock);
	if (send_some(update)) {
		kdtls_key_update_plan(update, &f->again, PROMPT);
		return;
	}
	memset(&f->last, 0, sizeof(f->last));
	if (f->tries)
		kdtls_mib_add(sock_net(update->assoc->sk),
			      KDTLS_MIB_FLIGHT_REPEATED, 1);
	if (!f->prompted || !f->tries)
		f->tries++;
	f->prompted = false;
	f->sent_at = jiffies;
	kdtls_key_update_plan(update, &f->again, kdtls_pause_after(f->tries));
}

static void go_on(struct kdtls_key_update *update)
{
	struct kdtls_flight13 *f = &update->flight;

	lockdep_assert_held(&update->lock);
	/* an ACK may have come while this waited */
	if (!f->kept || delayed_work_pending(&f->again))
		return;
	if (!may_send(update) ||
	    (f->tries >= KDTLS_UPDATE_TRIES && !f->prompted))
		finish(update);
	else
		transmit(update);
}

/* Owns a reference to the association. */
static void again(struct work_struct *work)
{
	struct kdtls_key_update *update = container_of(to_delayed_work(work),
			struct kdtls_key_update, flight.again);
	struct kdtls_assoc *assoc = update->assoc;

	mutex_lock(&update->lock);
	go_on(update);
	mutex_unlock(&update->lock);
	kdtls_assoc_put(assoc);
}

void kdtls_flight13_init(struct kdtls_key_update *update)
{
	INIT_DELAYED_WORK(&update->flight.again, again);
}

void kdtls_flight13_give(struct kdtls_key_update *update,
			 struct kdtls_epoch *epoch)
{
	mutex_lock(&update->lock);
	if (update->ended || update->flight.epoch)
		kdtls_epoch_put(epoch);
	else
		update->flight.epoch = epoch;
	mutex_unlock(&update->lock);
}

/* The contents of the records, back to back; what of them is acknowledged. */
static void kept_fill(struct kept *kept, const struct dtls_flight *from,
		      size_t len)
{
	const u8 *data = from->data, *content;
	struct dtls_flight_record record;
	unsigned int i;
	size_t at = 0;

	kept->flight.data = kept->bytes;
	kept->flight.acked = kept->bytes + len;
	for (i = 0; i < from->count; i++) {
		content = kdtls_flight_next(&data, &record);
		memcpy(kept->bytes + at, content, record.len);
		if (from->acked >> i & 1)
			dtls13_flight_mark(&kept->flight, at, at + record.len);
		at += record.len;
	}
	kept->flight.len = at;
	dtls13_flight_init(&kept->flight);
}

/* A server sends under the keys that KeyUpdate, which waits for the ACK, keeps. */
static void use_traffic_keys(struct kdtls_key_update *update)
{
	struct kdtls_flight13 *f = &update->flight;

	if (update->assoc->role == DTLS_ROLE_SERVER && !f->epoch)
		f->epoch = kdtls_epoch_get(&update->assoc->tx);
}

static int set_locked(struct kdtls_key_update *update, struct kept *kept)
{
	struct kdtls_flight13 *f = &update->flight;

	lockdep_assert_held(&update->lock);
	if (update->ended || !may_send(update))
		return -EPIPE;
	if (f->kept || (!f->epoch && f->tries))
		return -EALREADY;
	if (!dtls13_flight_valid(kept->flight.data, kept->flight.len,
				 update->tx.message_seq))
		return -EINVAL;
	use_traffic_keys(update);
	if (!f->epoch)
		return -EOPNOTSUPP;
	WRITE_ONCE(f->kept, &kept->flight);
	if (dtls13_flight_whole(f->kept))
		finish(update);
	else
		kdtls_key_update_plan(update, &f->again, 0);
	return 0;
}

int kdtls_flight13_set(struct kdtls_assoc *assoc, const struct dtls_flight *from,
		       size_t len)
{
	struct kdtls_key_update *update = READ_ONCE(assoc->key_update);
	struct kept *kept;
	int err;

	if (!update)
		return -EOPNOTSUPP;
	/* zeroed */
	kept = kdtls_alloc(assoc->sk, struct_size(kept, bytes,
						  len + DIV_ROUND_UP(len, 8)));
	if (!kept)
		return -ENOMEM;
	kept_fill(kept, from, len);
	mutex_lock(&update->lock);
	err = set_locked(update, kept);
	mutex_unlock(&update->lock);
	if (err)
		kept_free(&kept->flight);
	return err;
}

static bool mark_acked(struct kdtls_key_update *update, const u8 *ack,
		       unsigned int count)
{
	struct dtls13_flight *kept = update->flight.kept;
	bool news = false;
	unsigned int i;

	for (i = 0; i < count; i++) {
		struct dtls13_number number = dtls13_ack_number(ack, i);

		if (number.epoch == update->flight.epoch->params.epoch &&
		    dtls13_flight_acked(kept, number.seq))
			news = true;
	}
	return news;
}

/* RFC 9147 section 7.2: what is missing is sent again soon, if the ACK says more. */
static void prompt(struct kdtls_key_update *update)
{
	struct kdtls_flight13 *f = &update->flight;
	unsigned long when = f->sent_at + PROMPT, now = jiffies;

	f->prompted = true;
	kdtls_key_update_plan(update, &f->again,
			      time_after(when, now) ? when - now : 0);
}

void kdtls_flight13_acked(struct kdtls_key_update *update, const u8 *ack,
			  unsigned int count)
{
	if (!READ_ONCE(update->flight.kept))
		return;
	mutex_lock(&update->lock);
	if (update->flight.kept && mark_acked(update, ack, count)) {
		if (dtls13_flight_whole(update->flight.kept))
			finish(update);
		else
			prompt(update);
	}
	mutex_unlock(&update->lock);
}

void kdtls_flight13_end(struct kdtls_key_update *update)
{
	wipe(update);
}
