// SPDX-License-Identifier: GPL-2.0
/*
 * poll and SIOCINQ. Both open what is queued before they say that something
 * can be read: a forged datagram must not hang a select() server.
 */
#include <linux/poll.h>
#include <net/udp.h>

#include "assoc.h"
#include "assoc_lookup.h"
#include "budget.h"
#include "inbox.h"
#include "input.h"
#include "poll.h"
#include "reader.h"
#include "recv_queue.h"
#include "recvmsg.h"
#include "socket.h"

/* Opens until there is something to read; false: nothing came of it. */
static bool open_for_poll(struct kdtls_sock *ks)
{
	struct kdtls_budget budget;
	struct kdtls_sink sink;
	int decided;

	kdtls_sink_init(&sink, NULL);
	kdtls_budget_init(&budget);
	while (kdtls_inbox_empty(&ks->inbox)) {
		decided = kdtls_input(ks, &sink);
		if (!decided)
			break;
		kdtls_recv_keep(ks, &sink.kept);
		if (!kdtls_budget_spend(&budget, decided))
			return kdtls_recv_queued(ks);	/* ask again */
	}
	return !kdtls_inbox_empty(&ks->inbox);
}

static bool is_writable(struct kdtls_sock *ks)
{
	struct kdtls_assoc *assoc;
	bool yes;

	if (kdtls_peer_table_of(ks))
		return true;
	assoc = kdtls_lookup_connected(ks);
	/* Over: a send answers at once. Before there are keys it waits. */
	yes = assoc && kdtls_assoc_state(assoc) >= DTLS_STATE_ESTABLISHED;
	kdtls_assoc_put(assoc);
	return yes;
}

__poll_t kdtls_poll(struct file *file, struct socket *sock, poll_table *wait)
{
	struct kdtls_sock *ks = kdtls_sk(sock->sk);
	bool can_read;
	__poll_t mask;

	sock_poll_wait(file, sock, wait);
	kdtls_leftover_look(ks);
	kdtls_input_work_unneeded(ks);
	can_read = open_for_poll(ks);
	kdtls_events_looked(ks);
	/* opening may have queued errors and events */
	mask = datagram_poll(file, sock, NULL);
	mask &= ~(EPOLLIN | EPOLLRDNORM);
	if (can_read)
		mask |= EPOLLIN | EPOLLRDNORM;
	if (kdtls_recv_ended(ks))
		mask |= EPOLLIN | EPOLLRDNORM | EPOLLRDHUP;
	if (!is_writable(ks))
		mask &= ~(EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND);
	return mask;
}

int kdtls_next_len(struct sock *sk)
{
	struct kdtls_sock *ks = kdtls_sk(sk);
	struct kdtls_record *rec;
	int len = 0;

	if (!open_for_poll(ks))
		return 0;
	rec = kdtls_inbox_peek(&ks->inbox);
	if (rec) {
		len = rec->len;
		kdtls_record_put(rec);
	}
	return len;
}
