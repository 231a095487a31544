// SPDX-License-Identifier: GPL-2.0-or-later
/* Callbacks of the library during the handshake. */
#include <string.h>

#include "gnutls_keys.h"
#include "gnutls_session.h"
#include "hello.h"
#include "keylog.h"
#include "protection.h"

int hook_verify(gnutls_session_t session)
{
	struct session *e = gnutls_session_get_ptr(session);

	verify_peer(session, e->profile, &e->request, &e->verdict);
	return e->verdict.ok ? 0 : GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR;
}

int hook_psk(gnutls_session_t session, const gnutls_datum_t *name, gnutls_datum_t *key)
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

static int check_ems(struct session *e)
{
	if (gnutls_session_ext_master_secret_status(e->session))
		return 0;
	if (!protection_no_master_secret(e->profile, &e->request, &e->verdict))
		return GNUTLS_E_INSUFFICIENT_SECURITY;
	/* RFC 7627 section 5.3: such a session is not resumed; a full handshake follows */
	if (!session_resumed(e))
		return 0;
	e->tickets = false;
	return GNUTLS_E_INSUFFICIENT_SECURITY;
}

bool session_must_verify(const struct session *e)
{
	if (kx_is_psk(gnutls_kx_get(e->session)))
		return session_resumed(e);
	return e->request.role == DTLS_ROLE_CLIENT ||
	       e->profile->client_cert != CLIENT_CERT_NONE;
}

/* At this time the server's first flight exists, and nothing of it was sent. */
static int verify_resumed(struct session *e)
{
	if (!session_resumed(e) || !session_must_verify(e))
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

int hook_message(gnutls_session_t session, unsigned int type, unsigned int post,
		 unsigned int incoming, const gnutls_datum_t *message)
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

int hook_keys(gnutls_session_t session, const char *label, const gnutls_datum_t *secret)
{
	struct session *e = gnutls_session_get_ptr(session);

	/* the only label of DTLS 1.2; its secret is the master secret */
	if (!strcmp(label, "CLIENT_RANDOM"))
		keylog_write(e->profile->keylog_fd, session, secret);
	return 0;
}
