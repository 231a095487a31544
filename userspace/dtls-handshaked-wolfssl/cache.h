/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sessions that clients of this worker may resume, in memory only. */
#ifndef CACHE_H
#define CACHE_H

#include <gnutls/gnutls.h>

#include "handshake.h"

#define MAX_CHAIN		16
#define MAX_CHAIN_BYTES		16384
#define MAX_SESSION_BYTES	16384

/* The server's certificates, DER, its own first. */
struct chain {
	unsigned int n;
	uint16_t sizes[MAX_CHAIN];
	size_t len;
	uint8_t data[];
};

/* NULL: too large, or no memory. */
struct chain *chain_copy(const gnutls_datum_t *certs, unsigned int n);
void chain_list(const struct chain *c, gnutls_datum_t certs[MAX_CHAIN]);

/* What the library makes of a session, with the resumption secret in it. */
struct remembered {
	uint64_t born;		/* s: of the full handshake */
	uint64_t end;		/* s: not to be used any more */
	struct chain *chain;
	size_t len;
	uint8_t *session;
};

/*
 * Keeps it for the requests that are equal in user, profile, link, address and server
 * name, instead of another one for these. Takes over chain and session.
 */
void cache_put(const struct handshake_request *r, const struct remembered *m);
/* RFC 8446 section C.4: it is used once, so it is not in the cache any more. */
bool cache_take(const struct handshake_request *r, struct remembered *m);
void remembered_forget(struct remembered *m);

#endif
