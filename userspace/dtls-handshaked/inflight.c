// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kdtls/kdtls.h>

#include "clock.h"
#include "inflight.h"
#include "log.h"
#include "policy.h"
#include "record/record.h"

/* Milliseconds after the timeout in which worker or kernel end a handshake themselves. */
#define GRACE_MS	5000
/* Messages of the kernel that are taken at a time. */
#define MAIL_BATCH	4
/* Bytes of an identity in a line of the log. */
#define LOGGED_IDENTITY	256

static void print_peer(const union address *a, char *out, size_t size)
{
	char addr[INET6_ADDRSTRLEN] = "?";

	if (a->sa.sa_family == AF_INET6) {
		inet_ntop(AF_INET6, &a->in6.sin6_addr, addr, sizeof(addr));
		snprintf(out, size, "[%s]:%u", addr, ntohs(a->in6.sin6_port));
	} else {
		inet_ntop(AF_INET, &a->in.sin_addr, addr, sizeof(addr));
		snprintf(out, size, "%s:%u", addr, ntohs(a->in.sin_port));
	}
}

/* Bytes of an identity for the log, whole characters of UTF-8. */
static size_t logged_length(const struct handshake_result *r)
{
	size_t len = r->identity_len;

	if (len <= LOGGED_IDENTITY)
		return len;
	for (len = LOGGED_IDENTITY; len && (r->identity[len] & 0xc0) == 0x80; len--)
		;
	return len;
}

static void log_end(const struct handshake *h, const struct handshake_result *r)
{
	char identity[2 * LOGGED_IDENTITY + 2];
	const char *role = h->role == DTLS_ROLE_SERVER ? "server" : "client";

	kdtls_identity_text(r->identity, logged_length(r), identity, sizeof(identity));
	if (r->status)
		say_event(LOG_NOTICE, "%s: %s of uid %u failed with profile %s: %s (%s)",
			  h->peer, role, h->uid, h->profile, strerror(r->status), r->reason);
	else
		say_event(LOG_INFO, "%s: %s of uid %u %s with profile %s: suite %04x%s%s",
			  h->peer, role, h->uid, r->resumed ? "resumed" : "established",
			  h->profile, r->suite, r->identity_len ? ", peer " : "", identity);
}

/* A socket's request counts for its user, a listener's client for the listener. */
static void release_quota(struct inflight *all, uint64_t listener, uint32_t uid)
{
	if (!listener) {
		tally_sub(&all->users, uid);
		return;
	}
	tally_sub(&all->listeners, listener);
	tally_sub(&all->owners, uid);
}

/* False without memory. */
static bool take_quota(struct inflight *all, const struct handshake_request *q)
{
	if (!q->listener)
		return tally_add(&all->users, q->uid);
	if (!tally_add(&all->listeners, q->listener))
		return false;
	if (tally_add(&all->owners, q->uid))
		return true;
	tally_sub(&all->listeners, q->listener);
	return false;
}

static void free_handshake(struct inflight *all, struct handshake *h)
{
	struct worker_process *w = h->worker;

	release_quota(all, h->listener, h->uid);
	if (h->listener)
		limits_end(&all->limits, &h->address);
	table_remove(&all->table, &h->node);
	explicit_bzero(&h->secrets, sizeof(h->secrets));
	free(h);
	pool_ended(w);
}

static void await_ticket(struct inflight *all, const struct handshake *h)
{
	all->awaiting[all->awaited++ % MAX_AWAITING] = (struct awaiting){
		.id = h->node.id, .worker = h->worker,
	};
}

/* Result to kernel and log. The worker has ended the handshake, or got IPC_CANCEL. */
static void end_handshake(struct inflight *all, struct handshake *h,
			  const struct handshake_result *r)
{
	int ret = all->port->ops->done(all->port, h->node.id, r);

	if (ret && ret != -ENOENT)
		say(LOG_ERR, "%s: the kernel rejected the result: %s", h->peer,
		    strerror(-ret));
	else
		log_end(h, r);
	if (ret || r->status) {
		metrics_failed(&all->metrics, ret ? -ret : (int)r->status);
	} else {
		metrics_established(&all->metrics, clock_ms() - h->began);
		all->metrics.resumed += !!r->resumed;
		if (r->tickets)
			await_ticket(all, h);
	}
	free_handshake(all, h);
}

static void set_failure(struct handshake_result *r, int status, const char *reason)
{
	memset(r, 0, sizeof(*r));
	r->status = status;
	snprintf(r->reason, sizeof(r->reason), "%s", reason);
}

static void fail_handshake(struct inflight *all, struct handshake *h,
			   int status, const char *reason)
{
	struct handshake_result r;

	set_failure(&r, status, reason);
	pool_send(h->worker, IPC_CANCEL, h->node.id, NULL, 0);
	end_handshake(all, h, &r);
}

/* Requests */

static void refuse_request(struct inflight *all,
			   const struct handshake_request *q, int status,
			   const char *reason)
{
	struct handshake_result r;
	char peer[64];

	set_failure(&r, status, reason);
	print_peer(&q->peer, peer, sizeof(peer));
	say_event(LOG_NOTICE, "%s: refused to uid %u (pid %u): %s", peer, q->uid, q->pid, reason);
	all->port->ops->done(all->port, q->id, &r);
}

static struct handshake *new_handshake(const struct handshake_request *q,
				       struct worker_process *w)
{
	struct handshake *h = calloc(1, sizeof(*h));

	if (!h)
		return NULL;
	h->node.id = q->id;
	h->worker = w;
	h->role = q->role;
	h->uid = q->uid;
	h->listener = q->listener;
	h->address = q->peer;
	h->mtu = q->mtu;
	h->began = clock_ms();
	h->deadline = h->began + q->timeout_ms + GRACE_MS;
	snprintf(h->profile, sizeof(h->profile), "%s", *q->profile ? q->profile : "default");
	print_peer(&q->peer, h->peer, sizeof(h->peer));
	return h;
}

/* NULL, or why this worker cannot run the handshake. */
static const char *give_to_worker(struct inflight *all,
				  const struct handshake_request *q,
				  struct worker_process *w)
{
	struct handshake *h;

	if (!w)
		return "no worker is running";
	if (table_find(&all->table, q->id))
		return "the kernel used an id twice";
	h = new_handshake(q, w);
	if (!h)
		return "out of memory";
	if (!take_quota(all, q)) {
		free(h);
		return "out of memory";
	}
	if (pool_send(w, IPC_START, q->id, q, sizeof(*q))) {
		release_quota(all, q->listener, q->uid);
		free(h);
		return "the worker's queue is full";
	}
	pool_began(w);
	table_add(&all->table, &h->node);
	return NULL;
}

bool inflight_begin(struct inflight *all, struct handshake_request *q,
		    struct worker_process *w)
{
	char reason[MAX_REASON];
	const char *why;
	int status = policy_check(all->config, q, reason);

	if (status) {
		all->metrics.refused[REFUSED_POLICY]++;
		refuse_request(all, q, status, reason);
		return false;
	}
	if (!q->listener && tally_of(&all->users, q->uid) >= all->config->max_per_user) {
		all->metrics.refused[REFUSED_USER]++;
		refuse_request(all, q, EAGAIN, "too many handshakes of this user are in flight");
		return false;
	}
	why = give_to_worker(all, q, w);
	if (why) {
		metrics_failed(&all->metrics, EAGAIN);
		refuse_request(all, q, EAGAIN, why);
	}
	return !why;
}

bool inflight_requests_wait(const struct inflight *all)
{
	return all->requests_wait && pool_space(all->pool) &&
	       all->table.count < all->config->max_handshakes;
}

/*
 * A client that may resume goes where its sessions are, by its server's address. The hash
 * is keyed.
 */
static struct worker_process *pick_worker(struct inflight *all, const struct handshake_request *q)
{
	const struct profile *p = config_profile(all->config, q->profile);
	struct worker_process *w = NULL;

	if (p && p->tickets && q->role == DTLS_ROLE_CLIENT)
		w = pool_of(all->pool, limits_hash(&all->limits, &q->peer));
	return w ? w : pool_pick(all->pool);
}

void inflight_take_request(struct inflight *all)
{
	struct handshake_request q = { 0 };
	int ret = all->port->ops->accept(all->port, &q);

	all->requests_wait = !ret;
	if (!ret)
		inflight_begin(all, &q, pick_worker(all, &q));
	else if (ret != -EAGAIN)
		say(LOG_ERR, "cannot accept a handshake from the kernel: %s", strerror(-ret));
}

bool inflight_mail_waits(const struct inflight *all)
{
	return all->mail_waits && pool_space(all->pool);
}

/* After an error the clock causes the next attempt. */
void inflight_take_mail(struct inflight *all)
{
	unsigned int space = pool_space(all->pool);

	all->mail_waits = !all->port->ops->next(all->port, space < MAIL_BATCH ? space : MAIL_BATCH);
	all->port->ops->dispatch(all->port);
}

/* From the kernel */

static struct handshake *find_handshake(struct inflight *all, uint64_t id)
{
	struct node *n = table_find(&all->table, id);

	return n ? container_of(n, struct handshake, node) : NULL;
}

void inflight_datagram(struct inflight *all, uint64_t id, const void *data, size_t len)
{
	struct handshake *h = find_handshake(all, id);

	/* a stuck worker loses datagrams, which the peer retransmits */
	if (h && h->state == HANDSHAKE_RUNNING && len && len <= MAX_DATAGRAM &&
	    h->worker->queued < POOL_QUEUE)
		pool_send(h->worker, IPC_DATAGRAM, id, data, len);
}

static struct worker_process *waiting_worker(struct inflight *all, uint64_t id)
{
	for (unsigned int i = 0; i < MAX_AWAITING; i++)
		if (all->awaiting[i].id == id)
			return all->awaiting[i].worker;
	return NULL;
}

/* A worker that is busy does not get it: the next handshake is a full one. */
void inflight_ticket(struct inflight *all, uint64_t id, const void *data, size_t len)
{
	struct worker_process *w = id ? waiting_worker(all, id) : NULL;

	if (len && len <= MAX_TICKET && pool_has(all->pool, w) && w->queued < POOL_QUEUE)
		pool_send(w, IPC_TICKET, id, data, len);
}

void inflight_cancelled(struct inflight *all, uint64_t id, int status)
{
	struct handshake *h = find_handshake(all, id);

	if (!h)
		return;
	say_event(LOG_INFO, "%s: ended by the kernel: %s", h->peer,
		  status ? strerror(status) : "the program closed the socket");
	pool_send(h->worker, IPC_CANCEL, id, NULL, 0);
	metrics_failed(&all->metrics, status == ETIMEDOUT ? ETIMEDOUT : ECANCELED);
	free_handshake(all, h);
}

/* From a worker */

/* Of the version, the first epoch under these keys. */
static uint64_t first_epoch(uint16_t version)
{
	return version == DTLS_VERSION_1_3 ? 3 : 1;
}

static bool keys_valid(const struct dtls_keys *k, uint16_t role)
{
	uint64_t epoch = first_epoch(k->version);

	return (k->version == DTLS_VERSION_1_2 || k->version == DTLS_VERSION_1_3) &&
	       k->tx.epoch == epoch && k->rx.epoch == epoch &&
	       k->role == role &&
	       dtls_cipher_by_id(k->cipher) &&
	       k->tx.seq <= DTLS_MAX_SEQ && k->rx.seq <= DTLS_MAX_SEQ &&
	       k->tx.cid_len <= DTLS_MAX_CID && k->rx.cid_len <= DTLS_MAX_CID &&
	       (!k->record_size_limit || k->record_size_limit >= 64);
}

/* mtu 0: the kernel does not know it. */
static void send_path(struct handshake *h, uint32_t mtu)
{
	const struct path path = { .mtu = mtu };

	if (mtu)
		h->mtu = mtu;
	pool_send(h->worker, IPC_PATH, h->node.id, &path, sizeof(path));
}

static uint32_t query_path(struct inflight *all, const struct handshake *h, uint32_t narrow)
{
	uint32_t mtu;

	return all->port->ops->path(all->port, h->node.id, narrow, &mtu) ? 0 : mtu;
}

/* After EMSGSIZE the worker fragments to the new MTU. */
static void send_datagram(struct inflight *all, struct handshake *h,
			  const void *data, size_t len)
{
	uint32_t mtu;

	if (all->port->ops->send(all->port, h->node.id, &h->cid, data, len) != -EMSGSIZE)
		return;
	mtu = query_path(all, h, 0);
	if (mtu && mtu != h->mtu)
		send_path(h, mtu);
}

/* These are false when the worker violated the protocol. */
static bool handle_path(struct inflight *all, struct handshake *h, const struct path *path)
{
	if (path->narrow && path->narrow < MIN_PATH)
		return false;
	send_path(h, query_path(all, h, path->narrow));
	return true;
}

static bool handle_keys(struct inflight *all, struct handshake *h)
{
	struct dtls_keys *k = &h->secrets.keys;
	int ret;

	if (h->state != HANDSHAKE_RUNNING ||
	    !vault_take(h->worker->vault, &h->secrets) ||
	    !keys_valid(k, h->role))
		return false;
	ret = all->port->ops->install(all->port, h->node.id, k);
	explicit_bzero(k, sizeof(*k));
	if (ret)
		fail_handshake(all, h, -ret, "the kernel rejected the keys");
	else
		h->state = HANDSHAKE_KEYED;
	return true;
}

static bool handle_flight(struct inflight *all, struct handshake *h,
			  const void *flight, size_t len)
{
	int ret;

	if (h->state != HANDSHAKE_KEYED)
		return false;
	ret = all->port->ops->last_flight(all->port, h->node.id, flight, len);
	if (ret)
		fail_handshake(all, h, -ret, "the kernel rejected the last flight");
	return true;
}

static bool handle_done(struct inflight *all, struct handshake *h,
			struct handshake_result *r)
{
	if (!r->status && h->state != HANDSHAKE_KEYED)
		return false;
	if (!r->status) {
		r->exporter_len = h->secrets.exporter_len;
		memcpy(r->exporter, h->secrets.exporter, sizeof(r->exporter));
	}
	end_handshake(all, h, r);
	explicit_bzero(r->exporter, sizeof(r->exporter));
	return true;
}

static bool handle_message(struct inflight *all, struct handshake *h, struct ipc_message *m)
{
	switch (m->head.type) {
	case IPC_DATAGRAM:
		send_datagram(all, h, m->bytes, m->head.len);
		return true;
	case IPC_PATH:
		return handle_path(all, h, &m->path);
	case IPC_CID:
		h->cid = m->cid;
		return true;
	case IPC_KEYS:
		return handle_keys(all, h);
	case IPC_FLIGHT:
		return handle_flight(all, h, m->bytes, m->head.len);
	case IPC_DONE:
		return handle_done(all, h, &m->result);
	}
	return false;
}

/* The handshake was cancelled before the worker got IPC_CANCEL. */
static void discard_message(struct worker_process *w, const struct ipc_message *m)
{
	struct secrets unused;

	if (m->head.type != IPC_KEYS)
		return;
	vault_take(w->vault, &unused);
	explicit_bzero(&unused, sizeof(unused));
}

bool inflight_message(struct inflight *all, struct worker_process *w,
		      struct ipc_message *m)
{
	struct handshake *h = find_handshake(all, m->head.id);

	if (h)
		return h->worker == w && handle_message(all, h, m);
	discard_message(w, m);
	return true;
}

/* Many at once */

struct selection {
	struct inflight *all;
	struct worker_process *worker;
	uint64_t overdue;
	int status;
	const char *reason;
};

static void fail_selected(struct node *n, void *ctx)
{
	struct handshake *h = container_of(n, struct handshake, node);
	struct selection *x = ctx;

	if ((x->worker && h->worker != x->worker) ||
	    (x->overdue && h->deadline > x->overdue))
		return;
	fail_handshake(x->all, h, x->status, x->reason);
}

void inflight_worker_died(struct inflight *all, struct worker_process *w)
{
	struct selection x = { all, w, 0, ECONNABORTED, "its worker ended" };

	table_each(&all->table, fail_selected, &x);
}

void inflight_tick(struct inflight *all)
{
	struct selection x = { all, NULL, clock_ms(), ETIMEDOUT, "no result before the deadline" };

	table_each(&all->table, fail_selected, &x);
}

void inflight_end(struct inflight *all)
{
	struct selection x = { all, NULL, 0, ECONNABORTED, "dtls-handshaked is stopping" };

	table_each(&all->table, fail_selected, &x);
}
