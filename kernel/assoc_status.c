// SPDX-License-Identifier: GPL-2.0
/* What DTLS_STATUS says. */
#include "address.h"
#include "assoc.h"
#include "assoc_status.h"
#include "epoch.h"
#include "path_mtu.h"

static void status_epochs(struct kdtls_assoc *assoc, struct dtls_status *status)
{
	struct kdtls_epoch *epoch = kdtls_epoch_get(&assoc->tx);

	if (epoch) {
		status->cipher = epoch->params.cipher->id;
		status->version = assoc->version;
		status->tx_seq = kdtls_epoch_tx_seq(epoch);
	}
	kdtls_epoch_put(epoch);
	epoch = kdtls_epoch_get(&assoc->rx[kdtls_rx_slot(status->rx_epoch)]);
	if (epoch)
		status->rx_seq = kdtls_epoch_rx_seq(epoch);
	kdtls_epoch_put(epoch);
}

static void addr_tell(struct __kernel_sockaddr_storage *to,
		      const union kdtls_addr *addr)
{
	memcpy(to, addr, kdtls_addr_len(addr));
}

void kdtls_assoc_status(struct kdtls_assoc *assoc, struct dtls_status *status)
{
	memset(status, 0, sizeof(*status));
	addr_tell(&status->peer, &assoc->remote);
	addr_tell(&status->local, &assoc->local);
	spin_lock_bh(&assoc->lock);
	status->assoc = assoc->id;
	status->state = assoc->state;
	status->error = assoc->error;
	status->role = assoc->role;
	status->alert = assoc->alert;
	status->tx_epoch = assoc->tx_epoch;
	status->rx_epoch = assoc->rx_epoch;
	spin_unlock_bh(&assoc->lock);
	status_epochs(assoc, status);
	status->mtu = kdtls_path_mtu_content(assoc);
}
