// SPDX-License-Identifier: GPL-2.0
/* Datagrams of the module's own, from their bytes to IP. */
#include <linux/skbuff.h>
#include <linux/udp.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/route.h>
#include <net/udp.h>

#include "address.h"
#include "ip_output.h"
#include "route.h"

/* The longest header in front of UDP's: IPv4's with options. */
#define IP_HEADER_ROOM	60

static bool sndbuf_full(const struct sock *sk)
{
	return sk_wmem_alloc_get(sk) >= READ_ONCE(sk->sk_sndbuf);
}

/* The bytes behind a UDP header without checksum; charged to SO_SNDBUF. */
static struct sk_buff *build_packet(struct sock *sk,
				    const struct dst_entry *dst, __be16 source,
				    __be16 dest, const void *data, size_t len)
{
	unsigned int headroom = MAX_HEADER + dst->header_len + IP_HEADER_ROOM +
				sizeof(struct udphdr);
	struct sk_buff *skb;
	struct udphdr *udp;

	skb = alloc_skb(headroom + len + dst->trailer_len, GFP_KERNEL);
	if (!skb)
		return NULL;
	skb_set_owner_w(skb, sk);
	skb_reserve(skb, headroom);
	skb_put_data(skb, data, len);
	udp = skb_push(skb, sizeof(*udp));
	skb_reset_transport_header(skb);
	udp->source = source;
	udp->dest = dest;
	udp->len = htons(skb->len);
	udp->check = 0;
	return skb;
}

static int too_long(size_t len, size_t header, u32 mtu)
{
	return header + sizeof(struct udphdr) + len > mtu ? -EMSGSIZE : 0;
}

static int check_length4(struct sock *sk, struct dst_entry *dst, size_t len)
{
	const struct rtable *rt = container_of(dst, struct rtable, dst);

	if (rt->rt_flags & RTCF_BROADCAST && !sock_flag(sk, SOCK_BROADCAST))
		return -EACCES;
	if (ip_sk_ignore_df(sk) || !ip_sk_use_pmtu(sk))
		return 0;
	return too_long(len, sizeof(struct iphdr), dst_mtu(dst));
}

static int send_packet4(struct sock *sk, struct sk_buff *skb,
			struct flowi *flow)
{
	const struct flowi4 *fl4 = &flow->u.ip4;

	udp_set_csum(false, skb, fl4->saddr, fl4->daddr, skb->len);
	skb->ignore_df = ip_sk_ignore_df(sk);
	return __ip_queue_xmit(sk, skb, flow, READ_ONCE(inet_sk(sk)->tos));
}

#if IS_ENABLED(CONFIG_IPV6)
static int check_length6(struct sock *sk, struct dst_entry *dst, size_t len)
{
	if (ip6_sk_ignore_df(sk) ||
	    inet6_sk(sk)->pmtudisc >= IPV6_PMTUDISC_PROBE)
		return 0;
	return too_long(len, sizeof(struct ipv6hdr), dst_mtu(dst));
}

static int send_packet6(struct sock *sk, struct sk_buff *skb,
			struct flowi *flow)
{
	struct flowi6 *fl6 = &flow->u.ip6;
	struct ipv6_txoptions *opt = txopt_get(inet6_sk(sk));
	int err;

	udp6_set_csum(false, skb, &fl6->saddr, &fl6->daddr, skb->len);
	skb->ignore_df = ip6_sk_ignore_df(sk);
	err = ip6_xmit(sk, skb, fl6, READ_ONCE(sk->sk_mark), opt,
		       inet6_sk(sk)->tclass, READ_ONCE(sk->sk_priority));
	txopt_put(opt);
	return err;
}
#else
static int check_length6(struct sock *sk, struct dst_entry *dst, size_t len)
{
	return -EAFNOSUPPORT;
}

static int send_packet6(struct sock *sk, struct sk_buff *skb,
			struct flowi *flow)
{
	kfree_skb(skb);
	return -EAFNOSUPPORT;
}
#endif

int kdtls_ip_output(struct sock *sk, const struct kdtls_ends *ends,
		    const void *data, size_t len)
{
	bool ip4 = kdtls_route_host4(&ends->remote);
	struct dst_entry *dst;
	struct sk_buff *skb;
	struct flowi flow;
	int err;

	if (sndbuf_full(sk))
		return -EAGAIN;
	dst = kdtls_route(sk, ends, &flow);
	if (IS_ERR(dst))
		return PTR_ERR(dst);
	err = ip4 ? check_length4(sk, dst, len) : check_length6(sk, dst, len);
	skb = err ? NULL : build_packet(sk, dst, ends->local.in.sin_port,
					ends->remote.in.sin_port, data, len);
	if (!skb) {
		dst_release(dst);
		return err ?: -ENOMEM;
	}
	skb_dst_set(skb, dst);
	err = ip4 ? send_packet4(sk, skb, &flow) : send_packet6(sk, skb, &flow);
	return err > 0 ? net_xmit_errno(err) : err;
}
