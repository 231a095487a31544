// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * DTLS 1.2 for a client that offers DTLS 1.3, too, when its server chose the older one; and
 * with Connection IDs, for clients and servers. (All else of DTLS 1.2 is GnuTLS's.) What the
 * profile asks of a ServerHello is read from the datagrams, as the library has no function for
 * it: from all that came, so that the one which the library takes, and the Finished
 * authenticates, is among them. A server's library takes the ClientHello of one datagram.
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
#define MAX_LAST_RECORD	128	/* bytes behind the header, of a Finished */

bool dtls12_offered(const struct session *s)
{
	return !is_server(s) && s->profile->dtls12 &&
	       request_allows(&s->request, DTLS_VERSION_1_2);
}

bool dtls12_wanted(const struct session *s)
{
	return is_server(s) && dtls12_served(s->profile) && s->offer.connection_id &&
	       !(s->offer.dtls13 && s->profile->dtls13) &&
	       request_allows(&s->request, DTLS_VERSION_1_2);
}

static bool check_hello(struct session *s)
{
	const struct hello12 *h = &s->hello12;

	return (h->master_secret ||
		protection_no_master_secret(s->profile, &s->request, &s->verdict)) &&
	       (h->renegotiation || protection_no_renegotiation(s->profile, &s->verdict));
}

bool dtls12_take_offer(struct session *s)
{
	s->hello12 = (struct hello12){
		.seen = s->offer.whole,
		.master_secret = s->offer.master_secret,
		.renegotiation = s->offer.renegotiation,
	};
	return check_hello(s);
}

/* RFC 8446 section 4.1.3 */
static bool refuse_downgrade(struct verdict *v)
{
	return verdict_refuse(v, EPROTO, GNUTLS_A_ILLEGAL_PARAMETER,
			      "the server can do DTLS 1.3 but was not offered it: the ClientHello was changed on its way (RFC 8446 section 4.1.3)");
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
	h->connection_id = (!h->seen || h->connection_id) &&
			   hello_has(body, len, HELLO_CONNECTION_ID);
	h->seen = true;
	if (hello_is_downgraded(body, len))
		return refuse_downgrade(&s->verdict);
	return check_hello(s) && (h->connection_id || cid_declined(s));
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

	for (size_t n; len && (n = wire_split(&s->wire.peer, at, len, &h)); at += n, len -= n)
		if (!h.unified && h.type == DTLS_TYPE_HANDSHAKE && !h.epoch &&
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

/* The library verified the signature of a certificate's key. */
static const char *check_peer(const struct session *s, const struct suite12 *suite)
{
	bool good = s->verdict.ok;

	if (suite->psk)
		good = is_server(s) ? !!s->psk : !!s->profile->client_psk;
	else if (is_server(s) && s->profile->client_cert == CLIENT_CERT_NONE)
		good = true;
	return good ? NULL : "the peer was not verified";
}

/* The library verified the Finished. */
static const char *check_final(const struct session *s, const struct suite12 *suite)
{
	if (!dtls12_offered(s) && !s->server12)
		return "the version is not DTLS 1.3";
	if (!suite)
		return "the kernel does not support the cipher";
	if (!s->hello12.seen || s->hello12.fragmented)
		return "there was no whole hello of DTLS 1.2";
	if (s->wire.broken || s->wire.overflow)
		return "wolfSSL sent something that is no DTLS record, or too much";
	return check_peer(s, suite);
}

static void set_direction(struct dtls_direction *dir, const struct dtls_cipher *c,
			  const uint8_t *key, const uint8_t *iv)
{
	memcpy(dir->key, key, c->key_len);
	memcpy(dir->iv, iv, c->iv_len);
	dir->epoch = 1;
}

/*
 * The library opened only the peer's Finished. If that was record 0 and alone, the kernel
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
	bool server = is_server(s);
	const struct dtls_cipher *c;

	if (why)
		return why;
	c = dtls_cipher_by_id(suite->cipher);
	if (wolfSSL_GetKeySize(s->ssl) != c->key_len)
		return "wolfSSL's keys have another length";
	k->version = DTLS_VERSION_1_2;
	k->role = s->request.role;
	k->cipher = c->id;
	set_direction(server ? &k->rx : &k->tx, c, wolfSSL_GetClientWriteKey(s->ssl),
		      wolfSSL_GetClientWriteIV(s->ssl));
	set_direction(server ? &k->tx : &k->rx, c, wolfSSL_GetServerWriteKey(s->ssl),
		      wolfSSL_GetServerWriteIV(s->ssl));
	k->tx.seq = s->wire.sent[1];
	k->rx.seq = next_received(&s->wire);
	cid_result(s, k);
	return NULL;
}

/* A server's last flight: ChangeCipherSpec and Finished. */

static void set_record_keys(struct record_keys *k, const struct dtls_keys *from)
{
	const struct dtls_direction *dir = &from->tx;

	memset(k, 0, sizeof(*k));
	k->params.cipher = dtls_cipher_by_id(from->cipher);
	k->params.epoch = dir->epoch;
	k->params.cid_len = dir->cid_len;
	memcpy(k->params.cid, dir->cid, dir->cid_len);
	memcpy(k->params.iv, dir->iv, k->params.cipher->iv_len);
	memcpy(k->key, dir->key, k->params.cipher->key_len);
}

/* Its bytes, or 0: it does not open, or is none of the two. */
static size_t put_record(const struct record_keys *k, const struct dtls_header *h,
			 const uint8_t *record, uint8_t *out, size_t space)
{
	uint8_t plain[DTLS_HEADROOM + DTLS12_HEADER + DTLS_MAX_CID + MAX_LAST_RECORD];
	struct dtls_opened content = { .off = h->len, .type = h->type, .len = h->payload_len };
	struct dtls_flight_record head = { .epoch = h->epoch };
	const uint8_t *from = record;

	if (h->payload_len > MAX_LAST_RECORD)
		return 0;
	if (h->epoch) {
		if (!record_open12(k, h, record, plain, &content))
			return 0;
		from = plain;
	}
	if (space < sizeof(head) + content.len)
		return 0;
	head.type = content.type;
	head.len = content.len;
	memcpy(out, &head, sizeof(head));
	memcpy(out + sizeof(head), from + content.off, content.len);
	return sizeof(head) + content.len;
}

size_t dtls12_flight(const struct session *s, const struct dtls_keys *keys,
		     uint8_t out[MAX_FLIGHT])
{
	struct dtls_flight head = { .next_seq = s->wire.sent[0] };
	const uint8_t *at = s->held.data;
	size_t used = sizeof(head), left = s->held.len, n, put = 1;
	struct record_keys k;
	struct dtls_header h;

	set_record_keys(&k, keys);
	while (left && put && (n = wire_split(&s->wire.us, at, left, &h))) {
		put = put_record(&k, &h, at, out + used, MAX_FLIGHT - used);
		used += put;
		at += n;
		left -= n;
		head.count++;
	}
	explicit_bzero(&k, sizeof(k));
	memcpy(out, &head, sizeof(head));
	return head.count && !left && put ? used : 0;
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
