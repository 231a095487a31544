// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tickets: the engine as server and a client of GnuTLS, datagrams between them
 * in memory, any of which can be lost. With the files of pki.sh in the working
 * directory; the configuration is made here.
 */
#include "unit/unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <gnutls/dtls.h>
#include <string.h>
#include <unistd.h>

#include "client_hello.h"
#include "config.h"
#include "engine.h"
#include "log.h"

#define MAX_DATAGRAMS	64
#define SECONDS		20	/* that a handshake may take */
#define FEW		3	/* ... that cannot end */
#define NONE		((unsigned int)-1)

/* The wire */

struct queue {
	unsigned int n, taken;
	size_t len[MAX_DATAGRAMS];
	uint8_t data[MAX_DATAGRAMS][2048];
};

static struct queue to_server, to_client;
static unsigned int sent;	/* datagrams of both sides */
static unsigned int lost;	/* this one of them is, or NONE */
static unsigned int seconds;	/* for the handshake */

static void put(struct queue *q, const void *data, size_t len)
{
	if (sent++ == lost)
		return;
	assert_true(q->n < MAX_DATAGRAMS && len <= sizeof(q->data[0]));
	memcpy(q->data[q->n], data, len);
	q->len[q->n++] = len;
}

static void from_engine(void *ctx, const void *data, size_t len)
{
	put(&to_client, data, len);
}

/* The client */

static void assert_identity(const struct handshake_result *r, const char *text)
{
	assert_int_equal(r->identity_len, strlen(text));
	assert_memory_equal(r->identity, text, strlen(text));
}

struct client {
	const char *certificate;	/* NAME of NAME.pem and NAME.key, or NULL */
	const char *psk_identity;	/* or NULL */
	const char *server_name;
	const char *alpn;
	const char *priority;
	unsigned int mtu;		/* or 0: 1400 */
	gnutls_datum_t session;		/* of the handshake before, or empty */

	gnutls_session_t s;
	gnutls_certificate_credentials_t certs;
	gnutls_psk_client_credentials_t psk;
};

static ssize_t push(gnutls_transport_ptr_t ptr, const void *data, size_t len)
{
	put(&to_server, data, len);
	return len;
}

static ssize_t pull(gnutls_transport_ptr_t ptr, void *data, size_t room)
{
	struct queue *q = &to_client;
	struct client *c = ptr;
	size_t len;

	if (q->taken == q->n) {
		gnutls_transport_set_errno(c->s, EAGAIN);
		return -1;
	}
	len = q->len[q->taken];
	assert_true(len <= room);
	memcpy(data, q->data[q->taken++], len);
	return len;
}

static int pull_timeout(gnutls_transport_ptr_t ptr, unsigned int ms)
{
	return to_client.taken != to_client.n;
}

static void set_credentials(struct client *c)
{
	static const uint8_t key[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 };
	gnutls_datum_t psk = { (void *)key, sizeof(key) };
	char cert[64], private[64];

	gnutls_certificate_allocate_credentials(&c->certs);
	gnutls_psk_allocate_client_credentials(&c->psk);
	gnutls_credentials_set(c->s, GNUTLS_CRD_CERTIFICATE, c->certs);
	if (c->certificate) {
		snprintf(cert, sizeof(cert), "%s.pem", c->certificate);
		snprintf(private, sizeof(private), "%s.key", c->certificate);
		assert_return_code(gnutls_certificate_set_x509_key_file(c->certs,
									 cert, private,
									 GNUTLS_X509_FMT_PEM), 0);
	}
	if (c->psk_identity) {
		gnutls_psk_set_client_credentials(c->psk, c->psk_identity, &psk,
						  GNUTLS_PSK_KEY_RAW);
		gnutls_credentials_set(c->s, GNUTLS_CRD_PSK, c->psk);
	}
}

static void set_extensions(struct client *c)
{
	gnutls_datum_t alpn = { (void *)c->alpn, c->alpn ? strlen(c->alpn) : 0 };

	if (c->server_name)
		gnutls_server_name_set(c->s, GNUTLS_NAME_DNS, c->server_name,
				       strlen(c->server_name));
	if (c->alpn)
		gnutls_alpn_set_protocols(c->s, &alpn, 1, 0);
	if (c->session.size)
		gnutls_session_set_data(c->s, c->session.data, c->session.size);
}

static void client_begin(struct client *c)
{
	char priority[128];

	snprintf(priority, sizeof(priority), "NORMAL:-VERS-ALL:+VERS-DTLS1.2%s%s",
		 c->psk_identity ? ":-KX-ALL:+ECDHE-PSK" : "",
		 c->priority ? c->priority : "");
	gnutls_init(&c->s, GNUTLS_CLIENT | GNUTLS_DATAGRAM | GNUTLS_NONBLOCK);
	assert_int_equal(gnutls_priority_set_direct(c->s, priority, NULL), 0);
	gnutls_transport_set_ptr(c->s, c);
	gnutls_transport_set_push_function(c->s, push);
	gnutls_transport_set_pull_function(c->s, pull);
	gnutls_transport_set_pull_timeout_function(c->s, pull_timeout);
	gnutls_dtls_set_mtu(c->s, c->mtu ? c->mtu : 1400);
	gnutls_dtls_set_timeouts(c->s, 300, SECONDS * 1000);
	set_credentials(c);
	set_extensions(c);
}

static void client_end(struct client *c)
{
	gnutls_deinit(c->s);
	gnutls_certificate_free_credentials(c->certs);
	gnutls_psk_free_client_credentials(c->psk);
	c->s = NULL;
}

/* Keeps the session for the next handshake. */
static void keep_session(struct client *c)
{
	gnutls_free(c->session.data);
	assert_int_equal(gnutls_session_get_data2(c->s, &c->session), 0);
}

/* Both */

struct report {
	enum engine_state server;
	bool client_done;
	bool client_resumed;
	unsigned int datagrams;
	char flight[64];		/* "20/0 22/1 ": type/epoch of its records */
	struct engine_outcome outcome;
};

static struct cookie cookie;
static uint64_t listener;	/* that the client came by, or 0 */

static struct engine *server_new(const struct profile *p)
{
	struct handshake_request q = {
		.id = 1, .role = DTLS_ROLE_SERVER, .mtu = 1400, .listener = listener,
		.timeout_ms = SECONDS * 1000, .local.in.sin_family = AF_INET,
		.peer.in.sin_family = AF_INET,
	};

	return p->engine->create(&q, p, &cookie, from_engine, NULL);
}

static void describe_flight(struct report *r)
{
	const uint8_t *at = r->outcome.flight;
	struct dtls_flight_record rec;
	struct dtls_flight head;
	char *out = r->flight;

	if (!r->outcome.flight_len)
		return;
	memcpy(&head, at, sizeof(head));
	at += sizeof(head);
	for (int i = 0; i < head.count; i++) {
		memcpy(&rec, at, sizeof(rec));
		at += sizeof(rec) + rec.len;
		out += sprintf(out, "%u/%llu ", rec.type, (unsigned long long)rec.epoch);
	}
}

static void server_turn(struct engine *e, struct report *r)
{
	struct queue *q = &to_server;
	enum engine_state before = r->server;

	if (r->server == ENGINE_RUNNING && q->taken == q->n && !e->ops->timeout(e))
		r->server = e->ops->step(e, NULL, 0);
	while (r->server == ENGINE_RUNNING && q->taken < q->n) {
		r->server = e->ops->step(e, q->data[q->taken], q->len[q->taken]);
		q->taken++;
	}
	if (r->server == before)
		return;
	r->outcome = *e->outcome;
	describe_flight(r);
	e->ops->release(e);
}

static void client_turn(struct client *c, struct report *r)
{
	uint8_t data[2048];
	int ret;

	if (r->client_done) {
		/* a repetition must be answered */
		gnutls_record_recv(c->s, data, sizeof(data));
		return;
	}
	ret = gnutls_handshake(c->s);
	if (ret == 0) {
		r->client_done = true;
		r->client_resumed = gnutls_session_is_resumed(c->s);
	}
}

static void same_keys(struct client *c, const struct report *r)
{
	gnutls_datum_t mac, iv, key;
	unsigned char seq[8];

	gnutls_record_get_state(c->s, 0, &mac, &iv, &key, seq);
	assert_memory_equal(key.data, r->outcome.keys.rx.key, key.size);
	gnutls_record_get_state(c->s, 1, &mac, &iv, &key, seq);
	assert_memory_equal(key.data, r->outcome.keys.tx.key, key.size);
}

/* Until both are done, or the server has failed; the client may still wait. */
static struct report *shake(const struct profile *p, struct client *c)
{
	static struct report r;
	struct engine *e = server_new(p);
	unsigned int turns = seconds * 100;

	memset(&r, 0, sizeof(r));
	memset(&to_server, 0, sizeof(to_server));
	memset(&to_client, 0, sizeof(to_client));
	sent = 0;
	client_begin(c);
	while (turns-- && r.server != ENGINE_FAILED &&
	       (r.server == ENGINE_RUNNING || !r.client_done)) {
		client_turn(c, &r);
		server_turn(e, &r);
		if (to_server.taken == to_server.n && to_client.taken == to_client.n)
			usleep(10000);
	}
	r.datagrams = sent;
	if (r.server == ENGINE_DONE && r.client_done) {
		same_keys(c, &r);
		assert_int_equal(r.client_resumed, r.outcome.result.resumed);
	}
	e->ops->free(e);
	return &r;
}

static struct report *full(const struct profile *p, struct client *c)
{
	struct report *r = shake(p, c);

	assert_int_equal(r->server, ENGINE_DONE);
	assert_true(r->client_done);
	assert_false(r->client_resumed);
	if (p->tickets)
		keep_session(c);
	client_end(c);
	return r;
}

static struct report *resumed(const struct profile *p, struct client *c)
{
	struct report *r = shake(p, c);

	assert_int_equal(r->server, ENGINE_DONE);
	assert_true(r->client_done);
	assert_true(r->client_resumed);
	assert_int_equal(r->outcome.flight_len, 0);
	client_end(c);
	return r;
}

/* errno of a handshake that failed */
static int failed(const struct profile *p, struct client *c)
{
	struct report *r = shake(p, c);

	assert_int_equal(r->server, ENGINE_FAILED);
	client_end(c);
	return r->outcome.result.status;
}

/* Profiles */

static struct config *config;

#define SERVER	"role = server\nusers = *\n"
#define CERT	"certificate = %1$s/server.pem\nprivate-key = %1$s/server.key\n"
#define CHECK	"ca = %1$s/ca.pem\nverify = chain\nclient-cert = required\n"
#define CRL	"crl = %1$s/crl.pem\n"

static const char text[] =
	"[profile off]\n" SERVER CERT
	"[profile plain]\n" SERVER CERT "tickets = yes\nalpn = one, two\n"
	"[profile loose]\n" SERVER CERT "tickets = yes\nextended-master-secret = offered\n"
	"[profile plain-2]\n" SERVER CERT "tickets = yes\n"
	"[profile short]\n" SERVER CERT "tickets = yes\nticket-lifetime = 1\n"
	"[profile asks]\n" SERVER CERT CHECK "tickets = yes\n"
	"[profile asks-crl]\n" SERVER CERT CHECK CRL "tickets = yes\n"
	"[profile may-ask]\n" SERVER CERT "ca = %1$s/ca.pem\nverify = chain\n"
		"client-cert = optional\ntickets = yes\n"
	"[profile name]\n" SERVER CERT "ca = %1$s/ca.pem\nverify = name\n"
		"peer-name = somebody.test\nclient-cert = required\ntickets = yes\n"
	"[profile pinned]\n" SERVER CERT "verify = fingerprint\nclient-cert = required\n"
		"fingerprint = 0000000000000000000000000000000000000000000000000000000000000000\n"
		"tickets = yes\n"
	"[profile psk]\n" SERVER "psk-file = %1$s/psk\ntickets = yes\n"
	"[profile psk-other]\n" SERVER "psk-file = %1$s/psk-other\ntickets = yes\n"
	"[profile both]\n" SERVER CERT CHECK "psk-file = %1$s/psk\ntickets = yes\n";

static struct config *read_config(void)
{
	char here[256];
	FILE *f;

	assert_non_null(getcwd(here, sizeof(here)));
	f = fopen("tickets.conf", "w");
	fprintf(f, text, here);
	fclose(f);
	return config_load("tickets.conf");
}

static struct profile *profile(const char *name)
{
	struct profile *p = config_profile(config, name);

	assert_non_null(p);
	return p;
}

/* A changed profile would have another key. This one keeps it. */
static struct profile *with_key_of(struct profile *p, const struct profile *from)
{
	memcpy(p->ticket_key.data, from->ticket_key.data, p->ticket_key.size);
	return p;
}

static int begin(void **state)
{
	lost = NONE;
	seconds = SECONDS;
	listener = 0;
	config = read_config();
	return !config;
}

static int end(void **state)
{
	config_free(config);
	return 0;
}

/* Cases */

static void off_no_ticket(void **state)
{
	struct client c = { 0 };
	struct report *r = full(profile("off"), &c);

	assert_string_equal(r->flight, "20/0 22/1 ");
}

static void last_flight_has_ticket(void **state)
{
	struct client c = { 0 };
	struct report *r = full(profile("plain"), &c);

	assert_string_equal(r->flight, "22/0 20/0 22/1 ");
	gnutls_free(c.session.data);
}

/* ClientHellos sent by the client, and fragments behind their first. */
static unsigned int count_hellos(unsigned int *later)
{
	struct client_hello h;
	unsigned int first = 0;

	*later = 0;
	for (unsigned int i = 0; i < to_server.n; i++) {
		if (!client_hello_parse(to_server.data[i], to_server.len[i], &h))
			continue;
		if (h.offset)
			(*later)++;
		else
			first++;
	}
	return first;
}

/* RFC 6347 section 4.2.3: the certificate is in the ticket, that in the ClientHello */
static void ticket_in_fragments(void **state)
{
	struct client c = { .certificate = "client", .mtu = 400 };
	unsigned int later, n;

	listener = 2;
	full(profile("asks"), &c);
	n = resumed(profile("asks"), &c)->datagrams;
	assert_int_equal(count_hellos(&later), 2);
	assert_true(later >= 2);
	for (lost = 0; lost < n; lost++)
		resumed(profile("asks"), &c);
	gnutls_free(c.session.data);
}

static void refused_in_fragments(void **state)
{
	struct client c = { .certificate = "revoked-client", .mtu = 400 };
	struct profile *knows = with_key_of(profile("asks-crl"), profile("asks"));
	unsigned int later;

	full(profile("asks"), &c);
	assert_int_equal(failed(knows, &c), EKEYREJECTED);
	/* the server has taken the same fragments for a full handshake */
	assert_int_equal(count_hellos(&later), 2);
	assert_true(later >= 2);
	gnutls_free(c.session.data);
}

static void any_client_resumes(void **state)
{
	struct client c = { 0 };

	full(profile("plain"), &c);
	assert_string_equal(resumed(profile("plain"), &c)->flight, "");
	/* and once more: a ticket is not consumed */
	resumed(profile("plain"), &c);
	gnutls_free(c.session.data);
}

static void certificate_as_before(void **state)
{
	struct client c = { .certificate = "client", .server_name = "server.test" };
	struct handshake_result first, *second;

	first = full(profile("asks"), &c)->outcome.result;
	second = &resumed(profile("asks"), &c)->outcome.result;
	assert_identity(second, "CN=client");
	assert_true(second->verified);
	assert_true(second->cert_len);
	assert_memory_equal(second->cert_sha256, first.cert_sha256, sizeof(first.cert_sha256));
	assert_int_equal(second->suite, first.suite);
	assert_string_equal(second->server_name, "server.test");
	gnutls_free(c.session.data);
}

static void without_certificate_as_before(void **state)
{
	struct client c = { 0 };
	struct handshake_result *r;

	full(profile("may-ask"), &c);
	r = &resumed(profile("may-ask"), &c)->outcome.result;
	assert_false(r->verified);
	assert_int_equal(r->cert_len, 0);
	/* a ticket is not a certificate */
	assert_int_equal(failed(with_key_of(profile("asks"), profile("may-ask")), &c),
			 EKEYREJECTED);
	gnutls_free(c.session.data);
}

static void psk_as_before(void **state)
{
	struct client c = { .psk_identity = "u1" };
	struct handshake_result *r;

	full(profile("psk"), &c);
	r = &resumed(profile("psk"), &c)->outcome.result;
	assert_identity(r, "u1");
	assert_true(r->verified);
	/* nor does it request a certificate where either suffices */
	r = &resumed(with_key_of(profile("both"), profile("psk")), &c)->outcome.result;
	assert_identity(r, "u1");
	gnutls_free(c.session.data);
}

static void alpn_is_negotiated_anew(void **state)
{
	struct client c = { .alpn = "one" };

	assert_string_equal(full(profile("plain"), &c)->outcome.result.alpn, "one");
	c.alpn = "two";
	assert_string_equal(resumed(profile("plain"), &c)->outcome.result.alpn, "two");
	c.alpn = NULL;
	assert_string_equal(resumed(profile("plain"), &c)->outcome.result.alpn, "");
	c.alpn = "three";
	assert_int_equal(failed(profile("plain"), &c), EPROTO);
	gnutls_free(c.session.data);
}

/* RFC 6066 section 3 */
static void another_server_name(void **state)
{
	struct client c = { .server_name = "server.test" };

	full(profile("plain"), &c);
	c.server_name = "second.test";
	assert_string_equal(full(profile("plain"), &c)->outcome.result.server_name,
			    "second.test");
	gnutls_free(c.session.data);
}

static void another_profile(void **state)
{
	struct client c = { 0 };

	full(profile("plain"), &c);
	full(profile("plain-2"), &c);
	gnutls_free(c.session.data);
}

static void tickets_are_turned_off(void **state)
{
	struct client c = { 0 };

	full(profile("plain"), &c);
	full(profile("off"), &c);
	gnutls_free(c.session.data);
}

static void configuration_is_read_again(void **state)
{
	struct client c = { 0 };

	full(profile("plain"), &c);
	config_free(config);
	config = read_config();
	full(profile("plain"), &c);
	gnutls_free(c.session.data);
}

static void ticket_is_too_old(void **state)
{
	struct client c = { 0 };

	full(profile("short"), &c);
	sleep(3);
	full(profile("short"), &c);
	gnutls_free(c.session.data);
}

/* RFC 7627 section 5.3 */
static void extended_master_secret_is_required(void **state)
{
	struct client c = { 0 };

	full(profile("plain"), &c);
	c.priority = ":%NO_SESSION_HASH";
	assert_int_equal(failed(profile("plain"), &c), EPROTO);
	gnutls_free(c.session.data);
}

/* The same where peers without it are accepted: always a full handshake. */
static void sessions_without_it_are_not_resumed(void **state)
{
	struct client c = { .priority = ":%NO_SESSION_HASH" };

	full(profile("loose"), &c);
	full(profile("loose"), &c);
	c.priority = NULL;
	full(profile("loose"), &c);
	resumed(profile("loose"), &c);
	gnutls_free(c.session.data);
}

static void certificate_was_revoked(void **state)
{
	struct client c = { .certificate = "revoked-client" };
	struct profile *knows = with_key_of(profile("asks-crl"), profile("asks"));

	full(profile("asks"), &c);
	resumed(profile("asks"), &c);
	assert_int_equal(failed(knows, &c), EKEYREJECTED);
	/* in a full handshake, so that a new certificate is accepted */
	c.certificate = "client";
	assert_identity(&full(knows, &c)->outcome.result, "CN=client");
	gnutls_free(c.session.data);
}

static void name_or_fingerprint_is_wrong(void **state)
{
	struct client c = { .certificate = "client" };

	full(profile("asks"), &c);
	assert_int_equal(failed(with_key_of(profile("name"), profile("asks")), &c),
			 EKEYREJECTED);
	assert_int_equal(failed(with_key_of(profile("pinned"), profile("asks")), &c),
			 EKEYREJECTED);
	gnutls_free(c.session.data);
}

static void psk_identity_is_gone(void **state)
{
	struct client c = { .psk_identity = "u1" };
	struct report *r;

	full(profile("psk"), &c);
	seconds = FEW;
	r = shake(with_key_of(profile("psk-other"), profile("psk")), &c);
	/* a full handshake, with an unknown identity (RFC 4279 section 2) */
	assert_int_equal(r->server, ENGINE_RUNNING);
	assert_false(r->client_done);
	client_end(&c);
	gnutls_free(c.session.data);
}

static void each_datagram_is_lost(void **state)
{
	struct client c = { .certificate = "client" };
	unsigned int n;

	full(profile("asks"), &c);
	n = resumed(profile("asks"), &c)->datagrams;
	/* twice a ClientHello, challenge, flight of the server, of the client */
	assert_true(n >= 6);
	for (lost = 0; lost < n; lost++)
		resumed(profile("asks"), &c);
	gnutls_free(c.session.data);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		CASE(off_no_ticket),
		CASE(last_flight_has_ticket),
		CASE(ticket_in_fragments),
		CASE(refused_in_fragments),
		CASE(any_client_resumes),
		CASE(certificate_as_before),
		CASE(without_certificate_as_before),
		CASE(psk_as_before),
		CASE(alpn_is_negotiated_anew),
		CASE(another_server_name),
		CASE(another_profile),
		CASE(tickets_are_turned_off),
		CASE(configuration_is_read_again),
		CASE(ticket_is_too_old),
		CASE(extended_master_secret_is_required),
		CASE(sessions_without_it_are_not_resumed),
		CASE(certificate_was_revoked),
		CASE(name_or_fingerprint_is_wrong),
		CASE(psk_identity_is_gone),
		CASE(each_datagram_is_lost),
	};

	log_open();
	if (!cookie_init(&cookie, 60))
		return 1;
	return run_tap("tickets", tests);
}
