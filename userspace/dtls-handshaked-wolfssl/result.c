// SPDX-License-Identifier: GPL-2.0-or-later
#include <wolfssl/options.h>
#include <wolfssl/ssl.h>

#include <string.h>

#include "session.h"

/* A PSK authenticates both sides; else the server sends a certificate. */
static bool uses_psk(const struct session *s)
{
	const struct wire_side *server = is_server(s) ? &s->wire.us : &s->wire.peer;

	if (dtls12_chosen(s))
		return dtls12_uses_psk(s);
	return !side_sent(server, MESSAGE_CERTIFICATE);
}

static bool must_verify(const struct session *s)
{
	return !is_server(s) || s->profile->client_cert != CLIENT_CERT_NONE;
}

/* Checked again before keys leave the engine, independently of the library. */
static const char *check_final(struct session *s)
{
	const struct wire *w = &s->wire;

	if (wolfSSL_version(s->ssl) != DTLS1_3_VERSION)
		return "the version is not DTLS 1.3";
	if (w->broken || w->overflow)
		return "wolfSSL sent something that is no DTLS record, or too much";
	if (!side_sent(&w->peer, DTLS_FINISHED) || !w->us.whole)
		return "the handshake has no Finished of both sides";
	if (ticket_used(s))
		return ticket_possible(s->profile) ? NULL : "there are no tickets";
	if (resume_used(s))
		return NULL;
	if (uses_psk(s))
		return (is_server(s) ? !!s->psk : !!s->profile->client_psk) ?
		       NULL : "the peer was not verified";
	if (!must_verify(s))
		return NULL;
	if (!s->verdict.ok)
		return "the peer was not verified";
	if (s->verdict.verified && !side_sent(&w->peer, MESSAGE_CERTIFICATE_VERIFY))
		return "the peer did not prove that the certificate is its own";
	return NULL;
}

static void set_direction(struct dtls_direction *dir, const struct wire_side *side, uint64_t seq)
{
	dir->epoch = EPOCH_TRAFFIC;
	dir->seq = seq;
	dir->message_seq = side->message_seq;
	dir->flags = DTLS_DIRECTION_SECRET;
	memcpy(dir->key, side->secret[1], sizeof(dir->key));
}

/* Of the direction from the client: the kernel repeats or acknowledges its last flight. */
static void set_handshake(struct dtls_direction *dir, const struct wire_side *side, uint64_t seq)
{
	dir->flags |= DTLS_DIRECTION_HANDSHAKE;
	dir->handshake_seq = seq;
	memcpy(dir->handshake_key, side->secret[0], sizeof(dir->handshake_key));
}

static const char *set_keys(struct session *s, struct dtls_keys *k)
{
	const struct wire *w = &s->wire;

	if (!w->cipher || !w->us.known[0] || !w->peer.known[0] || !w->us.known[1] ||
	    !w->peer.known[1])
		return "wolfSSL did not give its secrets";
	k->version = DTLS_VERSION_1_3;
	k->role = s->request.role;
	k->cipher = w->cipher->id;
	set_direction(&k->tx, &w->us, w->sent[EPOCH_TRAFFIC]);
	/* nothing of epoch 3 was given to the library */
	set_direction(&k->rx, &w->peer, 0);
	cid_result(s, k);
	if (is_server(s))
		set_handshake(&k->rx, &w->peer, w->peer.next);
	else
		set_handshake(&k->tx, &w->us, w->sent[EPOCH_HANDSHAKE]);
	return NULL;
}

/* RFC 6066 section 4, as a record_size_limit: with the byte of the content type. */
static void set_limit(struct session *s, struct dtls_keys *k)
{
	static const uint16_t bytes[] = { 0, 512, 1024, 2048, 4096 };
	unsigned int code = wolfSSL_SESSION_get_max_fragment_length(wolfSSL_get_session(s->ssl));

	if (code && code < sizeof(bytes) / sizeof(*bytes))
		k->record_size_limit = bytes[code] + 1;
}

static void set_alpn(struct session *s, struct handshake_result *r)
{
	const unsigned char *name = NULL;
	unsigned int len = 0;

	wolfSSL_get0_alpn_selected(s->ssl, &name, &len);
	if (len < sizeof(r->alpn) && !memchr(name ?: (void *)"", '\0', len))
		memcpy(r->alpn, name, len);
}

static void set_server_name(struct session *s, struct handshake_result *r)
{
	void *name = NULL;
	size_t len;

	if (!is_server(s)) {
		memcpy(r->server_name, s->server_name, sizeof(r->server_name));
		return;
	}
	len = wolfSSL_SNI_GetRequest(s->ssl, WOLFSSL_SNI_HOST_NAME, &name);
	if (!name || len >= sizeof(r->server_name) || memchr(name, '\0', len))
		return;
	memcpy(r->server_name, name, len);
	if (host->name_normalise(r->server_name, r->server_name))
		*r->server_name = '\0';
}

static void set_identity(struct session *s, struct handshake_result *r)
{
	const struct psk *psk = is_server(s) ? s->psk : s->profile->client_psk;

	memcpy(r->identity, psk->identity, psk->identity_len);
	r->identity_len = psk->identity_len;
	r->verified = true;
}

static const char *set_certificate(struct session *s, struct handshake_result *r)
{
	WOLFSSL_X509_CHAIN *chain = wolfSSL_get_peer_chain(s->ssl);
	gnutls_datum_t der;

	r->verified = s->verdict.verified;
	if (!chain || wolfSSL_get_chain_count(chain) < 1 ||
	    (!dtls12_chosen(s) && !side_sent(&s->wire.peer, MESSAGE_CERTIFICATE)))
		return NULL;
	der.data = wolfSSL_get_chain_cert(chain, 0);
	der.size = wolfSSL_get_chain_length(chain, 0);
	return host->result_certificate(&der, r);
}

/* RFC 8446 section 7.5: no context is an empty one. */
static const char *set_exporter(struct session *s, struct handshake_result *r)
{
	const struct handshake_request *q = &s->request;

	if (!*q->exporter_label || !q->exporter_len)
		return NULL;
	r->exporter_len = q->exporter_len;
	if (wolfSSL_export_keying_material(s->ssl, r->exporter, r->exporter_len,
					   q->exporter_label, strlen(q->exporter_label),
					   q->context, q->context_len,
					   q->has_context) != WOLFSSL_SUCCESS)
		return "the exporter failed";
	return NULL;
}

static const char *fill_keys(struct session *s, struct dtls_keys *k)
{
	const char *why;

	if (dtls12_chosen(s)) {
		dtls12_log(s);
		return dtls12_keys(s, k);
	}
	why = check_final(s);
	return why ? why : set_keys(s, k);
}

/* What the kernel repeats: a client's last flight, a server's of DTLS 1.2 or its ticket. */
static const char *set_flight(struct session *s, struct engine_outcome *o)
{
	if (s->server12) {
		o->flight_len = dtls12_flight(s, &o->keys, o->flight);
		return o->flight_len ? NULL :
		       "the last flight does not open with the keys that sealed it";
	}
	o->flight_len = wire_flight(&s->wire, is_server(s) ? EPOCH_TRAFFIC : EPOCH_HANDSHAKE,
				    o->flight);
	o->flight_behind = is_server(s);
	return NULL;
}

const char *result_fill(struct session *s, struct engine_outcome *o)
{
	struct handshake_result *r = &o->result;
	const char *why = fill_keys(s, &o->keys);

	if (why)
		return why;
	set_limit(s, &o->keys);
	why = set_flight(s, o);
	if (why)
		return why;
	r->suite = wolfSSL_get_current_cipher_suite(s->ssl);
	set_alpn(s, r);
	set_server_name(s, r);
	r->resumed = is_server(s) && ticket_used(s);
	if (r->resumed)
		return set_exporter(s, r);
	if (resume_used(s))
		why = resume_result(s, r);
	else if (uses_psk(s))
		set_identity(s, r);
	else
		why = set_certificate(s, r);
	return why ? why : set_exporter(s, r);
}
