// SPDX-License-Identifier: GPL-2.0
/*
 * Events of associations, for the socket that has them and for netlink.
 *
 * In the error queue an event looks like what UDP puts there for a datagram that
 * could not be sent to the peer, so that UDP's own recvmsg(MSG_ERRQUEUE) reads
 * it, with a name and a control message. Nothing is allocated for a socket that
 * has not asked.
 */
#include <linux/errqueue.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/skbuff.h>
#include <net/sock.h>

#include <linux/kdtls_netlink.h>

#include "address.h"
#include "assoc.h"
#include "assoc_message.h"
#include "charge.h"
#include "event.h"
#include "socket.h"
#include "stats.h"

#define KINDS	(DTLS_EVENT_ESTABLISHED | DTLS_EVENT_REPLACED | \
		 DTLS_EVENT_CLOSED | DTLS_EVENT_FAILED | DTLS_EVENT_LIMIT | \
		 DTLS_EVENT_UPDATED | DTLS_EVENT_MOVED)

/* Header of a datagram to the peer: ip_recv_error() reads the name from it. */
static void put_header4(struct sk_buff *skb, const struct sockaddr_in *peer)
{
	struct iphdr *ip = skb_put_zero(skb, sizeof(*ip));

	ip->daddr = peer->sin_addr.s_addr;
	SKB_EXT_ERR(skb)->addr_offset = offsetof(struct iphdr, daddr);
	SKB_EXT_ERR(skb)->port = peer->sin_port;
	skb->protocol = htons(ETH_P_IP);
}

/* A mapped address needs no IPv4 header: it is read as it stands. */
static void put_header6(struct sk_buff *skb, const struct sockaddr_in6 *peer)
{
	struct ipv6hdr *ip6 = skb_put_zero(skb, sizeof(*ip6));

	ip6->daddr = peer->sin6_addr;
	SKB_EXT_ERR(skb)->addr_offset = offsetof(struct ipv6hdr, daddr);
	SKB_EXT_ERR(skb)->port = peer->sin6_port;
	IP6CB(skb)->iif = peer->sin6_scope_id;
	skb->protocol = htons(ETH_P_IPV6);
}

static void put_header(struct sk_buff *skb, const union kdtls_addr *peer)
{
	skb_reset_network_header(skb);
	if (peer->sa.sa_family == AF_INET6)
		put_header6(skb, &peer->in6);
	else if (peer->sa.sa_family == AF_INET)
		put_header4(skb, &peer->in);
	__skb_pull(skb, skb->len);
}

/* peer: of no family if there is none. */
static struct sk_buff *create_message(struct sock *sk,
				      const struct dtls_event *event,
				      const union kdtls_addr *peer)
{
	struct sock_exterr_skb *serr;
	struct sk_buff *skb;

	skb = kdtls_alloc_skb(sk, sizeof(struct ipv6hdr) + sizeof(*event));
	if (!skb)
		return NULL;
	serr = SKB_EXT_ERR(skb);
	memset(serr, 0, sizeof(*serr));
	serr->ee.ee_origin = DTLS_EE_ORIGIN;
	serr->ee.ee_errno = event->error;
	put_header(skb, peer);
	skb_put_data(skb, event, sizeof(*event));
	return skb;
}

/* Those lost before go with it. False: this one is lost too. Any context. */
static bool queue_event(struct kdtls_sock *ks, struct dtls_event *event,
			const union kdtls_addr *peer)
{
	struct sk_buff *skb;

	event->lost = atomic_xchg(&ks->events.lost, 0);
	if (!event->lost && event->kind == DTLS_EVENT_LOST)
		return true;	/* another caller has queued it */
	skb = create_message(ks->sk, event, peer);
	if (skb && !sock_queue_err_skb(ks->sk, skb))
		return true;
	kfree_skb(skb);
	atomic_add(event->lost, &ks->events.lost);
	return false;
}

/*
 * While assoc->lock is held it stays where it is: peeloff.c. False: it was lost.
 */
static bool queue_to_socket(struct kdtls_assoc *assoc, struct dtls_event *event)
{
	struct kdtls_sock *ks;
	bool lost;

	spin_lock_bh(&assoc->lock);
	ks = assoc->ks;
	event->error = assoc->error;
	event->alert = READ_ONCE(assoc->alert);
	lost = READ_ONCE(ks->events.mask) & event->kind &&
	       !READ_ONCE(ks->closed) &&
	       !queue_event(ks, event, (const union kdtls_addr *)&event->peer);
	if (lost)
		atomic_inc(&ks->events.lost);
	spin_unlock_bh(&assoc->lock);
	return !lost;
}

/* Over netlink the command of an end is that of the state it led to. */
static u8 netlink_command(const struct kdtls_assoc *assoc, u32 kind)
{
	switch (kind) {
	case DTLS_EVENT_ESTABLISHED:
		return KDTLS_CMD_ESTABLISHED;
	case DTLS_EVENT_LIMIT:
		return KDTLS_CMD_LIMIT;
	default:
		return kdtls_assoc_state(assoc) == DTLS_STATE_FAILED ?
		       KDTLS_CMD_FAILED : KDTLS_CMD_CLOSED;
	}
}

static void event_to_socket(struct kdtls_assoc *assoc, u32 kind,
			    enum dtls_reason reason, u64 other)
{
	struct dtls_event event = {
		.kind = kind,
		.reason = reason,
		.assoc = assoc->id,
		.other = other,
	};
	union kdtls_addr remote;

	lockdep_assert_held(&assoc->event_lock);
	kdtls_assoc_remote(assoc, &remote);
	kdtls_addr_put(&event.peer, &remote);
	kdtls_addr_put(&event.local, &assoc->local);
	queue_to_socket(assoc, &event);
}

void kdtls_event(struct kdtls_assoc *assoc, u32 kind, enum dtls_reason reason,
		 u64 other)
{
	event_to_socket(assoc, kind, reason, other);
	kdtls_netlink_event(assoc, netlink_command(assoc, kind));
}

void kdtls_event_limit(struct kdtls_assoc *assoc, enum dtls_reason direction)
{
	kdtls_mib_add(sock_net(assoc->sk), KDTLS_MIB_KEY_LIMITS, 1);
	mutex_lock(&assoc->event_lock);
	if (kdtls_assoc_state(assoc) == DTLS_STATE_ESTABLISHED)
		kdtls_event(assoc, DTLS_EVENT_LIMIT, direction, 0);
	mutex_unlock(&assoc->event_lock);
}

void kdtls_event_updated(struct kdtls_assoc *assoc, enum dtls_reason reason)
{
	mutex_lock(&assoc->event_lock);
	if (kdtls_assoc_state(assoc) == DTLS_STATE_ESTABLISHED) {
		event_to_socket(assoc, DTLS_EVENT_UPDATED, reason, 0);
		if (reason == DTLS_REASON_NONE)
			kdtls_netlink_event(assoc, KDTLS_CMD_UPDATED);
	}
	mutex_unlock(&assoc->event_lock);
}

void kdtls_event_peer_updated(struct kdtls_assoc *assoc)
{
	mutex_lock(&assoc->event_lock);
	if (kdtls_assoc_state(assoc) == DTLS_STATE_ESTABLISHED)
		kdtls_netlink_event(assoc, KDTLS_CMD_UPDATED);
	mutex_unlock(&assoc->event_lock);
}

bool kdtls_event_moved(struct kdtls_assoc *assoc, enum dtls_reason reason,
		       const union kdtls_addr *to, const union kdtls_addr *from)
{
	struct dtls_event event = {
		.kind = DTLS_EVENT_MOVED,
		.reason = reason,
		.assoc = assoc->id,
	};

	lockdep_assert_held(&assoc->event_lock);
	kdtls_addr_put(&event.peer, to);
	kdtls_addr_put(&event.old_peer, from);
	kdtls_addr_put(&event.local, &assoc->local);
	kdtls_addr_put(&event.old_local, &assoc->local);
	return queue_to_socket(assoc, &event);
}

void kdtls_events_report_lost(struct kdtls_sock *ks)
{
	struct dtls_event event = { .kind = DTLS_EVENT_LOST };
	const union kdtls_addr none = {};

	queue_event(ks, &event, &none);
}

int kdtls_events_choose(struct kdtls_sock *ks, u32 mask)
{
	if (mask & ~KINDS)
		return -EINVAL;
	WRITE_ONCE(ks->events.mask, mask);
	if (!mask)
		atomic_set(&ks->events.lost, 0);
	return 0;
}
