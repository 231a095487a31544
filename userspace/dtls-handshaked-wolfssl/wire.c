// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "record/handshake12.h"
#include "wire.h"

#define MAX_RECORD	(DTLS_HEADROOM + 5 + DTLS_MAX_CID + DTLS13_MAX_CIPHERTEXT)

static bool have_keys(struct wire *w, struct wire_side *s)
{
	if (!s->derived && s->known[0] && w->cipher)
		s->derived = record_keys_derive(&s->keys, w->cipher, EPOCH_HANDSHAKE,
						s->secret[0], &s->cid);
	return s->derived;
}

/* The messages of a record, of any epoch. */
static void note_messages(struct wire_side *s, const uint8_t *content, size_t len, bool sealed)
{
	struct dtls_fragment f;

	while (dtls12_parse_fragment(content, len, &f)) {
		if (f.message_seq >= s->message_seq)
			s->message_seq = f.message_seq + 1;
		if (sealed && f.type < 32)
			s->messages |= 1u << f.type;
		if (sealed && f.type == DTLS_FINISHED && f.offset + f.len == f.message)
			s->whole = true;
		content += DTLS12_FRAGMENT_HEADER + f.len;
		len -= DTLS12_FRAGMENT_HEADER + f.len;
	}
}

static void keep_record(struct wire *w, const uint8_t *content, size_t len)
{
	if (w->flight_len + len > sizeof(w->flight)) {
		w->overflow = true;
		return;
	}
	memcpy(w->flight + w->flight_len, content, len);
	w->flight_len += len;
}

/* A record of epoch 2. True: it has handshake messages. */
static bool read_sealed(struct wire *w, struct wire_side *s, const struct dtls_header *h,
			const uint8_t *record, bool flight)
{
	uint8_t plain[MAX_RECORD];
	struct dtls_opened content;
	bool messages = false;

	if (have_keys(w, s) && record_open(&s->keys, h, record, &s->next, plain, &content)) {
		messages = content.type == DTLS_TYPE_HANDSHAKE;
		if (messages)
			note_messages(s, plain + content.off, content.len, true);
		if (messages && flight)
			keep_record(w, plain + content.off, content.len);
	}
	explicit_bzero(plain, sizeof(plain));
	return messages;
}

/* Of this side, in epoch 3: true for a ticket, and false for an ACK. */
static bool read_ticket(struct wire *w, const struct dtls_header *h, const uint8_t *record)
{
	uint64_t next = w->sent[EPOCH_TRAFFIC];
	struct wire_side *s = &w->us;
	uint8_t plain[MAX_RECORD];
	struct dtls_opened content;
	struct record_keys keys;
	bool is = false;

	if (s->known[1] && w->cipher &&
	    record_keys_derive(&keys, w->cipher, EPOCH_TRAFFIC, s->secret[1], &s->cid) &&
	    record_open(&keys, h, record, &next, plain, &content))
		is = content.type == DTLS_TYPE_HANDSHAKE;
	if (is) {
		note_messages(s, plain + content.off, content.len, false);
		keep_record(w, plain + content.off, content.len);
	}
	explicit_bzero(&keys, sizeof(keys));
	explicit_bzero(plain, sizeof(plain));
	return is;
}

/* Whether there is a Connection ID the header says, how long it is the side. */
size_t wire_split(const struct wire_side *s, const void *data, size_t len, struct dtls_header *h)
{
	int err;

	switch (dtls_first_byte(*(const uint8_t *)data)) {
	case DTLS_FIRST_UNIFIED:
		err = dtls13_parse_next(data, len, s->cid.len, h);
		break;
	case DTLS_FIRST_CID12:
		err = dtls12_parse(data, len, s->cid.len, h);
		break;
	default:
		return dtls12_split(data, len, h);
	}
	return err ? 0 : h->len + h->payload_len;
}

static void note_plain(struct wire_side *s, const struct dtls_header *h, const uint8_t *record)
{
	if (h->type == DTLS_TYPE_HANDSHAKE && !h->epoch)
		note_messages(s, record + h->len, h->payload_len, false);
}

enum wire_kind wire_sent(struct wire *w, const void *data, size_t len, bool flight)
{
	enum wire_kind kind = WIRE_OTHER;
	const uint8_t *at = data;
	struct dtls_header h;

	for (size_t n; len; at += n, len -= n) {
		n = wire_split(&w->us, at, len, &h);
		if (!n || h.epoch >= WIRE_EPOCHS) {
			w->broken = true;
			return kind;
		}
		/* in DTLS 1.3 all but the low bits of the number are hidden */
		w->sent[h.epoch] = h.unified ? w->sent[h.epoch] + 1 : h.seq + 1;
		if (!h.unified && (h.epoch || h.type == DTLS_TYPE_CHANGE_CIPHER_SPEC))
			kind = WIRE_CIPHER12;
		else if (!h.unified)
			note_plain(&w->us, &h, at);
		else if (h.epoch == EPOCH_TRAFFIC)
			kind = read_ticket(w, &h, at) ? WIRE_TICKET : WIRE_TRAFFIC;
		else if (h.epoch == EPOCH_HANDSHAKE &&
			 read_sealed(w, &w->us, &h, at, flight) && kind == WIRE_OTHER)
			kind = WIRE_FLIGHT;
	}
	return kind;
}

void wire_received(struct wire *w, const void *data, size_t len)
{
	const uint8_t *at = data;
	struct dtls_header h;

	for (size_t n; len && (n = wire_split(&w->peer, at, len, &h)); at += n, len -= n)
		if (h.unified && h.epoch == EPOCH_HANDSHAKE)
			read_sealed(w, &w->peer, &h, at, false);
		else if (!h.unified && h.epoch == 1 && h.seq >= w->received12)
			w->received12 = h.seq + 1;
}

size_t wire_flight(const struct wire *w, uint64_t epoch, uint8_t out[MAX_FLIGHT])
{
	const struct dtls_flight head = { .count = 1 };
	const struct dtls_flight_record record = {
		.type = DTLS_TYPE_HANDSHAKE, .epoch = epoch, .len = w->flight_len,
	};

	if (!w->flight_len)
		return 0;
	memcpy(out, &head, sizeof(head));
	memcpy(out + sizeof(head), &record, sizeof(record));
	memcpy(out + sizeof(head) + sizeof(record), w->flight, w->flight_len);
	return sizeof(head) + sizeof(record) + w->flight_len;
}
