/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A hash table of objects by id. Nodes are members of their objects. */
#ifndef TABLE_H
#define TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "util.h"

#define TABLE_SIZE 4096

struct node {
	uint64_t id;
	struct node *next;
};

struct table {
	struct node *bucket[TABLE_SIZE];
	size_t count;
};

void table_add(struct table *t, struct node *n);
struct node *table_find(const struct table *t, uint64_t id);
void table_remove(struct table *t, struct node *n);

/* fn may remove its node, but no other. */
void table_each(struct table *t, void (*fn)(struct node *n, void *ctx), void *ctx);

#endif
