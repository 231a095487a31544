// SPDX-License-Identifier: GPL-2.0
/*
 * Which sockets are a group is not decided here, but read from UDP: it has
 * compared namespace, user, addresses, port and device, and nothing that it
 * would not give to one socket of a group is found by way of another.
 */
#include <linux/rcupdate.h>
#include <net/sock_reuseport.h>

#include "peer_table.h"
#include "reuseport.h"
#include "socket.h"

/* Under RCU: UDP frees a bound socket, and we its context, a period later. */
static struct kdtls_peer_table *peers_of(const struct sock *sk)
{
	const struct kdtls_sock *ks;

	if (!kdtls_attached(sk))
		return NULL;
	ks = kdtls_sk(sk);
	return ks ? kdtls_peer_table_of(ks) : NULL;
}

/* From the end: a leaving socket is replaced by the last, none is skipped. */
static struct kdtls_peer_table *find_table(const struct sock_reuseport *group)
{
	unsigned int n = READ_ONCE(group->num_socks);
	struct kdtls_peer_table *peers = NULL;

	smp_rmb();	/* pairs with smp_wmb() in __reuseport_add_sock() */
	while (n-- && !peers)
		peers = peers_of(READ_ONCE(group->socks[n]));
	return peers;
}

struct kdtls_peer_table *kdtls_reuseport_table(const struct sock *sk)
{
	const struct sock_reuseport *group;
	struct kdtls_peer_table *peers = NULL;

	rcu_read_lock();
	group = rcu_dereference(sk->sk_reuseport_cb);
	if (group)
		peers = find_table(group);
	if (peers)
		kdtls_peer_table_hold(peers);
	rcu_read_unlock();
	return peers;
}
