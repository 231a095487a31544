// SPDX-License-Identifier: GPL-2.0
/* What fits a datagram, and a record, on the way to the peer. */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <net/dst.h>

#include "address.h"
#include "assoc.h"
#include "epoch.h"
#include "path_mtu.h"
#include "route.h"

#define UDP_HEADER	8
#define IP_HOST_MTU	576	/* RFC 791: what every host takes, no router cuts */

/* A connected socket keeps its route. */
static struct dst_entry *route_kept(struct sock *sk)
{
	struct dst_entry *dst = sk_dst_get(sk);

	/* the cookie of an IPv6 route is not known here: it is looked up anew */
	if (dst && dst->obsolete && !dst->ops->check(dst, 0)) {
		dst_release(dst);
		dst = NULL;
	}
	return dst;
}

static struct dst_entry *assoc_route(struct kdtls_assoc *assoc)
{
	struct dst_entry *dst = NULL;
	struct kdtls_ends ends;
	struct flowi flow;

	if (!kdtls_assoc_shares(assoc))
		dst = route_kept(assoc->sk);
	kdtls_assoc_ends(assoc, &ends);
	if (!dst)
		dst = kdtls_route(assoc->sk, &ends, &flow);
	return IS_ERR(dst) ? NULL : dst;
}

void kdtls_path_mtu_lower(struct kdtls_assoc *assoc, u32 path)
{
	spin_lock_bh(&assoc->lock);
	if (path <= U16_MAX && (!assoc->narrow || path < assoc->narrow))
		WRITE_ONCE(assoc->narrow, path);
	spin_unlock_bh(&assoc->lock);
}

static bool peer_is_ip4(const struct kdtls_assoc *assoc)
{
	union kdtls_addr remote;

	kdtls_assoc_remote(assoc, &remote);
	return kdtls_route_host4(&remote);
}

static u32 route_path(struct kdtls_assoc *assoc)
{
	struct dst_entry *dst = assoc_route(assoc);
	u32 header = sizeof(struct iphdr) + UDP_HEADER;
	u32 mtu = IPV6_MIN_MTU;

	if (dst) {
		mtu = dst_mtu(dst);
		dst_release(dst);
	}
	if (!peer_is_ip4(assoc))
		header = sizeof(struct ipv6hdr) + UDP_HEADER;
	mtu = min_t(u32, mtu, 65535);
	return mtu > header ? mtu - header : 0;
}

u32 kdtls_path_mtu(struct kdtls_assoc *assoc)
{
	u32 path = route_path(assoc);
	u32 narrow = READ_ONCE(assoc->narrow);

	return narrow ? min(path, narrow) : path;
}

u32 kdtls_path_mtu_guess(struct kdtls_assoc *assoc, unsigned int losses)
{
	u32 guess = U32_MAX;

	if (losses >= 2 && !peer_is_ip4(assoc))
		guess = IPV6_MIN_MTU - sizeof(struct ipv6hdr) - UDP_HEADER;
	else if (losses == 2)
		guess = IPV6_MIN_MTU - sizeof(struct iphdr) - UDP_HEADER;
	else if (losses > 2)
		guess = IP_HOST_MTU - sizeof(struct iphdr) - UDP_HEADER;
	return max_t(u32, min(kdtls_path_mtu(assoc), guess), KDTLS_PATH_MIN);
}

u32 kdtls_path_mtu_content(struct kdtls_assoc *assoc)
{
	struct kdtls_epoch *tx = kdtls_epoch_get(&assoc->tx);
	u32 path = kdtls_path_mtu(assoc);
	u32 limit = READ_ONCE(assoc->size_limit) ?: DTLS_MAX_CONTENT;
	u32 overhead;

	if (!tx)
		return 0;
	overhead = tx->overhead;
	kdtls_epoch_put(tx);
	if (path <= overhead)
		return 0;
	return min(path - overhead, limit);
}
