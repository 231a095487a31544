/* SPDX-License-Identifier: GPL-2.0 */
/* Messages to the kdtls family: a daemon's, then malformed. */
#ifndef KDTLS_TESTS_MESSAGE_H
#define KDTLS_TESTS_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rng {
	uint64_t state;		/* not 0 */
};

uint32_t rnd(struct rng *r);
/* 0 to n - 1 */
uint32_t below(struct rng *r, uint32_t n);
/* true once in n */
bool once_in(struct rng *r, uint32_t n);

#define WORLD_IDS	8

/* Ids for messages. */
struct world {
	uint64_t ids[WORLD_IDS];	/* associations of this worker */
	uint64_t spared[2];		/* never deleted: the active pair */
};

#define MESSAGE_MAX	70000

/*
 * Writes one message of the family (padded to 4 bytes) and returns its length,
 * at most MESSAGE_MAX. nlmsg_len is always correct: otherwise netlink would drop
 * the rest of the batch.
 */
size_t message_spoiled(struct rng *r, const struct world *w, uint16_t family,
		       uint32_t seq, void *buf);
/* The same for one command on one association, every attribute right. */
size_t message_right(struct rng *r, uint64_t id, uint16_t family, uint8_t cmd,
		     uint32_t seq, void *buf);

#endif
