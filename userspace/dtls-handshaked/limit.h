/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Limits per client address, applied after the cookie is verified: a forged address
 * never gets here, and cannot exhaust another's limit. An IPv6 client counts as its
 * /64, from which one host can choose addresses.
 *
 * The table has a fixed size. A full bucket replaces an entry with nothing in flight
 * first, of these the oldest.
 */
#ifndef LIMIT_H
#define LIMIT_H

#include <stdbool.h>
#include <stddef.h>

#include "handshake.h"

#define LIMIT_WAYS	8
#define LIMIT_BUCKETS	2048

struct limit_rule {
	unsigned int in_flight;
	unsigned int rate;		/* new handshakes a second, on average */
	unsigned int burst;		/* at once, after a pause */
};

struct limit_slot {
	uint64_t seen;			/* ms; 0: empty */
	uint64_t tokens;		/* thousandths of a handshake */
	uint32_t in_flight;
	uint32_t family;
	uint8_t prefix[8];
};

struct limits {
	uint8_t key[32];
	struct limit_slot *slots;
};

enum limit_verdict {
	LIMIT_OK,
	LIMIT_IN_FLIGHT,
	LIMIT_RATE,
};

bool limits_init(struct limits *l);
void limits_free(struct limits *l);

/* A keyed hash of address and port, which a client cannot predict. */
uint32_t limits_hash(const struct limits *l, const union address *peer);

/* Before a handshake begins; now: ms. LIMIT_OK: it is counted. */
enum limit_verdict limits_begin(struct limits *l, const struct limit_rule *rule,
				const union address *peer, uint64_t now);
/* The handshake ended. */
void limits_end(struct limits *l, const union address *peer);
/* The handshake did not begin: its token returns. */
void limits_undo(struct limits *l, const union address *peer);

#endif
