// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>

#include "tally.h"

struct entry {
	struct node node;
	unsigned int count;
};

static struct entry *find_entry(const struct tally *t, uint64_t id)
{
	struct node *n = table_find(&t->table, id);

	return n ? container_of(n, struct entry, node) : NULL;
}

unsigned int tally_of(const struct tally *t, uint64_t id)
{
	const struct entry *e = find_entry(t, id);

	return e ? e->count : 0;
}

bool tally_add(struct tally *t, uint64_t id)
{
	struct entry *e = find_entry(t, id);

	if (!e) {
		e = calloc(1, sizeof(*e));
		if (!e)
			return false;
		e->node.id = id;
		table_add(&t->table, &e->node);
	}
	e->count++;
	return true;
}

void tally_sub(struct tally *t, uint64_t id)
{
	struct entry *e = find_entry(t, id);

	if (!e || --e->count)
		return;
	table_remove(&t->table, &e->node);
	free(e);
}
