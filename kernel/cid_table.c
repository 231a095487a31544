// SPDX-License-Identifier: GPL-2.0
/*
 * Associations by the Connection ID that their peers send. rhashtable's own seed
 * keeps senders from choosing buckets: a CID is this side's choice, anyway.
 */
#include <linux/random.h>
#include <linux/rhashtable.h>
#include <linux/string.h>

#include "assoc.h"
#include "cid_table.h"

static const struct rhashtable_params params = {
	.head_offset		= offsetof(struct kdtls_assoc, by_cid.node),
	.key_offset		= offsetof(struct kdtls_assoc, by_cid.cid),
	.key_len		= sizeof(struct kdtls_cid),
	.automatic_shrinking	= true,
};

void kdtls_cid_set(struct kdtls_cid *cid, const u8 *id, u8 len)
{
	memset(cid, 0, sizeof(*cid));
	cid->len = len;
	memcpy(cid->id, id, len);
}

void kdtls_cid_choose(struct kdtls_cid *cid, u8 len)
{
	memset(cid, 0, sizeof(*cid));
	cid->len = len;
	get_random_bytes(cid->id, len);
}

int kdtls_cid_table_init(struct rhashtable *table)
{
	return rhashtable_init(table, &params);
}

/* A table that cannot grow now says it in other words. */
static int insert_entry(struct rhashtable *table, struct kdtls_assoc *assoc)
{
	int err = rhashtable_lookup_insert_fast(table, &assoc->by_cid.node,
						params);

	return err && err != -EEXIST ? -ENOMEM : err;
}

/* Under the lock: kdtls_peer_table_remove() says so there, and then removes it. */
int kdtls_cid_table_add(struct rhashtable *table, struct kdtls_assoc *assoc)
{
	int err = -EPIPE;

	spin_lock_bh(&assoc->lock);
	if (!assoc->leaving) {
		err = insert_entry(table, assoc);
		assoc->by_cid.listed = !err;
	}
	spin_unlock_bh(&assoc->lock);
	return err;
}

void kdtls_cid_table_remove(struct rhashtable *table, struct kdtls_assoc *assoc)
{
	bool listed;

	spin_lock_bh(&assoc->lock);
	listed = assoc->by_cid.listed;
	assoc->by_cid.listed = false;
	spin_unlock_bh(&assoc->lock);
	if (listed)
		rhashtable_remove_fast(table, &assoc->by_cid.node, params);
}

struct kdtls_assoc *kdtls_cid_table_find(struct rhashtable *table,
					 const struct kdtls_cid *cid)
{
	return rhashtable_lookup(table, cid, params);
}
