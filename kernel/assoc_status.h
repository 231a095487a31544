/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KDTLS_ASSOC_STATUS_H
#define KDTLS_ASSOC_STATUS_H

#include <linux/kdtls.h>
#include <linux/types.h>

struct kdtls_assoc;
struct kdtls_epoch;

/* Those members of an association that change, read in one go. */
struct kdtls_snapshot {
	enum dtls_state		state;
	int			error;
	u16			version, cipher, alert;
	u64			tx_epoch, rx_epoch, tx_seq, rx_seq;
	struct kdtls_epoch	*tx;	/* a reference; NULL: not keyed */
};

void kdtls_snapshot_take(struct kdtls_assoc *assoc,
			 struct kdtls_snapshot *snap);
void kdtls_snapshot_put(struct kdtls_snapshot *snap);

/* Fills all of DTLS_STATUS. Process context. */
void kdtls_assoc_status(struct kdtls_assoc *assoc, struct dtls_status *status);

#endif /* KDTLS_ASSOC_STATUS_H */
