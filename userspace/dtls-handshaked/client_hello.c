// SPDX-License-Identifier: GPL-2.0-or-later
#include "client_hello.h"
#include "record.h"

#define HANDSHAKE	22
#define CLIENT_HELLO	1
#define HEADER		12	/* RFC 6347 section 4.2.2 */

static uint32_t get24(const uint8_t *p)
{
	return (uint32_t)p[0] << 16 | p[1] << 8 | p[2];
}

bool client_hello_parse(const void *data, size_t len, struct client_hello *h)
{
	const uint8_t *message;
	struct record r;

	h->record = record_parse(data, len, &r);
	if (!h->record || r.epoch || r.type != HANDSHAKE || r.len <= HEADER)
		return false;
	message = r.payload;
	h->length = get24(message + 1);
	h->offset = get24(message + 6);
	h->fragment = get24(message + 9);
	return message[0] == CLIENT_HELLO && h->fragment + HEADER == r.len &&
	       h->offset + h->fragment <= h->length;
}
