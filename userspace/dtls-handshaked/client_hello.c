// SPDX-License-Identifier: GPL-2.0-or-later
#include "client_hello.h"
#include "fragment.h"
#include "record.h"

#define CLIENT_HELLO	1

bool client_hello_parse(const void *data, size_t len, struct client_hello *h)
{
	const uint8_t *message;
	struct record r;

	h->record = record_parse(data, len, &r);
	if (!h->record || r.epoch || r.type != DTLS_TYPE_HANDSHAKE || r.len <= FRAGMENT_HEADER)
		return false;
	message = r.payload;
	h->length = fragment_message(message);
	h->offset = fragment_offset(message);
	h->fragment = fragment_size(message);
	return message[0] == CLIENT_HELLO && fragment_fills(message, r.len) &&
	       h->offset + h->fragment <= h->length;
}
