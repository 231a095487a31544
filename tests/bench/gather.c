// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "gather.h"

void gather_reset(struct gathered *g)
{
	g->len = 0;
	g->count = 0;
	g->next = 0;
}

bool gather_put(struct gathered *g, const void *record, size_t len)
{
	if (g->count == GSO_RECORDS || g->len + len > sizeof(g->data))
		return false;
	memcpy(g->data + g->len, record, len);
	g->len += len;
	g->ends[g->count++] = g->len;
	return true;
}

bool gather_empty(const struct gathered *g)
{
	return g->next == g->count;
}

size_t gather_take(struct gathered *g, void *record, size_t len)
{
	size_t from;

	if (gather_empty(g))
		return 0;
	from = g->next ? g->ends[g->next - 1] : 0;
	if (len > g->ends[g->next] - from)
		len = g->ends[g->next] - from;
	memcpy(record, g->data + from, len);
	g->next++;
	if (gather_empty(g))
		gather_reset(g);
	return len;
}
