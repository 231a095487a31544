// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Connection IDs (RFC 9146, RFC 9147 section 9). Ours, for what the peer sends, is the
 * kernel's choice, and may be none; the peer may ask for one all the same.
 */
#include <wolfssl/options.h>
#include <wolfssl/ssl.h>

#include <errno.h>
#include <string.h>

#include "protection.h"
#include "session.h"

#ifdef WOLFSSL_DTLS_CID

const char *cid_refusal(const struct profile *p)
{
	return NULL;
}

bool cid_fits(struct session *s)
{
	int most = wolfSSL_dtls_cid_max_size();

	if (!s->profile->connection_id || s->request.cid.len <= most)
		return true;
	engine_fail(&s->engine, EOPNOTSUPP, "DTLS_CID is %u, and wolfSSL takes %d bytes at most",
		    s->request.cid.len, most);
	return false;
}

bool cid_offer(struct session *s, WOLFSSL *ssl)
{
	struct cid *ours = &s->request.cid;

	if (!s->profile->connection_id)
		return true;
	s->wire.peer.cid = *ours;
	return wolfSSL_dtls_cid_use(ssl) == WOLFSSL_SUCCESS &&
	       wolfSSL_dtls_cid_set(ssl, ours->bytes, ours->len) == WOLFSSL_SUCCESS;
}

bool cid_learn(struct session *s, WOLFSSL *ssl)
{
	struct cid *cid = &s->wire.us.cid;
	unsigned int len;

	if (cid->len || wolfSSL_dtls_cid_get_tx_size(ssl, &len) != WOLFSSL_SUCCESS || !len)
		return true;
	if (len > sizeof(cid->bytes) ||
	    wolfSSL_dtls_cid_get_tx(ssl, cid->bytes, sizeof(cid->bytes)) != WOLFSSL_SUCCESS)
		return false;
	cid->len = len;
	s->engine.peer_cid = *cid;
	return true;
}

/* wolfSSL 5.9.2 expects it in the Finished all the same, and has no function to forget it. */
bool cid_declined(struct session *s)
{
	if (!s->profile->connection_id || !s->request.cid.len)
		return true;
	return verdict_refuse(&s->verdict, EOPNOTSUPP, GNUTLS_A_HANDSHAKE_FAILURE,
			      "the server has no Connection IDs in DTLS 1.2, and wolfSSL cannot go on without the one of DTLS_CID; a profile without connection-id can");
}

static void put_cid(struct dtls_direction *dir, const struct cid *cid)
{
	dir->cid_len = cid->len;
	memcpy(dir->cid, cid->bytes, cid->len);
}

/* Without the peer's agreement the library has forgotten its offer. */
void cid_result(struct session *s, struct dtls_keys *k)
{
	if (!wolfSSL_dtls_cid_is_enabled(s->ssl))
		return;
	put_cid(&k->tx, &s->wire.us.cid);
	put_cid(&k->rx, &s->wire.peer.cid);
}

#else

const char *cid_refusal(const struct profile *p)
{
	return p->connection_id ? "wolfSSL has no Connection IDs: remove connection-id" : NULL;
}

bool cid_fits(struct session *s)
{
	return true;
}

bool cid_offer(struct session *s, WOLFSSL *ssl)
{
	return true;
}

bool cid_learn(struct session *s, WOLFSSL *ssl)
{
	return true;
}

bool cid_declined(struct session *s)
{
	return true;
}

void cid_result(struct session *s, struct dtls_keys *k)
{
}

#endif
