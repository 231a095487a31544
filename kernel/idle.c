// SPDX-License-Identifier: GPL-2.0
/*
 * A sweep goes through the peers of a socket four times in the time that one
 * may be silent, so one ends at most a quarter late. Receiving writes to the
 * association once in a while, and never takes a lock for it.
 *
 * Sockets that share a port have one table, and each goes through all of it:
 * one sweep at a time, or a thousand of them could keep every CPU busy. Each in
 * steps, in turn with those of other sockets, which are other users' too.
 */
#include <linux/module.h>

#include "assoc.h"
#include "assoc_state.h"
#include "idle.h"
#include "peer_table.h"
#include "socket.h"

static unsigned int idle_timeout = 3600;
module_param(idle_timeout, uint, 0644);
MODULE_PARM_DESC(idle_timeout,
		 "seconds of silence after which the association of a listening socket's client ends, unless the application sets DTLS_IDLE_TIMEOUT (0: never)");

static struct workqueue_struct *sweep_wq;

/* Of kdtls_peer_table_some(), in one run. */
#define STEPS	16

static void end_if_silent(struct kdtls_assoc *assoc)
{
	unsigned long limit = READ_ONCE(assoc->ks->idle.seconds) * HZ;

	if (limit && kdtls_assoc_state(assoc) == DTLS_STATE_ESTABLISHED &&
	    time_after(jiffies,
		       READ_ONCE(assoc->heard) + KDTLS_HEARD_TICK + limit))
		kdtls_assoc_expire(assoc);
}

/* In so many jiffies; the work holds the socket. */
static void sweep_in(struct kdtls_sock *ks, unsigned long wait)
{
	if (READ_ONCE(ks->closed) || !READ_ONCE(ks->idle.seconds) ||
	    !refcount_inc_not_zero(&ks->sk->sk_refcnt))
		return;
	if (!queue_delayed_work(sweep_wq, &ks->idle.sweep, wait))
		__sock_put(ks->sk);
}

static void plan_sweep(struct kdtls_sock *ks)
{
	sweep_in(ks, READ_ONCE(ks->idle.seconds) * KDTLS_HEARD_TICK);
}

/* The rest of a large table waits behind the sweeps of other sockets. */
static void sweep_idle(struct work_struct *work)
{
	struct kdtls_sock *ks = container_of(to_delayed_work(work),
					     struct kdtls_sock, idle.sweep);
	struct sock *sk = ks->sk;
	unsigned int steps;

	for (steps = STEPS; steps; steps--)
		if (!kdtls_peer_table_some(ks, &ks->idle.walk, end_if_silent))
			break;
	if (steps)
		plan_sweep(ks);
	else
		sweep_in(ks, 0);
	sock_put(sk);
}

void kdtls_idle_init(struct kdtls_idle *idle)
{
	INIT_DELAYED_WORK(&idle->sweep, sweep_idle);
}

static void set_timeout(struct kdtls_sock *ks, u32 seconds)
{
	lockdep_assert_held(&ks->config);
	WRITE_ONCE(ks->idle.seconds, seconds);
	if (cancel_delayed_work(&ks->idle.sweep))
		sock_put(ks->sk);
	plan_sweep(ks);
}

void kdtls_idle_choose(struct kdtls_sock *ks, u32 seconds)
{
	ks->idle.chosen = true;
	set_timeout(ks, seconds);
}

void kdtls_idle_listens(struct kdtls_sock *ks)
{
	if (!ks->idle.chosen)
		set_timeout(ks, min(READ_ONCE(idle_timeout), KDTLS_IDLE_MAX));
}

void kdtls_idle_stop(struct kdtls_sock *ks)
{
	if (cancel_delayed_work_sync(&ks->idle.sweep))
		sock_put(ks->sk);
	kdtls_peer_table_walk_end(&ks->idle.walk);
}

int __init kdtls_idle_begin(void)
{
	sweep_wq = alloc_ordered_workqueue("kdtls_idle", 0);
	return sweep_wq ? 0 : -ENOMEM;
}

void kdtls_idle_exit(void)
{
	destroy_workqueue(sweep_wq);
}
