/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Verifies the peer's certificate or PSK identity against the profile. */
#ifndef GNUTLS_VERIFY_H
#define GNUTLS_VERIFY_H

#include <gnutls/gnutls.h>

#include "handshake.h"
#include "profile.h"

struct verdict {
	bool ok;
	bool verified;
	int status;		/* errno, when not ok */
	gnutls_alert_description_t alert;
	char reason[MAX_REASON];
};

/* False: the profile checks a name, and neither it nor the request has one. */
bool verify_possible(const struct profile *p, const struct handshake_request *r,
		     char reason[MAX_REASON]);
void verify_peer(gnutls_session_t session, const struct profile *p,
		 const struct handshake_request *r, struct verdict *v);
/* The same for a chain of DER certificates, the peer's first. */
void verify_chain(const gnutls_datum_t *certs, unsigned int n, const struct profile *p,
		  const struct handshake_request *r, struct verdict *v);
/* For a resumed session, if its first handshake used a PSK. */
void verify_identity(gnutls_session_t session, const struct profile *p, struct verdict *v);

#endif
