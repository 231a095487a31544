/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The number of handshakes per id, of a user or of a listening socket. */
#ifndef TALLY_H
#define TALLY_H

#include <stdbool.h>

#include "table.h"

struct tally {
	struct table table;	/* ids with one handshake or more */
};

unsigned int tally_of(const struct tally *t, uint64_t id);
/* False without memory. */
bool tally_add(struct tally *t, uint64_t id);
/* Once for each tally_add. */
void tally_sub(struct tally *t, uint64_t id);

#endif
