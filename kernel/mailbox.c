// SPDX-License-Identifier: GPL-2.0
/* What waits for a netlink port that asks for it; mailbox.h. */
#include <linux/slab.h>

#include "charge.h"
#include "handshake_quota.h"
#include "mailbox.h"
#include "turns.h"

struct kdtls_mailbox *kdtls_mailbox_of(const struct list_head *boxes, u32 portid)
{
	struct kdtls_mailbox *box;

	list_for_each_entry(box, boxes, list)
		if (box->portid == portid)
			return box;
	return NULL;
}

struct kdtls_mailbox *kdtls_mailbox_create(u32 portid)
{
	struct kdtls_mailbox *box = kzalloc(sizeof(*box), GFP_KERNEL_ACCOUNT);

	if (!box)
		return NULL;
	box->portid = portid;
	INIT_LIST_HEAD(&box->handshakes);
	INIT_LIST_HEAD(&box->ends);
	return box;
}

static u32 take_hint(struct kdtls_mailbox *box)
{
	if (!box->hint)
		return 0;
	box->hint = false;
	return box->portid;
}

u32 kdtls_mailbox_add(struct kdtls_mailbox *box, struct kdtls_turn *turn)
{
	if (!kdtls_turn_waits(turn))
		kdtls_turn_add(turn, &box->handshakes);
	return take_hint(box);
}

u32 kdtls_mailbox_end(struct kdtls_mailbox *box,
		      struct kdtls_farewell *farewell)
{
	kdtls_turn_add(&farewell->turn, &box->ends);
	return take_hint(box);
}

static struct kdtls_farewell *take_end(struct kdtls_mailbox *box)
{
	struct kdtls_turn *turn = kdtls_turn_take(&box->ends);

	return turn ? container_of(turn, struct kdtls_farewell, turn) : NULL;
}

void kdtls_mailbox_take(struct kdtls_mailbox *box, struct kdtls_turn **turn,
			struct kdtls_farewell **farewell)
{
	*turn = NULL;
	*farewell = NULL;
	box->ends_first = !box->ends_first;
	if (box->ends_first)
		*farewell = take_end(box);
	if (!*farewell)
		*turn = kdtls_turn_take(&box->handshakes);
	if (!*turn && !*farewell)
		*farewell = take_end(box);
	box->hint = !*turn && !*farewell;
}

void kdtls_mailbox_free(struct kdtls_mailbox *box, struct kdtls_quota *quota)
{
	struct kdtls_farewell *farewell;

	while ((farewell = take_end(box))) {
		kdtls_quota_give(quota, &farewell->share);
		kdtls_free(farewell);
	}
	kfree(box);
}
