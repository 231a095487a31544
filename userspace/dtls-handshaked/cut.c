// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "bytes.h"
#include "cut.h"
#include "fragment.h"
#include "record.h"

#define RECORD_NUMBER	5
#define RECORD_LENGTH	11
#define HEADERS		(RECORD_HEADER + FRAGMENT_HEADER)
/* The longest that is sent at all: a path of 64 KB is not cut for. */
#define MAX_RECORD	(RECORD_HEADER + 16384)
/* From here on the library cuts alone. */
#define LIBRARY_LEAST	1200

size_t cut_library_mtu(size_t room)
{
	size_t body = room - HEADERS, times = (LIBRARY_LEAST + body - 1) / body;

	return room >= LIBRARY_LEAST ? room : HEADERS + times * body;
}

/* Bytes of the message in a record that is one fragment, and too long; or 0. */
static size_t to_cut(const struct record *r, size_t room)
{
	size_t len = r->len;

	if (r->type != DTLS_TYPE_HANDSHAKE || RECORD_HEADER + len <= room ||
	    room <= HEADERS || !fragment_fills(r->payload, len))
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

static void send_record(struct cut *c, const void *record, size_t len, size_t room,
			cut_send send, void *ctx)
{
	size_t left, size;
	struct record r;

	record_parse(record, len, &r);
	left = r.epoch ? 0 : to_cut(&r, room);
	if (!left) {
		send_whole(c, record, len, &r, send, ctx);
		return;
	}
	for (size_t from = 0; left; from += size, left -= size) {
		size = left < room - HEADERS ? left : room - HEADERS;
		c->added += !!from;
		send_piece(c, &r, from, size, send, ctx);
	}
}

void cut_records(struct cut *c, const void *datagram, size_t len, size_t room,
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
		send_record(c, at, used, room, send, ctx);
		at += used;
		len -= used;
	}
}
