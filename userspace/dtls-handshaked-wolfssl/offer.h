/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a ClientHello offers and the library does not pass to its callback for PSKs. */
#ifndef OFFER_H
#define OFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OFFER_SUITES	64

struct offer {
	unsigned int n_suites;
	uint16_t suites[OFFER_SUITES];
	size_t binder;		/* bytes of the first PSK's, or 0 */
};

/* A datagram; the ClientHello is whole in its first record, or nothing is read. */
void offer_read(struct offer *o, const void *data, size_t len);
bool offer_has(const struct offer *o, uint16_t suite);

#endif
