// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "admission.h"
#include "clock.h"
#include "log.h"

/*
 * A client's ClientHellos go to one worker, the only one with the secret of its
 * cookie. The hash is keyed, so that a flood cannot choose the worker. A worker
 * with too many loses the ClientHello, which the client retransmits.
 */
static void send_to_worker(struct inflight *all, const struct hello *h)
{
	struct worker_process *w = pool_of(all->pool, limits_hash(&all->limits, &h->peer));

	if (w && w->hellos < POOL_HELLOS &&
	    !ipc_send_hello(w->watch.fd, IPC_HELLO, h))
		w->hellos++;
	else
		all->metrics.hellos[HELLO_DROPPED]++;
}

/* An eighth of max-handshakes is reserved for requests of sockets. */
static bool is_full(const struct inflight *all)
{
	unsigned int max = all->config->max_handshakes;

	return all->table.count >= max - max / 8;
}

static bool may_take(const struct inflight *all)
{
	return !is_full(all) && pool_takes_hello(all->pool);
}

bool admission_waits(const struct inflight *all)
{
	return all->hellos_wait && may_take(all);
}

void admission_take(struct inflight *all)
{
	struct hello h;
	int ret;

	memset(&h, 0, sizeof(h));
	ret = all->port->ops->hello(all->port, &h);
	all->hellos_wait = !ret;
	if (!ret)
		send_to_worker(all, &h);
	else if (ret != -EAGAIN)
		say(LOG_ERR, "cannot take a ClientHello from the kernel: %s", strerror(-ret));
}

/* Answers */

static const enum metrics_refusal refusal_of[] = {
	[LIMIT_IN_FLIGHT] = REFUSED_ADDRESS_IN_FLIGHT,
	[LIMIT_RATE] = REFUSED_ADDRESS_RATE,
};

/* True: the handshake is counted for its address now. */
static bool check_limits(struct inflight *all, const struct hello *h)
{
	enum limit_verdict verdict;

	if (is_full(all)) {
		all->metrics.refused[REFUSED_ALL]++;
		return false;
	}
	if (tally_of(&all->listeners, h->listener) >= all->config->max_per_listener) {
		all->metrics.refused[REFUSED_LISTENER]++;
		return false;
	}
	/* one user's listeners together have half of max-handshakes */
	if (tally_of(&all->owners, h->uid) >= all->config->max_handshakes / 2) {
		all->metrics.refused[REFUSED_USER]++;
		return false;
	}
	verdict = limits_begin(&all->limits, &all->config->per_address, &h->peer, clock_ms());
	if (verdict == LIMIT_OK)
		return true;
	all->metrics.refused[refusal_of[verdict]]++;
	return false;
}

/* The handshake goes to the worker that verified the cookie. */
static void admit_client(struct inflight *all, struct worker_process *w, const struct hello *h)
{
	struct handshake_request q = { 0 };
	int ret;

	if (!check_limits(all, h))
		return;
	ret = all->port->ops->admit(all->port, h, &q);
	if (ret) {
		limits_undo(&all->limits, &h->peer);
		/* -EEXIST, a repeated ClientHello, is no refusal */
		if (ret == -EAGAIN || ret == -EMLINK || ret == -ENOSPC || ret == -EUSERS)
			all->metrics.refused[REFUSED_KERNEL]++;
		return;
	}
	if (inflight_begin(all, &q, w))
		pool_send(w, IPC_DATAGRAM, q.id, h->data, h->len);
	else
		limits_end(&all->limits, &h->peer);
}

bool admission_is_answer(const struct ipc_message *m)
{
	return m->head.type == IPC_CHALLENGE || m->head.type == IPC_ADMIT ||
	       m->head.type == IPC_NO_HELLO || m->head.type == IPC_FRAGMENT;
}

bool admission_answer(struct inflight *all, struct worker_process *w,
		      const struct ipc_message *m)
{
	if (!w->hellos)
		return false;
	w->hellos--;
	switch (m->head.type) {
	case IPC_CHALLENGE:
		all->metrics.hellos[HELLO_CHALLENGED]++;
		all->port->ops->challenge(all->port, &m->hello);
		break;
	case IPC_ADMIT:
		all->metrics.hellos[HELLO_GOOD]++;
		admit_client(all, w, &m->hello);
		break;
	case IPC_FRAGMENT:
		all->metrics.hellos[HELLO_FRAGMENT]++;
		break;
	default:
		all->metrics.hellos[HELLO_BAD]++;
	}
	return true;
}
