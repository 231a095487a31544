/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The stateless cookie of HelloVerifyRequest (RFC 6347 section 4.2.1), before
 * any state of the TLS library exists. The secret is rotated; cookies of the
 * previous one stay valid, so that a rotation fails no client.
 */
#ifndef GNUTLS_COOKIE_H
#define GNUTLS_COOKIE_H

#include <gnutls/dtls.h>
#include <gnutls/gnutls.h>
#include <stdbool.h>
#include <time.h>

#include "handshake.h"

struct cookie {
	gnutls_datum_t key[2];		/* current, previous */
	time_t changed;
	unsigned int lifetime;		/* seconds */
};

bool cookie_init(struct cookie *c, unsigned int lifetime);
void cookie_free(struct cookie *c);

/* A cookie is bound to these addresses, this link and this socket. */
struct cookie_client {
	uint8_t bytes[sizeof(uint64_t) + sizeof(uint32_t) + 2 * sizeof(union address)];
};

/* id: of the listening socket or the association; link: as in struct hello */
void cookie_client(struct cookie_client *c, uint64_t id, uint32_t link,
		   const union address *peer, const union address *local);

enum cookie_verdict {
	COOKIE_GOOD,		/* valid; prestate is set */
	COOKIE_WANTED,		/* answer with cookie_send() */
	COOKIE_NO_HELLO,	/* no ClientHello that includes the cookie field: ignore */
};

/*
 * The first fragment of a ClientHello is enough if it holds the cookie: before it
 * is verified a server keeps no state, so no fragment either (RFC 6347 section
 * 4.2.1).
 */
enum cookie_verdict cookie_check(struct cookie *c, const struct cookie_client *client,
				 const void *data, size_t len,
				 gnutls_dtls_prestate_st *prestate);

bool cookie_send(struct cookie *c, const struct cookie_client *client,
		 gnutls_dtls_prestate_st *prestate, void *ctx,
		 gnutls_push_func push);

#define COOKIE_SECRET	32
#define COOKIE_SECRETS	2	/* current, previous */

/*
 * For a library that makes its own cookies: the secret of this client's, which binds
 * them to the client. age: below COOKIE_SECRETS.
 */
bool cookie_secret(struct cookie *c, unsigned int age, const struct cookie_client *client,
		   uint8_t secret[COOKIE_SECRET]);

#endif
