// SPDX-License-Identifier: GPL-2.0
/*
 * Work for sockets without an active reader: handshake datagrams and a repeated
 * flight of the peer have to be answered.
 */
#include <linux/workqueue.h>

#include "assoc.h"
#include "budget.h"
#include "input.h"
#include "input_work.h"
#include "key_update.h"
#include "last_flight.h"
#include "reader.h"
#include "recv_queue.h"
#include "socket.h"
#include "tun.h"

/* So long an application that reads may do something else, in jiffies. */
#define UNREAD	(HZ / 20)

struct workqueue_struct *kdtls_wq;

/* Context: any. The work holds a reference to the socket. */
static void schedule_in(struct kdtls_sock *ks, unsigned long delay)
{
	struct sock *sk = ks->sk;

	if (READ_ONCE(ks->closed) || delayed_work_pending(&ks->input_work) ||
	    !refcount_inc_not_zero(&sk->sk_refcnt))
		return;
	if (!queue_delayed_work(kdtls_wq, &ks->input_work, delay))
		__sock_put(sk);
}

void kdtls_input_work_schedule(struct kdtls_sock *ks)
{
	schedule_in(ks, 0);
}

/* What arrives: has it to be opened here? */
enum need {
	UNNEEDED,
	AT_ONCE,	/* control traffic is expected */
	UNLESS_READ,	/* it is possible */
};

/*
 * Of many peers one or the other always does something, and one peer with DTLS 1.3
 * may change its keys; while the application reads it sees to that. RCU.
 */
static __always_inline enum need need_of(const struct kdtls_sock *ks)
{
	const struct kdtls_assoc *assoc;

	if (kdtls_peer_table_of(ks))
		return UNLESS_READ;
	assoc = rcu_dereference(ks->assoc);
	if (!assoc)
		return UNNEEDED;
	if (kdtls_assoc_state(assoc) == DTLS_STATE_HANDSHAKE ||
	    kdtls_flight_kept(assoc) || kdtls_key_update_waits(assoc))
		return AT_ONCE;
	return READ_ONCE(assoc->key_update) ? UNLESS_READ : UNNEEDED;
}

static bool being_read(const struct kdtls_sock *ks)
{
	return time_before(jiffies, READ_ONCE(ks->read_at) + UNREAD);
}

/* A reader that waits has been woken, too: on a socket with one peer it is first. */
static unsigned long unread_delay(const struct kdtls_sock *ks)
{
	return kdtls_peer_table_of(ks) && !being_read(ks) ? 0 : UNREAD;
}

void kdtls_data_ready(struct sock *sk)
{
	struct kdtls_sock *ks;

	rcu_read_lock();
	ks = kdtls_sk(sk);
	if (ks && !kdtls_tun_data_ready(ks)) {
		enum need need = need_of(ks);

		ks->data_ready(sk);
		if (need == UNLESS_READ)
			schedule_in(ks, unread_delay(ks));
		else if (need == AT_ONCE)
			kdtls_input_work_schedule(ks);
	}
	rcu_read_unlock();
}

/*
 * One run; what is left is for the next, behind the work of other sockets,
 * which are other users' too.
 */
static void open_some(struct kdtls_sock *ks)
{
	struct kdtls_budget budget;
	struct kdtls_sink sink;
	int decided;

	kdtls_sink_init(&sink, NULL);
	kdtls_budget_init(&budget);
	while (!READ_ONCE(ks->closed) && !kdtls_inbox_full(ks)) {
		decided = kdtls_input(ks, &sink);
		if (!decided)
			break;
		/* at once: what follows may be another socket's (peeloff.c) */
		kdtls_recv_deliver(ks, &sink.kept);
		if (!kdtls_budget_spend(&budget, decided) || need_resched()) {
			kdtls_input_work_schedule(ks);
			break;
		}
	}
}

void kdtls_input_work(struct work_struct *work)
{
	struct kdtls_sock *ks = container_of(to_delayed_work(work),
					     struct kdtls_sock, input_work);
	bool leave;

	rcu_read_lock();
	leave = need_of(ks) == UNLESS_READ && being_read(ks);
	rcu_read_unlock();
	if (!leave)
		open_some(ks);
	else if (kdtls_recv_queued(ks))
		schedule_in(ks, UNREAD);
	sock_put(ks->sk);
}

int __init kdtls_input_work_init(void)
{
	kdtls_wq = alloc_workqueue("kdtls", WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	return kdtls_wq ? 0 : -ENOMEM;
}

void kdtls_input_work_exit(void)
{
	destroy_workqueue(kdtls_wq);
}
