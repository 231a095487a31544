// SPDX-License-Identifier: GPL-2.0
/* What UDP's own calls leave on a socket that was attached meanwhile. */
#include <linux/slab.h>
#include <net/dst.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "leftover.h"
#include "socket.h"
#include "tun.h"

void kdtls_leftover_init(struct kdtls_leftover *leftover)
{
	spin_lock_init(&leftover->lock);
	seqcount_spinlock_init(&leftover->seq, &leftover->lock);
}

/* encap_rcv before encap_type could be called without one: the type goes first. */
static void clear_options(struct sock *sk)
{
	struct udp_sock *up = udp_sk(sk);

	udp_clear_bit(CORK, sk);
	WRITE_ONCE(up->gso_size, 0);
	WRITE_ONCE(up->encap_type, 0);
	WRITE_ONCE(up->encap_rcv, NULL);
	WRITE_ONCE(up->gro_receive, NULL);
}

void kdtls_leftover_undo(struct kdtls_sock *ks)
{
	struct kdtls_leftover *leftover = &ks->leftover;

	spin_lock_bh(&leftover->lock);
	/* two senders that each undid nothing would chase one another */
	if (kdtls_leftover_seen(ks->sk)) {
		write_seqcount_begin(&leftover->seq);
		clear_options(ks->sk);
		write_seqcount_end(&leftover->seq);
	}
	spin_unlock_bh(&leftover->lock);
}

/* As UDP does it, which exports that not everywhere. */
static void free_frames4(struct sock *sk)
{
	struct inet_cork *cork = &inet_sk(sk)->cork.base;
	struct sk_buff *skb;

	while ((skb = __skb_dequeue_tail(&sk->sk_write_queue)))
		kfree_skb(skb);
	cork->flags &= ~IPCORK_OPT;
	kfree(cork->opt);
	cork->opt = NULL;
	dst_release(cork->dst);
	cork->dst = NULL;
}

static void free_frames(struct sock *sk, int family)
{
	if (family == AF_INET)
		free_frames4(sk);
#if IS_ENABLED(CONFIG_IPV6)
	else
		ip6_flush_pending_frames(sk);
#endif
}

void kdtls_leftover_flush(struct kdtls_sock *ks)
{
	struct kdtls_leftover *leftover = &ks->leftover;
	struct udp_sock *up = udp_sk(ks->sk);
	int family = up->pending;

	lockdep_assert_held(&ks->sk->sk_lock.slock);
	if (likely(!family))
		return;
	spin_lock(&leftover->lock);
	write_seqcount_begin(&leftover->seq);
	up->len = 0;
	WRITE_ONCE(up->pending, 0);
	free_frames(ks->sk, family);
	write_seqcount_end(&leftover->seq);
	spin_unlock(&leftover->lock);
	kdtls_tun_look(ks);	/* it does not send while frames are pending */
}
