/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a ClientHello offers, read before a library sees it, or beside it. */
#ifndef OFFER_H
#define OFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OFFER_SUITES	64

struct offer {
	bool whole;		/* else only the suites were read, of a first fragment */
	bool dtls13;
	bool connection_id;	/* RFC 9146 */
	bool master_secret;	/* extended, RFC 7627 */
	bool renegotiation;	/* secure, RFC 5746 */
	unsigned int n_suites;
	uint16_t suites[OFFER_SUITES];
	size_t binder;		/* bytes of the first PSK's, or 0 */
};

/* The ClientHello, or its first fragment, in the first record of a datagram. */
void offer_read(struct offer *o, const void *data, size_t len);
bool offer_has(const struct offer *o, uint16_t suite);

#endif
