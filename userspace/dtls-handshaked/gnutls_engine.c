// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * DTLS 1.2 by GnuTLS. The library reads and writes datagrams in memory; all of
 * its output passes through struct flight, which records the record numbers used
 * on the wire.
 *
 * A server sends the last flight, unless it resumes a session (RFC 5246 section
 * 7.3). Once the client's Finished has verified, the server's output is held: the
 * kernel gets keys and flight first, the peer its Finished afterwards
 * (release). In a resumed handshake the client's Finished is the last
 * message; until it arrives the library retransmits the server's.
 *
 * The second retransmission of a flight uses smaller fragments: where ICMP is
 * filtered, a small path MTU looks like loss (RFC 6347 section 4.1.1.1). An answer
 * to it proves that the smaller size passes.
 *
 * A ticket proves that the client was authorized when it was issued, not that it
 * still is: a resuming client is verified again before the first flight is sent.
 * If that fails it gets a full handshake, which fails with the right alert. A
 * client never resumes.
 */
#include <errno.h>
#include <gnutls/dtls.h>
#include <stdlib.h>
#include <string.h>

#include "datagram.h"
#include "gnutls_session.h"

/* Messages and lost datagrams of one step; never reached in practice. */
#define MAX_ROUNDS	64
/* After so many transmissions without an answer the fragments shrink. */
#define TIMES_LOST	2

/* Steps */

static void forget_hello(struct session *e)
{
	free(e->hello.data);
	e->hello = (struct hello_copy){ 0 };
}

/* Without memory it is lost, and the client retransmits it. */
static void keep_hello(struct session *e, const void *data, size_t len)
{
	uint8_t *more;

	if (!data || !e->tickets || e->hello.len + len > MAX_HELLO)
		return;
	more = realloc(e->hello.data, e->hello.len + len);
	if (!more)
		return;
	memcpy(more + e->hello.len, data, len);
	e->hello.data = more;
	e->hello.len += len;
}

/* Nothing was sent yet: op_step() feeds the same ClientHello to a new session. */
static enum engine_state restart_session(struct session *e)
{
	gnutls_deinit(e->session);
	e->session = NULL;
	e->got_message = false;
	memset(&e->verdict, 0, sizeof(e->verdict));
	return ENGINE_RUNNING;
}

static enum engine_state run_library(struct session *e)
{
	int ret = GNUTLS_E_AGAIN;

	for (int i = 0; i < MAX_ROUNDS; i++) {
		ret = gnutls_handshake(e->session);
		if (ret == 0)
			return session_complete(e);
		if (ret < 0 && session_ticket_refused(e))
			return restart_session(e);
		if (gnutls_error_is_fatal(ret))
			return session_error(e, ret);
		if (ret == GNUTLS_E_AGAIN && !e->in)
			break;
	}
	e->in = NULL;
	return ENGINE_RUNNING;
}

/* True: the session exists. RFC 6347 section 4.2.1: no state before a valid cookie. */
static bool begin_server(struct session *e, const void *data, size_t len)
{
	const struct handshake_request *r = &e->request;
	gnutls_dtls_prestate_st prestate;
	struct cookie_client client;
	int ret;

	if (!data)
		return false;
	cookie_client(&client, r->listener ? r->listener : r->id, r->link, &r->peer, &r->local);
	switch (cookie_check(e->cookie, &client, data, len, &prestate)) {
	case COOKIE_WANTED:
		cookie_send(e->cookie, &client, &prestate, e, transport_push);
		return false;
	case COOKIE_NO_HELLO:
		return false;
	case COOKIE_GOOD:
		break;
	}
	ret = session_start(e);
	if (!ret)
		gnutls_dtls_prestate_set(e->session, &prestate);
	else
		engine_fail(&e->engine, session_status(ret), "%s", gnutls_strerror(ret));
	return !ret;
}

static bool begin_client(struct session *e)
{
	char reason[MAX_REASON];
	int ret;

	if (!verify_possible(e->profile, &e->request, reason)) {
		engine_fail(&e->engine, EKEYREJECTED, "%s", reason);
		return false;
	}
	ret = session_start(e);
	if (ret)
		engine_fail(&e->engine, session_status(ret), "%s", gnutls_strerror(ret));
	return !ret;
}

static bool begin_session(struct session *e, const void *data, size_t len)
{
	if (e->request.role == DTLS_ROLE_SERVER)
		return begin_server(e, data, len);
	return begin_client(e);
}

static void note_epoch(struct session *e, const void *data, size_t len)
{
	struct record r;

	for (size_t n; len && (n = record_parse(data, len, &r)); data += n, len -= n)
		e->peer_is_keyed |= r.h.epoch == 1;
}

/* May retransmit a flight, with smaller fragments if it was lost twice. */
static enum engine_state run_step(struct session *e)
{
	uint32_t before = e->mtu, less = 0;
	enum engine_state state;

	if (e->sent.times >= TIMES_LOST && !gnutls_dtls_get_timeout(e->session))
		less = transport_less(e);
	if (less)
		transport_set_mtu(e, less);
	e->sent.begun = false;
	state = run_library(e);
	if (less && e->sent.begun && e->sent.times > TIMES_LOST)
		e->narrow = less;
	else if (less)
		transport_set_mtu(e, before);
	return state;
}

static enum engine_state op_step(struct engine *engine, const void *data, size_t len)
{
	struct session *e = to_session(engine);
	enum engine_state state;

	if (e->engine.state != ENGINE_RUNNING)
		return e->engine.state;
	if (!e->session && !begin_session(e, data, len))
		return e->engine.state;
	if (data)
		note_epoch(e, data, len);
	if (e->got_message)
		forget_hello(e);
	else
		keep_hello(e, data, len);
	e->in = data;
	e->in_len = len;
	state = run_step(e);
	return e->session ? state : op_step(engine, e->hello.data, e->hello.len);
}

static unsigned int op_timeout(struct engine *engine)
{
	struct session *e = to_session(engine);

	if (!e->session || e->engine.state != ENGINE_RUNNING)
		return UINT32_MAX;
	return gnutls_dtls_get_timeout(e->session);
}

static void op_expire(struct engine *engine)
{
	struct session *e = to_session(engine);

	if (e->engine.state != ENGINE_RUNNING)
		return;
	if (!e->session)
		engine_fail_unknown(&e->engine);
	else if (e->peer_is_keyed)
		engine_fail(&e->engine, EKEYREJECTED,
			    "the peer's Finished never authenticated; do both sides have the same PSK?");
	else if (e->request.role == DTLS_ROLE_CLIENT && e->profile->n_psks &&
		 e->flight.next[1] > 1)
		engine_fail_unanswered(&e->engine);
	else
		engine_fail(&e->engine, ETIMEDOUT, "the peer did not answer in time");
}

/* Unknown clients */

struct answer {
	engine_send send;
	void *ctx;
};

static ssize_t push_answer(gnutls_transport_ptr_t ptr, const void *data, size_t len)
{
	const struct answer *a = ptr;

	a->send(a->ctx, data, len);
	return len;
}

static enum cookie_verdict op_hello(const struct profile *profile, struct cookie *cookie,
				    const struct cookie_client *client,
				    const void *data, size_t len,
				    engine_send send, void *ctx)
{
	struct answer answer = { send, ctx };
	gnutls_dtls_prestate_st prestate;
	enum cookie_verdict verdict = cookie_check(cookie, client, data, len, &prestate);

	if (verdict == COOKIE_WANTED)
		cookie_send(cookie, client, &prestate, &answer, push_answer);
	return verdict;
}

/* Interface */

static struct engine *op_create(const struct handshake_request *request,
				const struct profile *profile, struct cookie *cookie,
				engine_send send, void *ctx)
{
	struct session *e = calloc(1, sizeof(*e));

	if (!e)
		return NULL;
	e->engine.ops = &gnutls_engine;
	e->request = *request;
	e->profile = profile;
	e->tickets = request->role == DTLS_ROLE_SERVER && profile->tickets;
	e->mtu = request->mtu;
	e->sent.last = -1;
	e->cookie = cookie;
	e->send = send;
	e->ctx = ctx;
	return &e->engine;
}

static void op_release(struct engine *engine)
{
	transport_release(to_session(engine));
}

static void op_path(struct engine *engine, size_t mtu)
{
	struct session *e = to_session(engine);
	uint32_t usable = e->narrow && e->narrow < mtu ? e->narrow : mtu;

	/* a smaller path MTU explains the loss */
	if (usable < e->mtu)
		e->sent.times = 0;
	transport_set_mtu(e, usable);
}

static void op_free(struct engine *engine)
{
	struct session *e = to_session(engine);

	if (e->session)
		gnutls_deinit(e->session);
	forget_hello(e);
	engine_forget_outcome(engine);
	explicit_bzero(e, sizeof(*e));
	free(e);
}

const struct engine_ops gnutls_engine = {
	.hello = op_hello,
	.create = op_create,
	.step = op_step,
	.path = op_path,
	.timeout = op_timeout,
	.expire = op_expire,
	.release = op_release,
	.free = op_free,
};
