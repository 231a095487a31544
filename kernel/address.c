// SPDX-License-Identifier: GPL-2.0
/* Addresses: of a socket, of a datagram, of the application's making. */
#include <linux/inetdevice.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <net/addrconf.h>
#include <net/inet_sock.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/route.h>

#include "address.h"
#include "v4mapped.h"
#include "socket.h"

/* The port of both forms stands at the same place. */
static __be16 addr_port(const union kdtls_addr *addr)
{
	BUILD_BUG_ON(offsetof(struct sockaddr_in, sin_port) !=
		     offsetof(struct sockaddr_in6, sin6_port));
	return addr->in.sin_port;
}

static void set_addr4(union kdtls_addr *addr, __be32 host, __be16 port)
{
	memset(addr, 0, sizeof(*addr));
	addr->in.sin_family = AF_INET;
	addr->in.sin_port = port;
	addr->in.sin_addr.s_addr = host;
}

/* link: of a link-local address, which means nothing without */
static void set_addr6(union kdtls_addr *addr, const struct in6_addr *host,
		      __be16 port, int link)
{
	memset(addr, 0, sizeof(*addr));
	addr->in6.sin6_family = AF_INET6;
	addr->in6.sin6_port = port;
	addr->in6.sin6_addr = *host;
	addr->in6.sin6_scope_id = ipv6_iface_scope_id(host, link);
}

/* IPv4 on a socket of either family. */
static void set_ip(const struct sock *sk, union kdtls_addr *addr, __be32 host,
		   __be16 port)
{
	struct in6_addr mapped;

	if (sk->sk_family == AF_INET) {
		set_addr4(addr, host, port);
		return;
	}
	ipv6_addr_set_v4mapped(host, &mapped);
	set_addr6(addr, &mapped, port, 0);
}

void kdtls_ends_of_socket(const struct sock *sk, struct kdtls_ends *ends)
{
	const struct inet_sock *inet = inet_sk(sk);

	ends->link = 0;
	ends->iif = 0;
#if IS_ENABLED(CONFIG_IPV6)
	if (sk->sk_family == AF_INET6) {
		set_addr6(&ends->local, &inet6_sk(sk)->saddr, inet->inet_sport,
			  sk->sk_bound_dev_if);
		set_addr6(&ends->remote, &sk->sk_v6_daddr, inet->inet_dport,
			  sk->sk_bound_dev_if);
		kdtls_v4mapped_show(kdtls_sk(sk), &ends->remote.in6.sin6_addr);
		return;
	}
#endif
	set_addr4(&ends->local, inet->inet_saddr, inet->inet_sport);
	set_addr4(&ends->remote, inet->inet_daddr, inet->inet_dport);
}

void kdtls_source(const struct sock *sk, const struct sk_buff *skb,
		  union kdtls_addr *addr)
{
	if (skb->protocol == htons(ETH_P_IP))
		set_ip(sk, addr, ip_hdr(skb)->saddr, udp_hdr(skb)->source);
	else
		set_addr6(addr, &ipv6_hdr(skb)->saddr, udp_hdr(skb)->source,
			  inet6_iif(skb));
}

bool kdtls_source6_is(const struct sock *sk, const struct sk_buff *skb,
		      const union kdtls_addr *addr)
{
	union kdtls_addr from;

	kdtls_source(sk, skb, &from);
	return kdtls_addr_equal(&from, addr);
}

u32 kdtls_addr_scope(const union kdtls_addr *addr)
{
	return addr->sa.sa_family == AF_INET6 ? addr->in6.sin6_scope_id : 0;
}

u32 kdtls_ends_link(const struct sock *sk, const struct kdtls_ends *ends,
		    u32 vrf)
{
	return kdtls_addr_scope(&ends->remote) ?:
	       kdtls_addr_scope(&ends->local) ?:
	       READ_ONCE(sk->sk_bound_dev_if) ?: vrf;
}

/* Of what has come by a device in a VRF, that is what came by the VRF. */
void kdtls_ends_of_skb(const struct sock *sk, const struct sk_buff *skb,
		       struct kdtls_ends *ends)
{
	bool in_vrf;

	kdtls_source(sk, skb, &ends->remote);
	if (skb->protocol == htons(ETH_P_IP)) {
		set_ip(sk, &ends->local, ip_hdr(skb)->daddr,
		       udp_hdr(skb)->dest);
		in_vrf = ipv4_l3mdev_skb(IPCB(skb)->flags);
		ends->iif = skb->skb_iif;
	} else {
		set_addr6(&ends->local, &ipv6_hdr(skb)->daddr,
			  udp_hdr(skb)->dest, inet6_iif(skb));
		in_vrf = ipv6_l3mdev_skb(IP6CB(skb)->flags);
		ends->iif = inet6_iif(skb);
	}
	ends->link = kdtls_ends_link(sk, ends, in_vrf ? ends->iif : 0);
}

int kdtls_addr_read(const struct sock *sk, const void *name, int len,
		    union kdtls_addr *addr)
{
	const struct sockaddr_in6 *in6 = name;
	const struct sockaddr_in *in = name;

	if (len < (int)offsetofend(struct sockaddr_in, sin_addr))
		return -EINVAL;
	/* UDP takes AF_UNSPEC for AF_INET */
	if (in->sin_family == AF_INET ||
	    (in->sin_family == AF_UNSPEC && sk->sk_family == AF_INET)) {
		if (sk->sk_family == AF_INET6 && ipv6_only_sock(sk))
			return -EAFNOSUPPORT;
		set_ip(sk, addr, in->sin_addr.s_addr, in->sin_port);
		return 0;
	}
	if (in->sin_family != AF_INET6 || sk->sk_family != AF_INET6)
		return -EAFNOSUPPORT;
	if (len < (int)offsetofend(struct sockaddr_in6, sin6_addr))
		return -EINVAL;
	set_addr6(addr, &in6->sin6_addr, in6->sin6_port,
		  len >= (int)sizeof(*in6) && in6->sin6_scope_id ?
		  in6->sin6_scope_id : sk->sk_bound_dev_if);
	return 0;
}

bool kdtls_addr_same_host(const union kdtls_addr *a, const union kdtls_addr *b)
{
	if (a->sa.sa_family == AF_INET6)
		return ipv6_addr_equal(&a->in6.sin6_addr, &b->in6.sin6_addr);
	return a->in.sin_addr.s_addr == b->in.sin_addr.s_addr;
}

bool kdtls_addr_equal(const union kdtls_addr *a, const union kdtls_addr *b)
{
	return addr_port(a) == addr_port(b) && kdtls_addr_same_host(a, b);
}

/* The IPv4 address in it, also a mapped one? */
static bool is_ip(const union kdtls_addr *addr, __be32 *host)
{
	if (addr->sa.sa_family == AF_INET)
		*host = addr->in.sin_addr.s_addr;
	else if (ipv6_addr_v4mapped(&addr->in6.sin6_addr))
		*host = addr->in6.sin6_addr.s6_addr32[3];
	else
		return false;
	return true;
}

bool kdtls_addr_any(const union kdtls_addr *addr)
{
	__be32 host;

	if (is_ip(addr, &host))
		return !host;
	return ipv6_addr_any(&addr->in6.sin6_addr);
}

bool kdtls_addr_unicast(const union kdtls_addr *addr)
{
	const struct in6_addr *host6 = &addr->in6.sin6_addr;
	__be32 host;

	if (!addr_port(addr) || kdtls_addr_any(addr))
		return false;
	if (is_ip(addr, &host))
		return !ipv4_is_multicast(host) && !ipv4_is_lbcast(host);
	if (ipv6_addr_type(host6) & IPV6_ADDR_LINKLOCAL &&
	    !addr->in6.sin6_scope_id)
		return false;
	return !ipv6_addr_is_multicast(host6);
}

#if IS_ENABLED(CONFIG_IPV6)
static bool can_bind6(struct sock *sk, const union kdtls_addr *addr,
		      const struct net_device *dev)
{
	return ipv6_can_nonlocal_bind(sock_net(sk), inet_sk(sk)) ||
	       ipv6_chk_addr(sock_net(sk), &addr->in6.sin6_addr, dev, 0);
}
#else
static bool can_bind6(struct sock *sk, const union kdtls_addr *addr,
		      const struct net_device *dev)
{
	return false;
}
#endif

static bool can_bind4(struct sock *sk, __be32 host,
		      const struct net_device *dev)
{
	struct net *net = sock_net(sk);

	return inet_addr_valid_or_nonlocal(net, inet_sk(sk), host,
					   inet_addr_type_dev_table(net, dev,
								    host));
}

bool kdtls_addr_bindable(struct sock *sk, const union kdtls_addr *addr)
{
	struct net_device *dev;
	__be32 host;
	bool yes;

	rcu_read_lock();
	dev = dev_get_by_index_rcu(sock_net(sk), kdtls_addr_scope(addr) ?:
				   READ_ONCE(sk->sk_bound_dev_if));
	yes = is_ip(addr, &host) ? can_bind4(sk, host, dev) :
				   can_bind6(sk, addr, dev);
	rcu_read_unlock();
	return yes;
}

/* IPv6 sets it for both, and of ::ffff:0.0.0.0 as for :: to none. */
bool kdtls_wildcard(const struct sock *sk)
{
	return !sk->sk_rcv_saddr;
}
