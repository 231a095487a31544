// SPDX-License-Identifier: GPL-2.0
/* Pure: tests/unit/ids.c includes it, with an index of 8 bits. */
#ifdef __KERNEL__
#include <linux/atomic.h>
#include <linux/sched.h>
#include <linux/xarray.h>
#endif

#include "ids.h"

static atomic64_t last_id;

int kdtls_ids_add(struct xarray *ids, u64 *id, gfp_t gfp)
{
	KDTLS_INDEX tries = 0;
	int err;

	do {
		*id = atomic64_inc_return(&last_id);
		err = xa_insert_bh(ids, (KDTLS_INDEX)*id, id, gfp);
		cond_resched();
	} while (err == -EBUSY && ++tries);
	return err;
}

void kdtls_ids_del(struct xarray *ids, const u64 *id)
{
	xa_erase_bh(ids, (KDTLS_INDEX)*id);
}

u64 *kdtls_ids_find(struct xarray *ids, u64 id)
{
	u64 *found = xa_load(ids, (KDTLS_INDEX)id);

	return found && *found == id ? found : NULL;
}

u64 *kdtls_ids_next(struct xarray *ids, struct kdtls_cursor *cursor)
{
	u64 *found = NULL;

	if (!cursor->end)
		found = xa_find(ids, &cursor->index, KDTLS_INDEX_MAX,
				XA_PRESENT);
	cursor->end = !found || cursor->index == KDTLS_INDEX_MAX;
	if (!cursor->end)
		cursor->index++;
	return found;
}
