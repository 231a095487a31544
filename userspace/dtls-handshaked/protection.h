/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Protections of DTLS 1.2 that the hello of a peer lacks. True: the profile accepts that;
 * else v has the reason, the alert and the status. For both engines.
 */
#ifndef PROTECTION_H
#define PROTECTION_H

#include "gnutls_verify.h"

/* Sets the three of them, for any other reason, too. False. */
bool verdict_refuse(struct verdict *v, int status, gnutls_alert_description_t alert,
		    const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* extended_master_secret (RFC 7627) */
bool protection_no_master_secret(const struct profile *p, const struct handshake_request *r,
				 struct verdict *v);
/* Secure renegotiation (RFC 5746) */
bool protection_no_renegotiation(const struct profile *p, struct verdict *v);

#endif
