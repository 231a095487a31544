// SPDX-License-Identifier: GPL-2.0-or-later
/* Creation and consistency checks of profiles. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine.h"
#include "name.h"
#include "profile.h"

bool list_add(struct string_list *l, const char *s)
{
	char **v = reallocarray(l->v, l->n + 1, sizeof(*v));

	if (!v)
		return false;
	l->v = v;
	v[l->n] = strdup(s);
	return !!v[l->n++];
}

void list_free(struct string_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->v[i]);
	free(l->v);
}

struct profile *profile_new(const char *name, int line)
{
	struct profile *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->line = line;
	p->keylog_fd = -1;
	p->dtls12 = true;
	p->engine = &gnutls_engine;
	p->name = strdup(name);
	if (p->name)
		return p;
	free(p);
	return NULL;
}

static void free_psks(struct profile *p)
{
	for (size_t i = 0; i < p->n_psks; i++)
		psk_wipe(&p->psks[i]);
	free(p->psks);
}

static void free_credentials(struct profile *p)
{
	if (p->priority)
		gnutls_priority_deinit(p->priority);
	if (p->cert_cred)
		gnutls_certificate_free_credentials(p->cert_cred);
	if (p->psk_client_cred)
		gnutls_psk_free_client_credentials(p->psk_client_cred);
	if (p->psk_server_cred)
		gnutls_psk_free_server_credentials(p->psk_server_cred);
}

static void free_ticket_key(struct profile *p)
{
	if (p->ticket_key.data)
		explicit_bzero(p->ticket_key.data, p->ticket_key.size);
	gnutls_free(p->ticket_key.data);
}

void profile_free(struct profile *p)
{
	if (p->plugin)
		p->plugin->forget(p);
	free_ticket_key(p);
	free_credentials(p);
	free_psks(p);
	list_free(&p->certificates);
	list_free(&p->private_keys);
	list_free(&p->ca);
	list_free(&p->crl);
	list_free(&p->peer_names);
	list_free(&p->alpn);
	list_free(&p->ciphers);
	free(p->uids);
	free(p->peers);
	free(p->fingerprints);
	free(p->priority_tail);
	free(p->psk_file);
	free(p->psk_identity);
	if (p->keylog_fd >= 0)
		close(p->keylog_fd);
	free(p->keylog);
	free(p->name);
	free(p);
}

const struct psk *profile_psk(const struct profile *p, const void *identity, size_t len)
{
	for (size_t i = 0; i < p->n_psks; i++)
		if (psk_is_identity(&p->psks[i], identity, len))
			return &p->psks[i];
	return NULL;
}

static bool is_client(const struct profile *p)
{
	return p->roles & ROLE_BIT(DTLS_ROLE_CLIENT);
}

static bool is_server(const struct profile *p)
{
	return p->roles & ROLE_BIT(DTLS_ROLE_SERVER);
}

static bool checks_certificates(const struct profile *p)
{
	return p->verify != VERIFY_UNSET;
}

#define bad(text, ...) \
	(report(ctx, p->line, "[profile %s] " text, p->name, ##__VA_ARGS__), false)

static bool check_basics(struct profile *p, profile_report report, void *ctx)
{
	if (!p->roles)
		return bad("needs \"role = client\", \"server\" or \"both\"");
	if (!p->any_user && !p->n_uids)
		return bad("needs \"users = NAME, ...\": the users of the profile; * means all");
	if (p->certificates.n != p->private_keys.n)
		return bad("has %zu certificate and %zu private-key lines; write pairs",
			   p->certificates.n, p->private_keys.n);
	if (p->psk_identity && !p->psk_file)
		return bad("has psk-identity without psk-file");
	return true;
}

static bool check_psk(struct profile *p, profile_report report, void *ctx)
{
	if (!p->psk_file || !is_client(p))
		return true;
	/* RFC 4279 section 7.2: any server that is contacted can guess a weak key offline. */
	if (!p->n_peers)
		return bad("is a PSK client and needs \"peers = ADDRESS/BITS\": its servers");
	if (is_server(p) && !p->psk_identity)
		return bad("has both roles and needs \"psk-identity\": the PSK of the client role");
	return true;
}

static bool check_chain(struct profile *p, profile_report report, void *ctx)
{
	if (!p->ca.n)
		return bad("verifies certificates and needs \"ca = FILE\" or \"ca = system\"");
	if (p->verify == VERIFY_CHAIN && is_client(p))
		return bad("is a client and must check a name, not only the chain");
	if (p->verify == VERIFY_HOST_NAME && !is_client(p) && !p->peer_names.n)
		return bad("needs \"peer-name\", or \"verify = chain\" to check no name");
	return true;
}

static bool check_fingerprint(struct profile *p, profile_report report, void *ctx)
{
	if (!p->n_fingerprints)
		return bad("needs \"fingerprint = SHA256\"");
	if (p->ca.n || p->crl.n || p->peer_names.n)
		return bad("checks fingerprints only: remove ca, crl and peer-name");
	return true;
}

static bool check_verify(struct profile *p, profile_report report, void *ctx)
{
	switch (p->verify) {
	case VERIFY_UNSET:
		if (p->ca.n || p->crl.n || p->n_fingerprints || p->peer_names.n)
			return bad("needs \"verify\": how ca or fingerprint are used");
		return true;
	case VERIFY_FINGERPRINT:
		return check_fingerprint(p, report, ctx);
	case VERIFY_HOST_NAME:
	case VERIFY_CHAIN:
		return check_chain(p, report, ctx);
	}
	return false;
}

static bool check_client(struct profile *p, profile_report report, void *ctx)
{
	if (is_client(p) && !checks_certificates(p) && !p->psk_file)
		return bad("is a client and needs \"verify\" or \"psk-file\" for its servers");
	return true;
}

static bool check_tickets(struct profile *p, profile_report report, void *ctx)
{
	if (p->tickets && !is_server(p) && !p->dtls13)
		return bad("is a client of DTLS 1.2, which does not resume: remove tickets");
	if (p->tickets && !is_server(p) && p->psk_file)
		return bad("is a client with a PSK, which does not resume: remove tickets");
	if (p->ticket_lifetime && !p->tickets)
		return bad("has ticket-lifetime and needs \"tickets = yes\"");
	return true;
}

static bool check_server(struct profile *p, profile_report report, void *ctx)
{
	bool wants_cert = p->client_cert != CLIENT_CERT_NONE;

	if (wants_cert && !is_server(p))
		return bad("is no server: remove client-cert");
	if (is_server(p) && !p->certificates.n && !p->psk_file)
		return bad("is a server and needs certificate and private-key, or psk-file");
	if (wants_cert && !p->certificates.n)
		return bad("has client-cert and needs a certificate of the server too");
	if (wants_cert && !checks_certificates(p))
		return bad("has client-cert and needs \"verify\": how to check it");
	if (!is_client(p) && checks_certificates(p) && !wants_cert)
		return bad("has verify and needs \"client-cert = required\" or \"optional\"");
	return true;
}

/*
 * wolfSSL 5.9.2 forgets its Connection ID at a HelloVerifyRequest if it offers DTLS 1.3, too,
 * repeats the ClientHello with it, and refuses the answer.
 */
static bool check_connection_id(struct profile *p, profile_report report, void *ctx)
{
	if (p->connection_id && p->dtls12 && p->dtls13 && is_client(p))
		return bad("has connection-id: set \"versions = 1.2\" or \"versions = 1.3\"");
	return true;
}

const char *profile_versions(const struct profile *p)
{
	if (!p->dtls13)
		return "1.2";
	return p->dtls12 ? "1.2, 1.3" : "1.3";
}

/* RFC 9147 section 4.5.3: too short a tag for DTLS 1.3. */
static size_t count_ccm8(const struct profile *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->ciphers.n; i++)
		n += !strcmp(p->ciphers.v[i], "aes-128-ccm-8");
	return n;
}

/* Keys of the file that mean something in DTLS 1.2 only. */
static bool check_version(struct profile *p, profile_report report, void *ctx)
{
	size_t ccm8 = count_ccm8(p);

	if (p->connection_id && p->priority_tail)
		return bad("has connection-id: remove priority, which is GnuTLS's");
	if (!p->dtls13)
		return true;
	if (p->priority_tail)
		return bad("has \"versions = %s\": remove priority, which is GnuTLS's",
			   profile_versions(p));
	if (p->tickets && !p->dtls12 && p->client_cert != CLIENT_CERT_NONE)
		return bad("has \"versions = 1.3\" and client-cert: remove tickets");
	if (p->tickets && is_server(p) && !p->dtls12 && !p->certificates.n)
		return bad("has \"versions = 1.3\" and no certificate: remove tickets");
	if (ccm8 && !p->dtls12)
		return bad("has \"versions = 1.3\": remove aes-128-ccm-8 (RFC 9147)");
	if (ccm8 && ccm8 == p->ciphers.n)
		return bad("has no cipher of DTLS 1.3: add one to aes-128-ccm-8");
	return true;
}

const char *profile_server_name(const struct profile *p, const char *requested)
{
	const char *name = *requested || !p->peer_names.n ? requested : p->peer_names.v[0];

	return *name && *name != '*' && !name_is_address(name) ? name : NULL;
}

bool profile_check(struct profile *p, profile_report report, void *ctx)
{
	return check_version(p, report, ctx) && check_connection_id(p, report, ctx) &&
	       check_basics(p, report, ctx) &&
	       check_psk(p, report, ctx) && check_verify(p, report, ctx) &&
	       check_client(p, report, ctx) && check_server(p, report, ctx) &&
	       check_tickets(p, report, ctx);
}
