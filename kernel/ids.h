/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Ids of 64 bits that count up and are never reused, and tables by them. A table
 * is indexed by as many bits of the id as an index has, which is half of them on
 * a 32-bit machine: there an id whose index is in use is skipped, a lookup
 * compares the whole id, and a walk goes by index.
 *
 * An entry is the id in the structure that has it (container_of).
 */
#ifndef KDTLS_IDS_H
#define KDTLS_IDS_H

#ifdef __KERNEL__
#include <linux/limits.h>
#include <linux/types.h>

#define KDTLS_INDEX	unsigned long
#define KDTLS_INDEX_MAX	ULONG_MAX
#endif

struct xarray;

/* Where a walk goes on; zero at its beginning. */
struct kdtls_cursor {
	KDTLS_INDEX	index;
	bool		end;
};

/*
 * Gives the next id and publishes it: what has it must be complete. May sleep.
 * -ENOMEM; -EBUSY: every index is in use.
 */
int kdtls_ids_add(struct xarray *ids, u64 *id, gfp_t gfp);
void kdtls_ids_del(struct xarray *ids, const u64 *id);
/* Under RCU: the entry of this id, or NULL. */
u64 *kdtls_ids_find(struct xarray *ids, u64 id);
/* Under RCU: the entry at the cursor or after it; the cursor is behind it then. */
u64 *kdtls_ids_next(struct xarray *ids, struct kdtls_cursor *cursor);

#endif /* KDTLS_IDS_H */
