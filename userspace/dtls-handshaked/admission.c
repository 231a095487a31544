// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "admission.h"
#include "clock.h"
#include "log.h"

/*
 * A client always meets the same worker: only that one knows its cookie. Which
 * one a flood cannot choose. A worker that is too busy loses the ClientHello,
 * as the network might have.
 */
static void greet(struct sessions *all, const struct hello *h)
{
	struct worker_process *w = pool_of(all->pool, limits_hash(&all->limits, &h->peer));

	if (w && w->hellos < POOL_HELLOS &&
	    !ipc_send_hello(w->watch.fd, IPC_HELLO, h))
		w->hellos++;
	else
		all->metrics.hellos[HELLO_DROPPED]++;
}

/* Clients leave an eighth of the room to who asks for himself. */
static bool full(const struct sessions *all)
{
	unsigned int max = all->config->max_handshakes;

	return all->table.count >= max - max / 8;
}

static bool may_take(const struct sessions *all)
{
	return !full(all) && pool_has_room(all->pool);
}

bool clients_wait(const struct sessions *all)
{
	return all->hellos_wait && may_take(all);
}

void clients_take(struct sessions *all)
{
	struct hello h;
	int ret;

	memset(&h, 0, sizeof(h));
	ret = all->port->ops->hello(all->port, &h);
	all->hellos_wait = !ret;
	if (!ret)
		greet(all, &h);
	else if (ret != -EAGAIN)
		say(LOG_ERR, "the kernel does not let us take a ClientHello: %s",
		    strerror(-ret));
}

/* Admitting */

static const enum metrics_refusal refusal_of[] = {
	[LIMIT_IN_FLIGHT] = REFUSED_ADDRESS_IN_FLIGHT,
	[LIMIT_RATE] = REFUSED_ADDRESS_RATE,
};

/* True: it is counted as its address' now. */
static bool within_limits(struct sessions *all, const struct hello *h)
{
	enum limit_verdict verdict;

	if (full(all)) {
		all->metrics.refused[REFUSED_ALL]++;
		return false;
	}
	if (tally_of(&all->listeners, h->listener) >= all->config->max_per_listener) {
		all->metrics.refused[REFUSED_LISTENER]++;
		return false;
	}
	/* half of all, however many sockets the user has */
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

/* His cookie is good: the handshake goes to the worker that says so. */
static void admit(struct sessions *all, struct worker_process *w, const struct hello *h)
{
	struct handshake_request q = { 0 };
	int ret;

	if (!within_limits(all, h))
		return;
	ret = all->port->ops->admit(all->port, h, &q);
	if (ret) {
		limits_undo(&all->limits, &h->peer);
		/* a ClientHello that came twice is none too many */
		if (ret == -EAGAIN || ret == -EMLINK || ret == -ENOSPC || ret == -EUSERS)
			all->metrics.refused[REFUSED_KERNEL]++;
		return;
	}
	if (session_begin(all, &q, w))
		pool_send(w, IPC_DATAGRAM, q.id, h->data, h->len);
	else
		limits_end(&all->limits, &h->peer);
}

bool clients_answer(struct sessions *all, struct worker_process *w,
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
		admit(all, w, &m->hello);
		break;
	case IPC_FRAGMENT:
		all->metrics.hellos[HELLO_FRAGMENT]++;
		break;
	default:
		all->metrics.hellos[HELLO_BAD]++;
	}
	return true;
}
