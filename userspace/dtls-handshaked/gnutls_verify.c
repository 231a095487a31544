// SPDX-License-Identifier: GPL-2.0-or-later
/* The default is refusal: only an explicit success accepts a peer. */
#include <errno.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <stdio.h>
#include <string.h>

#include "gnutls_verify.h"

static void refuse_peer(struct verdict *v, gnutls_alert_description_t alert,
			const char *why, const char *detail)
{
	v->ok = false;
	v->verified = false;
	v->status = EKEYREJECTED;
	v->alert = alert;
	snprintf(v->reason, sizeof(v->reason), "%s%s", why, detail);
}

static void accept_peer(struct verdict *v)
{
	v->ok = true;
	v->verified = true;
}

bool verify_possible(const struct profile *p, const struct handshake_request *r,
		     char reason[MAX_REASON])
{
	if (p->n_psks || p->verify != VERIFY_HOST_NAME || *r->server_name || p->peer_names.n)
		return true;
	snprintf(reason, MAX_REASON,
		 "no server name to check: neither the program nor [profile %s] gives one",
		 p->name);
	return false;
}

static void check_fingerprint(const struct profile *p, const gnutls_datum_t *der,
			      struct verdict *v)
{
	uint8_t sha256[32];

	if (gnutls_hash_fast(GNUTLS_DIG_SHA256, der->data, der->size, sha256)) {
		refuse_peer(v, GNUTLS_A_INTERNAL_ERROR, "SHA-256 failed", "");
		return;
	}
	for (size_t i = 0; i < p->n_fingerprints; i++)
		if (!memcmp(sha256, p->fingerprints[i], sizeof(sha256))) {
			accept_peer(v);
			return;
		}
	refuse_peer(v, GNUTLS_A_BAD_CERTIFICATE,
		    "the fingerprint of the certificate is none of the profile's",
		    "");
}

static gnutls_alert_description_t alert_of(unsigned int status)
{
	if (status & GNUTLS_CERT_REVOKED)
		return GNUTLS_A_CERTIFICATE_REVOKED;
	if (status & GNUTLS_CERT_EXPIRED)
		return GNUTLS_A_CERTIFICATE_EXPIRED;
	if (status & (GNUTLS_CERT_SIGNER_NOT_FOUND | GNUTLS_CERT_SIGNER_NOT_CA))
		return GNUTLS_A_UNKNOWN_CA;
	return GNUTLS_A_BAD_CERTIFICATE;
}

/* A session's chain, as the library got it, or that of another library. */
struct chain {
	gnutls_session_t session;	/* or NULL */
	const gnutls_datum_t *certs;	/* DER, the peer's first */
	unsigned int n;
};

#define MAX_CHAIN	16

/* As gnutls_certificate_verify_peers() does for a session of priority NORMAL. */
static int verify_certificates(const struct profile *p, gnutls_x509_crt_t *certs,
			       unsigned int n, gnutls_typed_vdata_st *data, unsigned int *status)
{
	gnutls_x509_trust_list_t trusted;

	gnutls_certificate_get_trust_list(p->cert_cred, &trusted);
	return gnutls_x509_trust_list_verify_crt2(trusted, certs, n, data, 1,
						  GNUTLS_PROFILE_TO_VFLAGS(GNUTLS_PROFILE_LOW),
						  status, NULL);
}

static int verify_ders(const struct profile *p, const struct chain *c,
		       gnutls_typed_vdata_st *data, unsigned int *status)
{
	gnutls_x509_crt_t certs[MAX_CHAIN];
	unsigned int n = 0;
	int ret = 0;

	if (c->n > MAX_CHAIN)
		return GNUTLS_E_CERTIFICATE_LIST_UNSORTED;
	while (!ret && n < c->n) {
		ret = gnutls_x509_crt_init(&certs[n]);
		if (ret)
			break;
		ret = gnutls_x509_crt_import(certs[n], &c->certs[n], GNUTLS_X509_FMT_DER);
		n++;
	}
	if (!ret)
		ret = verify_certificates(p, certs, n, data, status);
	while (n)
		gnutls_x509_crt_deinit(certs[--n]);
	return ret;
}

static bool check_chain(const struct chain *c, const struct profile *p, uint16_t role,
			struct verdict *v)
{
	const char *purpose = role == DTLS_ROLE_CLIENT ? GNUTLS_KP_TLS_WWW_SERVER :
							 GNUTLS_KP_TLS_WWW_CLIENT;
	gnutls_typed_vdata_st data = {
		.type = GNUTLS_DT_KEY_PURPOSE_OID, .data = (void *)purpose,
	};
	unsigned int status = 0;
	gnutls_datum_t text;
	int ret = c->session ? gnutls_certificate_verify_peers(c->session, &data, 1, &status) :
			       verify_ders(p, c, &data, &status);

	if (ret < 0) {
		refuse_peer(v, GNUTLS_A_BAD_CERTIFICATE, "", gnutls_strerror(ret));
		return false;
	}
	if (!status)
		return true;
	if (gnutls_certificate_verification_status_print(status, GNUTLS_CRT_X509, &text, 0)) {
		refuse_peer(v, alert_of(status), "the certificate does not verify", "");
		return false;
	}
	refuse_peer(v, alert_of(status), "", (char *)text.data);
	gnutls_free(text.data);
	return false;
}

/* The name of the request, else any of the profile's. */
static bool name_matches(gnutls_x509_crt_t crt, const struct profile *p,
			 const struct handshake_request *r)
{
	if (r->role == DTLS_ROLE_CLIENT && *r->server_name)
		return gnutls_x509_crt_check_hostname2(crt, r->server_name, 0);
	for (size_t i = 0; i < p->peer_names.n; i++)
		if (gnutls_x509_crt_check_hostname2(crt, p->peer_names.v[i], 0))
			return true;
	return false;
}

static void check_name(const gnutls_datum_t *der, const struct profile *p,
		       const struct handshake_request *r, struct verdict *v)
{
	gnutls_x509_crt_t crt;
	bool ok;

	if (gnutls_x509_crt_init(&crt)) {
		refuse_peer(v, GNUTLS_A_INTERNAL_ERROR, "out of memory", "");
		return;
	}
	ok = !gnutls_x509_crt_import(crt, der, GNUTLS_X509_FMT_DER) &&
	     name_matches(crt, p, r);
	gnutls_x509_crt_deinit(crt);
	if (ok)
		accept_peer(v);
	else if (r->role == DTLS_ROLE_CLIENT && *r->server_name)
		refuse_peer(v, GNUTLS_A_BAD_CERTIFICATE,
			    "the certificate is not for ", r->server_name);
	else
		refuse_peer(v, GNUTLS_A_BAD_CERTIFICATE,
			    "the certificate has none of the profile's names",
			    "");
}

static void judge_no_certificate(const struct profile *p, uint16_t role, struct verdict *v)
{
	if (role == DTLS_ROLE_SERVER && p->client_cert == CLIENT_CERT_OPTIONAL)
		v->ok = true;
	else
		refuse_peer(v, GNUTLS_A_HANDSHAKE_FAILURE, "the peer has no certificate", "");
}

static void judge_chain(const struct chain *c, const struct profile *p,
			const struct handshake_request *r, struct verdict *v)
{
	memset(v, 0, sizeof(*v));
	if (!c->certs || !c->n) {
		judge_no_certificate(p, r->role, v);
		return;
	}
	switch (p->verify) {
	case VERIFY_UNSET:
		refuse_peer(v, GNUTLS_A_BAD_CERTIFICATE,
			    "the profile has no \"verify\" for certificates",
			    "");
		break;
	case VERIFY_FINGERPRINT:
		check_fingerprint(p, &c->certs[0], v);
		break;
	case VERIFY_CHAIN:
		if (check_chain(c, p, r->role, v))
			accept_peer(v);
		break;
	case VERIFY_HOST_NAME:
		if (check_chain(c, p, r->role, v))
			check_name(&c->certs[0], p, r, v);
		break;
	}
}

void verify_peer(gnutls_session_t session, const struct profile *p,
		 const struct handshake_request *r, struct verdict *v)
{
	struct chain c = { .session = session };

	c.certs = gnutls_certificate_get_peers(session, &c.n);
	judge_chain(&c, p, r, v);
}

void verify_chain(const gnutls_datum_t *certs, unsigned int n, const struct profile *p,
		  const struct handshake_request *r, struct verdict *v)
{
	const struct chain c = { .certs = certs, .n = n };

	judge_chain(&c, p, r, v);
}

void verify_identity(gnutls_session_t session, const struct profile *p, struct verdict *v)
{
	gnutls_datum_t name;

	memset(v, 0, sizeof(*v));
	if (!gnutls_psk_server_get_username2(session, &name) &&
	    profile_psk(p, name.data, name.size))
		accept_peer(v);
	else
		refuse_peer(v, GNUTLS_A_UNKNOWN_PSK_IDENTITY,
			    "the PSK identity is none of the profile's", "");
}
