// SPDX-License-Identifier: GPL-2.0
/*
 * Options that a program sets once on its server socket and that apply to all
 * peers: routing and marks, treatment by the network, ancillary data, buffer
 * sizes, filters. The list and its reasons: Documentation/design.md.
 *
 * They are copied and not set anew, because some need a privilege that the
 * program may have dropped since. The copy grants no more than the other socket
 * has: the new one is connected, at that one's port, before it sends anything.
 */
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/ipv6.h>
#include <linux/net.h>
#include <net/busy_poll.h>
#include <net/inet_sock.h>
#include <net/ipv6.h>
#include <net/udp.h>

#include "compat/compat.h"
#include "gro.h"
#include "inherit.h"
#include "socket.h"

#define LOCKS	(SOCK_SNDBUF_LOCK | SOCK_RCVBUF_LOCK)

static void inherit_socket(struct sock *to, const struct sock *from)
{
	static const enum sock_flags flags[] = {
		SOCK_RXQ_OVFL, SOCK_SELECT_ERR_QUEUE, SOCK_LOCALROUTE,
		SOCK_RCVMARK, SOCK_FILTER_LOCKED,
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(flags); i++)
		sock_valbool_flag(to, flags[i], sock_flag(from, flags[i]));
	to->sk_mark = READ_ONCE(from->sk_mark);
	to->sk_priority = READ_ONCE(from->sk_priority);
	to->sk_sndbuf = READ_ONCE(from->sk_sndbuf);
	to->sk_rcvbuf = READ_ONCE(from->sk_rcvbuf);
	to->sk_userlocks |= from->sk_userlocks & LOCKS;
	to->sk_no_check_tx = from->sk_no_check_tx;
	to->sk_pacing_rate = READ_ONCE(from->sk_pacing_rate);
	to->sk_max_pacing_rate = READ_ONCE(from->sk_max_pacing_rate);
	to->sk_pacing_status = READ_ONCE(from->sk_pacing_status);
#ifdef CONFIG_NET_RX_BUSY_POLL
	to->sk_ll_usec = READ_ONCE(from->sk_ll_usec);
	to->sk_prefer_busy_poll = READ_ONCE(from->sk_prefer_busy_poll);
	to->sk_busy_poll_budget = READ_ONCE(from->sk_busy_poll_budget);
#endif
}

/* IP_CHECKSUM has a counter to it, and is of no use to DTLS. */
#define CMSGS	(IP_CMSG_PKTINFO | IP_CMSG_TTL | IP_CMSG_TOS | \
		 IP_CMSG_RECVOPTS | IP_CMSG_RETOPTS | IP_CMSG_PASSSEC | \
		 IP_CMSG_ORIGDSTADDR | IP_CMSG_RECVFRAGSIZE)

#ifdef KDTLS_HAVE_INET_FLAGS_IPV6

static void inherit_flags(struct inet_sock *to, const struct inet_sock *from)
{
	const unsigned long kept = CMSGS |
		BIT(INET_FLAGS_RECVERR) | BIT(INET_FLAGS_RECVERR_RFC4884) |
		BIT(INET_FLAGS_RECVERR6) | BIT(INET_FLAGS_RECVERR6_RFC4884) |
		BIT(INET_FLAGS_FREEBIND) | BIT(INET_FLAGS_TRANSPARENT) |
		BIT(INET_FLAGS_AUTOFLOWLABEL_SET) |
		BIT(INET_FLAGS_AUTOFLOWLABEL) | BIT(INET_FLAGS_DONTFRAG);

	to->inet_flags = (to->inet_flags & ~kept) |
			 (READ_ONCE(from->inet_flags) & kept);
}

static void inherit_flags6(struct ipv6_pinfo *to, const struct ipv6_pinfo *from)
{
}

#else

static void inherit_flags(struct inet_sock *to, const struct inet_sock *from)
{
	to->cmsg_flags = from->cmsg_flags & CMSGS;
	to->recverr = from->recverr;
	to->recverr_rfc4884 = from->recverr_rfc4884;
	to->freebind = from->freebind;
	to->transparent = from->transparent;
}

static void inherit_flags6(struct ipv6_pinfo *to, const struct ipv6_pinfo *from)
{
	to->recverr = from->recverr;
	to->recverr_rfc4884 = from->recverr_rfc4884;
	to->autoflowlabel_set = from->autoflowlabel_set;
	to->autoflowlabel = from->autoflowlabel;
	to->dontfrag = from->dontfrag;
}

#endif

static void inherit_ip(struct sock *to, const struct sock *from)
{
	struct inet_sock *inet = inet_sk(to);

	inherit_flags(inet, inet_sk(from));
	inet->tos = READ_ONCE(inet_sk(from)->tos);
	inet->uc_ttl = READ_ONCE(inet_sk(from)->uc_ttl);
	inet->uc_index = READ_ONCE(inet_sk(from)->uc_index);
	inet->pmtudisc = READ_ONCE(inet_sk(from)->pmtudisc);
}

static void inherit_ipv6(struct sock *to, const struct sock *from)
{
#if IS_ENABLED(CONFIG_IPV6)
	const struct ipv6_pinfo *theirs = inet6_sk(from);
	struct ipv6_pinfo *np = inet6_sk(to);

	if (to->sk_family != AF_INET6)
		return;
	inherit_flags6(np, theirs);
	to->sk_ipv6only = from->sk_ipv6only;
	np->rxopt.all = theirs->rxopt.all;
	np->tclass = theirs->tclass;
	np->hop_limit = theirs->hop_limit;
	np->pmtudisc = theirs->pmtudisc;
	np->frag_size = theirs->frag_size;
	np->ucast_oif = theirs->ucast_oif;
	udp_set_no_check6_tx(to, udp_get_no_check6_tx(from));
	udp_set_no_check6_rx(to, udp_get_no_check6_rx(from));
#endif
}

/*
 * The same program, which an application may have locked, charged as one of its
 * own: as long as it is, it is no longer than what that one may have.
 */
static void inherit_filter(struct sock *to, const struct sock *from)
{
	struct sk_filter *filter;

	rcu_read_lock();
	filter = rcu_dereference(from->sk_filter);
	if (filter && refcount_inc_not_zero(&filter->refcnt)) {
		atomic_add(bpf_prog_size(filter->prog->len),
			   &to->sk_omem_alloc);
		rcu_assign_pointer(to->sk_filter, filter);
	}
	rcu_read_unlock();
}

static int set_option(struct sock *sk, int option, void *value, unsigned int len)
{
	return sock_setsockopt(sk->sk_socket, SOL_SOCKET, option,
			       KERNEL_SOCKPTR(value), len);
}

/* None, or SO_TIMESTAMP or SO_TIMESTAMPNS as the application has set it. */
static int timestamp_option(const struct sock *from)
{
	bool new = sock_flag(from, SOCK_TSTAMP_NEW);

	if (!sock_flag(from, SOCK_RCVTSTAMP))
		return 0;
	if (sock_flag(from, SOCK_RCVTSTAMPNS))
		return new ? SO_TIMESTAMPNS_NEW : SO_TIMESTAMPNS_OLD;
	return new ? SO_TIMESTAMP_NEW : SO_TIMESTAMP_OLD;
}

/* The stack counts the sockets that want them: set as by setsockopt(). */
static int inherit_timestamps(struct sock *to, const struct sock *from)
{
	struct so_timestamping stamping = {
		.flags = READ_ONCE(from->sk_tsflags) &
			 ~SOF_TIMESTAMPING_BIND_PHC,
	};
	int option = timestamp_option(from), one = 1, err = 0;

	if (option)
		err = set_option(to, option, &one, sizeof(one));
	if (!err && stamping.flags)
		err = set_option(to, sock_flag(from, SOCK_TSTAMP_NEW) ?
				 SO_TIMESTAMPING_NEW : SO_TIMESTAMPING_OLD,
				 &stamping, sizeof(stamping));
	return err;
}

static int inherit_gro(struct sock *to, const struct sock *from)
{
	return kdtls_gro_chosen(from) ? kdtls_gro_choose(kdtls_sk(to), 1) : 0;
}

int kdtls_inherit(struct sock *to, struct sock *from)
{
	inherit_socket(to, from);
	inherit_ip(to, from);
	inherit_ipv6(to, from);
	inherit_filter(to, from);
	return inherit_timestamps(to, from) ?: inherit_gro(to, from);
}
