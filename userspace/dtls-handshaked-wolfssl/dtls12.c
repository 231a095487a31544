// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * DTLS 1.2 for a client that offers DTLS 1.3, too, when its server chose the older one.
 * (Servers of DTLS 1.2, and clients of nothing else, are GnuTLS's.) What the profile asks of
 * a ServerHello is read from the datagrams, as the library has no function for it: from all that
 * came, so that the one which the library takes, and the Finished authenticates, is among them.
 */
#include <wolfssl/options.h>
#include <wolfssl/ssl.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "hello.h"
#include "protection.h"
#include "session.h"

#define MASTER_SECRET	48

bool dtls12_offered(const struct session *s)
{
	return !is_server(s) && s->profile->dtls12 &&
	       request_allows(&s->request, DTLS_VERSION_1_2);
}

static bool check_hello(struct session *s)
{
	const struct hello12 *h = &s->hello12;

	return (h->master_secret ||
		protection_no_master_secret(s->profile, &s->request, &s->verdict)) &&
	       (h->renegotiation || protection_no_renegotiation(s->profile, &s->verdict));
}

/* RFC 8446 section 4.1.3 */
static bool refuse_downgrade(struct verdict *v)
{
	snprintf(v->reason, sizeof(v->reason),
		 "the server can do DTLS 1.3 but was not offered it: the ClientHello was changed on its way (RFC 8446 section 4.1.3)");
	v->ok = false;
	v->status = EPROTO;
	v->alert = GNUTLS_A_ILLEGAL_PARAMETER;
	return false;
}

static bool hello_has(const uint8_t *body, size_t len, uint16_t extension)
{
	return hello_has_extension(DTLS_SERVER_HELLO, body, len, extension);
}

/* Of a fragment nothing is read: it may be of DTLS 1.3, and check_final() refuses it if not. */
static bool look_at_hello(struct session *s, const uint8_t *body, const struct dtls_fragment *f)
{
	struct hello12 *h = &s->hello12;
	size_t len = f->len;

	if (len != f->message) {
		h->fragmented = true;
		return true;
	}
	/* of DTLS 1.3 */
	if (hello_has(body, len, HELLO_SUPPORTED_VERSIONS))
		return true;
	h->master_secret = (!h->seen || h->master_secret) &&
			   hello_has(body, len, HELLO_EXTENDED_MASTER_SECRET);
	h->renegotiation = (!h->seen || h->renegotiation) &&
			   hello_has(body, len, HELLO_RENEGOTIATION_INFO);
	h->seen = true;
	if (hello_is_downgraded(body, len))
		return refuse_downgrade(&s->verdict);
	return check_hello(s);
}

static bool look_at_messages(struct session *s, const uint8_t *at, size_t len)
{
	struct dtls_fragment f;

	while (dtls12_parse_fragment(at, len, &f)) {
		at += DTLS12_FRAGMENT_HEADER;
		if (f.type == DTLS_SERVER_HELLO && !look_at_hello(s, at, &f))
			return false;
		at += f.len;
		len -= DTLS12_FRAGMENT_HEADER + f.len;
	}
	return true;
}

bool dtls12_look(struct session *s, const void *data, size_t len)
{
	const uint8_t *at = data;
	struct dtls_header h;

	for (size_t n; len && (n = dtls12_split(at, len, &h)); at += n, len -= n)
		if (h.type == DTLS_TYPE_HANDSHAKE && !h.epoch &&
		    !look_at_messages(s, at + h.len, h.payload_len))
			return false;
	return true;
}

static const struct suite12 *get_suite(const struct session *s)
{
	return suite12_by_number(wolfSSL_get_current_cipher_suite(s->ssl));
}

bool dtls12_uses_psk(const struct session *s)
{
	const struct suite12 *suite = get_suite(s);

	return suite && suite->psk;
}

/* The library verified the Finished, and the signature of the certificate's key. */
static const char *check_final(const struct session *s, const struct suite12 *suite)
{
	if (!dtls12_offered(s))
		return "the version is not DTLS 1.3";
	if (!suite)
		return "the kernel does not support the cipher";
	if (!s->hello12.seen || s->hello12.fragmented)
		return "there was no whole ServerHello of DTLS 1.2";
	if (s->wire.broken || s->wire.overflow)
		return "wolfSSL sent something that is no DTLS record, or too much";
	if (wolfSSL_dtls_cid_is_enabled(s->ssl))
		return "a Connection ID was negotiated, in DTLS 1.2";
	if (suite->psk)
		return s->profile->client_psk ? NULL : "the peer was not verified";
	return s->verdict.ok ? NULL : "the peer was not verified";
}

static void set_direction(struct dtls_direction *dir, const struct dtls_cipher *c,
			  const uint8_t *key, const uint8_t *iv, uint64_t seq)
{
	memcpy(dir->key, key, c->key_len);
	memcpy(dir->iv, iv, c->iv_len);
	dir->epoch = 1;
	dir->seq = seq;
}

/*
 * The library opened only the server's Finished. If that was record 0 and alone, the kernel
 * continues with 1; else lower numbers may be data that waits.
 */
static uint64_t next_received(const struct wire *w)
{
	return w->received12 == 1 ? 1 : 0;
}

const char *dtls12_keys(struct session *s, struct dtls_keys *k)
{
	const struct suite12 *suite = get_suite(s);
	const char *why = check_final(s, suite);
	const struct dtls_cipher *c;

	if (why)
		return why;
	c = dtls_cipher_by_id(suite->cipher);
	if (wolfSSL_GetKeySize(s->ssl) != c->key_len)
		return "wolfSSL's keys have another length";
	k->version = DTLS_VERSION_1_2;
	k->role = s->request.role;
	k->cipher = c->id;
	set_direction(&k->tx, c, wolfSSL_GetClientWriteKey(s->ssl),
		      wolfSSL_GetClientWriteIV(s->ssl), s->wire.sent[1]);
	set_direction(&k->rx, c, wolfSSL_GetServerWriteKey(s->ssl),
		      wolfSSL_GetServerWriteIV(s->ssl), next_received(&s->wire));
	return NULL;
}

void dtls12_log(struct session *s)
{
	byte random[HELLO_RANDOM], secret[MASTER_SECRET];

	if (s->profile->keylog_fd >= 0 &&
	    wolfSSL_get_client_random(s->ssl, random, sizeof(random)) == sizeof(random) &&
	    wolfSSL_SESSION_get_master_key(wolfSSL_get_session(s->ssl), secret,
					   sizeof(secret)) == sizeof(secret))
		host->log_secret(s->profile->keylog_fd, "CLIENT_RANDOM", random, secret,
				 sizeof(secret));
	explicit_bzero(secret, sizeof(secret));
}
