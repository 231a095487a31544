/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Addresses of the two ends of an association, always in the family of its
 * socket: on AF_INET6 an IPv4 address is a mapped one.
 */
#ifndef KDTLS_ADDRESS_H
#define KDTLS_ADDRESS_H

#include <linux/in.h>
#include <linux/in6.h>
#include <linux/ip.h>
#include <linux/skbuff.h>
#include <linux/udp.h>
#include <net/sock.h>

union kdtls_addr {
	struct sockaddr		sa;
	struct sockaddr_in	in;
	struct sockaddr_in6	in6;
};

/*
 * Equal addresses behind two VRFs, or of sockets that are bound to two devices,
 * are two peers. A device of no VRF is none of a peer's: another may be its way
 * tomorrow.
 */
struct kdtls_ends {
	union kdtls_addr	local, remote;
	u32			link;	/* device or VRF; 0: of none */
	u32			iif;	/* of a datagram: that it came by */
};

static inline int kdtls_addr_len(const union kdtls_addr *addr)
{
	return addr->sa.sa_family == AF_INET6 ? sizeof(addr->in6) :
						sizeof(addr->in);
}

/* Of a connected socket, to which UDP gives nothing of another link. */
void kdtls_ends_of_socket(const struct sock *sk, struct kdtls_ends *ends);
/* Of a datagram that the socket received. */
void kdtls_ends_of_skb(const struct sock *sk, const struct sk_buff *skb,
		       struct kdtls_ends *ends);
/* The datagram's source address, as recvfrom() returns it. */
void kdtls_source(const struct sock *sk, const struct sk_buff *skb,
		  union kdtls_addr *addr);
/* kdtls_source_is() for an AF_INET6 socket. */
bool kdtls_source6_is(const struct sock *sk, const struct sk_buff *skb,
		      const union kdtls_addr *addr);
/* Did the datagram come from this address, by whatever link? */
static inline bool kdtls_source_is(const struct sock *sk,
				   const struct sk_buff *skb,
				   const union kdtls_addr *addr)
{
	if (addr->sa.sa_family != AF_INET)
		return kdtls_source6_is(sk, skb, addr);
	return addr->in.sin_port == udp_hdr(skb)->source &&
	       addr->in.sin_addr.s_addr == ip_hdr(skb)->saddr;
}

/*
 * The link of ends that the application or the daemon named: what they are
 * bound to, by a link-local address or with the socket; else vrf, or 0.
 */
u32 kdtls_ends_link(const struct sock *sk, const struct kdtls_ends *ends,
		    u32 vrf);
/*
 * An address as the application wrote it, len bytes, for this socket.
 * -EINVAL: too short; -EAFNOSUPPORT: the socket cannot reach such addresses.
 */
int kdtls_addr_read(const struct sock *sk, const void *name, int len,
		    union kdtls_addr *addr);

/* To where a sockaddr of any size has room; the bytes written. */
static inline int kdtls_addr_put(void *to, const union kdtls_addr *addr)
{
	int len = kdtls_addr_len(addr);

	memcpy(to, addr, len);
	return len;
}

/* The device of a link-local address; else 0. */
u32 kdtls_addr_scope(const union kdtls_addr *addr);
/* Address and port; links do not count. */
bool kdtls_addr_equal(const union kdtls_addr *a, const union kdtls_addr *b);
/* Only the address: is it the same, is it none? */
bool kdtls_addr_same_host(const union kdtls_addr *a, const union kdtls_addr *b);
bool kdtls_addr_any(const union kdtls_addr *addr);
/* An address and a port that one peer can have. */
bool kdtls_addr_unicast(const union kdtls_addr *addr);
/* May the socket say that it is there, as bind() has it? */
bool kdtls_addr_bindable(struct sock *sk, const union kdtls_addr *addr);
/* Does the socket receive for all addresses of the machine? */
bool kdtls_wildcard(const struct sock *sk);

#endif /* KDTLS_ADDRESS_H */
