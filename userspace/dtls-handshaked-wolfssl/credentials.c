// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The library verifies signatures of the handshake; which peer it is, and whether its chain
 * leads to a CA of the profile, the daemon's own code decides, the same for all engines.
 */
#include <wolfssl/options.h>
#include <wolfssl/ssl.h>
#include <wolfssl/error-ssl.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "protection.h"
#include "session.h"

/* Of a certificate that is well-formed: the daemon's code sees these, too. */
static bool is_about_trust(int error)
{
	switch (error) {
	case 0:
	case ASN_NO_SIGNER_E:
	case ASN_SELF_SIGNED_E:
	case ASN_BEFORE_DATE_E:
	case ASN_AFTER_DATE_E:
	case ASN_PATHLEN_SIZE_E:
	case ASN_PATHLEN_INV_E:
	case WOLFSSL_X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case WOLFSSL_X509_V_ERR_CERT_HAS_EXPIRED:
	case WOLFSSL_X509_V_ERR_CERT_NOT_YET_VALID:
	case WOLFSSL_X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
		return true;
	}
	return false;
}

static void refuse_format(struct session *s, int error)
{
	verdict_refuse(&s->verdict, EKEYREJECTED, GNUTLS_A_BAD_CERTIFICATE,
		       "wolfSSL does not take the peer's certificate: %s",
		       wolfSSL_ERR_reason_error_string(error));
}

static void judge_peer(struct session *s, const WOLFSSL_X509_STORE_CTX *store)
{
	gnutls_datum_t certs[MAX_CHAIN];
	int n = store->totalCerts < MAX_CHAIN ? store->totalCerts : MAX_CHAIN;

	for (int i = 0; i < n; i++)
		certs[i] = (gnutls_datum_t){ store->certs[i].buffer, store->certs[i].length };
	host->verify_chain(certs, n, s->profile, &s->request, &s->verdict);
	if (!s->verdict.ok)
		return;
	s->muted = false;
	resume_note_chain(s, certs, n);
}

/* The peer's own certificate comes last, at depth 0. */
int on_verify(int preverify, WOLFSSL_X509_STORE_CTX *store)
{
	struct session *s = running;

	if (!s)
		return 0;
	/* no certificate: judged when the handshake is complete */
	if (store->totalCerts < 1)
		return 1;
	s->muted = true;
	if (!is_about_trust(store->error))
		refuse_format(s, store->error);
	else if (store->error_depth)
		s->muted = false;
	else
		judge_peer(s, store);
	return !s->muted;
}

static unsigned int copy_key(const struct psk *psk, unsigned char *key, unsigned int max)
{
	if (psk->len > max)
		return 0;
	memcpy(key, psk->key, psk->len);
	return psk->len;
}

/* Once for each suite: the hash of the PSK is the suite's. */
unsigned int on_client_psk(WOLFSSL *ssl, const char *hint, char *identity, unsigned int max,
			   unsigned char *key, unsigned int max_key, const char *suite)
{
	const struct psk *psk = running ? running->profile->client_psk : NULL;

	if (!psk || psk->identity_len > max)
		return 0;
	memcpy(identity, psk->identity, psk->identity_len + 1);
	return copy_key(psk, key, max_key);
}

unsigned int on_client_psk12(WOLFSSL *ssl, const char *hint, char *identity,
			     unsigned int max, unsigned char *key, unsigned int max_key)
{
	return on_client_psk(ssl, hint, identity, max, key, max_key, NULL);
}

/* Both offer it, and the binder, made with the hash of the PSK, is of its hash. */
static const struct suite *choose_suite(const struct session *s)
{
	const struct suite *suite;

	for (size_t i = 0; (suite = suite_allowed(s->profile, i)); i++)
		if (offer_has(&s->offer, suite->number) &&
		    dtls_cipher_by_id(suite->cipher)->hash_len == s->offer.binder)
			return suite;
	/* a ClientHello in fragments was not read */
	return s->offer.whole ? NULL : suite_allowed(s->profile, 0);
}

unsigned int on_server_psk(WOLFSSL *ssl, const char *identity, unsigned char *key,
			   unsigned int max_key, const char **suite)
{
	struct session *s = running;
	const struct suite *chosen = s ? choose_suite(s) : NULL;
	const struct psk *psk;

	if (!chosen)
		return 0;
	psk = host->find_psk(s->profile, identity, strlen(identity));
	s->unknown_identity = !psk;
	if (!psk)
		return 0;
	s->psk = psk;
	/* ticket.c: it would have no identity */
	wolfSSL_no_ticket_TLSv13(ssl);
	*suite = chosen->name;
	return copy_key(psk, key, max_key);
}

/* DTLS 1.2: any PSK goes with any suite. */
unsigned int on_server_psk12(WOLFSSL *ssl, const char *identity, unsigned char *key,
			     unsigned int max_key)
{
	struct session *s = running;

	if (!s)
		return 0;
	s->psk = host->find_psk(s->profile, identity, strlen(identity));
	s->unknown_identity = !s->psk;
	return s->psk ? copy_key(s->psk, key, max_key) : 0;
}
