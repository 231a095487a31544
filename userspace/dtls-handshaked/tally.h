/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How many handshakes belong to an id, of a user or of a listening socket. */
#ifndef TALLY_H
#define TALLY_H

#include <stdbool.h>

#include "table.h"

struct tally {
	struct table table;	/* of ids that have one or more */
};

unsigned int tally_of(const struct tally *t, uint64_t id);
/* False without memory. */
bool tally_add(struct tally *t, uint64_t id);
/* Once for each tally_add. */
void tally_sub(struct tally *t, uint64_t id);

#endif
