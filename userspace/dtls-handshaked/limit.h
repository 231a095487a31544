/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Limits per client address, for clients that have shown a cookie: one who
 * forges addresses never gets here, and cannot use up another's. An IPv6
 * client is its /64, for that is what one host can choose from.
 *
 * The table has a fixed size. What an address did is forgotten when others
 * need the place: those with nothing in flight first, of them the oldest.
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
	unsigned int rate;		/* new handshakes a second, in the long run */
	unsigned int burst;		/* at once, after a quiet time */
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

/* Of address and port: a number that nobody else can foretell. */
uint32_t limits_hash(const struct limits *l, const union address *peer);

/* A handshake wants to begin at this time (ms). LIMIT_OK: it is counted. */
enum limit_verdict limits_begin(struct limits *l, const struct limit_rule *rule,
				const union address *peer, uint64_t now);
/* It is over. */
void limits_end(struct limits *l, const union address *peer);
/* It did not begin after all. */
void limits_undo(struct limits *l, const union address *peer);

#endif
