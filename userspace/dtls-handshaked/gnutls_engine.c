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
 * A flight is fragmented to the path MTU whenever it is sent, by the library,
 * which keeps messages whole, and by cut.c. The second retransmission uses
 * smaller fragments: where ICMP is filtered, a small path MTU looks like loss
 * (RFC 6347 section 4.1.1.1). An answer to it proves that the smaller size passes.
 *
 * A ticket proves that the client was authorized when it was issued, not that it
 * still is: a resuming client is verified again before the first flight is sent.
 * If that fails it gets a full handshake, which fails with the right alert. A
 * client never resumes.
 */
#include <errno.h>
#include <gnutls/crypto.h>
#include <gnutls/dtls.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cut.h"
#include "datagram.h"
#include "engine.h"
#include "flight.h"
#include "gnutls_keys.h"
#include "gnutls_verify.h"
#include "hello.h"
#include "keylog.h"
#include "name.h"
#include "record/handshake12.h"

#define RETRANSMIT_MS	1000
#define TICKET_LIFETIME	3600	/* seconds */
/* Messages and lost datagrams of one step; never reached in practice. */
#define MAX_ROUNDS	64

/* Of the current flight. */
struct transmission {
	bool begun;			/* in this step */
	unsigned int times;		/* that it was sent */
	int last;			/* highest message_seq sent, or -1 */
	size_t largest;			/* datagram of the last transmission */
};

struct session {
	struct engine engine;
	struct handshake_request request;
	const struct profile *profile;
	struct cookie *cookie;
	engine_send send;
	void *ctx;

	gnutls_session_t session;
	const void *in;			/* datagram not yet pulled, or NULL */
	size_t in_len;
	bool hold;
	bool peer_is_keyed;		/* a record of epoch 1 came */
	bool tickets;			/* are issued and accepted */
	uint16_t peer_limit;		/* record_size_limit (RFC 8449), or 0 */
	uint32_t mtu;			/* UDP payload bytes per datagram of a flight */
	uint32_t narrow;		/* path MTU inferred from loss, or 0 */
	struct transmission sent;
	struct cut cut;
	bool got_message;		/* the peer's first message is complete */
	struct hello_copy {		/* kept until then for restart_session() */
		uint8_t *data;		/* its datagrams, concatenated */
		size_t len;
	} hello;
	char server_name[DTLS_MAX_NAME];
	struct verdict verdict;
	struct flight flight;
};

static struct session *to_session(struct engine *engine)
{
	return (struct session *)engine;
}

/* The path */

/* IP packets of 1,280 bytes, the least MTU of IPv6; IPv4 hosts accept 576 (RFC 791). */
#define IP_HEADERS4	(20 + 8)
#define IP_HEADERS6	(40 + 8)
#define PATH_LIKELY	1280
#define PATH_LEAST4	576
/* After so many transmissions without an answer the fragments shrink. */
#define TIMES_LOST	2

static bool peer_is_ip4(const struct session *e)
{
	const union address *peer = &e->request.peer;

	return peer->sa.sa_family != AF_INET6 ||
	       IN6_IS_ADDR_V4MAPPED(&peer->in6.sin6_addr);
}

static void set_mtu(struct session *e, uint32_t mtu)
{
	e->mtu = mtu < MIN_PATH ? MIN_PATH : mtu;
	if (e->session)
		gnutls_dtls_set_mtu(e->session, cut_library_mtu(e->mtu));
}

/* The next smaller size, or 0: a smaller one would not help. */
static uint32_t shrink_mtu(const struct session *e)
{
	uint32_t likely = PATH_LIKELY - (peer_is_ip4(e) ? IP_HEADERS4 : IP_HEADERS6);

	if (e->sent.largest > likely)
		return likely;
	if (peer_is_ip4(e) && e->sent.largest > PATH_LEAST4 - IP_HEADERS4)
		return PATH_LEAST4 - IP_HEADERS4;
	return 0;
}

/* message_seq of the first record, or -1; RFC 6347 section 4.2.2. */
static int get_message_seq(const void *data, size_t len)
{
	struct dtls_fragment f;
	struct record r;

	if (!record_parse(data, len, &r) || r.h.type != DTLS_TYPE_HANDSHAKE || r.h.epoch ||
	    !dtls12_parse_fragment(r.payload, r.h.payload_len, &f))
		return -1;
	return f.message_seq;
}

/* A flight is a retransmission if its first message was sent before. */
static void begin_transmission(struct session *e, int seq)
{
	if (seq > e->sent.last)
		e->sent.times = 0;
	e->sent.times++;
	e->sent.largest = 0;
	e->sent.begun = true;
}

static void note_sent(struct session *e, const void *data, size_t len)
{
	int seq = get_message_seq(data, len);

	if (!e->sent.begun && seq >= 0)
		begin_transmission(e, seq);
	if (seq > e->sent.last)
		e->sent.last = seq;
}

static void op_path(struct engine *engine, size_t mtu)
{
	struct session *e = to_session(engine);
	uint32_t usable = e->narrow && e->narrow < mtu ? e->narrow : mtu;

	/* a smaller path MTU explains the loss */
	if (usable < e->mtu)
		e->sent.times = 0;
	set_mtu(e, usable);
}

/* Callbacks of the library */

static void send_datagram(void *ctx, const void *data, size_t len)
{
	struct session *e = ctx;

	flight_sent(&e->flight, data, len);
	if (len > e->sent.largest)
		e->sent.largest = len;
	if (!e->hold)
		e->send(e->ctx, data, len);
}

static ssize_t push_datagram(gnutls_transport_ptr_t ptr, const void *data, size_t len)
{
	struct session *e = ptr;

	note_sent(e, data, len);
	cut_records(&e->cut, data, len, e->mtu, send_datagram, e);
	return len;
}

static ssize_t pull_datagram(gnutls_transport_ptr_t ptr, void *data, size_t size)
{
	struct session *e = ptr;
	size_t len = e->in_len < size ? e->in_len : size;

	if (!e->in) {
		gnutls_transport_set_errno(e->session, EAGAIN);
		return -1;
	}
	memcpy(data, e->in, len);
	e->in = NULL;
	return len;
}

static int pull_timeout(gnutls_transport_ptr_t ptr, unsigned int ms)
{
	struct session *e = ptr;

	return !!e->in;
}

static int verify_certificate(gnutls_session_t session)
{
	struct session *e = gnutls_session_get_ptr(session);

	verify_peer(session, e->profile, &e->request, &e->verdict);
	return e->verdict.ok ? 0 : GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR;
}

static int find_psk(gnutls_session_t session, const gnutls_datum_t *name,
		    gnutls_datum_t *key)
{
	struct session *e = gnutls_session_get_ptr(session);
	const struct psk *psk = profile_psk(e->profile, name->data, name->size);

	/*
	 * RFC 4279 section 2: with 1 the library goes on with a random key, so
	 * that the peer does not learn whether the identity exists
	 */
	if (!psk)
		return 1;
	key->data = gnutls_malloc(psk->len);
	if (!key->data)
		return -1;
	memcpy(key->data, psk->key, psk->len);
	key->size = psk->len;
	return 0;
}

static bool is_resumed(const struct session *e)
{
	return gnutls_session_is_resumed(e->session);
}

static bool ticket_refused(const struct session *e)
{
	return is_resumed(e) && !e->tickets;
}

static int refuse_hello(struct session *e, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static int refuse_hello(struct session *e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(e->verdict.reason, sizeof(e->verdict.reason), fmt, ap);
	va_end(ap);
	e->verdict.alert = GNUTLS_A_HANDSHAKE_FAILURE;
	e->verdict.status = EPROTO;
	return GNUTLS_E_INSUFFICIENT_SECURITY;
}

/* RFC 7627 section 1: without it two sessions can share a master secret. */
static int check_ems(struct session *e)
{
	if (gnutls_session_ext_master_secret_status(e->session))
		return 0;
	if (e->profile->master_secret == PROTECTION_REQUIRED)
		return refuse_hello(e,
				    "the peer has no extended_master_secret (RFC 7627); extended-master-secret = offered in [profile %s] would allow it",
				    e->profile->name);
	/* section 5.4: without it the exporter's keys are not unique to the session */
	if (*e->request.exporter_label)
		return refuse_hello(e,
				    "the peer has no extended_master_secret, which the exporter needs (RFC 7627 section 5.4)");
	/* section 5.3: such a session is not resumed; a full handshake follows */
	if (!is_resumed(e))
		return 0;
	e->tickets = false;
	return GNUTLS_E_INSUFFICIENT_SECURITY;
}

/* A PSK authenticates in a full handshake, but not in a resumed one. */
static bool must_verify(const struct session *e)
{
	if (kx_is_psk(gnutls_kx_get(e->session)))
		return is_resumed(e);
	return e->request.role == DTLS_ROLE_CLIENT ||
	       e->profile->client_cert != CLIENT_CERT_NONE;
}

/* At this time the server's first flight exists, and nothing of it was sent. */
static int verify_resumed(struct session *e)
{
	if (!is_resumed(e) || !must_verify(e))
		return 0;
	if (kx_is_psk(gnutls_kx_get(e->session)))
		verify_identity(e->session, e->profile, &e->verdict);
	else
		verify_peer(e->session, e->profile, &e->request, &e->verdict);
	if (e->verdict.ok)
		return 0;
	e->tickets = false;
	return GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR;
}

static int on_message(gnutls_session_t session, unsigned int type,
		      unsigned int post, unsigned int incoming,
		      const gnutls_datum_t *message)
{
	struct session *e = gnutls_session_get_ptr(session);
	bool server = e->request.role == DTLS_ROLE_SERVER;

	if (!incoming)
		return server && type == GNUTLS_HANDSHAKE_FINISHED ? verify_resumed(e) : 0;
	e->got_message = true;
	if (type == (server ? GNUTLS_HANDSHAKE_CLIENT_HELLO : GNUTLS_HANDSHAKE_SERVER_HELLO)) {
		e->peer_limit = hello_size_limit(type, message->data, message->size);
		return check_ems(e);
	}
	if (type == GNUTLS_HANDSHAKE_FINISHED && server) {
		flight_restart(&e->flight);
		e->hold = true;
	}
	return 0;
}

/* Setup */

static int set_alpn(struct session *e)
{
	gnutls_datum_t list[16];
	const struct string_list *own = &e->profile->alpn;
	char *rest = e->request.alpn, *word;
	unsigned int n = 0;

	for (size_t i = 0; !*e->request.alpn && i < own->n && n < 16; i++)
		list[n++] = (gnutls_datum_t){ (void *)own->v[i], strlen(own->v[i]) };
	while (*e->request.alpn && n < 16 && (word = strsep(&rest, ",")))
		if (*word)
			list[n++] = (gnutls_datum_t){ (void *)word, strlen(word) };
	if (!n)
		return 0;
	return gnutls_alpn_set_protocols(e->session, list, n,
					 GNUTLS_ALPN_MANDATORY | GNUTLS_ALPN_SERVER_PRECEDENCE);
}

static int set_server_name(struct session *e)
{
	const char *name = profile_server_name(e->profile, e->request.server_name);

	if (e->request.role != DTLS_ROLE_CLIENT || !name)
		return 0;
	snprintf(e->server_name, sizeof(e->server_name), "%s", name);
	return gnutls_server_name_set(e->session, GNUTLS_NAME_DNS, name, strlen(name));
}

static int set_credentials(struct session *e)
{
	const struct profile *p = e->profile;
	bool client = e->request.role == DTLS_ROLE_CLIENT;
	gnutls_certificate_request_t request = p->client_cert == CLIENT_CERT_REQUIRED ?
					       GNUTLS_CERT_REQUIRE : GNUTLS_CERT_REQUEST;
	void *psk = client ? (void *)p->psk_client_cred : (void *)p->psk_server_cred;
	int ret = gnutls_priority_set(e->session, p->priority);

	if (!ret && p->cert_cred)
		ret = gnutls_credentials_set(e->session, GNUTLS_CRD_CERTIFICATE, p->cert_cred);
	if (!ret && psk)
		ret = gnutls_credentials_set(e->session, GNUTLS_CRD_PSK, psk);
	if (!client && psk)
		gnutls_psk_set_server_credentials_function2(p->psk_server_cred, find_psk);
	if (!client && p->client_cert != CLIENT_CERT_NONE)
		gnutls_certificate_server_set_request(e->session, request);
	gnutls_session_set_verify_function(e->session, verify_certificate);
	return ret;
}

/* Each profile has its own key, so that no ticket of another one is accepted. */
static int set_tickets(struct session *e)
{
	const struct profile *p = e->profile;

	if (!e->tickets)
		return 0;
	gnutls_db_set_cache_expiration(e->session, p->ticket_lifetime ?: TICKET_LIFETIME);
	return gnutls_session_ticket_enable_server(e->session, &p->ticket_key);
}

static void set_transport(struct session *e)
{
	gnutls_session_set_ptr(e->session, e);
	gnutls_transport_set_ptr(e->session, e);
	gnutls_transport_set_push_function(e->session, push_datagram);
	gnutls_transport_set_pull_function(e->session, pull_datagram);
	gnutls_transport_set_pull_timeout_function(e->session, pull_timeout);
	set_mtu(e, e->mtu);
	/* the worker ends an overdue handshake before the library does */
	gnutls_dtls_set_timeouts(e->session, RETRANSMIT_MS, e->request.timeout_ms + 60000);
	gnutls_handshake_set_hook_function(e->session, GNUTLS_HANDSHAKE_ANY,
					   GNUTLS_HOOK_POST, on_message);
}

static int log_keys(gnutls_session_t session, const char *label, const gnutls_datum_t *secret)
{
	struct session *e = gnutls_session_get_ptr(session);

	/* the only label of DTLS 1.2; its secret is the master secret */
	if (!strcmp(label, "CLIENT_RANDOM"))
		keylog_write(e->profile->keylog_fd, session, secret);
	return 0;
}

/* For them the library does not call log_keys(). */
static void log_resumed_keys(struct session *e)
{
	gnutls_datum_t master;

	if (e->profile->keylog_fd < 0 || !is_resumed(e))
		return;
	gnutls_session_get_master_secret(e->session, &master);
	keylog_write(e->profile->keylog_fd, e->session, &master);
}

/*
 * RFC 8446 section 4.1.3: a client that had offered DTLS 1.3, until its ClientHello was
 * changed on the path, refuses this random.
 */
static int set_random(struct session *e)
{
	uint8_t bytes[HELLO_RANDOM] = { 0 };
	const gnutls_datum_t random = { bytes, sizeof(bytes) };
	int ret;

	if (e->request.role != DTLS_ROLE_SERVER || !e->profile->dtls13 ||
	    !request_allows(&e->request, DTLS_VERSION_1_3))
		return 0;
	ret = gnutls_rnd(GNUTLS_RND_NONCE, bytes, sizeof(bytes));
	memcpy(bytes + HELLO_RANDOM - HELLO_DOWNGRADE_LEN, HELLO_DOWNGRADE, HELLO_DOWNGRADE_LEN);
	return ret ? ret : gnutls_handshake_set_random(e->session, &random);
}

static int start_session(struct session *e)
{
	bool client = e->request.role == DTLS_ROLE_CLIENT;
	int ret = gnutls_init(&e->session, GNUTLS_DATAGRAM | GNUTLS_NONBLOCK |
			      GNUTLS_NO_TICKETS |
			      (client ? GNUTLS_CLIENT : GNUTLS_SERVER));

	if (ret)
		return ret;
	e->sent = (struct transmission){ .last = -1 };
	e->cut.added = 0;
	set_transport(e);
	if (e->profile->keylog_fd >= 0)
		gnutls_session_set_keylog_function(e->session, log_keys);
	ret = set_credentials(e);
	if (!ret)
		ret = set_random(e);
	if (!ret)
		ret = set_server_name(e);
	if (!ret)
		ret = set_alpn(e);
	if (!ret)
		ret = set_tickets(e);
	return ret;
}

/* Result */

static struct handshake_result *new_result(struct session *e)
{
	if (!e->engine.outcome)
		e->engine.outcome = calloc(1, sizeof(*e->engine.outcome));
	return e->engine.outcome ? &e->engine.outcome->result : NULL;
}

static int status_of(int ret)
{
	switch (ret) {
	case GNUTLS_E_FATAL_ALERT_RECEIVED:
		return ECONNREFUSED;
	case GNUTLS_E_TIMEDOUT:
		return ETIMEDOUT;
	case GNUTLS_E_CERTIFICATE_ERROR:
	case GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR:
	case GNUTLS_E_CERTIFICATE_KEY_MISMATCH:
	case GNUTLS_E_CERTIFICATE_REQUIRED:
	case GNUTLS_E_NO_CERTIFICATE_FOUND:
	case GNUTLS_E_PK_SIG_VERIFY_FAILED:
		return EKEYREJECTED;
	case GNUTLS_E_MEMORY_ERROR:
		return ENOMEM;
	default:
		return EPROTO;
	}
}

static void send_alert(struct session *e, int ret)
{
	e->hold = false;
	/* RFC 5246 section 7.4.6; the library would send decode_error */
	if (ret == GNUTLS_E_NO_CERTIFICATE_FOUND)
		e->verdict.alert = GNUTLS_A_HANDSHAKE_FAILURE;
	if (ret == GNUTLS_E_FATAL_ALERT_RECEIVED)
		return;
	if (e->verdict.alert)
		gnutls_alert_send(e->session, GNUTLS_AL_FATAL, e->verdict.alert);
	else
		gnutls_alert_send_appropriate(e->session, ret);
}

static enum engine_state handle_error(struct session *e, int ret)
{
	send_alert(e, ret);
	if (ret == GNUTLS_E_FATAL_ALERT_RECEIVED)
		return engine_fail(&e->engine, ECONNREFUSED, "the peer refused with alert \"%s\"",
				   gnutls_alert_get_name(gnutls_alert_get(e->session)));
	/* the library turns what verify_certificate() returns into CERTIFICATE_ERROR */
	if (*e->verdict.reason)
		return engine_fail(&e->engine, e->verdict.status, "%s", e->verdict.reason);
	if (ret == GNUTLS_E_SAFE_RENEGOTIATION_FAILED)
		return engine_fail(&e->engine, EPROTO,
				   "the peer has no secure renegotiation (RFC 5746); secure-renegotiation = offered in [profile %s] would allow it",
				   e->profile->name);
	return engine_fail(&e->engine, status_of(ret), "%s", gnutls_strerror(ret));
}

/* Checked again before keys leave the engine, independently of the library. */
static const char *check_final(struct session *e)
{
	gnutls_session_t s = e->session;

	if (gnutls_protocol_get_version(s) != GNUTLS_DTLS1_2)
		return "the version is not DTLS 1.2";
	if (ticket_refused(e))
		return "a session was resumed";
	if (e->profile->renegotiation == PROTECTION_REQUIRED &&
	    !gnutls_safe_renegotiation_status(s))
		return "the peer does not support secure renegotiation (RFC 5746)";
	if ((e->profile->master_secret == PROTECTION_REQUIRED || is_resumed(e)) &&
	    !gnutls_session_ext_master_secret_status(s))
		return "the peer does not support extended_master_secret (RFC 7627)";
	if (e->flight.broken)
		return "GnuTLS sent something that is no DTLS record";
	if (must_verify(e) && !e->verdict.ok)
		return "the peer was not verified";
	return NULL;
}

/* RFC 5246 section 7.3: the server sends it, or in a resumed session the client. */
static bool save_last_flight(struct session *e)
{
	struct engine_outcome *o = e->engine.outcome;

	if (e->request.role != DTLS_ROLE_SERVER || is_resumed(e))
		return true;
	o->flight_len = flight_plaintext(&e->flight, &o->keys, o->flight);
	return o->flight_len != 0;
}

static enum engine_state fail_internally(struct session *e, const char *why)
{
	e->verdict.alert = GNUTLS_A_INTERNAL_ERROR;
	send_alert(e, 0);
	return engine_fail(&e->engine, EPROTO, "%s", why);
}

static enum engine_state complete_handshake(struct session *e)
{
	struct handshake_result *r = new_result(e);
	const char *why = r ? check_final(e) : "out of memory";

	if (!why)
		why = keys_extract(e->session, &e->request, e->flight.next[1],
				   &e->engine.outcome->keys);
	if (!why)
		keys_limit(e->session, e->peer_limit, &e->engine.outcome->keys);
	if (!why && !save_last_flight(e))
		why = "the last flight sent does not open with the keys that sealed it";
	if (!why)
		why = result_extract(e->session, e->profile, &e->request, r);
	if (why)
		return fail_internally(e, why);
	r->verified = kx_is_psk(gnutls_kx_get(e->session)) || e->verdict.verified;
	r->resumed = is_resumed(e);
	e->engine.outcome->narrow = e->narrow;
	log_resumed_keys(e);
	if (*e->server_name)
		memcpy(r->server_name, e->server_name, sizeof(r->server_name));
	e->engine.state = ENGINE_DONE;
	return e->engine.state;
}

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
			return complete_handshake(e);
		if (ret < 0 && ticket_refused(e))
			return restart_session(e);
		if (gnutls_error_is_fatal(ret))
			return handle_error(e, ret);
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
		cookie_send(e->cookie, &client, &prestate, e, push_datagram);
		return false;
	case COOKIE_NO_HELLO:
		return false;
	case COOKIE_GOOD:
		break;
	}
	ret = start_session(e);
	if (!ret)
		gnutls_dtls_prestate_set(e->session, &prestate);
	else
		engine_fail(&e->engine, status_of(ret), "%s", gnutls_strerror(ret));
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
	ret = start_session(e);
	if (ret)
		engine_fail(&e->engine, status_of(ret), "%s", gnutls_strerror(ret));
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
		less = shrink_mtu(e);
	if (less)
		set_mtu(e, less);
	e->sent.begun = false;
	state = run_library(e);
	if (less && e->sent.begun && e->sent.times > TIMES_LOST)
		e->narrow = less;
	else if (less)
		set_mtu(e, before);
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
	struct session *e = to_session(engine);
	const uint8_t *at = e->flight.wire;

	for (unsigned int i = 0; e->hold && i < e->flight.n_datagrams; i++) {
		e->send(e->ctx, at, e->flight.datagrams[i]);
		at += e->flight.datagrams[i];
	}
	e->hold = false;
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
