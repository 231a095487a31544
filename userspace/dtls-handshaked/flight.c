// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "flight.h"
#include "fragment.h"
#include "gnutls_record.h"
#include "handshake.h"

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
	if (r->epoch > 1) {
		f->broken = true;
		return;
	}
	if (r->seq >= f->next[r->epoch])
		f->next[r->epoch] = r->seq + 1;
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
	struct dtls_flight_record last;
	const uint8_t *content;

	if (!p->last || r->epoch || r->type != DTLS_TYPE_HANDSHAKE)
		return false;
	memcpy(&last, p->last, sizeof(last));
	content = p->last + sizeof(last);
	return !last.epoch && last.type == r->type &&
	       fragment_fills(content, last.len) &&
	       fragment_fills(r->payload, r->len) &&
	       !memcmp(content, r->payload, FRAGMENT_SAME) &&
	       fragment_offset(content) + fragment_size(content) ==
	       fragment_offset(r->payload) &&
	       last.len + r->len - FRAGMENT_HEADER <= DTLS_MAX_CONTENT;
}

static bool join_fragment(struct plain *p, const struct record *r)
{
	size_t more = r->len - FRAGMENT_HEADER;
	uint8_t *content = p->last + sizeof(struct dtls_flight_record);
	struct dtls_flight_record last;

	if (p->used + more > MAX_FLIGHT)
		return false;
	memcpy(&last, p->last, sizeof(last));
	last.len += more;
	memcpy(p->last, &last, sizeof(last));
	fragment_set(content, fragment_offset(content), last.len - FRAGMENT_HEADER);
	memcpy(p->out + p->used, r->payload + FRAGMENT_HEADER, more);
	p->used += more;
	return true;
}

/* False: the record does not open, or does not fit. */
static bool add_record(struct plain *p, const struct record *r, const struct dtls_keys *keys)
{
	struct dtls_flight_record head = { .type = r->type, .epoch = r->epoch };
	uint8_t *at = p->out + p->used;
	size_t len = r->len;

	if (p->used + sizeof(head) + r->len > MAX_FLIGHT || p->count == FLIGHT_RECORDS)
		return false;
	if (r->epoch == 0)
		memcpy(at + sizeof(head), r->payload, r->len);
	else if (!record_open(keys->cipher, &keys->tx, r, at + sizeof(head), &len))
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
