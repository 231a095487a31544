// SPDX-License-Identifier: GPL-2.0
/*
 * From the ring of the device's queue to records.
 *
 *	take	packets from the ring; what is too large is answered, and what only
 *		the stack can cut is cut
 *	gather	packets and segments (tun_cut.h) of one size, and a shorter one
 *		behind them
 *	send	them as one batch of records: one call of UDP's sendmsg
 *
 * What SO_SNDBUF has no space for stays in the ring, which fills: the device
 * drops then, as it does for a program that reads too slowly.
 */
#include <linux/bvec.h>
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/if_tun.h>
#include <linux/if_vlan.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/mm.h>
#include <linux/netdevice.h>
#include <linux/ptr_ring.h>
#include <linux/slab.h>
#include <linux/uio.h>
#include <net/icmp.h>
#include <net/ip.h>
#include <net/route.h>
#include <net/xdp.h>

#include "compat/compat.h"
#include "assoc.h"
#include "leftover.h"
#include "path_mtu.h"
#include "sendmsg.h"
#include "socket.h"
#include "trace.h"
#include "tun.h"
#include "tun_cut.h"
#include "tun_output.h"

#ifdef KDTLS_HAVE_NET_GSO
#include <net/gso.h>
#endif

/*
 * Taken from the ring under one RCU read lock, where each may be cut into 45
 * packets; and so often, until they make a batch.
 */
#define TAKE		16
#define TAKES		4
/* One batch: as many records as UDP_SEGMENT takes, and pieces of memory. */
#define BATCH_RECORDS	64
#define BATCH_BYTES	60000
#define BATCH_PIECES	256
/* In front of each segment of a batch: prefix and headers, in one page. */
#define HEADERS_ROOM	128

/* Of a packet that waits, in skb->cb. */
struct waiting {
	unsigned int	records;	/* that it becomes */
	unsigned int	sent;		/* of them */
	bool		cut;		/* by tun_cut.h: it is whole */
};

static struct waiting *waiting_of(const struct sk_buff *skb)
{
	BUILD_BUG_ON(sizeof(struct waiting) > sizeof(skb->cb));
	return (struct waiting *)skb->cb;
}

int kdtls_tun_output_init(struct kdtls_tun *tun)
{
	skb_queue_head_init(&tun->waiting);
	tun->vec = kmalloc_array(BATCH_PIECES, sizeof(*tun->vec),
				 GFP_KERNEL_ACCOUNT);
	tun->prefix = kzalloc(DTLS_TUN_MAX_PREFIX, GFP_KERNEL_ACCOUNT);
	tun->headers = kmalloc_array(BATCH_RECORDS, HEADERS_ROOM,
				     GFP_KERNEL_ACCOUNT);
	return tun->vec && tun->prefix && tun->headers ? 0 : -ENOMEM;
}

void kdtls_tun_output_free(struct kdtls_tun *tun)
{
	skb_queue_purge(&tun->waiting);
	kfree(tun->vec);
	kfree(tun->prefix);
	kfree_sensitive(tun->headers);
}

static void add_dropped(struct kdtls_tun *tun, unsigned int n, int err)
{
	WRITE_ONCE(tun->tx_dropped, tun->tx_dropped + n);
	trace_kdtls_tun_drop(tun->assoc->id, DTLS_TUN_SEND, n, err);
}

/*
 * As a router on the way says it, of which icmp_send() takes the route. The
 * stack has dropped that: it is looked up again.
 */
static void report_mtu4(struct sk_buff *skb, u32 mtu)
{
	struct flowi4 flow = { .flowi4_oif = skb->dev->ifindex };
	struct rtable *rt;

	if (!skb_rtable(skb)) {
		flow.daddr = ip_hdr(skb)->daddr;
		rt = ip_route_output_key(dev_net(skb->dev), &flow);
		if (IS_ERR(rt))
			return;
		skb_dst_drop(skb);
		skb_dst_set(skb, &rt->dst);
	}
	icmp_ndo_send(skb, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, htonl(mtu));
}

/* mtu: for the bytes from skb->data on. skb->dev is there: RCU. */
static void report_mtu(struct sk_buff *skb, u32 mtu)
{
	mtu -= min_t(u32, mtu, skb_network_offset(skb));
	if (skb->protocol == htons(ETH_P_IP) &&
	    pskb_network_may_pull(skb, sizeof(struct iphdr)))
		report_mtu4(skb, mtu);
#if IS_ENABLED(CONFIG_IPV6)
	else if (skb->protocol == htons(ETH_P_IPV6) &&
		 pskb_network_may_pull(skb, sizeof(struct ipv6hdr)))
		icmpv6_ndo_send(skb, ICMPV6_PKT_TOOBIG, 0,
				max_t(u32, mtu, IPV6_MIN_MTU));
#endif
}

static bool fits_path(const struct sk_buff *skb, u32 mtu)
{
	return skb_is_gso(skb) ? skb_gso_validate_mac_len(skb, mtu) :
				 skb->len <= mtu;
}

static void queue_packet(struct kdtls_tun *tun, struct sk_buff *skb,
			 const struct waiting *as)
{
	/* its device may go now */
	skb->dev = NULL;
	skb_dst_drop(skb);
	*waiting_of(skb) = *as;
	tun->records += as->records;
	__skb_queue_tail(&tun->waiting, skb);
}

static void keep_packet(struct kdtls_tun *tun, struct sk_buff *skb)
{
	static const struct waiting whole = { .records = 1 };

	skb_mark_not_on_list(skb);
	if ((skb->ip_summed == CHECKSUM_PARTIAL && skb_checksum_help(skb)) ||
	    (skb_has_frag_list(skb) && skb_linearize(skb))) {
		add_dropped(tun, 1, -ENOMEM);
		kfree_skb(skb);
		return;
	}
	queue_packet(tun, skb, &whole);
}

/* Payload stays where it is, in fragments; checksums are complete. */
static void cut_by_stack(struct kdtls_tun *tun, struct sk_buff *skb)
{
	struct sk_buff *segments = skb_gso_segment(skb, NETIF_F_SG), *next;

	if (IS_ERR(segments)) {
		add_dropped(tun, 1, PTR_ERR(segments));
		kfree_skb(skb);
		return;
	}
	if (!segments) {
		keep_packet(tun, skb);
		return;
	}
	consume_skb(skb);
	skb_list_walk_safe(segments, segments, next)
		keep_packet(tun, segments);
}

static void cut_packet(struct kdtls_tun *tun, struct sk_buff *skb)
{
	struct waiting as = { .cut = true };

	if (!kdtls_tun_cut_possible(skb)) {
		cut_by_stack(tun, skb);
		return;
	}
	as.records = kdtls_tun_cut_count(skb);
	queue_packet(tun, skb, &as);
}

static void take_packet(struct kdtls_tun *tun, struct sk_buff *skb, u32 mtu)
{
	if (skb_vlan_tag_present(skb))
		skb = __vlan_hwaccel_push_inside(skb);
	if (!skb) {
		add_dropped(tun, 1, -ENOMEM);
	} else if (!fits_path(skb, mtu)) {
		WRITE_ONCE(tun->tx_too_large, tun->tx_too_large + 1);
		trace_kdtls_tun_drop(tun->assoc->id, DTLS_TUN_SEND, 1,
				     -EMSGSIZE);
		if (mtu >= IPV4_MIN_MTU)
			report_mtu(skb, mtu);
		kfree_skb(skb);
	} else {
		/* which read() does else */
		dev_sw_netstats_tx_add(skb->dev, 1, skb->len);
		if (skb_is_gso(skb))
			cut_packet(tun, skb);
		else
			keep_packet(tun, skb);
	}
}

/* Only a tap has these, redirected by XDP. */
static void drop_frame(struct kdtls_tun *tun, void *ptr)
{
	xdp_return_frame(tun_ptr_to_xdp(ptr));
	add_dropped(tun, 1, -EOPNOTSUPP);
}

/*
 * The device goes only after a grace period has followed the emptying of its
 * rings: under RCU that of each packet is there. How many there were, up to TAKE.
 */
static unsigned int take_packets(struct kdtls_tun *tun)
{
	u32 mtu = kdtls_path_mtu_content(tun->assoc);
	void *ptrs[TAKE];
	int i, n;

	mtu -= min_t(u32, mtu, tun->prefix_len);
	local_bh_disable();	/* as where a device segments */
	rcu_read_lock();
	n = ptr_ring_consume_batched(tun->ring, ptrs, TAKE);
	for (i = 0; i < n; i++) {
		if (tun_is_xdp_frame(ptrs[i]))
			drop_frame(tun, ptrs[i]);
		else
			take_packet(tun, ptrs[i], mtu);
	}
	rcu_read_unlock();
	local_bh_enable();
	return n;
}

struct gather {
	unsigned int	pieces;		/* of tun->vec */
	unsigned int	records;
	size_t		size;		/* of all but the last */
	size_t		bytes;
};

static void add_piece(struct kdtls_tun *tun, struct gather *gather,
		      struct page *page, unsigned int len, unsigned int offset)
{
	struct bio_vec *vec = &tun->vec[gather->pieces];

	if (!len)
		return;
	bvec_set_page(vec, page, len, offset);
	gather->pieces++;
	gather->bytes += len;
}

static void add_packet(struct kdtls_tun *tun, struct gather *gather,
		       const struct sk_buff *skb)
{
	const struct skb_shared_info *info = skb_shinfo(skb);
	unsigned int i;

	add_piece(tun, gather, virt_to_page(tun->prefix), tun->prefix_len,
		  offset_in_page(tun->prefix));
	add_piece(tun, gather, virt_to_page(skb->data), skb_headlen(skb),
		  offset_in_page(skb->data));
	for (i = 0; i < info->nr_frags; i++) {
		const skb_frag_t *frag = &info->frags[i];

		add_piece(tun, gather, skb_frag_page(frag), skb_frag_size(frag),
			  skb_frag_off(frag));
	}
	gather->records++;
}

static void add_segment(struct kdtls_tun *tun, struct gather *gather,
			struct kdtls_tun_cut *cut)
{
	u8 *headers = tun->headers + gather->records * HEADERS_ROOM;
	struct bio_vec *vec = &tun->vec[gather->pieces];

	BUILD_BUG_ON(DTLS_TUN_MAX_PREFIX + KDTLS_TUN_CUT_HEADERS > HEADERS_ROOM);
	gather->bytes += tun->prefix_len + kdtls_tun_cut_size(cut);
	memcpy(headers, tun->prefix, tun->prefix_len);
	gather->pieces += 1 + kdtls_tun_cut_next(cut, headers + tun->prefix_len,
						 vec + 1);
	bvec_set_page(vec, virt_to_page(headers),
		      tun->prefix_len + cut->headers, offset_in_page(headers));
	gather->records++;
}

/* May a record of this size follow? The first gives the size of the batch. */
static bool batch_takes(struct gather *gather, const struct sk_buff *skb,
			size_t size)
{
	if (!gather->records) {
		gather->size = size;
		return true;
	}
	return size <= gather->size &&
	       gather->bytes == gather->records * gather->size &&
	       gather->records < BATCH_RECORDS &&
	       gather->bytes + size <= BATCH_BYTES &&
	       gather->pieces + skb_shinfo(skb)->nr_frags + 2 <= BATCH_PIECES;
}

/* False: the batch takes no more. */
static bool gather_whole(struct kdtls_tun *tun, struct gather *gather,
			 const struct sk_buff *skb)
{
	if (!batch_takes(gather, skb, tun->prefix_len + skb->len))
		return false;
	add_packet(tun, gather, skb);
	return true;
}

static bool gather_segments(struct kdtls_tun *tun, struct gather *gather,
			    const struct sk_buff *skb)
{
	struct kdtls_tun_cut cut;
	size_t size;

	kdtls_tun_cut_begin(&cut, skb, waiting_of(skb)->sent);
	while ((size = kdtls_tun_cut_size(&cut))) {
		if (!batch_takes(gather, skb, tun->prefix_len + size))
			return false;
		add_segment(tun, gather, &cut);
	}
	return true;
}

/* The packets that wait, as far as they make one batch. */
static void gather_packets(struct kdtls_tun *tun, struct gather *gather)
{
	struct sk_buff *skb;

	memset(gather, 0, sizeof(*gather));
	skb_queue_walk(&tun->waiting, skb) {
		bool all = waiting_of(skb)->cut ?
			   gather_segments(tun, gather, skb) :
			   gather_whole(tun, gather, skb);

		if (!all)
			break;
	}
}

/*
 * UDP's sendmsg waits for the socket's lock if frames are pending or the socket is
 * corked. A call that was inside UDP at attach may cause both (leftover.h), and
 * holds the lock in its page fault: frames are pending only while it is held.
 * kdtls_leftover_flush() wakes the worker.
 */
static bool lock_held(struct kdtls_sock *ks)
{
	if (kdtls_leftover_seen(ks->sk))
		kdtls_leftover_undo(ks);
	return unlikely(READ_ONCE(udp_sk(ks->sk)->pending));
}

static ssize_t send_batch(struct kdtls_tun *tun, const struct gather *gather)
{
	struct iov_iter from;
	int error;
	ssize_t ret;

	if (lock_held(tun->ks))
		return -EAGAIN;
	iov_iter_bvec(&from, WRITE, tun->vec, gather->pieces, gather->bytes);
	error = kdtls_tun_error_aside(tun);
	ret = kdtls_send_packets(tun->ks, tun->assoc, &from, gather->bytes,
				 gather->size);
	/* it came meanwhile */
	if (ret == -ECONNREFUSED)
		error = error ?: ret;
	kdtls_tun_error_back(tun, error);
	return ret;
}

static void count_sent(struct kdtls_tun *tun, unsigned int n, size_t bytes)
{
	WRITE_ONCE(tun->tx_packets, tun->tx_packets + n);
	WRITE_ONCE(tun->tx_bytes, tun->tx_bytes + bytes - n * tun->prefix_len);
}

/* How many of them are done with: sent, or refused for good; 0: later. */
static unsigned int batch_done(struct kdtls_tun *tun,
			       const struct gather *gather, ssize_t ret)
{
	unsigned int n;

	if (ret >= 0) {
		n = DIV_ROUND_UP(ret, gather->size);
		count_sent(tun, n, ret);
		return n;
	}
	switch (ret) {
	case -EAGAIN:
		return 0;
	case -EKEYEXPIRED:
	case -EPIPE:
		kdtls_tun_end(tun, -ret);
		return 0;
	default:
		add_dropped(tun, gather->records, ret);
		return gather->records;
	}
}

/* So many records are done with. */
static void forget_records(struct kdtls_tun *tun, unsigned int n)
{
	tun->records -= n;
	while (n) {
		struct waiting *first = waiting_of(skb_peek(&tun->waiting));
		unsigned int now = min(n, first->records - first->sent);

		first->sent += now;
		n -= now;
		if (first->sent == first->records)
			consume_skb(__skb_dequeue(&tun->waiting));
	}
}

/* False: the rest waits. */
static bool send_waiting(struct kdtls_tun *tun)
{
	struct gather gather;
	unsigned int done;
	ssize_t ret;

	gather_packets(tun, &gather);
	ret = send_batch(tun, &gather);
	if (ret == -EAGAIN) {
		/* space that comes from now on wakes the worker */
		WRITE_ONCE(tun->stalled, true);
		smp_mb();	/* pairs with the wait queue's lock in space_wait */
		ret = send_batch(tun, &gather);
	}
	done = batch_done(tun, &gather, ret);
	forget_records(tun, done);
	if (done)
		WRITE_ONCE(tun->stalled, false);
	return done;
}

/*
 * False: the ring was empty. *more: it may not be now. Else what comes into it
 * wakes the worker, of which this round has begun before.
 */
static bool take_batch(struct kdtls_tun *tun, bool *more)
{
	unsigned int n = 0, taken;

	do {
		taken = take_packets(tun);
		n++;
	} while (taken == TAKE && n < TAKES &&
		 tun->records < BATCH_RECORDS);
	*more = taken == TAKE;
	return n > 1 || taken;
}

/* The device was deleted: tun says so to its readers. */
static bool device_gone(const struct kdtls_tun *tun)
{
	return READ_ONCE(tun->socket->sk->sk_shutdown) & RCV_SHUTDOWN;
}

bool kdtls_tun_output_round(void *arg)
{
	struct kdtls_tun *tun = arg;
	bool more = true;

	if (kdtls_tun_ended(tun))
		return false;
	if (skb_queue_empty(&tun->waiting) && !take_batch(tun, &more)) {
		if (device_gone(tun))
			kdtls_tun_end(tun, ENODEV);
		return false;
	}
	/* all that was taken may have been dropped */
	if (!skb_queue_empty(&tun->waiting) && !send_waiting(tun))
		return false;
	return more || !skb_queue_empty(&tun->waiting);
}
