// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "flight.h"
#include "gnutls_aead.h"
#include "handshake.h"
#include "record/handshake12.h"

void flight_restart(struct flight *f)
{
	f->overflow = false;
	f->count = 0;
	f->n_datagrams = 0;
	f->len = 0;
}

static void keep_datagram(struct flight *f, const void *datagram, size_t len,
			  unsigned int records)
{
	if (f->count + records > FLIGHT_PIECES || f->len + len > sizeof(f->wire))
		f->overflow = true;
	if (f->overflow)
		return;
	memcpy(f->wire + f->len, datagram, len);
	f->len += len;
	f->count += records;
	f->datagrams[f->n_datagrams++] = len;
}

static void note_number(struct flight *f, const struct record *r)
{
	if (r->h.epoch > 1) {
		f->broken = true;
		return;
	}
	if (r->h.seq >= f->next[r->h.epoch])
		f->next[r->h.epoch] = r->h.seq + 1;
}

void flight_sent(struct flight *f, const void *datagram, size_t len)
{
	const uint8_t *at = datagram;
	unsigned int records = 0;
	size_t left = len;
	struct record r;

	while (left) {
		size_t used = record_parse(at, left, &r);

		if (!used) {
			f->broken = true;
			return;
		}
		note_number(f, &r);
		records++;
		at += used;
		left -= used;
	}
	/* an empty datagram has no record */
	if (records)
		keep_datagram(f, datagram, len, records);
}

/* The plaintext written so far. */
struct plain {
	uint8_t *out;		/* MAX_FLIGHT bytes */
	size_t used;
	uint8_t *last;		/* record, or NULL */
	unsigned int count;
};

/* The record is the next fragment of the message written last. */
static bool continues_message(const struct plain *p, const struct record *r)
{
	struct dtls_fragment before, next;
	struct dtls_flight_record last;
	const uint8_t *content;

	if (!p->last || r->h.epoch || r->h.type != DTLS_TYPE_HANDSHAKE)
		return false;
	memcpy(&last, p->last, sizeof(last));
	content = p->last + sizeof(last);
	return !last.epoch && last.type == r->h.type &&
	       dtls12_parse_only_fragment(content, last.len, &before) &&
	       dtls12_parse_only_fragment(r->payload, r->h.payload_len, &next) &&
	       !memcmp(content, r->payload, DTLS12_FRAGMENT_SAME) &&
	       before.offset + before.len == next.offset &&
	       last.len + next.len <= DTLS_MAX_CONTENT;
}

static bool join_fragment(struct plain *p, const struct record *r)
{
	size_t more = r->h.payload_len - DTLS12_FRAGMENT_HEADER;
	uint8_t *content = p->last + sizeof(struct dtls_flight_record);
	struct dtls_flight_record last;
	struct dtls_fragment before;

	if (p->used + more > MAX_FLIGHT)
		return false;
	memcpy(&last, p->last, sizeof(last));
	dtls12_read_fragment(content, &before);
	dtls12_move_fragment(content, before.offset, before.len + more);
	last.len += more;
	memcpy(p->last, &last, sizeof(last));
	memcpy(p->out + p->used, r->payload + DTLS12_FRAGMENT_HEADER, more);
	p->used += more;
	return true;
}

/* Length of the plaintext of a record of epoch 1; -1: it does not open. */
static ssize_t open_record(const struct record *r, const struct dtls_keys *keys,
			   uint8_t *out)
{
	struct record_aead a;
	ssize_t len = -1;

	if (record_open_begin(keys->cipher, &keys->tx, r, &a))
		len = gnutls_aead_open(&a, out, r->h.payload_len);
	explicit_bzero(&a, sizeof(a));
	return len;
}

/* False: the record does not open, or does not fit. */
static bool add_record(struct plain *p, const struct record *r, const struct dtls_keys *keys)
{
	struct dtls_flight_record head = { .type = r->h.type, .epoch = r->h.epoch };
	uint8_t *at = p->out + p->used;
	ssize_t len = r->h.payload_len;

	if (p->used + sizeof(head) + len > MAX_FLIGHT || p->count == FLIGHT_RECORDS)
		return false;
	if (r->h.epoch == 0)
		memcpy(at + sizeof(head), r->payload, len);
	else
		len = open_record(r, keys, at + sizeof(head));
	if (len < 0)
		return false;
	head.len = len;
	memcpy(at, &head, sizeof(head));
	p->last = at;
	p->used += sizeof(head) + len;
	p->count++;
	return true;
}

size_t flight_plaintext(const struct flight *f, const struct dtls_keys *keys,
			uint8_t *out)
{
	struct dtls_flight head = { .next_seq = f->next[0] };
	struct plain p = { .out = out, .used = sizeof(head) };
	size_t pos = 0;
	struct record r;

	if (f->overflow || f->broken)
		return 0;
	while (pos < f->len) {
		pos += record_parse(f->wire + pos, f->len - pos, &r);
		if (!(continues_message(&p, &r) ? join_fragment(&p, &r) : add_record(&p, &r, keys)))
			return 0;
	}
	head.count = p.count;
	memcpy(out, &head, sizeof(head));
	return p.used;
}
