/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parts of the GnuTLS engine that share a session. */
#ifndef GNUTLS_ENGINE_H
#define GNUTLS_ENGINE_H

#include <gnutls/gnutls.h>

#include "engine.h"

/*
 * Makes the priority string and PSK credentials of a profile whose files are
 * loaded. NULL, or what is wrong.
 */
const char *engine_prepare(struct profile *p);

/* The PSK that belongs to what a client calls itself, or NULL. */
const struct psk *engine_psk(gnutls_session_t session, const gnutls_datum_t *name);

/* gnutls_verify.c: is the peer who it must be? */
struct verdict {
	bool ok;
	bool verified;
	int status;		/* errno, when not ok */
	gnutls_alert_description_t alert;
	char reason[MAX_REASON];
};

/* Refuses (false) a handshake that would have no name to check. */
bool verify_possible(const struct profile *p, const struct handshake_request *r,
		     char reason[MAX_REASON]);
void verify_peer(gnutls_session_t session, const struct profile *p,
		 const struct handshake_request *r, struct verdict *v);
/* The same for a session that was made with a PSK and is resumed. */
void verify_identity(gnutls_session_t session, struct verdict *v);

/* 0: it is no AEAD that the kernel knows. */
enum dtls_cipher_id cipher_of(gnutls_cipher_algorithm_t algorithm);
gnutls_cipher_algorithm_t cipher_algorithm(enum dtls_cipher_id id);

#endif
