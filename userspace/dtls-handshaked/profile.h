/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A profile: how a handshake authenticates, which users may use it, and for which
 * peers. Parsed from the configuration file by config.c, turned into credentials of
 * the TLS library by gnutls_credentials.c, enforced by policy.c and gnutls_verify.c.
 */
#ifndef PROFILE_H
#define PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gnutls/gnutls.h>

#include "handshake.h"
#include "psk.h"

enum verify_mode {
	VERIFY_UNSET,
	VERIFY_HOST_NAME,	/* chain to a CA, and a name */
	VERIFY_CHAIN,		/* chain to a CA; servers only */
	VERIFY_FINGERPRINT,	/* SHA-256 of the certificate is in a list */
};

enum client_cert {
	CLIENT_CERT_NONE,
	CLIENT_CERT_OPTIONAL,
	CLIENT_CERT_REQUIRED,
};

/* Protections that a peer may lack: RFC 7627, RFC 5746. */
enum protection {
	PROTECTION_REQUIRED,
	PROTECTION_OFFERED,
};

#define ROLE_BIT(role)	(1u << (role))

struct string_list {
	size_t n;
	char **v;
};

/* An address prefix. */
struct prefix {
	uint8_t family;		/* AF_INET, AF_INET6 */
	uint8_t bits;
	uint8_t addr[16];
};

struct engine_ops;

struct profile {
	struct profile *next;
	char *name;
	int line;

	/* from the configuration file */
	bool dtls12, dtls13;	/* versions */
	unsigned int roles;	/* of ROLE_BIT */
	bool any_user;
	uint32_t *uids;
	size_t n_uids;
	struct prefix *peers;
	size_t n_peers;
	struct string_list certificates;
	struct string_list private_keys;
	struct string_list ca;
	struct string_list crl;
	struct string_list peer_names;
	struct string_list alpn;
	struct string_list ciphers;
	char *priority_tail;
	char *psk_file;
	char *psk_identity;
	char *keylog;
	enum verify_mode verify;
	enum client_cert client_cert;
	enum protection master_secret;	/* extended, RFC 7627 */
	enum protection renegotiation;	/* secure, RFC 5746 */
	bool connection_id;	/* offered and accepted */
	bool tickets;
	unsigned int ticket_lifetime;	/* seconds, or 0 */
	uint8_t (*fingerprints)[32];
	size_t n_fingerprints;

	/* from profile_load() */
	struct psk *psks;
	size_t n_psks;
	const struct psk *client_psk;
	const struct engine_ops *engine;
	const struct engine_ops *plugin;	/* or NULL: GnuTLS does all */
	void *engine_data;	/* the plug-in's own */
	int keylog_fd;		/* or -1 */
	gnutls_priority_t priority;
	gnutls_datum_t ticket_key;	/* empty: sessions are not resumed */
	gnutls_certificate_credentials_t cert_cred;
	gnutls_psk_client_credentials_t psk_client_cred;
	gnutls_psk_server_credentials_t psk_server_cred;
};

struct profile *profile_new(const char *name, int line);
void profile_free(struct profile *p);

/*
 * The name that a client sends (RFC 6066 section 3): of the request, which may be empty,
 * else the first one of the profile. NULL: none; addresses and patterns are not sent.
 */
const char *profile_server_name(const struct profile *p, const char *requested);

/* For messages. */
const char *profile_versions(const struct profile *p);

static inline bool profile_uses_certificates(const struct profile *p)
{
	return p->certificates.n || p->verify != VERIFY_UNSET;
}

/* Seconds, from the full handshake. */
static inline unsigned int profile_ticket_lifetime(const struct profile *p)
{
	return p->ticket_lifetime ?: 3600;
}

/* Reports missing and contradictory keys; false after a report. */
typedef void (*profile_report)(void *ctx, int line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
bool profile_check(struct profile *p, profile_report report, void *ctx);

/* Reads the files and creates the credentials. */
bool profile_load(struct profile *p, profile_report report, void *ctx);

/* The key of a PSK identity, or NULL. */
const struct psk *profile_psk(const struct profile *p, const void *identity, size_t len);

bool list_add(struct string_list *l, const char *s);
void list_free(struct string_list *l);

#endif
