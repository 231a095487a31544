/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What this side sent: the highest record number of each epoch, which decides
 * where the kernel goes on, and the records of the last flight, which the
 * kernel repeats. Fed with every datagram of our own, never with the peer's.
 */
#ifndef FLIGHT_H
#define FLIGHT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/kdtls.h>

#define FLIGHT_RECORDS	16	/* that the kernel keeps, */
#define FLIGHT_PIECES	64	/* of these, which are sent */
#define FLIGHT_BYTES	16384

struct flight {
	uint64_t next[2];	/* next free number of epochs 0 and 1 */
	bool broken;		/* saw what is no record of ours */
	bool overflow;		/* the flight is too large to keep */
	unsigned int count;
	unsigned int n_datagrams;
	uint16_t datagrams[FLIGHT_PIECES];	/* their sizes in wire */
	size_t len;
	uint8_t wire[FLIGHT_BYTES];	/* the records as sent */
};

void flight_sent(struct flight *f, const void *datagram, size_t len);

/* A new flight begins: what was kept is not the last one. */
void flight_restart(struct flight *f);

/*
 * Writes struct dtls_flight and its records in plaintext to out (MAX_FLIGHT
 * bytes), records of epoch 1 opened with keys->tx, messages whole: the kernel cuts
 * them anew. 0 when that fails, which proves that the keys are not those of the
 * wire.
 */
size_t flight_plaintext(const struct flight *f, const struct dtls_keys *keys,
			uint8_t *out);

#endif
