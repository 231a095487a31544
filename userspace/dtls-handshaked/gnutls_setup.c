// SPDX-License-Identifier: GPL-2.0-or-later
/* A session of the library, as profile and request want it. */
#include <gnutls/crypto.h>
#include <gnutls/dtls.h>
#include <stdio.h>
#include <string.h>

#include "gnutls_session.h"
#include "hello.h"

#define RETRANSMIT_MS	1000

static int set_alpn(struct session *e)
{
	gnutls_datum_t list[16];
	const struct string_list *own = &e->profile->alpn;
	char *rest = e->request.alpn, *word;
	unsigned int n = 0;

	for (size_t i = 0; !*e->request.alpn && i < own->n && n < 16; i++)
		list[n++] = (gnutls_datum_t){ (void *)own->v[i], strlen(own->v[i]) };
	while (*e->request.alpn && n < 16 && (word = strsep(&rest, ",")))
		if (*word)
			list[n++] = (gnutls_datum_t){ (void *)word, strlen(word) };
	if (!n)
		return 0;
	return gnutls_alpn_set_protocols(e->session, list, n,
					 GNUTLS_ALPN_MANDATORY | GNUTLS_ALPN_SERVER_PRECEDENCE);
}

static int set_server_name(struct session *e)
{
	const char *name = profile_server_name(e->profile, e->request.server_name);

	if (e->request.role != DTLS_ROLE_CLIENT || !name)
		return 0;
	snprintf(e->server_name, sizeof(e->server_name), "%s", name);
	return gnutls_server_name_set(e->session, GNUTLS_NAME_DNS, name, strlen(name));
}

static int set_credentials(struct session *e)
{
	const struct profile *p = e->profile;
	bool client = e->request.role == DTLS_ROLE_CLIENT;
	gnutls_certificate_request_t request = p->client_cert == CLIENT_CERT_REQUIRED ?
					       GNUTLS_CERT_REQUIRE : GNUTLS_CERT_REQUEST;
	void *psk = client ? (void *)p->psk_client_cred : (void *)p->psk_server_cred;
	int ret = gnutls_priority_set(e->session, p->priority);

	if (!ret && p->cert_cred)
		ret = gnutls_credentials_set(e->session, GNUTLS_CRD_CERTIFICATE, p->cert_cred);
	if (!ret && psk)
		ret = gnutls_credentials_set(e->session, GNUTLS_CRD_PSK, psk);
	if (!client && psk)
		gnutls_psk_set_server_credentials_function2(p->psk_server_cred, hook_psk);
	if (!client && p->client_cert != CLIENT_CERT_NONE)
		gnutls_certificate_server_set_request(e->session, request);
	gnutls_session_set_verify_function(e->session, hook_verify);
	return ret;
}

/* Each profile has its own key, so that no ticket of another one is accepted. */
static int set_tickets(struct session *e)
{
	const struct profile *p = e->profile;

	if (!e->tickets)
		return 0;
	gnutls_db_set_cache_expiration(e->session, profile_ticket_lifetime(p));
	return gnutls_session_ticket_enable_server(e->session, &p->ticket_key);
}

static void set_transport(struct session *e)
{
	gnutls_session_set_ptr(e->session, e);
	gnutls_transport_set_ptr(e->session, e);
	gnutls_transport_set_push_function(e->session, transport_push);
	gnutls_transport_set_pull_function(e->session, transport_pull);
	gnutls_transport_set_pull_timeout_function(e->session, transport_waits);
	transport_set_mtu(e, e->mtu);
	/* the worker ends an overdue handshake before the library does */
	gnutls_dtls_set_timeouts(e->session, RETRANSMIT_MS, e->request.timeout_ms + 60000);
	gnutls_handshake_set_hook_function(e->session, GNUTLS_HANDSHAKE_ANY,
					   GNUTLS_HOOK_POST, hook_message);
}

/*
 * RFC 8446 section 4.1.3: a client that had offered DTLS 1.3, until its ClientHello was
 * changed on the path, refuses this random.
 */
static int set_random(struct session *e)
{
	uint8_t bytes[HELLO_RANDOM] = { 0 };
	const gnutls_datum_t random = { bytes, sizeof(bytes) };
	int ret;

	if (e->request.role != DTLS_ROLE_SERVER || !e->profile->dtls13 ||
	    !request_allows(&e->request, DTLS_VERSION_1_3))
		return 0;
	ret = gnutls_rnd(GNUTLS_RND_NONCE, bytes, sizeof(bytes));
	memcpy(bytes + HELLO_RANDOM - HELLO_DOWNGRADE_LEN, HELLO_DOWNGRADE, HELLO_DOWNGRADE_LEN);
	return ret ? ret : gnutls_handshake_set_random(e->session, &random);
}

int session_start(struct session *e)
{
	bool client = e->request.role == DTLS_ROLE_CLIENT;
	int ret = gnutls_init(&e->session, GNUTLS_DATAGRAM | GNUTLS_NONBLOCK |
			      GNUTLS_NO_TICKETS |
			      (client ? GNUTLS_CLIENT : GNUTLS_SERVER));

	if (ret)
		return ret;
	e->sent = (struct transmission){ .last = -1 };
	e->cut.added = 0;
	set_transport(e);
	if (e->profile->keylog_fd >= 0)
		gnutls_session_set_keylog_function(e->session, hook_keys);
	ret = set_credentials(e);
	if (!ret)
		ret = set_random(e);
	if (!ret)
		ret = set_server_name(e);
	if (!ret)
		ret = set_alpn(e);
	if (!ret)
		ret = set_tickets(e);
	return ret;
}
