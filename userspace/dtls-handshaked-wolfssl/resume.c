// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A client's sessions (RFC 8446 section 2.2). A ticket comes when the handshake is over, and
 * the library's session alone has the secret that belongs to it: so that waits some seconds.
 * The kernel has opened and acknowledged the ticket, perhaps under keys that the library does
 * not have. It is sealed again for the library, which is in the state of before, together with
 * the ACK of its Finished that it never got. What it answers is dropped.
 *
 * A session is no verdict: the chain of the full handshake is verified again each time.
 */
#include <wolfssl/options.h>
#include <wolfssl/ssl.h>

#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "record/dtls13/handshake13.h"
#include "record/wire.h"
#include "session.h"

/* Bytes of a message that the library gets in one record: below what it reads at a time. */
#define PIECE		1000
#define MAX_NUMBERS	16	/* of an ACK */

bool resume_possible(const struct session *s)
{
	const struct profile *p = s->profile;

	return !is_server(s) && p->tickets && !p->client_psk && profile_uses_certificates(p) &&
	       !dtls12_offered(s);
}

void resume_note_chain(struct session *s, const gnutls_datum_t *certs, unsigned int n)
{
	if (!resume_possible(s))
		return;
	free(s->resume.chain);
	s->resume.chain = chain_copy(certs, n);
}

/* Offering */

static bool still_good(struct session *s, const struct remembered *m)
{
	gnutls_datum_t certs[MAX_CHAIN];

	chain_list(m->chain, certs);
	host->verify_chain(certs, m->chain->n, s->profile, &s->request, &s->resume.verdict);
	return s->resume.verdict.ok;
}

static bool set_session(WOLFSSL *ssl, const struct remembered *m)
{
	const unsigned char *at = m->session;
	WOLFSSL_SESSION *session = wolfSSL_d2i_SSL_SESSION(NULL, &at, m->len);
	bool set = session && wolfSSL_set_session(ssl, session) == WOLFSSL_SUCCESS;

	wolfSSL_SESSION_free(session);
	return set;
}

/* Whatever is wrong, a full handshake follows. */
void resume_offer(struct session *s, WOLFSSL *ssl)
{
	struct remembered m;

	if (!resume_possible(s) || !cache_take(&s->request, &m))
		return;
	if (still_good(s, &m) && set_session(ssl, &m)) {
		s->resume.offered = true;
		s->resume.born = m.born;
		s->resume.chain = m.chain;
		m.chain = NULL;
	}
	remembered_forget(&m);
}

bool resume_used(const struct session *s)
{
	return s->resume.offered && s->resume.chain && s->resume.verdict.ok &&
	       !side_sent(&s->wire.peer, MESSAGE_CERTIFICATE) && wolfSSL_session_reused(s->ssl);
}

const char *resume_result(const struct session *s, struct handshake_result *r)
{
	gnutls_datum_t certs[MAX_CHAIN];

	chain_list(s->resume.chain, certs);
	r->resumed = true;
	r->verified = s->resume.verdict.verified;
	return host->result_certificate(certs, r);
}

/* Waiting for a ticket */

bool resume_waits(const struct session *s)
{
	return resume_possible(s) && s->resume.chain && !dtls12_chosen(s);
}

void resume_wait(struct session *s)
{
	s->muted = true;
	if (!resume_used(s))
		s->resume.born = clock_seconds();
	/* what is needed yet are the library's session and the server's traffic secret */
	explicit_bzero(&s->wire.us, sizeof(s->wire.us));
	explicit_bzero(s->wire.peer.secret[0], sizeof(s->wire.peer.secret[0]));
	explicit_bzero(&s->wire.peer.keys, sizeof(s->wire.peer.keys));
	explicit_bzero(s->wire.flight, sizeof(s->wire.flight));
	explicit_bzero(&s->held, sizeof(s->held));
}

/* The fragments come in their order, each once. True: the message is whole. */
static bool collect(struct resume *t, const struct dtls_fragment *f, const uint8_t *content)
{
	if (f->offset > t->got || f->message > sizeof(t->message) ||
	    (t->got && f->message != t->len)) {
		t->over = true;
		return false;
	}
	memcpy(t->message + f->offset, content, f->len);
	t->len = f->message;
	if (f->offset + f->len > t->got)
		t->got = f->offset + f->len;
	return t->got == t->len;
}

struct feeder {
	struct session *s;
	struct record_keys keys;
	uint64_t seq;
	uint8_t record[RECORD_SPACE(DTLS12_FRAGMENT_HEADER + PIECE)];
};

/* The library reads one record of the server's. False: it does not take it. */
static bool feed(struct feeder *f, uint8_t type, const uint8_t *content, size_t len)
{
	struct session *s = f->s;
	size_t size;
	char none;
	int ret;

	s->in = record_seal(&f->keys, f->seq++, type, content, len, f->record, &size);
	s->in_len = size;
	if (!s->in)
		return false;
	ret = type == DTLS_TYPE_ACK ? wolfSSL_connect(s->ssl) :
				      wolfSSL_read(s->ssl, &none, sizeof(none));
	s->in = NULL;
	return ret > 0 || wolfSSL_get_error(s->ssl, ret) == WOLFSSL_ERROR_WANT_READ;
}

/* Of all records of the last flight. */
static bool feed_ack(struct feeder *f)
{
	struct dtls13_number numbers[MAX_NUMBERS];
	uint8_t ack[DTLS13_ACK_LEN(MAX_NUMBERS)];
	uint64_t n = f->s->wire.sent[EPOCH_HANDSHAKE];

	if (n > MAX_NUMBERS)
		return false;
	for (unsigned int i = 0; i < n; i++)
		numbers[i] = (struct dtls13_number){ EPOCH_HANDSHAKE, i };
	return feed(f, DTLS_TYPE_ACK, ack, dtls13_put_ack(ack, numbers, n));
}

static bool feed_message(struct feeder *f, uint8_t type)
{
	uint8_t fragment[DTLS12_FRAGMENT_HEADER + PIECE];
	struct resume *t = &f->s->resume;
	size_t len;

	for (size_t at = 0; at < t->len; at += len) {
		len = t->len - at < PIECE ? t->len - at : PIECE;
		fragment[0] = type;
		dtls_put24(fragment + 1, t->len);
		dtls_put16(fragment + 4, f->s->wire.peer.message_seq);
		dtls_put24(fragment + 6, at);
		dtls_put24(fragment + 9, len);
		memcpy(fragment + DTLS12_FRAGMENT_HEADER, t->message + at, len);
		if (!feed(f, DTLS_TYPE_HANDSHAKE, fragment, DTLS12_FRAGMENT_HEADER + len))
			return false;
	}
	return true;
}

static bool feed_library(struct session *s)
{
	struct feeder f = { .s = s };
	bool good;

	good = s->wire.cipher && s->wire.peer.known[1] &&
	       record_keys_derive(&f.keys, s->wire.cipher, EPOCH_TRAFFIC,
				  s->wire.peer.secret[1], &s->wire.peer.cid) &&
	       feed_ack(&f) && feed_message(&f, DTLS_NEW_SESSION_TICKET);
	explicit_bzero(&f, sizeof(f));
	return good;
}

/* The shorter of what the server and the profile say, from the full handshake. */
static uint64_t end_of(const struct session *s, const WOLFSSL_SESSION *session)
{
	uint64_t now = clock_seconds();
	uint64_t end = s->resume.born + profile_ticket_lifetime(s->profile);
	uint64_t ticket = now + wolfSSL_SESSION_get_ticket_lifetime_hint(session);

	return ticket < end ? ticket : end;
}

static void remember(struct session *s, WOLFSSL_SESSION *session)
{
	struct remembered m = { .born = s->resume.born, .end = end_of(s, session) };
	int len = wolfSSL_i2d_SSL_SESSION(session, NULL);
	unsigned char *at;

	if (len <= 0 || len > MAX_SESSION_BYTES || m.end <= (uint64_t)clock_seconds())
		return;
	m.len = len;
	m.session = malloc(len);
	at = m.session;
	if (m.session && wolfSSL_i2d_SSL_SESSION(session, &at) == len) {
		m.chain = s->resume.chain;
		s->resume.chain = NULL;
		cache_put(&s->request, &m);
	} else {
		remembered_forget(&m);
	}
}

static void take_ticket(struct session *s)
{
	WOLFSSL_SESSION *session;

	if (!feed_library(s))
		return;
	session = wolfSSL_get1_session(s->ssl);
	if (session && wolfSSL_SESSION_has_ticket(session))
		remember(s, session);
	wolfSSL_SESSION_free(session);
}

bool resume_ticket(struct session *s, const uint8_t *data, size_t len)
{
	struct resume *t = &s->resume;
	struct dtls_fragment f;

	if (t->over || !dtls12_parse_only_fragment(data, len, &f) ||
	    f.type != DTLS_NEW_SESSION_TICKET)
		return true;
	if (collect(t, &f, data + DTLS12_FRAGMENT_HEADER)) {
		take_ticket(s);
		t->over = true;
	}
	return t->over;
}

void resume_forget(struct session *s)
{
	free(s->resume.chain);
	s->resume.chain = NULL;
}
