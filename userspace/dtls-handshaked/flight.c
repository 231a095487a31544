// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "flight.h"
#include "record.h"

void flight_restart(struct flight *f)
{
	f->overflow = false;
	f->count = 0;
	f->n_datagrams = 0;
	f->len = 0;
}

static void keep(struct flight *f, const void *datagram, size_t len,
		 unsigned int records)
{
	if (f->count + records > FLIGHT_RECORDS || f->len + len > sizeof(f->wire))
		f->overflow = true;
	if (f->overflow)
		return;
	memcpy(f->wire + f->len, datagram, len);
	f->len += len;
	f->count += records;
	f->datagrams[f->n_datagrams++] = len;
}

static void number(struct flight *f, const struct record *r)
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
		number(f, &r);
		records++;
		at += used;
		left -= used;
	}
	/* an empty one would count as a datagram, but never as a record */
	if (records)
		keep(f, datagram, len, records);
}

/* Appends one record; 0 when it does not open. */
static size_t add_plaintext(const struct record *r, const struct dtls_keys *keys,
			    uint8_t *out, size_t room)
{
	struct dtls_flight_record head = { .type = r->type, .epoch = r->epoch };
	size_t len = r->len;

	if (sizeof(head) + r->len > room)
		return 0;
	if (r->epoch == 0)
		memcpy(out + sizeof(head), r->payload, r->len);
	else if (!record_open(keys->cipher, &keys->tx, r, out + sizeof(head), &len))
		return 0;
	head.len = len;
	memcpy(out, &head, sizeof(head));
	return sizeof(head) + len;
}

size_t flight_plaintext(const struct flight *f, const struct dtls_keys *keys,
			uint8_t *out)
{
	struct dtls_flight head = { .next_seq = f->next[0], .count = f->count };
	size_t used = sizeof(head), pos = 0;
	struct record r;

	if (f->overflow || f->broken)
		return 0;
	while (pos < f->len) {
		size_t n;

		pos += record_parse(f->wire + pos, f->len - pos, &r);
		n = add_plaintext(&r, keys, out + used,
				  sizeof(head) + FLIGHT_BYTES - used);
		if (!n)
			return 0;
		used += n;
	}
	memcpy(out, &head, sizeof(head));
	return used;
}
