// SPDX-License-Identifier: GPL-2.0-or-later
/* Life of a profile, and what must hold between its keys. */
#include <stdlib.h>
#include <string.h>

#include "profile.h"

bool list_add(struct string_list *l, const char *s)
{
	char **v = reallocarray(l->v, l->n + 1, sizeof(*v));

	if (!v)
		return false;
	l->v = v;
	v[l->n] = strdup(s);
	return v[l->n++] != NULL;
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
	p->name = strdup(name);
	if (p->name)
		return p;
	free(p);
	return NULL;
}

static void free_psks(struct profile *p)
{
	for (size_t i = 0; i < p->n_psks; i++) {
		explicit_bzero(p->psks[i].key, p->psks[i].len);
		free(p->psks[i].key);
		free(p->psks[i].identity);
	}
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

void profile_free(struct profile *p)
{
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
	free(p->name);
	free(p);
}

const struct psk *profile_psk(const struct profile *p, const char *identity)
{
	for (size_t i = 0; i < p->n_psks; i++)
		if (!strcmp(p->psks[i].identity, identity))
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

/* What a client verifies, or a server that asks for certificates. */
static bool checks_certificates(const struct profile *p)
{
	return p->verify != VERIFY_UNSET;
}

#define bad(...) (report(ctx, p->line, __VA_ARGS__), false)

static bool check_basics(struct profile *p, profile_report report, void *ctx)
{
	if (!p->roles)
		return bad("[profile %s] needs \"role = client\", \"server\" or \"both\"", p->name);
	if (!p->any_user && !p->n_uids)
		return bad("[profile %s] needs \"users = NAME, ...\": who may use it; * means everybody", p->name);
	if (p->certificates.n != p->private_keys.n)
		return bad("[profile %s] has %zu certificate and %zu private-key lines; write them in pairs",
			   p->name, p->certificates.n, p->private_keys.n);
	if (p->psk_identity && !p->psk_file)
		return bad("[profile %s] has psk-identity without psk-file", p->name);
	return true;
}

static bool check_psk(struct profile *p, profile_report report, void *ctx)
{
	/* A key that may be offered to any address can be guessed offline. */
	if (p->psk_file && is_client(p) && !p->n_peers)
		return bad("[profile %s] uses a PSK as client and needs \"peers = ADDRESS/BITS, ...\": to whom", p->name);
	if (p->psk_file && is_client(p) && is_server(p) && !p->psk_identity)
		return bad("[profile %s] uses a PSK in both roles and needs \"psk-identity\": which one as client", p->name);
	return true;
}

static bool check_verify_chain(struct profile *p, profile_report report, void *ctx)
{
	if (!p->ca.n)
		return bad("[profile %s] verifies certificates and needs \"ca = FILE\" or \"ca = system\"", p->name);
	if (p->verify == VERIFY_CHAIN && is_client(p))
		return bad("[profile %s]: a client must check a name, so \"verify = chain\" is for servers only", p->name);
	if (p->verify == VERIFY_NAME && !is_client(p) && !p->peer_names.n)
		return bad("[profile %s] checks names of clients and needs \"peer-name\"; \"verify = chain\" leaves it to the application", p->name);
	return true;
}

static bool check_verify(struct profile *p, profile_report report, void *ctx)
{
	switch (p->verify) {
	case VERIFY_UNSET:
		if (p->ca.n || p->crl.n || p->n_fingerprints || p->peer_names.n)
			return bad("[profile %s] has a ca, crl, fingerprint or peer-name and needs \"verify\" to say how to use it", p->name);
		return true;
	case VERIFY_FINGERPRINT:
		if (!p->n_fingerprints)
			return bad("[profile %s] needs \"fingerprint = SHA256\"", p->name);
		if (p->ca.n || p->crl.n || p->peer_names.n)
			return bad("[profile %s]: with \"verify = fingerprint\" ca, crl and peer-name have no meaning; remove them", p->name);
		return true;
	case VERIFY_NAME:
	case VERIFY_CHAIN:
		return check_verify_chain(p, report, ctx);
	}
	return false;
}

static bool check_roles(struct profile *p, profile_report report, void *ctx)
{
	if (is_client(p) && !checks_certificates(p) && !p->psk_file)
		return bad("[profile %s]: a client needs \"verify\" or \"psk-file\" to know its server", p->name);
	if (is_server(p) && !p->certificates.n && !p->psk_file)
		return bad("[profile %s]: a server needs \"certificate\" and \"private-key\", or \"psk-file\"", p->name);
	if (p->client_cert != CLIENT_CERT_NONE && !is_server(p))
		return bad("[profile %s]: client-cert is for servers", p->name);
	if (p->client_cert != CLIENT_CERT_NONE && !p->certificates.n)
		return bad("[profile %s]: client-cert needs a certificate of the server too", p->name);
	if (p->client_cert != CLIENT_CERT_NONE && !checks_certificates(p))
		return bad("[profile %s]: client-cert needs \"verify\": how to check it", p->name);
	if (!is_client(p) && checks_certificates(p) && p->client_cert == CLIENT_CERT_NONE)
		return bad("[profile %s]: a server with \"verify\" needs \"client-cert = required\" or \"optional\"", p->name);
	return true;
}

bool profile_check(struct profile *p, profile_report report, void *ctx)
{
	return check_basics(p, report, ctx) && check_psk(p, report, ctx) &&
	       check_verify(p, report, ctx) && check_roles(p, report, ctx);
}
