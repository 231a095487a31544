// SPDX-License-Identifier: GPL-2.0-or-later
#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <string.h>

#include "gnutls_aead.h"
#include "gnutls_keys.h"
#include "name.h"

bool kx_is_psk(gnutls_kx_algorithm_t kx)
{
	return kx == GNUTLS_KX_PSK || kx == GNUTLS_KX_ECDHE_PSK ||
	       kx == GNUTLS_KX_DHE_PSK;
}

enum direction { WRITE, READ };

static const char *get_direction(gnutls_session_t s, enum direction which,
				 uint16_t cipher, struct dtls_direction *dir)
{
	gnutls_datum_t mac, iv, key;
	unsigned char seq[8];
	const struct dtls_cipher *c = dtls_cipher_by_id(cipher);
	uint64_t n;

	if (gnutls_record_get_state(s, which, &mac, &iv, &key, seq))
		return "GnuTLS does not export its keys";
	if (!c || key.size != c->key_len || iv.size != c->iv_len)
		return "the key or IV has the wrong size";
	memcpy(dir->key, key.data, key.size);
	memcpy(dir->iv, iv.data, iv.size);
	n = dtls_get64(seq);
	if (n >> 48 != 1)
		return "the epoch is not 1";
	dir->epoch = 1;
	dir->seq = n & DTLS_MAX_SEQ;
	return NULL;
}

const char *keys_extract(gnutls_session_t s, const struct handshake_request *request,
			 uint64_t next_tx, struct dtls_keys *keys)
{
	const char *why;

	keys->version = DTLS_VERSION_1_2;
	keys->role = request->role;
	keys->cipher = gnutls_aead_id(gnutls_cipher_get(s));
	if (!keys->cipher)
		return "the kernel does not support the cipher";
	why = get_direction(s, WRITE, keys->cipher, &keys->tx);
	if (!why)
		why = get_direction(s, READ, keys->cipher, &keys->rx);
	if (why)
		return why;
	if (keys->tx.seq != next_tx)
		return "GnuTLS's next record number is not that of the wire";
	/*
	 * The library opened only handshake records of epoch 1. If that was
	 * number 0 alone, the kernel continues with 1. Otherwise lower numbers
	 * may be early data in the kernel's queue, which is no replay.
	 */
	if (keys->rx.seq != 1)
		keys->rx.seq = 0;
	return NULL;
}

/*
 * The library returns the negotiated max_fragment_length (RFC 6066), but not the
 * peer's record_size_limit (RFC 8449), which is read from its hello.
 */
void keys_limit(gnutls_session_t s, uint16_t peer_limit, struct dtls_keys *keys)
{
	size_t limit = gnutls_record_get_max_size(s);

	if (peer_limit && peer_limit < limit)
		limit = peer_limit;
	if (limit < DTLS_MAX_CONTENT)
		keys->record_size_limit = limit;
}

static uint16_t suite_number(gnutls_session_t s)
{
	gnutls_kx_algorithm_t kx;
	gnutls_cipher_algorithm_t cipher;
	gnutls_mac_algorithm_t mac;
	gnutls_protocol_t min;
	unsigned char id[2];

	for (size_t i = 0; gnutls_cipher_suite_info(i, id, &kx, &cipher, &mac, &min); i++)
		if (kx == gnutls_kx_get(s) && cipher == gnutls_cipher_get(s) &&
		    mac == gnutls_mac_get(s))
			return id[0] << 8 | id[1];
	return 0;
}

/* C strings for programs: empty if the data does not fit or has a NUL byte. */
static void copy_text(char *out, size_t size, const void *data, size_t len)
{
	if (len >= size || memchr(data, '\0', len))
		return;
	memcpy(out, data, len);
	out[len] = '\0';
}

static void get_alpn(gnutls_session_t s, struct handshake_result *r)
{
	gnutls_datum_t chosen;

	if (!gnutls_alpn_get_selected_protocol(s, &chosen))
		copy_text(r->alpn, sizeof(r->alpn), chosen.data, chosen.size);
}

static void get_server_name(gnutls_session_t s, struct handshake_result *r)
{
	char name[DTLS_MAX_NAME];
	size_t len = sizeof(name);
	unsigned int type;

	if (gnutls_server_name_get(s, name, &len, &type, 0) || type != GNUTLS_NAME_DNS)
		return;
	copy_text(r->server_name, sizeof(r->server_name), name, strnlen(name, len));
	/* the library converts A-labels to U-labels */
	if (name_normalise(r->server_name, r->server_name))
		*r->server_name = '\0';
}

static const char *get_psk_identity(gnutls_session_t s, const struct profile *p,
				    uint16_t role, struct handshake_result *r)
{
	gnutls_datum_t name;

	if (role == DTLS_ROLE_CLIENT) {
		name.data = p->client_psk->identity;
		name.size = p->client_psk->identity_len;
	} else if (gnutls_psk_server_get_username2(s, &name)) {
		return "GnuTLS does not export the PSK identity";
	}
	if (name.size > sizeof(r->identity))
		return "the PSK identity is too long";
	memcpy(r->identity, name.data, name.size);
	r->identity_len = name.size;
	return NULL;
}

static void get_subject(const gnutls_datum_t *der, struct handshake_result *r)
{
	gnutls_x509_crt_t crt;
	gnutls_datum_t dn;

	if (gnutls_x509_crt_init(&crt))
		return;
	if (!gnutls_x509_crt_import(crt, der, GNUTLS_X509_FMT_DER) &&
	    !gnutls_x509_crt_get_dn3(crt, &dn, 0)) {
		r->identity_len = dn.size <= sizeof(r->identity) ? dn.size : 0;
		memcpy(r->identity, dn.data, r->identity_len);
		gnutls_free(dn.data);
	}
	gnutls_x509_crt_deinit(crt);
}

const char *result_certificate(const gnutls_datum_t *der, struct handshake_result *r)
{
	if (der->size > sizeof(r->cert))
		return "the peer's certificate is too large";
	memcpy(r->cert, der->data, der->size);
	r->cert_len = der->size;
	if (gnutls_hash_fast(GNUTLS_DIG_SHA256, der->data, der->size, r->cert_sha256))
		return "SHA-256 failed";
	get_subject(der, r);
	return NULL;
}

static const char *get_certificate(gnutls_session_t s, struct handshake_result *r)
{
	unsigned int n = 0;
	const gnutls_datum_t *der = gnutls_certificate_get_peers(s, &n);

	return der && n ? result_certificate(der, r) : NULL;
}

static const char *get_exporter(gnutls_session_t s,
				const struct handshake_request *request,
				struct handshake_result *r)
{
	if (!*request->exporter_label || !request->exporter_len)
		return NULL;
	r->exporter_len = request->exporter_len;
	if (gnutls_prf_rfc5705(s, strlen(request->exporter_label),
			       request->exporter_label, request->context_len,
			       request->has_context ? (const char *)request->context : NULL,
			       r->exporter_len, (char *)r->exporter))
		return "the exporter failed";
	return NULL;
}

const char *result_extract(gnutls_session_t s, const struct profile *p,
			   const struct handshake_request *request,
			   struct handshake_result *r)
{
	const char *why;

	r->suite = suite_number(s);
	get_alpn(s, r);
	if (request->role == DTLS_ROLE_SERVER)
		get_server_name(s, r);
	if (kx_is_psk(gnutls_kx_get(s)))
		why = get_psk_identity(s, p, request->role, r);
	else
		why = get_certificate(s, r);
	return why ? why : get_exporter(s, request, r);
}
