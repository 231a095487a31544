// SPDX-License-Identifier: GPL-2.0
/*
 * A datagram's source proves nothing, and an authentic record from a new one little:
 * any host on the way may have sent it on from there. So only a record that is newer
 * than all others says that the peer has moved (RFC 9146 section 6), and whether to
 * believe it is the application's choice: DTLS_ROAM, DTLS_MOVE.
 */
#include "address.h"
#include "assoc.h"
#include "epoch.h"
#include "event.h"
#include "packet.h"
#include "peer_table.h"
#include "roam.h"
#include "socket.h"

/* Another caller may accept a newer one at the moment: then that one counts. */
static bool is_newest(const struct kdtls_assoc *assoc,
		      struct kdtls_epoch *epoch, u64 seq)
{
	return kdtls_epoch_expected(epoch) == seq + 1 &&
	       epoch->params.epoch == READ_ONCE(assoc->rx_epoch);
}

/* Once for each address. */
static bool is_news(struct kdtls_assoc *assoc, const union kdtls_addr *from)
{
	bool news;

	spin_lock_bh(&assoc->lock);
	news = assoc->seen_at.sa.sa_family != from->sa.sa_family ||
	       !kdtls_addr_equal(&assoc->seen_at, from);
	assoc->seen_at = *from;
	spin_unlock_bh(&assoc->lock);
	return news;
}

static void seen_elsewhere(struct kdtls_assoc *assoc,
			   const union kdtls_addr *from,
			   const union kdtls_addr *remote)
{
	const struct kdtls_sock *ks = READ_ONCE(assoc->ks);

	/* one that cannot move now is for the application to decide */
	if (READ_ONCE(ks->roam) == DTLS_ROAM_TRUST &&
	    kdtls_roam_move(assoc, from) != -EEXIST)
		return;
	if (READ_ONCE(ks->events.mask) & DTLS_EVENT_MOVED &&
	    is_news(assoc, from))
		kdtls_event_moved(assoc, DTLS_REASON_SEEN, from, remote);
}

void kdtls_roam_look(struct kdtls_packet *pkt, struct kdtls_epoch *epoch,
		     u64 seq)
{
	struct kdtls_assoc *assoc = pkt->assoc;
	union kdtls_addr from, remote;

	/* what waited for its keys, or was injected, has no source any more */
	if (!kdtls_assoc_shares(assoc) || pkt->raw || !pkt->skb->protocol)
		return;
	kdtls_source(pkt->ks->sk, pkt->skb, &from);
	kdtls_assoc_remote(assoc, &remote);
	if (unlikely(!kdtls_addr_equal(&from, &remote)) &&
	    is_newest(assoc, epoch, seq))
		seen_elsewhere(assoc, &from, &remote);
}

int kdtls_roam_move(struct kdtls_assoc *assoc, const union kdtls_addr *to)
{
	union kdtls_addr from;
	int err;

	if (kdtls_assoc_state(assoc) != DTLS_STATE_ESTABLISHED)
		return -ENOTCONN;
	err = kdtls_peer_table_move(assoc, to, &from);
	if (!err)
		kdtls_event_moved(assoc, DTLS_REASON_NONE, to, &from);
	return err;
}
