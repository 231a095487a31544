// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "protection.h"

bool verdict_refuse(struct verdict *v, int status, gnutls_alert_description_t alert,
		    const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(v->reason, sizeof(v->reason), fmt, ap);
	va_end(ap);
	v->ok = false;
	v->alert = alert;
	v->status = status;
	return false;
}

#define refuse(v, ...)	verdict_refuse(v, EPROTO, GNUTLS_A_HANDSHAKE_FAILURE, __VA_ARGS__)

/* RFC 7627 section 1: without it two sessions can share a master secret. */
bool protection_no_master_secret(const struct profile *p, const struct handshake_request *r,
				 struct verdict *v)
{
	if (p->master_secret == PROTECTION_REQUIRED)
		return refuse(v,
			      "the peer has no extended_master_secret (RFC 7627); extended-master-secret = offered in [profile %s] would allow it",
			      p->name);
	/* section 5.4: without it the exporter's keys are not unique to the session */
	if (*r->exporter_label)
		return refuse(v,
			      "the peer has no extended_master_secret, which the exporter needs (RFC 7627 section 5.4)");
	return true;
}

bool protection_no_renegotiation(const struct profile *p, struct verdict *v)
{
	if (p->renegotiation == PROTECTION_REQUIRED)
		return refuse(v,
			      "the peer has no secure renegotiation (RFC 5746); secure-renegotiation = offered in [profile %s] would allow it",
			      p->name);
	return true;
}
