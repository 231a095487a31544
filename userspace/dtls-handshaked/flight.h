/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Records this side sent: the next record number of each epoch, with which the
 * kernel continues, and the last flight, which the kernel retransmits (RFC 6347
 * section 4.2.4). It gets every datagram sent, and none of the peer's.
 */
#ifndef FLIGHT_H
#define FLIGHT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/kdtls.h>

#define FLIGHT_RECORDS	16	/* messages that the kernel keeps, */
#define FLIGHT_PIECES	64	/* records that carry them, as sent */
#define FLIGHT_BYTES	16384

struct flight {
	uint64_t next[2];	/* next record number of epochs 0 and 1 */
	bool broken;		/* something sent was no record of epoch 0 or 1 */
	bool overflow;		/* the flight is too large */
	unsigned int count;
	unsigned int n_datagrams;
	uint16_t datagrams[FLIGHT_PIECES];	/* their sizes, in wire */
	size_t len;
	uint8_t wire[FLIGHT_BYTES];	/* the records as sent */
};

void flight_sent(struct flight *f, const void *datagram, size_t len);

/* A new flight begins: drops the records of the one before. */
void flight_restart(struct flight *f);

/*
 * Writes struct dtls_flight and its records in plaintext to out (MAX_FLIGHT
 * bytes): records of epoch 1 opened with keys->tx, fragments joined to messages,
 * for the kernel fragments them again. 0: a record does not open, so the keys are
 * not those used on the wire.
 */
size_t flight_plaintext(const struct flight *f, const struct dtls_keys *keys,
			uint8_t *out);

#endif
