// SPDX-License-Identifier: GPL-2.0
/*
 * After a VM fork two machines have the same keys and the same next record
 * number. Neither may send with them again: all associations fail with
 * EKEYREVOKED, and their applications make new ones.
 *
 * The notifier is exported by some kernels only (not by 6.1), so it is looked
 * up by name. Where it is missing, snapshots of a machine with keyed sockets
 * must not be started twice.
 */
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/random.h>

#include "assoc.h"
#include "assoc_state.h"
#include "epoch.h"
#include "handshake.h"
#include "ids.h"
#include "vmfork.h"

/* One that is closed may still have a send under way. */
static void revoke_keys(struct kdtls_assoc *assoc)
{
	struct kdtls_epoch *tx;

	kdtls_handshake_cancel(assoc, EKEYREVOKED);
	if (kdtls_assoc_fail(assoc, EKEYREVOKED))
		return;
	tx = kdtls_epoch_get(&assoc->tx);
	if (tx)
		kdtls_epoch_stop(tx);
	kdtls_epoch_put(tx);
}

/* Process context, with the chain's rw_semaphore held: it may sleep. */
static int on_vmfork(struct notifier_block *nb, unsigned long action,
		     void *data)
{
	struct kdtls_cursor cursor = {};
	struct kdtls_assoc *assoc;

	while ((assoc = kdtls_assoc_next(NULL, &cursor))) {
		revoke_keys(assoc);
		kdtls_assoc_put(assoc);
	}
	return NOTIFY_DONE;
}

static struct notifier_block notifier = { .notifier_call = on_vmfork };
static bool registered;

int __init kdtls_vmfork_init(void)
{
	int (*add)(struct notifier_block *nb);

	add = symbol_get(register_random_vmfork_notifier);
	if (!add)
		return 0;
	registered = !add(&notifier);
	symbol_put(register_random_vmfork_notifier);
	return 0;
}

void kdtls_vmfork_exit(void)
{
	int (*del)(struct notifier_block *nb);

	if (!registered)
		return;
	del = symbol_get(unregister_random_vmfork_notifier);
	if (WARN_ON(!del))
		return;
	del(&notifier);
	symbol_put(unregister_random_vmfork_notifier);
}
