// SPDX-License-Identifier: GPL-2.0
/*
 * The last flight of a handshake; of DTLS 1.3: flight13.c. RFC 6347 section 4.2.4:
 *
 *	... for at least twice the default MSL defined for [TCP], when in the
 *	FINISHED state, the node that transmits the last flight [...] MUST
 *	respond to a retransmit of the peer's last flight with a retransmit of
 *	the last flight.
 *
 * A peer that lost part of it drops records whose numbers it has seen, so the
 * records get fresh numbers: their plaintext is kept. A handshake message of
 * epoch 0 (a session ticket holds the client's certificates) is cut to the path
 * MTU of the time.
 */
#include <linux/kdtls.h>
#include <linux/mm.h>
#include <linux/refcount.h>

#include "assoc.h"
#include "charge.h"
#include "flight13.h"
#include "fragment.h"
#include "handshake.h"
#include "last_flight.h"
#include "output.h"
#include "path_mtu.h"
#include "stats.h"
#include "record/dtls13/dtls13.h"
#include "record/wire.h"

#define KDTLS_FLIGHT_RECORDS	16
#define KDTLS_FLIGHT_LIFE	(240 * HZ)	/* RFC 6347: twice the MSL */
#define KDTLS_FLIGHT_PAUSE	(HZ / 5)
#define KDTLS_FLIGHT_REPEATS	20

struct kdtls_flight {
	refcount_t		refs;
	struct kdtls_assoc	*assoc;		/* held while work is pending */
	struct delayed_work	expire;

	/* under assoc->lock */
	u64			next_seq;	/* of epoch 0 */
	unsigned long		repeated_at;
	unsigned int		repeats;

	size_t			len;
	u8			data[];		/* as in struct dtls_flight */
};

static void flight_put(struct kdtls_flight *flight)
{
	if (refcount_dec_and_test(&flight->refs))
		kdtls_free_sensitive(flight);
}

/* A client's is of the handshake, a server's of the time after it. */
static u64 flight_epoch13(const struct kdtls_assoc *assoc)
{
	return assoc->role == DTLS_ROLE_CLIENT ? DTLS13_HANDSHAKE_EPOCH :
						 READ_ONCE(assoc->tx_epoch);
}

static int flight_check_record(const struct kdtls_assoc *assoc,
			       const struct dtls_flight_record *record)
{
	bool fits;

	if (READ_ONCE(assoc->version) == DTLS_VERSION_1_3)
		fits = record->type == DTLS_TYPE_HANDSHAKE &&
		       record->epoch == flight_epoch13(assoc);
	else
		fits = (record->type == DTLS_TYPE_CHANGE_CIPHER_SPEC ||
			record->type == DTLS_TYPE_HANDSHAKE) &&
		       (!record->epoch ||
			record->epoch == READ_ONCE(assoc->tx_epoch));
	return fits && !record->pad && !record->flags && record->len ?
	       0 : -EINVAL;
}

static int flight_check(const struct kdtls_assoc *assoc, const u8 *data,
			size_t len, unsigned int count)
{
	struct dtls_flight_record record;

	if (!count || count > KDTLS_FLIGHT_RECORDS)
		return -EINVAL;
	while (count--) {
		if (len < sizeof(record))
			return -EINVAL;
		memcpy(&record, data, sizeof(record));
		len -= sizeof(record);
		if (record.len > len || flight_check_record(assoc, &record))
			return -EINVAL;
		len -= record.len;
		data += sizeof(record) + record.len;
	}
	return len ? -EINVAL : 0;
}

/* Takes the flight out of the association, if it is still that one. */
static bool flight_detach(struct kdtls_assoc *assoc,
			  struct kdtls_flight *flight)
{
	bool mine;

	spin_lock_bh(&assoc->lock);
	mine = assoc->flight == flight;
	if (mine)
		WRITE_ONCE(assoc->flight, NULL);
	spin_unlock_bh(&assoc->lock);
	return mine;
}

/* Owns a reference to the flight and one to the association. */
static void flight_expire(struct work_struct *work)
{
	struct kdtls_flight *flight = container_of(to_delayed_work(work),
						   struct kdtls_flight, expire);
	struct kdtls_assoc *assoc = flight->assoc;

	if (flight_detach(assoc, flight))
		flight_put(flight);
	flight_put(flight);
	kdtls_assoc_put(assoc);
}

static struct kdtls_flight *flight_create(struct kdtls_assoc *assoc,
					  const struct dtls_flight *from,
					  size_t len)
{
	struct kdtls_flight *flight;

	flight = kdtls_alloc(assoc->sk, struct_size(flight, data, len));
	if (!flight)
		return NULL;
	refcount_set(&flight->refs, 2);		/* association and work */
	flight->assoc = assoc;
	INIT_DELAYED_WORK(&flight->expire, flight_expire);
	flight->next_seq = from->next_seq;
	flight->repeated_at = jiffies - KDTLS_FLIGHT_PAUSE;
	flight->len = len;
	memcpy(flight->data, from->data, len);
	return flight;
}

/* In DTLS 1.3 there is no next number of epoch 0, and part may be acknowledged. */
static bool flight_members_valid(const struct kdtls_assoc *assoc,
				 const struct dtls_flight *from)
{
	if (from->message_seq || from->flags || from->reserved)
		return false;
	if (READ_ONCE(assoc->version) == DTLS_VERSION_1_3)
		return !from->next_seq && !(from->acked >> from->count);
	return !from->acked && from->next_seq <= DTLS_MAX_SEQ;
}

static int flight_keep(struct kdtls_assoc *assoc, const struct dtls_flight *from,
		       size_t len)
{
	struct kdtls_flight *flight;

	flight = flight_create(assoc, from, len);
	if (!flight)
		return -ENOMEM;

	spin_lock_bh(&assoc->lock);
	if (assoc->flight || assoc->state > DTLS_STATE_ESTABLISHED) {
		bool closed = assoc->state > DTLS_STATE_ESTABLISHED;

		spin_unlock_bh(&assoc->lock);
		kdtls_free_sensitive(flight);
		return closed ? -EPIPE : -EALREADY;
	}
	refcount_inc(&assoc->refs);
	WRITE_ONCE(assoc->flight, flight);
	queue_delayed_work(kdtls_control_wq, &flight->expire,
			   KDTLS_FLIGHT_LIFE);
	spin_unlock_bh(&assoc->lock);
	return 0;
}

int kdtls_flight_set(struct kdtls_assoc *assoc, const struct dtls_flight *from,
		     size_t len)
{
	int err;

	if (len < sizeof(*from) || from->count > KDTLS_FLIGHT_RECORDS ||
	    !flight_members_valid(assoc, from) ||
	    (from->assoc && from->assoc != assoc->id))
		return -EINVAL;
	len -= sizeof(*from);
	if (len > DTLS_MAX_FLIGHT)
		return -EMSGSIZE;
	err = flight_check(assoc, from->data, len, from->count);
	if (err)
		return err;
	return READ_ONCE(assoc->version) == DTLS_VERSION_1_3 ?
	       kdtls_flight13_set(assoc, from, len) :
	       flight_keep(assoc, from, len);
}

/*
 * Content of a record of epoch 0 that arrives. A peer that asks a third time has
 * received nothing, and no ICMP message has said why.
 */
static size_t flight_room(struct kdtls_assoc *assoc, unsigned int repeats)
{
	u16 limit = READ_ONCE(assoc->size_limit);
	size_t room = kdtls_path_mtu_guess(assoc, repeats) - DTLS12_HEADER;

	return limit ? min_t(size_t, room, limit) : room;
}

/* Pieces of a record; only handshake messages can be cut. */
static unsigned int flight_pieces(const struct dtls_flight_record *record,
				  const u8 *content, size_t room)
{
	return record->type == DTLS_TYPE_HANDSHAKE && !record->epoch ?
	       kdtls_fragment_count(content, record->len, room) : 1;
}

/* Records of epoch 0. */
static u64 flight_plain(const struct kdtls_flight *flight, size_t room)
{
	struct dtls_flight_record record;
	const u8 *data, *content;
	u64 count = 0;

	for (data = flight->data; data < flight->data + flight->len;) {
		content = kdtls_flight_next(&data, &record);
		if (!record.epoch)
			count += flight_pieces(&record, content, room);
	}
	return count;
}

/* A reference, if it may be repeated now, and how often it was before. */
static struct kdtls_flight *flight_claim(struct kdtls_assoc *assoc,
					 unsigned int *repeats)
{
	struct kdtls_flight *flight;

	spin_lock_bh(&assoc->lock);
	flight = assoc->flight;
	if (!flight || flight->repeats >= KDTLS_FLIGHT_REPEATS ||
	    time_before(jiffies, flight->repeated_at + KDTLS_FLIGHT_PAUSE)) {
		flight = NULL;
	} else {
		*repeats = flight->repeats++;
		flight->repeated_at = jiffies;
		refcount_inc(&flight->refs);
	}
	spin_unlock_bh(&assoc->lock);
	return flight;
}

/* The first of count numbers of epoch 0, or U64_MAX: there are not so many. */
static u64 flight_number(struct kdtls_assoc *assoc, struct kdtls_flight *flight,
			 u64 count)
{
	u64 seq = U64_MAX;

	spin_lock_bh(&assoc->lock);
	if (flight->next_seq + count <= DTLS_MAX_SEQ) {
		seq = flight->next_seq;
		flight->next_seq += count;
	}
	spin_unlock_bh(&assoc->lock);
	return seq;
}

/* One that is too long for the path, in pieces; numbers from seq. */
static void flight_cut(struct kdtls_assoc *assoc, u64 seq, const u8 *content,
		       size_t len, size_t room)
{
	unsigned int i, count = kdtls_fragment_count(content, len, room);
	u8 *piece = kmalloc(room, GFP_KERNEL);

	for (i = 0; piece && i < count; i++) {
		size_t size = kdtls_fragment_piece(content, room, i, piece);

		kdtls_output_plain(assoc, DTLS_TYPE_HANDSHAKE, seq + i, piece,
				   size);
	}
	kfree(piece);
}

/* Returns the next free number of epoch 0. */
static u64 flight_record(struct kdtls_assoc *assoc,
			 const struct dtls_flight_record *record,
			 const u8 *content, u64 seq, size_t room)
{
	unsigned int pieces = flight_pieces(record, content, room);

	if (record->epoch) {
		kdtls_output_record(assoc, record->type, content, record->len);
		return seq;
	}
	if (pieces > 1)
		flight_cut(assoc, seq, content, record->len, room);
	else
		kdtls_output_plain(assoc, record->type, seq, content,
				   record->len);
	return seq + pieces;
}

/* What is lost on the way the peer asks for again. */
static void flight_send(struct kdtls_assoc *assoc,
			const struct kdtls_flight *flight, u64 seq, size_t room)
{
	struct dtls_flight_record record;
	const u8 *data, *content;

	for (data = flight->data; data < flight->data + flight->len;) {
		content = kdtls_flight_next(&data, &record);
		seq = flight_record(assoc, &record, content, seq, room);
	}
	kdtls_mib_add(sock_net(assoc->sk), KDTLS_MIB_FLIGHT_REPEATED, 1);
}

void kdtls_flight_repeat(struct kdtls_assoc *assoc)
{
	struct kdtls_flight *flight;
	unsigned int repeats;
	size_t room;
	u64 seq;

	flight = flight_claim(assoc, &repeats);
	if (!flight)
		return;
	room = flight_room(assoc, repeats);
	seq = flight_number(assoc, flight, flight_plain(flight, room));
	if (seq != U64_MAX)
		flight_send(assoc, flight, seq, room);
	flight_put(flight);
}

void kdtls_flight_drop(struct kdtls_assoc *assoc)
{
	struct kdtls_flight *flight;

	if (!kdtls_flight_kept(assoc))
		return;
	spin_lock_bh(&assoc->lock);
	flight = assoc->flight;
	WRITE_ONCE(assoc->flight, NULL);
	spin_unlock_bh(&assoc->lock);
	if (!flight)
		return;
	if (cancel_delayed_work(&flight->expire)) {
		flight_put(flight);
		kdtls_assoc_put(assoc);
	}
	flight_put(flight);
}
