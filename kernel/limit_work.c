// SPDX-License-Identifier: GPL-2.0
/* Limits of keys: the event, then a KeyUpdate, or the end of the association. */
#include <linux/bitops.h>

#include "assoc.h"
#include "assoc_state.h"
#include "event.h"
#include "key_update.h"
#include "limit_work.h"
#include "update_tx.h"

static bool was_reached(struct kdtls_key_update *update,
			enum kdtls_reached limit)
{
	return test_and_clear_bit(limit, &update->limits);
}

/*
 * A KeyUpdate of ours that is on its way does; one of the peer's is requested in any
 * case. Owns a reference to the association.
 */
static void act(struct work_struct *work)
{
	struct kdtls_key_update *update =
		container_of(work, struct kdtls_key_update, limit);
	struct kdtls_assoc *assoc = update->assoc;

	if (was_reached(update, KDTLS_SEALED_NEAR)) {
		kdtls_event_limit(assoc, DTLS_REASON_SEALED);
		kdtls_update_tx_start(assoc, DTLS13_UPDATE_NOT_REQUESTED);
	}
	if (was_reached(update, KDTLS_FAILED_NEAR)) {
		kdtls_event_limit(assoc, DTLS_REASON_FORGED);
		kdtls_update_tx_answer(update, DTLS13_UPDATE_REQUESTED);
	}
	if (was_reached(update, KDTLS_FAILED_OVER))
		kdtls_assoc_spend(assoc);
	kdtls_assoc_put(assoc);
}

void kdtls_limit_work_init(struct kdtls_key_update *update)
{
	INIT_WORK(&update->limit, act);
}
