// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "bytes.h"
#include "cut.h"
#include "fragment.h"
#include "record.h"

#define RECORD_NUMBER	5
#define RECORD_LENGTH	11
#define HEADERS		(RECORD_HEADER + FRAGMENT_HEADER)
/* Longer records are sent unchanged. */
#define MAX_RECORD	(RECORD_HEADER + 16384)
/* From this MTU on the library fragments alone. */
#define LIBRARY_LEAST	1200

size_t cut_library_mtu(size_t mtu)
{
	size_t body = mtu - HEADERS, times = (LIBRARY_LEAST + body - 1) / body;

	return mtu >= LIBRARY_LEAST ? mtu : HEADERS + times * body;
}

/* Message bytes in a record that is one fragment and exceeds the MTU; else 0. */
static size_t bytes_to_cut(const struct record *r, size_t mtu)
{
	size_t len = r->len;

	if (r->type != DTLS_TYPE_HANDSHAKE || RECORD_HEADER + len <= mtu ||
	    mtu <= HEADERS || !fragment_fills(r->payload, len))
		return 0;
	return len - FRAGMENT_HEADER;
}

static void send_piece(const struct cut *c, const struct record *r, size_t from,
		       size_t size, cut_send send, void *ctx)
{
	uint8_t out[MAX_RECORD];
	uint8_t *fragment = out + RECORD_HEADER;

	memcpy(out, r->payload - RECORD_HEADER, HEADERS);
	put_be(out + RECORD_NUMBER, r->seq + c->added, 6);
	put_be(out + RECORD_LENGTH, FRAGMENT_HEADER + size, 2);
	fragment_set(fragment, fragment_offset(r->payload) + from, size);
	memcpy(fragment + FRAGMENT_HEADER, r->payload + FRAGMENT_HEADER + from, size);
	send(ctx, out, HEADERS + size);
}

static void send_whole(const struct cut *c, const void *record, size_t len,
		       const struct record *r, cut_send send, void *ctx)
{
	uint8_t out[MAX_RECORD];

	if (r->epoch || len > sizeof(out)) {
		send(ctx, record, len);
		return;
	}
	memcpy(out, record, len);
	put_be(out + RECORD_NUMBER, r->seq + c->added, 6);
	send(ctx, out, len);
}

static void send_record(struct cut *c, const void *record, size_t len,
			size_t mtu, cut_send send, void *ctx)
{
	size_t left, size;
	struct record r;

	record_parse(record, len, &r);
	left = r.epoch ? 0 : bytes_to_cut(&r, mtu);
	if (!left) {
		send_whole(c, record, len, &r, send, ctx);
		return;
	}
	for (size_t from = 0; left; from += size, left -= size) {
		size = left < mtu - HEADERS ? left : mtu - HEADERS;
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
