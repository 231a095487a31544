// SPDX-License-Identifier: GPL-2.0-or-later
#include "table.h"

void table_add(struct table *t, struct node *n)
{
	struct node **head = &t->bucket[n->id % TABLE_SIZE];

	n->next = *head;
	*head = n;
	t->count++;
}

struct node *table_find(const struct table *t, uint64_t id)
{
	struct node *n = t->bucket[id % TABLE_SIZE];

	while (n && n->id != id)
		n = n->next;
	return n;
}

void table_remove(struct table *t, struct node *n)
{
	struct node **at = &t->bucket[n->id % TABLE_SIZE];

	while (*at != n)
		at = &(*at)->next;
	*at = n->next;
	t->count--;
}

void table_each(struct table *t, void (*fn)(struct node *n, void *ctx), void *ctx)
{
	struct node *n, *next;

	for (size_t i = 0; i < TABLE_SIZE; i++)
		for (n = t->bucket[i]; n; n = next) {
			next = n->next;
			fn(n, ctx);
		}
}
