// SPDX-License-Identifier: GPL-2.0-or-later
#include "client_hello.h"
#include "datagram.h"
#include "record/handshake12.h"

bool client_hello_parse(const void *data, size_t len, struct client_hello *h)
{
	struct dtls_fragment f;
	struct record r;

	h->record = record_parse(data, len, &r);
	if (!h->record || r.h.epoch || r.h.type != DTLS_TYPE_HANDSHAKE ||
	    !dtls12_parse_only_fragment(r.payload, r.h.payload_len, &f))
		return false;
	h->length = f.message;
	h->offset = f.offset;
	h->fragment = f.len;
	return f.type == DTLS_CLIENT_HELLO && f.len;
}
