// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A worker runs the TLS library, which parses unauthenticated bytes. It holds one
 * socket, to the parent, and the credentials it was forked with. It writes no log:
 * the parent logs the result of a handshake.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "awaited.h"
#include "client_hello.h"
#include "clock.h"
#include "engine.h"
#include "ipc.h"
#include "sandbox.h"
#include "table.h"
#include "timers.h"
#include "worker.h"

/* Messages before timers are served, and timers before the next message. */
#define BATCH		64
/* Messages processed before the parent is notified. */
#define TAKEN_BATCH	2
/* The shortest interval of the library's retransmission timer. */
#define MIN_RETRY_MS	20
/* The interval between two queries of the path MTU, and the wait for an answer. */
#define QUERY_MS		500
#define ANSWER_MS	100
/* Handshakes that are over and wait for a ticket, and for how long. */
#define MAX_WAITING	32
#define TICKET_MS	10000
/* The worker ends a handshake this long before the kernel, to report the reason. */
#define MARGIN_MS	500

struct worker {
	const struct config *config;
	int fd;
	struct vault *vault;
	struct cookie cookie;
	struct awaited awaited;
	struct table tasks;
	struct timers timers;
	unsigned int taken;	/* messages processed, not yet reported */
	uint64_t now;		/* ms */
	uint64_t waiting[MAX_WAITING];	/* ids, a ring: the oldest makes way */
	unsigned int waited;
	struct ipc_message message;
};

struct task {
	struct node node;
	struct worker *worker;
	struct engine *engine;
	bool cid_sent;
	bool over;		/* the parent has the result: it waits for a ticket */
	struct timer timer;	/* the next retransmission, or the end */
	uint64_t expires_at;
	uint64_t queried_at;	/* the path MTU, or 0 */
};

static void send_datagram(void *ctx, const void *data, size_t len)
{
	struct task *t = ctx;

	if (t->engine->peer_cid.len && !t->cid_sent) {
		ipc_send(t->worker->fd, IPC_CID, t->node.id, &t->engine->peer_cid,
			 sizeof(t->engine->peer_cid));
		t->cid_sent = true;
	}
	ipc_send(t->worker->fd, IPC_DATAGRAM, t->node.id, data, len);
}

static void send_result(struct task *t, const struct handshake_result *r)
{
	ipc_send(t->worker->fd, IPC_DONE, t->node.id, r, sizeof(*r));
}

static void task_free(struct task *t)
{
	timers_clear(&t->worker->timers, &t->timer);
	table_remove(&t->worker->tasks, &t->node);
	t->engine->ops->free(t->engine);
	free(t);
}

/* narrow: as in struct path. */
static void send_path(struct task *t, uint32_t narrow)
{
	const struct path path = { .narrow = narrow };

	ipc_send(t->worker->fd, IPC_PATH, t->node.id, &path, sizeof(path));
}

static void send_flight(struct task *t, const struct engine_outcome *o)
{
	if (o->flight_len)
		ipc_send(t->worker->fd, IPC_FLIGHT, t->node.id, o->flight, o->flight_len);
}

/* Keys first, then the last flight, which lets the peer use them. */
static void report_success(struct task *t, struct engine_outcome *o)
{
	int fd = t->worker->fd;

	if (o->narrow)
		send_path(t, o->narrow);
	vault_put(t->worker->vault, &o->keys, &o->result);
	ipc_send(fd, IPC_KEYS, t->node.id, NULL, 0);
	if (!o->flight_behind)
		send_flight(t, o);
	t->engine->ops->release(t->engine);
	if (o->flight_behind)
		send_flight(t, o);
	explicit_bzero(o->result.exporter, sizeof(o->result.exporter));
	o->result.exporter_len = 0;
	o->result.tickets = t->engine->awaits_ticket;
	send_result(t, &o->result);
}

static void report_failure(struct task *t)
{
	static const struct handshake_result no_memory = { .status = ENOMEM };
	const struct engine_outcome *o = t->engine->outcome;

	send_result(t, o ? &o->result : &no_memory);
}

/* False without memory. */
static bool set_retry_timer(struct task *t)
{
	unsigned int ms = t->engine->ops->timeout(t->engine);
	uint64_t at = t->worker->now + (ms < MIN_RETRY_MS ? MIN_RETRY_MS : ms);

	return timers_set(&t->worker->timers, &t->timer,
			  at < t->expires_at ? at : t->expires_at);
}

static struct task *any_task(struct worker *w, uint64_t id)
{
	struct node *n = table_find(&w->tasks, id);

	return n ? container_of(n, struct task, node) : NULL;
}

static struct task *waiting_task(struct worker *w, uint64_t id)
{
	struct task *t = any_task(w, id);

	return t && t->over ? t : NULL;
}

/* False: it is to be freed. */
static bool wait_ticket(struct task *t)
{
	struct worker *w = t->worker;
	uint64_t *place = &w->waiting[w->waited % MAX_WAITING];
	struct task *oldest;

	if (!t->engine->awaits_ticket ||
	    !timers_set(&w->timers, &t->timer, w->now + TICKET_MS))
		return false;
	oldest = *place ? waiting_task(w, *place) : NULL;
	if (oldest)
		task_free(oldest);
	*place = t->node.id;
	w->waited++;
	t->over = true;
	t->engine->ops->wait(t->engine);
	return true;
}

static void take_ticket(struct task *t, const void *fragment, size_t len)
{
	if (t->engine->ops->ticket(t->engine, fragment, len))
		task_free(t);
}

static void task_step(struct task *t, const void *data, size_t len)
{
	switch (t->engine->ops->step(t->engine, data, len)) {
	case ENGINE_RUNNING:
		if (set_retry_timer(t))
			return;
		report_failure(t);
		break;
	case ENGINE_DONE:
		report_success(t, t->engine->outcome);
		if (wait_ticket(t))
			return;
		break;
	case ENGINE_FAILED:
		report_failure(t);
		break;
	}
	task_free(t);
}

static uint64_t get_expiry(const struct worker *w, const struct handshake_request *r)
{
	uint32_t margin = r->timeout_ms / 8;

	return w->now + r->timeout_ms - (margin < MARGIN_MS ? margin : MARGIN_MS);
}

static void refuse_handshake(struct worker *w, uint64_t id, int status)
{
	struct handshake_result r = { .status = status };

	ipc_send(w->fd, IPC_DONE, id, &r, sizeof(r));
}

static void get_client(const struct handshake_request *r, struct cookie_client *client)
{
	cookie_client(client, r->listener, r->link, &r->peer, &r->local);
}

/* Fragments of this client's ClientHello go to the handshake from now on. */
static void claim_awaited(struct worker *w, const struct handshake_request *r)
{
	struct awaited_client *c;
	struct cookie_client client;

	if (!r->listener)
		return;
	get_client(r, &client);
	c = awaited_find(&w->awaited, &client);
	if (c)
		c->handshake = r->id;
}

static void start_task(struct worker *w, const struct handshake_request *r)
{
	const struct profile *p = config_profile(w->config, r->profile);
	struct task *t = p ? calloc(1, sizeof(*t)) : NULL;

	if (!t) {
		refuse_handshake(w, r->id, p ? ENOMEM : EACCES);
		return;
	}
	t->engine = p->engine->create(r, p, &w->cookie, send_datagram, t);
	if (!t->engine) {
		free(t);
		refuse_handshake(w, r->id, ENOMEM);
		return;
	}
	t->worker = w;
	t->node.id = r->id;
	t->expires_at = get_expiry(w, r);
	table_add(&w->tasks, &t->node);
	claim_awaited(w, r);
	task_step(t, NULL, 0);
}

/* One that runs. */
static struct task *find_task(struct worker *w, uint64_t id)
{
	struct task *t = any_task(w, id);

	return t && !t->over ? t : NULL;
}

/* The first fragment was fed before; now the later ones. */
static void feed_awaited(struct worker *w, uint64_t id)
{
	struct awaited_client *c = awaited_of(&w->awaited, id);
	struct task *t = find_task(w, id);
	size_t len;

	if (!c || !t || !c->len)
		return;
	len = c->len;
	c->len = 0;
	task_step(t, c->data, len);
}

struct answer {
	struct worker *worker;
	struct hello *hello;
	bool given;
};

/* The engine's answer, such as a HelloVerifyRequest, replaces the ClientHello. */
static void send_challenge(void *ctx, const void *data, size_t len)
{
	struct answer *a = ctx;
	struct hello *h = a->hello;

	/* RFC 6347 section 4.2.1: no amplification */
	if (len > h->len)
		return;
	memcpy(h->data, data, len);
	h->len = len;
	a->given = true;
	ipc_send_hello(a->worker->fd, IPC_CHALLENGE, h);
}

/* A later fragment has no cookie: the first fragment's stands for it. */
static void take_fragment(struct worker *w, const struct cookie_client *client,
			  const struct hello *h)
{
	struct awaited_client *c = awaited_find(&w->awaited, client);
	struct task *t = c && c->handshake ? find_task(w, c->handshake) : NULL;

	ipc_send(w->fd, IPC_FRAGMENT, h->listener, NULL, 0);
	if (t)
		task_step(t, h->data, h->len);
	else if (c && !c->handshake)
		awaited_keep(c, h->data, h->len);
}

static void admit_client(struct worker *w, const struct cookie_client *client,
			 const struct client_hello *shape,
			 const struct hello *h)
{
	if (!client_hello_whole(shape))
		awaited_expect(&w->awaited, client);
	ipc_send_hello(w->fd, IPC_ADMIT, h);
}

/* A profile that does not exist is refused later, to a client with a valid cookie. */
static enum cookie_verdict check_hello(struct worker *w, const struct cookie_client *client,
				       struct answer *answer)
{
	struct hello *h = answer->hello;
	const struct profile *p = config_profile(w->config, h->profile);
	const struct engine_ops *engine = p ? p->engine : &gnutls_engine;

	return engine->hello(p, &w->cookie, client, h->data, h->len, send_challenge, answer);
}

/*
 * No state is kept: a client with a valid cookie returns with IPC_START. The parent
 * counts ClientHellos at a worker, so each gets one answer.
 */
static void answer_hello(struct worker *w, struct hello *h)
{
	struct answer answer = { w, h, false };
	struct cookie_client client;
	struct client_hello shape;

	cookie_client(&client, h->listener, h->link, &h->peer, &h->local);
	if (client_hello_parse(h->data, h->len, &shape) && shape.offset) {
		take_fragment(w, &client, h);
		return;
	}
	if (check_hello(w, &client, &answer) == COOKIE_GOOD) {
		answer.given = true;
		admit_client(w, &client, &shape, h);
	}
	if (!answer.given)
		ipc_send(w->fd, IPC_NO_HELLO, h->listener, NULL, 0);
}

static void set_path(struct task *t, uint32_t mtu)
{
	if (mtu)
		t->engine->ops->path(t->engine, mtu);
	task_step(t, NULL, 0);
}

static void handle_message(struct worker *w, struct ipc_message *m)
{
	struct task *t = find_task(w, m->head.id);

	switch (m->head.type) {
	case IPC_START:
		if (!any_task(w, m->head.id) && m->request.id == m->head.id)
			start_task(w, &m->request);
		break;
	case IPC_DATAGRAM:
		if (t)
			task_step(t, m->bytes, m->head.len);
		feed_awaited(w, m->head.id);
		break;
	case IPC_PATH:
		if (t)
			set_path(t, m->path.mtu);
		break;
	case IPC_CANCEL:
		if (t)
			task_free(t);
		break;
	case IPC_TICKET:
		t = waiting_task(w, m->head.id);
		if (t)
			take_ticket(t, m->bytes, m->head.len);
		break;
	case IPC_HELLO:
		answer_hello(w, &m->hello);
		break;
	case IPC_PING:
		ipc_send(w->fd, IPC_PONG, 0, NULL, 0);
		break;
	}
}

/* The parent sends no more than POOL_QUEUE messages without this report. */
static void report_taken(struct worker *w)
{
	if (w->taken)
		ipc_send(w->fd, IPC_TAKEN, w->taken, NULL, 0);
	w->taken = 0;
}

static void count_taken(struct worker *w, uint16_t type)
{
	if (type != IPC_START && type != IPC_DATAGRAM && type != IPC_CANCEL &&
	    type != IPC_PATH && type != IPC_TICKET)
		return;
	if (++w->taken >= TAKEN_BATCH)
		report_taken(w);
}

/* False when the parent is gone. */
static bool serve_parent(struct worker *w)
{
	uint16_t type;

	for (int i = 0; i < BATCH; i++)
		switch (ipc_recv(w->fd, &w->message)) {
		case IPC_MESSAGE:
			type = w->message.head.type;
			handle_message(w, &w->message);
			count_taken(w, type);
			break;
		case IPC_NOTHING:
			report_taken(w);
			return true;
		case IPC_CLOSED:
		case IPC_BAD:
			return false;
		}
	report_taken(w);
	return true;
}

/*
 * Before a flight is retransmitted: ICMP may have changed the kernel's path MTU.
 * False: retransmit without waiting for an answer.
 */
static bool query_path(struct task *t)
{
	struct worker *w = t->worker;

	if ((t->queried_at && w->now - t->queried_at < QUERY_MS) ||
	    t->engine->ops->timeout(t->engine))
		return false;
	t->queried_at = w->now;
	send_path(t, 0);
	return timers_set(&w->timers, &t->timer, w->now + ANSWER_MS);
}

static void serve_timer(struct task *t)
{
	if (t->over) {
		task_free(t);
		return;
	}
	if (t->worker->now < t->expires_at) {
		if (!query_path(t))
			task_step(t, NULL, 0);
		return;
	}
	t->engine->ops->expire(t->engine);
	report_failure(t);
	task_free(t);
}

/* A few at a time, so that the parent's messages are not delayed. */
static void serve_timers(struct worker *w)
{
	struct timer *first;

	for (int i = 0; i < BATCH; i++) {
		first = timers_first(&w->timers);
		if (!first || first->at > w->now)
			return;
		serve_timer(container_of(first, struct task, timer));
	}
}

/* Milliseconds until the next timer; -1: none. */
static int get_timeout(const struct worker *w)
{
	const struct timer *first = timers_first(&w->timers);

	if (!first)
		return -1;
	if (first->at <= w->now)
		return 0;
	return first->at - w->now > 60000 ? 60000 : (int)(first->at - w->now);
}

static void drop_task(struct node *n, void *ctx)
{
	task_free(container_of(n, struct task, node));
}

static void run_worker(struct worker *w)
{
	struct pollfd pfd = { .fd = w->fd, .events = POLLIN };

	for (;;) {
		int n;

		w->now = clock_ms();
		n = poll(&pfd, 1, get_timeout(w));
		w->now = clock_ms();
		if (n > 0 && !serve_parent(w))
			return;
		serve_timers(w);
	}
}

int worker_main(const struct config *config, int fd, struct vault *vault)
{
	struct worker *w = calloc(1, sizeof(*w));

	if (!w || !cookie_init(&w->cookie, config->cookie_lifetime) ||
	    !sandbox_worker(config->worker_uid, config->worker_gid))
		return 1;
	w->config = config;
	w->fd = fd;
	w->vault = vault;
	run_worker(w);
	table_each(&w->tasks, drop_task, NULL);
	timers_free(&w->timers);
	cookie_free(&w->cookie);
	free(w);
	return 0;
}
