// SPDX-License-Identifier: GPL-2.0
/* What of a flight is acknowledged, and what is missing. */
#include "flight13.h"

bool dtls13_flight_valid(const u8 *data, size_t len, u32 message_seq)
{
	unsigned int count = 0;
	struct dtls_fragment f;

	if (!len)
		return false;
	while (len) {
		if (!dtls12_parse_fragment(data, len, &f) ||
		    f.message_seq >= message_seq ||
		    ++count > DTLS13_FLIGHT_MESSAGES)
			return false;
		data += DTLS12_FRAGMENT_HEADER + f.len;
		len -= DTLS12_FRAGMENT_HEADER + f.len;
	}
	return true;
}

void dtls13_flight_init(struct dtls13_flight *f)
{
	unsigned int i;

	for (i = 0; i < DTLS13_FLIGHT_SENT; i++)
		f->sent[i].seq = ~0ULL;
}

static bool is_acked(const struct dtls13_flight *f, size_t at)
{
	return f->acked[at / 8] >> at % 8 & 1;
}

static size_t first_missing(const struct dtls13_flight *f, size_t from,
			    size_t end)
{
	while (from < end && is_acked(f, from))
		from++;
	return from;
}

/*
 * From the first missing byte on, of the fragment with its header at base. The bytes
 * of a header are acknowledged with the first piece behind it.
 */
static void cut(const struct dtls13_flight *f, size_t base, size_t from,
		size_t room, struct dtls13_piece *piece)
{
	size_t body = base + DTLS12_FRAGMENT_HEADER, at = from, to;
	struct dtls_fragment fragment;

	dtls12_read_fragment(f->data + base, &fragment);
	if (at < body)
		at = body;
	to = at;
	while (to < body + fragment.len &&
	       to - at < room - DTLS12_FRAGMENT_HEADER && !is_acked(f, to))
		to++;
	memcpy(piece->header, f->data + base, DTLS12_FRAGMENT_HEADER);
	dtls12_move_fragment(piece->header, fragment.offset + (at - body),
			     to - at);
	piece->content = at;
	piece->from = from < body ? base : from;
	piece->to = to;
}

bool dtls13_flight_next(const struct dtls13_flight *f, size_t room,
			struct dtls13_piece *piece)
{
	size_t base, end, from;
	struct dtls_fragment fragment;

	for (base = 0; base < f->len; base = end) {
		dtls12_read_fragment(f->data + base, &fragment);
		end = base + DTLS12_FRAGMENT_HEADER + fragment.len;
		from = first_missing(f, base > piece->to ? base : piece->to,
				     end);
		if (from < end) {
			cut(f, base, from, room, piece);
			return true;
		}
	}
	return false;
}

void dtls13_flight_sent(struct dtls13_flight *f, u64 seq,
			const struct dtls13_piece *piece)
{
	unsigned int i = seq % DTLS13_FLIGHT_SENT;

	f->sent[i].seq = seq;
	f->sent[i].from = piece->from;
	f->sent[i].to = piece->to;
}

bool dtls13_flight_mark(struct dtls13_flight *f, size_t from, size_t to)
{
	bool news = false;

	for (; from < to; from++) {
		news = news || !is_acked(f, from);
		f->acked[from / 8] |= 1 << from % 8;
	}
	return news;
}

bool dtls13_flight_acked(struct dtls13_flight *f, u64 seq)
{
	unsigned int i = seq % DTLS13_FLIGHT_SENT;

	if (seq > DTLS_MAX_SEQ || f->sent[i].seq != seq)
		return false;
	f->sent[i].seq = ~0ULL;	/* once: it may be in many ACKs */
	return dtls13_flight_mark(f, f->sent[i].from, f->sent[i].to);
}

bool dtls13_flight_whole(const struct dtls13_flight *f)
{
	return first_missing(f, 0, f->len) == f->len;
}
