/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fragment header of a ClientHello at the beginning of a datagram (RFC 6347
 * section 4.2.2). The message itself is not parsed.
 */
#ifndef CLIENT_HELLO_H
#define CLIENT_HELLO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct client_hello {
	size_t record;		/* bytes of the first record */
	uint32_t length;	/* of the message */
	uint32_t offset;	/* of the fragment in it */
	uint32_t fragment;	/* bytes of it; never 0 */
};

/* False: the first record is no fragment of a ClientHello of epoch 0. */
bool client_hello_parse(const void *data, size_t len, struct client_hello *h);

/* The fragment is the whole message. */
static inline bool client_hello_whole(const struct client_hello *h)
{
	return h->fragment == h->length;
}

#endif
