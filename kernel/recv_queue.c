// SPDX-License-Identifier: GPL-2.0
/* Opened records that no reader took go into the inbox and wake readers. */
#include <net/udp.h>

#include "inbox.h"
#include "recv_queue.h"
#include "socket.h"
#include "tun.h"

bool kdtls_recv_queued(struct kdtls_sock *ks)
{
	struct sock *sk = ks->sk;

	if (!kdtls_inbox_empty(&ks->inbox))
		return true;
	if (kdtls_tun_receives(ks))
		return false;
	return !skb_queue_empty_lockless(&sk->sk_receive_queue) ||
	       !skb_queue_empty_lockless(&udp_sk(sk)->reader_queue);
}

void kdtls_recv_wake(struct kdtls_sock *ks)
{
	smp_mb();	/* pairs with that of prepare_to_wait_exclusive() */
	if (atomic_read(&ks->readers))
		ks->data_ready(ks->sk);
}

/*
 * Between UDP's queue and the inbox a datagram is in neither: a reader that
 * looked just then sleeps. A caller that opens without reading wakes it.
 */
void kdtls_recv_keep(struct kdtls_sock *ks, struct list_head *records)
{
	if (list_empty(records))
		return;
	kdtls_inbox_add(&ks->inbox, records);
	kdtls_recv_wake(ks);
}

void kdtls_recv_deliver_some(struct kdtls_sock *ks, struct list_head *records)
{
	kdtls_inbox_add(&ks->inbox, records);
	ks->data_ready(ks->sk);
}
