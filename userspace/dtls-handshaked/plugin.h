/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An engine in an object of its own, for a library that is not installed everywhere. It
 * calls the daemon through a table, and is of the same version: both share structures.
 */
#ifndef PLUGIN_H
#define PLUGIN_H

#include "engine.h"
#include "gnutls_verify.h"

#define PLUGIN_SYMBOL	"dtls_handshaked_plugin"

struct plugin_host {
	const struct psk *(*find_psk)(const struct profile *p, const void *identity, size_t len);
	bool (*verify_possible)(const struct profile *p, const struct handshake_request *r,
				char reason[MAX_REASON]);
	void (*verify_chain)(const gnutls_datum_t *certs, unsigned int n,
			     const struct profile *p, const struct handshake_request *r,
			     struct verdict *v);
	const char *(*result_certificate)(const gnutls_datum_t *der, struct handshake_result *r);
	/* Does a certificate (PEM, the first one) have this name? */
	bool (*certificate_has_name)(const gnutls_datum_t *pem, const char *name);
	const char *(*name_normalise)(const char *in, char out[DTLS_MAX_NAME]);
	const char *(*server_name)(const struct profile *p, const char *requested);
	const char *(*alert_name)(unsigned int alert);
	void (*cookie_client)(struct cookie_client *c, uint64_t id, uint32_t link,
			      const union address *peer, const union address *local);
	bool (*cookie_secret)(struct cookie *c, unsigned int age,
			      const struct cookie_client *client,
			      uint8_t secret[COOKIE_SECRET]);
	void (*log_secret)(int fd, const char *label, const void *random,
			   const void *secret, size_t len);
};

/* PLUGIN_SYMBOL; NULL: another version, or its library cannot be used. */
typedef const struct engine_ops *(*plugin_init)(const char *version,
						const struct plugin_host *host);

#endif
