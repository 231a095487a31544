// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "cut.h"
#include "datagram.h"
#include "record/handshake12.h"

#define HEADERS		(DTLS12_HEADER + DTLS12_FRAGMENT_HEADER)
/* Longer records are sent unchanged. */
#define MAX_RECORD	(DTLS12_HEADER + DTLS_MAX_CONTENT)
/* From this MTU on the library fragments alone. */
#define LIBRARY_LEAST	1200

size_t cut_library_mtu(size_t mtu)
{
	size_t body = mtu - HEADERS, times = (LIBRARY_LEAST + body - 1) / body;

	return mtu >= LIBRARY_LEAST ? mtu : HEADERS + times * body;
}

/*
 * The record is one fragment of epoch 0 and exceeds the MTU. An MTU of headers
 * alone cuts nothing.
 */
static bool must_cut(const struct record *r, size_t mtu, struct dtls_fragment *f)
{
	return !r->h.epoch && r->h.type == DTLS_TYPE_HANDSHAKE &&
	       mtu > HEADERS && r->h.len + r->h.payload_len > mtu &&
	       dtls12_parse_only_fragment(r->payload, r->h.payload_len, f);
}

static void send_piece(const struct cut *c, const struct record *r, size_t from,
		       size_t size, cut_send send, void *ctx)
{
	uint8_t out[MAX_RECORD];
	uint8_t *fragment = out + DTLS12_HEADER;
	struct dtls_fragment f;

	dtls12_read_fragment(r->payload, &f);
	memcpy(out, r->start, HEADERS);
	dtls_put_number(out + DTLS12_NUMBER_OFF, 0, r->h.seq + c->added);
	dtls_put16(out + DTLS12_LENGTH_OFF, DTLS12_FRAGMENT_HEADER + size);
	dtls12_move_fragment(fragment, f.offset + from, size);
	memcpy(fragment + DTLS12_FRAGMENT_HEADER,
	       r->payload + DTLS12_FRAGMENT_HEADER + from, size);
	send(ctx, out, HEADERS + size);
}

static void send_whole(const struct cut *c, const void *record, size_t len,
		       const struct record *r, cut_send send, void *ctx)
{
	uint8_t out[MAX_RECORD];

	if (r->h.epoch || len > sizeof(out)) {
		send(ctx, record, len);
		return;
	}
	memcpy(out, record, len);
	dtls_put_number(out + DTLS12_NUMBER_OFF, 0, r->h.seq + c->added);
	send(ctx, out, len);
}

static void send_record(struct cut *c, const void *record, size_t len,
			size_t mtu, cut_send send, void *ctx)
{
	struct dtls_fragment f;
	struct record r;
	size_t size;

	record_parse(record, len, &r);
	if (!must_cut(&r, mtu, &f)) {
		send_whole(c, record, len, &r, send, ctx);
		return;
	}
	for (size_t from = 0; from < f.len; from += size) {
		size = f.len - from < mtu - HEADERS ? f.len - from : mtu - HEADERS;
		c->added += !!from;
		send_piece(c, &r, from, size, send, ctx);
	}
}

void cut_records(struct cut *c, const void *datagram, size_t len, size_t mtu,
		 cut_send send, void *ctx)
{
	const uint8_t *at = datagram;
	struct record r;

	while (len) {
		size_t used = record_parse(at, len, &r);

		if (!used) {
			send(ctx, at, len);
			return;
		}
		send_record(c, at, used, mtu, send, ctx);
		at += used;
		len -= used;
	}
}
