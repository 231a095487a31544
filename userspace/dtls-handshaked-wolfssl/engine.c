// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * DTLS 1.3 by wolfSSL; 1.2 for a client that offered both, and with Connection IDs
 * (dtls12.c). The library reads and writes datagrams in memory; wire.c reads them beside it.
 *
 * The client's Finished is the last message. A client is done when it has made it: that
 * flight the kernel gets in plaintext, and sends. A server is done when it has verified it;
 * what it sends then, such as the ACK, is held until the kernel has the keys (release).
 *
 * Before a ClientHello with a valid cookie a server has no state. The library makes the
 * cookie, with a secret that is this client's alone, so that the cookie is bound to it.
 */
#include <wolfssl/options.h>
#include <wolfssl/ssl.h>
#include <wolfssl/error-ssl.h>
#include <wolfssl/wolfcrypt/random.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "clock.h"
#include "session.h"

/* Messages of one step; never reached in practice. */
#define MAX_ROUNDS	64
/* The library uses 17 KiB of the stack, and more with keys that are larger than tested. */
#define STACK	(128 * 1024)

struct session *running;
const struct plugin_host *host;

static struct session *to_session(struct engine *engine)
{
	return (struct session *)engine;
}

/* Result */

static enum engine_state refuse_peer(struct session *s)
{
	transport_alert(s, s->verdict.alert);
	return engine_fail(&s->engine, s->verdict.status, "%s", s->verdict.reason);
}

/* A client's choice to send no certificate is a choice that the profile may refuse. */
static bool judge_absence(struct session *s)
{
	if (!is_server(s) || s->profile->client_cert == CLIENT_CERT_NONE ||
	    s->verdict.ok || side_sent(&s->wire.peer, MESSAGE_CERTIFICATE_VERIFY) || s->psk)
		return true;
	host->verify_chain(NULL, 0, s->profile, &s->request, &s->verdict);
	return s->verdict.ok;
}

static enum engine_state complete(struct session *s)
{
	const char *why = "out of memory";

	if (!judge_absence(s))
		return refuse_peer(s);
	s->engine.outcome = calloc(1, sizeof(*s->engine.outcome));
	if (s->engine.outcome)
		why = result_fill(s, s->engine.outcome);
	if (!why) {
		s->engine.state = ENGINE_DONE;
		s->engine.awaits_ticket = resume_waits(s);
		return s->engine.state;
	}
	transport_alert(s, GNUTLS_A_INTERNAL_ERROR);
	return engine_fail(&s->engine, EPROTO, "%s", why);
}

static enum engine_state fail_by_library(struct session *s, int error)
{
	WOLFSSL_ALERT_HISTORY alerts = { { -1, -1 }, { -1, -1 } };

	wolfSSL_get_alert_history(s->ssl, &alerts);
	if (*s->verdict.reason && !s->verdict.ok)
		return refuse_peer(s);
	/* the library's own is among what is held */
	if (s->held.n && alerts.last_tx.level == GNUTLS_AL_FATAL)
		transport_alert(s, alerts.last_tx.code);
	if (alerts.last_rx.level == GNUTLS_AL_FATAL)
		return engine_fail(&s->engine, ECONNREFUSED, "the peer refused with alert \"%s\"",
				   host->alert_name(alerts.last_rx.code));
	if (s->unknown_identity)
		return engine_fail(&s->engine, EKEYREJECTED,
				   "the PSK identity is none of the profile's");
	switch (error) {
	case BAD_BINDER:
		return engine_fail(&s->engine, EKEYREJECTED,
				   "the binder of the PSK does not verify; do both sides have the same PSK?");
	case NO_PEER_CERT:
		return engine_fail(&s->engine, EKEYREJECTED, "the peer has no certificate");
	case MEMORY_E:
		return engine_fail(&s->engine, ENOMEM, "out of memory");
	}
	return engine_fail(&s->engine, EPROTO, "%s", wolfSSL_ERR_reason_error_string(error));
}

/* Steps */

static void set_timer(struct session *s)
{
	unsigned int ms = wolfSSL_dtls_get_current_timeout(s->ssl) * 1000;

	if (wolfSSL_dtls13_use_quick_timeout(s->ssl))
		ms /= 4;
	s->due = clock_ms() + ms;
}

static enum engine_state run_library(struct session *s)
{
	int ret, error;

	for (int i = 0; i < MAX_ROUNDS; i++) {
		ret = is_server(s) ? wolfSSL_accept(s->ssl) : wolfSSL_connect(s->ssl);
		if (ret == WOLFSSL_SUCCESS)
			return ENGINE_DONE;
		error = wolfSSL_get_error(s->ssl, ret);
		if (error != WOLFSSL_ERROR_WANT_READ)
			return fail_by_library(s, error);
		if (!s->in)
			break;
	}
	return ENGINE_RUNNING;
}

static bool retransmit(struct session *s)
{
	return wolfSSL_dtls_got_timeout(s->ssl) == WOLFSSL_SUCCESS ||
	       wolfSSL_get_error(s->ssl, 0) == WOLFSSL_ERROR_WANT_READ;
}

static void feed(struct session *s, const void *data, size_t len)
{
	s->in = data;
	s->in_len = len;
}

/*
 * Before the library does, so that its ACK of the client's Finished is held; or, if the
 * secrets were not known, after it.
 */
static void look(struct session *s, const void *data, size_t len)
{
	if (data)
		wire_received(&s->wire, data, len);
	s->last = is_server(s) && s->wire.peer.whole;
}

/* The library was not done, after all: its messages were not complete. */
static enum engine_state go_on(struct session *s, bool expired)
{
	if (s->last && s->held.n) {
		transport_release(s);
		s->sent = true;
	}
	if (s->sent || expired || !s->due)
		set_timer(s);
	return ENGINE_RUNNING;
}

static enum engine_state step_session(struct session *s, const void *data, size_t len)
{
	bool expired = !data && s->due && clock_ms() >= s->due;
	bool known = s->wire.peer.known[0];
	enum engine_state state;

	s->sent = false;
	if (data && !known && dtls12_offered(s) && !dtls12_look(s, data, len))
		return refuse_peer(s);
	if (expired && !retransmit(s))
		return fail_by_library(s, wolfSSL_get_error(s->ssl, 0));
	if (known)
		look(s, data, len);
	feed(s, data, len);
	state = run_library(s);
	s->in = NULL;
	if (!known)
		look(s, data, len);
	if (state == ENGINE_FAILED)
		return state;
	if (s->cid_too_long)
		return engine_fail(&s->engine, EPROTO,
				   "the peer's Connection ID is longer than 32 bytes");
	/* a client's library waits for an ACK of its Finished, the kernel's business */
	if (state == ENGINE_DONE || (!is_server(s) && s->wire.us.whole))
		return complete(s);
	return go_on(s, expired);
}

/* A server's first steps */

static void drop_ssl(struct session *s)
{
	wolfSSL_free(s->ssl);
	s->ssl = NULL;
	memset(&s->wire, 0, sizeof(s->wire));
}

static bool start_with(struct session *s, const uint8_t secret[COOKIE_SECRET])
{
	const char *why;

	s->ssl = setup_ssl(s, &why);
	if (!s->ssl) {
		engine_fail(&s->engine, ENOMEM, "%s", why);
		return false;
	}
	if (s->server12)
		return wolfSSL_DTLS_SetCookieSecret(s->ssl, secret, COOKIE_SECRET) == 0;
	/* a ClientHello in fragments: the first one has the cookie */
	wolfSSL_dtls13_allow_ch_frag(s->ssl, 1);
	return wolfSSL_send_hrr_cookie(s->ssl, secret, COOKIE_SECRET) == WOLFSSL_SUCCESS;
}

/* COOKIE_GOOD: s->ssl has the ClientHello, and may have failed at it: error. */
static enum cookie_verdict try_secret(struct session *s, const uint8_t secret[COOKIE_SECRET],
				      const void *data, size_t len, struct answer *answer,
				      int *error)
{
	int ret;

	if (!start_with(s, secret))
		return COOKIE_NO_HELLO;
	answer->len = 0;
	s->answer = answer;
	feed(s, data, len);
	ret = wolfDTLS_accept_stateless(s->ssl);
	s->in = NULL;
	s->answer = NULL;
	*error = ret == WOLFSSL_SUCCESS ? 0 : wolfSSL_get_error(s->ssl, ret);
	if (wolfSSL_is_stateful(s->ssl))
		return COOKIE_GOOD;
	drop_ssl(s);
	return answer->len ? COOKIE_WANTED : COOKIE_NO_HELLO;
}

/* An alert: the cookie is not of this secret. */
static bool is_retry(const struct answer *a)
{
	return a->len && a->data[0] == DTLS_TYPE_HANDSHAKE;
}

static enum cookie_verdict check_cookie(struct session *s, const struct cookie_client *client,
					const void *data, size_t len, struct answer *answer,
					int *error)
{
	enum cookie_verdict verdict = COOKIE_NO_HELLO;
	uint8_t secret[COOKIE_SECRET];

	answer->len = 0;
	offer_read(&s->offer, data, len);
	s->server12 = dtls12_wanted(s);
	for (unsigned int age = 0; age < COOKIE_SECRETS; age++) {
		if (host->cookie_secret(s->cookie, age, client, secret))
			verdict = try_secret(s, secret, data, len, answer, error);
		if (verdict == COOKIE_GOOD || is_retry(answer))
			break;
	}
	explicit_bzero(secret, sizeof(secret));
	return verdict;
}

/* True: the library has a ClientHello with a valid cookie. */
static bool begin_server(struct session *s, const void *data, size_t len)
{
	const struct handshake_request *r = &s->request;
	struct cookie_client client;
	struct answer answer;
	int error = 0;

	if (!data)
		return false;
	host->cookie_client(&client, r->listener ? r->listener : r->id, r->link,
			    &r->peer, &r->local);
	switch (check_cookie(s, &client, data, len, &answer, &error)) {
	case COOKIE_NO_HELLO:
		break;
	case COOKIE_WANTED:
		s->send(s->ctx, answer.data, answer.len);
		break;
	case COOKIE_GOOD:
		if (error) {
			if (answer.len)
				s->send(s->ctx, answer.data, answer.len);
			fail_by_library(s, error);
			break;
		}
		if (!s->server12 || dtls12_take_offer(s))
			return true;
		refuse_peer(s);
	}
	return false;
}

static bool begin_client(struct session *s)
{
	char reason[MAX_REASON];
	const char *why;

	if (!host->verify_possible(s->profile, &s->request, reason)) {
		engine_fail(&s->engine, EKEYREJECTED, "%s", reason);
		return false;
	}
	s->ssl = setup_ssl(s, &why);
	if (!s->ssl)
		engine_fail(&s->engine, ENOMEM, "%s", why);
	return !!s->ssl;
}

static enum engine_state step(struct session *s, const void *data, size_t len)
{
	if (s->engine.state != ENGINE_RUNNING || (!s->ssl && !cid_fits(s)))
		return s->engine.state;
	if (!s->ssl && is_server(s)) {
		if (!begin_server(s, data, len))
			return s->engine.state;
		/* the library has the ClientHello */
		return step_session(s, NULL, 0);
	}
	if (!s->ssl && !begin_client(s))
		return s->engine.state;
	return step_session(s, data, len);
}

/* struct engine_ops */

static enum engine_state op_step(struct engine *engine, const void *data, size_t len)
{
	struct session *s = to_session(engine);
	enum engine_state state;

	running = s;
	wolfSSL_ERR_clear_error();
	state = step(s, data, len);
	running = NULL;
	return state;
}

static void op_path(struct engine *engine, size_t mtu)
{
	struct session *s = to_session(engine);

	s->mtu = mtu < MIN_PATH ? MIN_PATH : mtu;
	if (s->ssl)
		wolfSSL_dtls_set_mtu(s->ssl, s->mtu);
}

static unsigned int op_timeout(struct engine *engine)
{
	const struct session *s = to_session(engine);
	uint64_t now = clock_ms();

	if (!s->ssl || s->engine.state != ENGINE_RUNNING)
		return UINT32_MAX;
	return s->due > now ? s->due - now : 0;
}

static void op_expire(struct engine *engine)
{
	struct session *s = to_session(engine);

	if (s->engine.state != ENGINE_RUNNING)
		return;
	if (!s->ssl)
		engine_fail_unknown(&s->engine);
	else if (s->hello12.seen && s->profile->client_psk && s->wire.sent[1])
		engine_fail_unanswered(&s->engine);
	else
		engine_fail(&s->engine, ETIMEDOUT, "the peer did not answer in time");
}

static struct session *new_session(const struct handshake_request *request,
				   const struct profile *profile, struct cookie *cookie,
				   engine_send send, void *ctx)
{
	struct session *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->engine.ops = &wolfssl_engine;
	s->request = *request;
	s->profile = profile;
	s->cookie = cookie;
	s->send = send;
	s->ctx = ctx;
	s->mtu = request->mtu < MIN_PATH ? MIN_PATH : request->mtu;
	return s;
}

static struct engine *op_create(const struct handshake_request *request,
				const struct profile *profile, struct cookie *cookie,
				engine_send send, void *ctx)
{
	struct session *s = new_session(request, profile, cookie, send, ctx);

	return s ? &s->engine : NULL;
}

/* The kernel sends a client's flight. */
static void op_release(struct engine *engine)
{
	struct session *s = to_session(engine);

	if (is_server(s))
		transport_release(s);
}

/* The library leaves keys, and what they were derived from, behind on the stack. */
__attribute__((noinline))
static void wipe_stack(void)
{
	uint8_t below[STACK];

	explicit_bzero(below, sizeof(below));
}

static void op_wait(struct engine *engine)
{
	engine_forget_outcome(engine);
	resume_wait(to_session(engine));
	wipe_stack();
}

static bool op_ticket(struct engine *engine, const void *data, size_t len)
{
	struct session *s = to_session(engine);
	bool over;

	running = s;
	wolfSSL_ERR_clear_error();
	over = resume_ticket(s, data, len);
	running = NULL;
	return over;
}

static void free_session(struct session *s)
{
	resume_forget(s);
	wolfSSL_free(s->ssl);
	engine_forget_outcome(&s->engine);
	explicit_bzero(s, sizeof(*s));
	free(s);
}

static void op_free(struct engine *engine)
{
	free_session(to_session(engine));
	wipe_stack();
}

static enum cookie_verdict op_hello(const struct profile *profile, struct cookie *cookie,
				    const struct cookie_client *client,
				    const void *data, size_t len,
				    engine_send send, void *ctx)
{
	const struct handshake_request server = { .role = DTLS_ROLE_SERVER, .mtu = 1200 };
	struct session *s = new_session(&server, profile, cookie, send, ctx);
	enum cookie_verdict verdict;
	struct answer answer;
	int error;

	if (!s)
		return COOKIE_NO_HELLO;
	running = s;
	wolfSSL_ERR_clear_error();
	/* what is wrong behind a valid cookie the handshake finds again */
	verdict = check_cookie(s, client, data, len, &answer, &error);
	running = NULL;
	/* not an alert about a wrong cookie: the source address can be forged */
	if (verdict == COOKIE_WANTED && is_retry(&answer))
		send(ctx, answer.data, answer.len);
	free_session(s);
	return verdict;
}

const struct engine_ops wolfssl_engine = {
	.add_certificate = setup_certificate,
	.prepare = setup_profile,
	.forget = setup_forget,
	.hello = op_hello,
	.create = op_create,
	.step = op_step,
	.path = op_path,
	.timeout = op_timeout,
	.expire = op_expire,
	.release = op_release,
	.wait = op_wait,
	.ticket = op_ticket,
	.free = op_free,
};

/* A worker opens no file, not even /dev/urandom. */
static int seed(OS_Seed *os, byte *out, word32 size)
{
	for (ssize_t n; size; out += n, size -= n) {
		n = getrandom(out, size, 0);
		if (n <= 0)
			return RNG_FAILURE_E;
	}
	return 0;
}

const struct engine_ops *dtls_handshaked_plugin(const char *version,
						const struct plugin_host *table);

__attribute__((visibility("default")))
const struct engine_ops *dtls_handshaked_plugin(const char *version,
						const struct plugin_host *table)
{
	if (strcmp(version, KDTLS_VERSION) || wolfSSL_Init() != WOLFSSL_SUCCESS)
		return NULL;
	wc_SetSeed_Cb(seed);
	host = table;
	return &wolfssl_engine;
}
