// SPDX-License-Identifier: GPL-2.0
/* Routes to a peer, as UDP's sendmsg would choose them for this socket. */
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/route.h>

#include "address.h"
#include "route.h"

__be32 kdtls_route_host4(const union kdtls_addr *addr)
{
	if (addr->sa.sa_family == AF_INET)
		return addr->in.sin_addr.s_addr;
	if (ipv6_addr_v4mapped(&addr->in6.sin6_addr))
		return addr->in6.sin6_addr.s6_addr32[3];
	return 0;
}

/* With a source route the first hop is not the peer. */
static __be32 first_hop4(const struct sock *sk, __be32 peer)
{
	const struct ip_options_rcu *options;
	__be32 hop = peer;

	rcu_read_lock();
	options = rcu_dereference(inet_sk(sk)->inet_opt);
	if (options && options->opt.srr)
		hop = options->opt.faddr;
	rcu_read_unlock();
	return hop;
}

static struct dst_entry *lookup_route4(struct sock *sk,
				       const struct kdtls_ends *ends,
				       struct flowi4 *fl4)
{
	__be32 peer = kdtls_route_host4(&ends->remote);
	struct rtable *rt;

	rt = ip_route_output_ports(sock_net(sk), fl4, sk, first_hop4(sk, peer),
				   kdtls_route_host4(&ends->local),
				   ends->remote.in.sin_port,
				   ends->local.in.sin_port,
				   IPPROTO_UDP, ip_sock_rt_tos(sk),
				   READ_ONCE(sk->sk_bound_dev_if) ?:
				   ends->link ?:
				   READ_ONCE(inet_sk(sk)->uc_index));
	return IS_ERR(rt) ? ERR_CAST(rt) : &rt->dst;
}

#if IS_ENABLED(CONFIG_IPV6)
static void fill_flow6(struct sock *sk, const struct kdtls_ends *ends,
		       struct flowi6 *fl6)
{
	const struct sockaddr_in6 *remote = &ends->remote.in6;
	const struct sockaddr_in6 *local = &ends->local.in6;
	const struct ipv6_pinfo *np = inet6_sk(sk);

	memset(fl6, 0, sizeof(*fl6));
	fl6->flowi6_proto = IPPROTO_UDP;
	fl6->flowi6_oif = remote->sin6_scope_id ?:
			  READ_ONCE(sk->sk_bound_dev_if) ?: ends->link ?:
			  READ_ONCE(np->ucast_oif);
	fl6->flowi6_mark = READ_ONCE(sk->sk_mark);
	fl6->flowi6_uid = sock_net_uid(sock_net(sk), sk);
	fl6->flowlabel = ip6_make_flowinfo(np->tclass, 0);
	fl6->daddr = remote->sin6_addr;
	fl6->saddr = local->sin6_addr;
	fl6->fl6_dport = remote->sin6_port;
	fl6->fl6_sport = local->sin6_port;
	security_sk_classify_flow(sk, flowi6_to_flowi_common(fl6));
}

static struct dst_entry *lookup_route6(struct sock *sk,
				       const struct kdtls_ends *ends,
				       struct flowi6 *fl6)
{
	struct in6_addr final, *last;

	fill_flow6(sk, ends, fl6);
	rcu_read_lock();
	last = fl6_update_dst(fl6, rcu_dereference(inet6_sk(sk)->opt), &final);
	rcu_read_unlock();
	return ip6_dst_lookup_flow(sock_net(sk), sk, fl6, last);
}
#else
static struct dst_entry *lookup_route6(struct sock *sk,
				       const struct kdtls_ends *ends,
				       struct flowi6 *fl6)
{
	return ERR_PTR(-EAFNOSUPPORT);
}
#endif

struct dst_entry *kdtls_route(struct sock *sk, const struct kdtls_ends *ends,
			      struct flowi *flow)
{
	if (kdtls_route_host4(&ends->remote))
		return lookup_route4(sk, ends, &flow->u.ip4);
	return lookup_route6(sk, ends, &flow->u.ip6);
}
