// SPDX-License-Identifier: GPL-2.0
/* The status of an association, for DTLS_STATUS and for netlink. */
#include "address.h"
#include "assoc.h"
#include "assoc_status.h"
#include "epoch.h"
#include "path_mtu.h"

static void read_numbers(struct kdtls_assoc *assoc, struct kdtls_snapshot *snap)
{
	struct kdtls_epoch *rx;

	snap->tx = kdtls_epoch_get(&assoc->tx);
	if (snap->tx) {
		snap->cipher = snap->tx->params.cipher->id;
		snap->tx_seq = kdtls_epoch_tx_seq(snap->tx);
	}
	rx = kdtls_epoch_get(&assoc->rx[kdtls_rx_slot(snap->rx_epoch)]);
	if (rx)
		snap->rx_seq = kdtls_epoch_rx_seq(rx);
	kdtls_epoch_put(rx);
}

void kdtls_snapshot_take(struct kdtls_assoc *assoc, struct kdtls_snapshot *snap)
{
	memset(snap, 0, sizeof(*snap));
	spin_lock_bh(&assoc->lock);
	snap->state = assoc->state;
	snap->error = assoc->error;
	snap->version = assoc->version;
	snap->alert = assoc->alert;
	snap->tx_epoch = assoc->tx_epoch;
	snap->rx_epoch = assoc->rx_epoch;
	spin_unlock_bh(&assoc->lock);
	read_numbers(assoc, snap);
}

void kdtls_snapshot_put(struct kdtls_snapshot *snap)
{
	kdtls_epoch_put(snap->tx);
}

void kdtls_assoc_status(struct kdtls_assoc *assoc, struct dtls_status *status)
{
	struct kdtls_snapshot snap;
	union kdtls_addr remote;

	kdtls_snapshot_take(assoc, &snap);
	kdtls_assoc_remote(assoc, &remote);
	memset(status, 0, sizeof(*status));
	status->assoc = assoc->id;
	status->state = snap.state;
	status->error = snap.error;
	status->version = snap.tx ? snap.version : 0;
	status->cipher = snap.cipher;
	status->role = assoc->role;
	status->alert = snap.alert;
	status->tx_epoch = snap.tx_epoch;
	status->rx_epoch = snap.rx_epoch;
	status->tx_seq = snap.tx_seq;
	status->rx_seq = snap.rx_seq;
	status->mtu = kdtls_path_mtu_content(assoc);
	kdtls_addr_put(&status->peer, &remote);
	kdtls_addr_put(&status->local, &assoc->local);
	kdtls_snapshot_put(&snap);
}
