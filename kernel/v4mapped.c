// SPDX-License-Identifier: GPL-2.0
/*
 * IPV6_ADDRFORM makes an AF_INET socket of an AF_INET6 one whose peer is
 * v4-mapped, and puts UDP's own functions where ours are. Our setsockopt
 * refuses it; but a call that was in UDP before the attach takes the socket
 * lock when it likes, perhaps much later.
 *
 * It does nothing unless it finds sk_v6_daddr v4-mapped under the lock. So no
 * attached socket has such an address when the lock is taken: the last step
 * before the lock is free again is the module's release_cb, which makes
 * ::192.0.2.1 of ::ffff:192.0.2.1. Packets to such a peer are sent by IPv4, to
 * inet_daddr.
 *
 * IPv6 has no route to the hidden address for a socket whose own is v4-mapped.
 * A socket that got an IPv6 address from an earlier peer keeps no route: where
 * none is kept, none is renewed.
 */
#include <net/ipv6.h>

#include "v4mapped.h"
#include "socket.h"

static bool is_hidden(const struct kdtls_sock *ks, const struct in6_addr *addr)
{
	return !ipv6_addr_any(&ks->hidden) &&
	       ipv6_addr_equal(&ks->hidden, addr);
}

bool kdtls_v4mapped_hide(struct kdtls_sock *ks)
{
	struct sock *sk = ks->sk;

	lockdep_assert_held(&sk->sk_lock.slock);
	if (sk->sk_state != TCP_ESTABLISHED) {
		ks->hidden = in6addr_any;
		return false;
	}
	if (ipv6_addr_v4mapped(&sk->sk_v6_daddr)) {
		sk->sk_v6_daddr.s6_addr32[2] = 0;
		ks->hidden = sk->sk_v6_daddr;
		if (!ipv6_addr_v4mapped(&inet6_sk(sk)->saddr))
			__sk_dst_reset(sk);
	}
	return is_hidden(ks, &sk->sk_v6_daddr);
}

bool kdtls_v4mapped_peer(const struct kdtls_sock *ks, struct sockaddr_in *peer)
{
	const struct sock *sk = ks->sk;

	if (!is_hidden(ks, &sk->sk_v6_daddr))
		return false;
	peer->sin_family = AF_INET;
	peer->sin_port = inet_sk(sk)->inet_dport;
	peer->sin_addr.s_addr = ks->hidden.s6_addr32[3];
	return true;
}

void kdtls_v4mapped_show(const struct kdtls_sock *ks, struct in6_addr *addr)
{
	if (is_hidden(ks, addr))
		ipv6_addr_set_v4mapped(ks->hidden.s6_addr32[3], addr);
}
