// SPDX-License-Identifier: GPL-2.0
/*
 * A datagram's source proves nothing, and an authentic record from a new one little:
 * any host on the way may have sent it on from there. So only a record that is newer
 * than all others says that the peer has moved (RFC 9146 section 6), and whether to
 * believe it is the application's choice: DTLS_ROAM, DTLS_MOVE.
 */
#include "address.h"
#include "assoc.h"
#include "assoc_message.h"
#include "epoch.h"
#include "event.h"
#include "packet.h"
#include "peer_table.h"
#include "roam.h"
#include "socket.h"

/*
 * Until the peer uses an epoch that it has announced by a KeyUpdate, the one before is
 * its newest: it waits for the ACK (RFC 9147 section 8), perhaps where it is now.
 */
static bool newest_in_use(struct kdtls_assoc *assoc, u64 epoch)
{
	u64 newest = READ_ONCE(assoc->rx_epoch);
	struct kdtls_epoch *next;
	bool unused;

	if (epoch == newest)
		return true;
	if (epoch + 1 != newest)
		return false;
	next = kdtls_epoch_get(&assoc->rx[kdtls_rx_slot(newest)]);
	unused = next && next->params.epoch == newest &&
		 READ_ONCE(next->unconfirmed);
	kdtls_epoch_put(next);
	return unused;
}

/* Another caller may accept a newer one at the moment: then that one counts. */
static bool is_newest(struct kdtls_assoc *assoc, struct kdtls_epoch *epoch,
		      u64 seq)
{
	return kdtls_epoch_expected(epoch) == seq + 1 &&
	       newest_in_use(assoc, epoch->params.epoch);
}

/* Not the same address again, and one a second at most. */
static bool is_news(struct kdtls_assoc *assoc, const union kdtls_addr *from)
{
	bool news;

	spin_lock_bh(&assoc->lock);
	news = !assoc->seen_at.sa.sa_family ||
	       (!kdtls_addr_equal(&assoc->seen_at, from) &&
		time_after(jiffies, assoc->seen_when + HZ));
	if (news) {
		assoc->seen_at = *from;
		assoc->seen_when = jiffies;
	}
	spin_unlock_bh(&assoc->lock);
	return news;
}

static void not_heard(struct kdtls_assoc *assoc)
{
	spin_lock_bh(&assoc->lock);
	memset(&assoc->seen_at, 0, sizeof(assoc->seen_at));
	spin_unlock_bh(&assoc->lock);
}

/* An event that was lost is news again. */
static void propose(struct kdtls_assoc *assoc, const union kdtls_addr *from,
		    const union kdtls_addr *remote)
{
	bool queued = true;

	mutex_lock(&assoc->event_lock);
	if (kdtls_assoc_state(assoc) == DTLS_STATE_ESTABLISHED)
		queued = kdtls_event_moved(assoc, DTLS_REASON_SEEN, from,
					   remote);
	mutex_unlock(&assoc->event_lock);
	if (!queued)
		not_heard(assoc);
}

static void seen_elsewhere(struct kdtls_assoc *assoc,
			   const union kdtls_addr *from,
			   const union kdtls_addr *remote)
{
	const struct kdtls_sock *ks = READ_ONCE(assoc->ks);
	int err = -EEXIST;

	if (!kdtls_addr_unicast(from))
		return;
	if (READ_ONCE(ks->roam) == DTLS_ROAM_TRUST)
		err = kdtls_roam_move(assoc, from);
	/* where others are is for the application to decide */
	if ((err == -EEXIST || err == -EMLINK) &&
	    READ_ONCE(ks->events.mask) & DTLS_EVENT_MOVED &&
	    is_news(assoc, from))
		propose(assoc, from, remote);
}

void kdtls_roam_look(struct kdtls_packet *pkt, struct kdtls_epoch *epoch,
		     u64 seq)
{
	struct kdtls_assoc *assoc = pkt->assoc;
	union kdtls_addr from, remote;

	kdtls_source(pkt->ks->sk, pkt->skb, &from);
	kdtls_assoc_remote(assoc, &remote);
	/* a record before it may have moved the peer */
	if (!kdtls_addr_equal(&from, &remote) && is_newest(assoc, epoch, seq))
		seen_elsewhere(assoc, &from, &remote);
}

int kdtls_roam_move(struct kdtls_assoc *assoc, const union kdtls_addr *to)
{
	union kdtls_addr from;
	int err = -ENOTCONN;

	/* the events have the order of the moves */
	mutex_lock(&assoc->event_lock);
	if (kdtls_assoc_state(assoc) == DTLS_STATE_ESTABLISHED)
		err = kdtls_peer_table_move(assoc, to, &from);
	if (!err) {
		WRITE_ONCE(assoc->moves, assoc->moves + 1);
		kdtls_event_moved(assoc, DTLS_REASON_NONE, to, &from);
		kdtls_netlink_event_moved(assoc, &from);
	}
	mutex_unlock(&assoc->event_lock);
	return err;
}
