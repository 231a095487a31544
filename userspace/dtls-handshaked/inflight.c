// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kdtls/kdtls.h>

#include "admission.h"
#include "clock.h"
#include "gnutls_record.h"
#include "inflight.h"
#include "log.h"
#include "policy.h"

/* Milliseconds that worker and kernel have to end a handshake themselves. */
#define GRACE 5000
/* Rounds of taking what waits in the kernel, before the workers are heard. */
#define ROUNDS 4
/* Datagrams for a handshake and a ClientHello in each. */
#define MAIL 4

static void print_peer(const union address *a, char *out, size_t room)
{
	char addr[INET6_ADDRSTRLEN] = "?";

	if (a->sa.sa_family == AF_INET6) {
		inet_ntop(AF_INET6, &a->in6.sin6_addr, addr, sizeof(addr));
		snprintf(out, room, "[%s]:%u", addr, ntohs(a->in6.sin6_port));
	} else {
		inet_ntop(AF_INET, &a->in.sin_addr, addr, sizeof(addr));
		snprintf(out, room, "%s:%u", addr, ntohs(a->in.sin_port));
	}
}

static void log_end(const struct session *s, const struct handshake_result *r)
{
	char identity[2 * DTLS_MAX_NAME];
	const char *role = s->role == DTLS_ROLE_SERVER ? "server" : "client";

	kdtls_identity_text(r->identity, r->identity_len, identity, sizeof(identity));
	if (r->status)
		say_event(LOG_NOTICE, "%s: %s of uid %u failed with profile %s: %s (%s)",
			  s->peer, role, s->uid, s->profile, strerror(r->status), r->reason);
	else
		say_event(LOG_INFO, "%s: %s of uid %u %s with profile %s: suite %04x%s%s",
			  s->peer, role, s->uid, r->resumed ? "resumed" : "established",
			  s->profile, r->suite, r->identity_len ? ", peer " : "", identity);
}

/* Whose handshake it is: what a user asked for, or a listener's client. */
static void count_out(struct sessions *all, uint64_t listener, uint32_t uid)
{
	if (!listener) {
		tally_sub(&all->users, uid);
		return;
	}
	tally_sub(&all->listeners, listener);
	tally_sub(&all->owners, uid);
}

/* False without memory. */
static bool count_in(struct sessions *all, const struct handshake_request *q)
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

static void session_free(struct sessions *all, struct session *s)
{
	struct worker_process *w = s->worker;

	count_out(all, s->listener, s->uid);
	if (s->listener)
		limits_end(&all->limits, &s->address);
	table_remove(&all->table, &s->node);
	explicit_bzero(&s->secrets, sizeof(s->secrets));
	free(s);
	pool_ended(w);
}

/* Tells kernel and log, and forgets; the worker knows already, or is told. */
static void session_end(struct sessions *all, struct session *s,
			const struct handshake_result *r)
{
	int ret = all->port->ops->done(all->port, s->node.id, r);

	if (ret && ret != -ENOENT)
		say(LOG_ERR, "%s: the kernel does not take the result: %s", s->peer,
		    strerror(-ret));
	else
		log_end(s, r);
	if (ret || r->status) {
		metrics_failed(&all->metrics, ret ? -ret : (int)r->status);
	} else {
		metrics_established(&all->metrics, clock_ms() - s->began);
		all->metrics.resumed += !!r->resumed;
	}
	session_free(all, s);
}

static void set_failure(struct handshake_result *r, int status, const char *reason)
{
	memset(r, 0, sizeof(*r));
	r->status = status;
	snprintf(r->reason, sizeof(r->reason), "%s", reason);
}

static void session_fail(struct sessions *all, struct session *s, int status,
			 const char *reason)
{
	struct handshake_result r;

	set_failure(&r, status, reason);
	pool_send(s->worker, IPC_CANCEL, s->node.id, NULL, 0);
	session_end(all, s, &r);
}

/* Accepting */

static void refuse(struct sessions *all, const struct handshake_request *q,
		   int status, const char *reason)
{
	struct handshake_result r;
	char peer[64];

	set_failure(&r, status, reason);
	print_peer(&q->peer, peer, sizeof(peer));
	say_event(LOG_NOTICE, "%s: refused to uid %u (pid %u): %s", peer, q->uid, q->pid, reason);
	all->port->ops->done(all->port, q->id, &r);
}

static struct session *session_new(const struct handshake_request *q,
				   struct worker_process *w)
{
	struct session *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->node.id = q->id;
	s->worker = w;
	s->role = q->role;
	s->uid = q->uid;
	s->listener = q->listener;
	s->address = q->peer;
	s->mtu = q->mtu;
	s->began = clock_ms();
	s->deadline = s->began + q->timeout_ms + GRACE;
	snprintf(s->profile, sizeof(s->profile), "%s", *q->profile ? q->profile : "default");
	print_peer(&q->peer, s->peer, sizeof(s->peer));
	return s;
}

/* NULL, or why the handshake cannot be given to this worker. */
static const char *give_to_worker(struct sessions *all, const struct handshake_request *q,
				  struct worker_process *w)
{
	struct session *s;

	if (!w)
		return "no worker runs";
	if (table_find(&all->table, q->id))
		return "the kernel gave an id twice";
	s = session_new(q, w);
	if (!s)
		return "out of memory";
	if (!count_in(all, q)) {
		free(s);
		return "out of memory";
	}
	if (pool_send(w, IPC_START, q->id, q, sizeof(*q))) {
		count_out(all, q->listener, q->uid);
		free(s);
		return "the workers are too busy";
	}
	pool_began(w);
	table_add(&all->table, &s->node);
	return NULL;
}

bool session_begin(struct sessions *all, struct handshake_request *q,
		   struct worker_process *w)
{
	char reason[MAX_REASON];
	const char *why;
	int status = policy_check(all->config, q, reason);

	if (status) {
		all->metrics.refused[REFUSED_POLICY]++;
		refuse(all, q, status, reason);
		return false;
	}
	if (!q->listener && tally_of(&all->users, q->uid) >= all->config->max_per_user) {
		all->metrics.refused[REFUSED_USER]++;
		refuse(all, q, EAGAIN, "too many handshakes of this user are in flight");
		return false;
	}
	why = give_to_worker(all, q, w);
	if (why) {
		metrics_failed(&all->metrics, EAGAIN);
		refuse(all, q, EAGAIN, why);
	}
	return !why;
}

void sessions_wanted(struct sessions *all)
{
	all->requests_wait = true;
	all->hellos_wait = true;
}

void sessions_waiting(struct sessions *all)
{
	all->mail_wait = true;
}

static bool requests_wait(const struct sessions *all)
{
	return all->requests_wait && pool_room(all->pool) &&
	       all->table.count < all->config->max_handshakes;
}

static bool mail_waits(const struct sessions *all)
{
	return all->mail_wait && pool_room(all->pool);
}

bool sessions_wait(const struct sessions *all)
{
	return requests_wait(all) || mail_waits(all) || clients_wait(all);
}

static void accept_one(struct sessions *all)
{
	struct handshake_request q = { 0 };
	int ret = all->port->ops->accept(all->port, &q);

	all->requests_wait = !ret;
	if (!ret)
		session_begin(all, &q, pool_pick(all->pool));
	else if (ret != -EAGAIN)
		say(LOG_ERR, "the kernel does not let us accept: %s", strerror(-ret));
}

/* An error is as good as nothing: the clock asks again. */
static void take_mail(struct sessions *all)
{
	unsigned int room = pool_room(all->pool);

	all->mail_wait = !all->port->ops->next(all->port, room < MAIL ? room : MAIL);
	all->port->ops->dispatch(all->port);
}

/* A bit of each kind, so that none waits for another. */
void sessions_serve(struct sessions *all)
{
	for (int i = 0; i < ROUNDS && sessions_wait(all); i++) {
		if (mail_waits(all))
			take_mail(all);
		if (requests_wait(all))
			accept_one(all);
		if (clients_wait(all))
			clients_take(all);
	}
}

/* From the kernel */

static struct session *find(struct sessions *all, uint64_t id)
{
	struct node *n = table_find(&all->table, id);

	return n ? container_of(n, struct session, node) : NULL;
}

void sessions_datagram(struct sessions *all, uint64_t id, const void *data, size_t len)
{
	struct session *s = find(all, id);

	/* one that is stuck loses datagrams, as a network would */
	if (s && s->state == SESSION_RUNNING && len && len <= MAX_DATAGRAM &&
	    s->worker->queued < POOL_QUEUE)
		pool_send(s->worker, IPC_DATAGRAM, id, data, len);
}

void sessions_cancelled(struct sessions *all, uint64_t id, int status)
{
	struct session *s = find(all, id);

	if (!s)
		return;
	say_event(LOG_INFO, "%s: ended by the kernel: %s", s->peer,
		  status ? strerror(status) : "the program closed the socket");
	pool_send(s->worker, IPC_CANCEL, id, NULL, 0);
	metrics_failed(&all->metrics, status == ETIMEDOUT ? ETIMEDOUT : ECANCELED);
	session_free(all, s);
}

/* From a worker */

static bool keys_valid(const struct dtls_keys *k, uint16_t role)
{
	size_t key, iv;

	return k->version == DTLS_VERSION_1_2 && k->epoch == 1 && k->role == role &&
	       record_cipher_sizes(k->cipher, &key, &iv) &&
	       k->tx.seq < 1ull << 48 && k->rx.seq < 1ull << 48 &&
	       (!k->record_size_limit || k->record_size_limit >= 64);
}

/* An answer, or news. 0: the kernel does not say. */
static void tell_path(struct session *s, uint32_t mtu)
{
	const struct path path = { .mtu = mtu };

	if (mtu)
		s->mtu = mtu;
	pool_send(s->worker, IPC_PATH, s->node.id, &path, sizeof(path));
}

static uint32_t path_now(struct sessions *all, const struct session *s, uint32_t narrow)
{
	uint32_t mtu;

	return all->port->ops->path(all->port, s->node.id, narrow, &mtu) ? 0 : mtu;
}

/* What does not fit the path any more, its sender must cut anew. */
static void send_datagram(struct sessions *all, struct session *s,
			  const void *data, size_t len)
{
	uint32_t mtu;

	if (all->port->ops->send(all->port, s->node.id, data, len) != -EMSGSIZE)
		return;
	mtu = path_now(all, s, 0);
	if (mtu && mtu != s->mtu)
		tell_path(s, mtu);
}

/* False: the worker broke the protocol. */
static bool got_path(struct sessions *all, struct session *s, const struct path *path)
{
	if (path->narrow && path->narrow < MIN_PATH)
		return false;
	tell_path(s, path_now(all, s, path->narrow));
	return true;
}

static bool got_keys(struct sessions *all, struct session *s)
{
	struct dtls_keys *k = &s->secrets.keys;
	int ret;

	if (s->state != SESSION_RUNNING || !vault_take(s->worker->vault, &s->secrets) ||
	    !keys_valid(k, s->role))
		return false;
	ret = all->port->ops->install(all->port, s->node.id, k);
	explicit_bzero(k, sizeof(*k));
	if (ret)
		session_fail(all, s, -ret, "the kernel does not take the keys");
	else
		s->state = SESSION_KEYED;
	return true;
}

static bool got_flight(struct sessions *all, struct session *s,
		       const void *flight, size_t len)
{
	int ret;

	if (s->state != SESSION_KEYED)
		return false;
	ret = all->port->ops->last_flight(all->port, s->node.id, flight, len);
	if (ret)
		session_fail(all, s, -ret, "the kernel does not take the last flight");
	return true;
}

static bool got_done(struct sessions *all, struct session *s,
		     struct handshake_result *r)
{
	if (!r->status && s->state != SESSION_KEYED)
		return false;
	if (!r->status) {
		r->exporter_len = s->secrets.exporter_len;
		memcpy(r->exporter, s->secrets.exporter, sizeof(r->exporter));
	}
	session_end(all, s, r);
	explicit_bzero(r->exporter, sizeof(r->exporter));
	return true;
}

static bool obey(struct sessions *all, struct session *s, struct ipc_message *m)
{
	switch (m->head.type) {
	case IPC_DATAGRAM:
		send_datagram(all, s, m->bytes, m->head.len);
		return true;
	case IPC_PATH:
		return got_path(all, s, &m->path);
	case IPC_KEYS:
		return got_keys(all, s);
	case IPC_FLIGHT:
		return got_flight(all, s, m->bytes, m->head.len);
	case IPC_DONE:
		return got_done(all, s, &m->result);
	}
	return false;
}

/* The handshake was cancelled meanwhile; the worker did not know yet. */
static void ignore(struct worker_process *w, const struct ipc_message *m)
{
	struct secrets unused;

	if (m->head.type != IPC_KEYS)
		return;
	vault_take(w->vault, &unused);
	explicit_bzero(&unused, sizeof(unused));
}

static bool is_answer(const struct ipc_message *m)
{
	return m->head.type == IPC_CHALLENGE || m->head.type == IPC_ADMIT ||
	       m->head.type == IPC_NO_HELLO || m->head.type == IPC_FRAGMENT;
}

void sessions_message(struct sessions *all, struct worker_process *w,
		      struct ipc_message *m)
{
	struct session *s = is_answer(m) ? NULL : find(all, m->head.id);
	bool right = true;

	if (is_answer(m))
		right = clients_answer(all, w, m);
	else if (s)
		right = s->worker == w && obey(all, s, m);
	else
		ignore(w, m);
	if (right)
		return;
	say(LOG_ERR, "worker %d broke the protocol", w->pid);
	pool_kill(w);
}

/* All of them */

struct selection {
	struct sessions *all;
	struct worker_process *worker;
	uint64_t overdue;
	int status;
	const char *reason;
};

static void fail_selected(struct node *n, void *ctx)
{
	struct session *s = container_of(n, struct session, node);
	struct selection *x = ctx;

	if ((x->worker && s->worker != x->worker) ||
	    (x->overdue && s->deadline > x->overdue))
		return;
	session_fail(x->all, s, x->status, x->reason);
}

void sessions_worker_died(struct sessions *all, struct worker_process *w)
{
	struct selection x = { all, w, 0, ECONNABORTED, "the worker ended" };

	table_each(&all->table, fail_selected, &x);
}

void sessions_tick(struct sessions *all)
{
	struct selection x = { all, NULL, clock_ms(), ETIMEDOUT, "no end in time" };

	table_each(&all->table, fail_selected, &x);
}

void sessions_end(struct sessions *all)
{
	struct selection x = { all, NULL, 0, ECONNABORTED, "the daemon ends" };

	table_each(&all->table, fail_selected, &x);
}
