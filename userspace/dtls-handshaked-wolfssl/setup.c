// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * wolfSSL's contexts of a profile, made in the parent; the workers inherit them. One for
 * each certificate: which of them a server uses depends on the name that the client sends.
 */
#include <wolfssl/options.h>
#include <wolfssl/ssl.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "session.h"

#define MAX_KEY		64	/* MAX_PSK_KEY_LEN of the library */
#define MIN_DH_BITS	2048	/* of a server of DTLS 1.2 */

struct pair {
	gnutls_datum_t certificate;	/* PEM, or empty */
	WOLFSSL_CTX *client, *server, *server12;	/* or NULL: not for the profile */
};

/* What a context is for: a client, a server of DTLS 1.3, one of 1.2. */
enum context_use { CLIENT, SERVER13, SERVER12 };

struct contexts {
	size_t n;
	struct pair *pairs;
	uint8_t ticket_key[TICKET_KEY];	/* of this load of the configuration */
};

static struct contexts *contexts_of(const struct profile *p)
{
	return p->engine_data;
}

static WOLFSSL_CTX *server_context(const struct session *s, const struct pair *pair)
{
	return s->server12 ? pair->server12 : pair->server;
}

/* The certificate for the name that the client sent; else the first one stays. */
static int on_server_name(WOLFSSL *ssl, int *alert, void *arg)
{
	const struct contexts *c = running ? contexts_of(running->profile) : NULL;
	char name[DTLS_MAX_NAME];
	void *sent = NULL;
	size_t len;

	len = wolfSSL_SNI_GetRequest(ssl, WOLFSSL_SNI_HOST_NAME, &sent);
	if (!c || !len || len >= sizeof(name))
		return 0;
	memcpy(name, sent, len);
	name[len] = '\0';
	if (host->name_normalise(name, name))
		return 0;
	for (size_t i = 0; i < c->n; i++)
		if (host->certificate_has_name(&c->pairs[i].certificate, name)) {
			wolfSSL_set_SSL_CTX(ssl, server_context(running, &c->pairs[i]));
			break;
		}
	return 0;
}

#define MAX_LIST	1024

static void add_suite(char list[MAX_LIST], const char *name)
{
	size_t len = strlen(list);

	snprintf(list + len, MAX_LIST - len, "%s%s", len ? ":" : "", name);
}

static bool can_use(const struct profile *p, enum context_use use, const struct suite12 *suite)
{
	if (!suite->psk)
		return profile_uses_certificates(p);
	return use == CLIENT ? !!p->client_psk : !!p->n_psks;
}

static void add_suites12(const struct profile *p, enum context_use use, char list[MAX_LIST])
{
	const char *word;

	for (size_t i = 0; (word = suite_word(p, i)); i++)
		for (const struct suite12 *s = NULL; (s = suite12_next(s, word));)
			if (can_use(p, use, s))
				add_suite(list, s->name);
}

static bool has_dtls13(const struct profile *p, enum context_use use)
{
	return use != SERVER12 && p->dtls13;
}

static bool has_dtls12(const struct profile *p, enum context_use use)
{
	return use != SERVER13 && p->dtls12;
}

static void cipher_list(const struct profile *p, enum context_use use, char list[MAX_LIST])
{
	const struct suite *suite;

	for (size_t i = 0; has_dtls13(p, use) && (suite = suite_allowed(p, i)); i++)
		add_suite(list, suite->name);
	if (has_dtls12(p, use))
		add_suites12(p, use, list);
}

static int verify_mode(const struct profile *p, enum context_use use)
{
	if (use == CLIENT)
		return WOLFSSL_VERIFY_PEER;
	switch (p->client_cert) {
	case CLIENT_CERT_NONE:
		break;
	case CLIENT_CERT_OPTIONAL:
		return WOLFSSL_VERIFY_PEER;
	case CLIENT_CERT_REQUIRED:
		return WOLFSSL_VERIFY_PEER | WOLFSSL_VERIFY_FAIL_IF_NO_PEER_CERT;
	}
	return WOLFSSL_VERIFY_NONE;
}

static bool set_versions_of(WOLFSSL_CTX *ctx, const struct profile *p, enum context_use use)
{
	if (has_dtls13(p, use) && wolfSSL_CTX_only_dhe_psk(ctx))
		return false;
	return !has_dtls12(p, use) ||
	       (wolfSSL_CTX_SetMinVersion(ctx, WOLFSSL_DTLSV1_2) == WOLFSSL_SUCCESS &&
		wolfSSL_CTX_SetMinDhKey_Sz(ctx, MIN_DH_BITS) == WOLFSSL_SUCCESS);
}

/* The library has a lifetime of sessions, too. */
static bool set_tickets(WOLFSSL_CTX *ctx, const struct profile *p)
{
	unsigned int lifetime = profile_ticket_lifetime(p);

	wolfSSL_CTX_set_timeout(ctx, lifetime);
	return wolfSSL_CTX_set_TicketEncCb(ctx, on_ticket) == WOLFSSL_SUCCESS &&
	       wolfSSL_CTX_set_TicketEncCtx(ctx, contexts_of(p)->ticket_key) == WOLFSSL_SUCCESS &&
	       wolfSSL_CTX_set_TicketHint(ctx, lifetime) == WOLFSSL_SUCCESS;
}

static bool configure(WOLFSSL_CTX *ctx, const struct profile *p, enum context_use use)
{
	int groups[] = { WOLFSSL_ECC_X25519, WOLFSSL_ECC_SECP256R1, WOLFSSL_ECC_SECP384R1 };
	char list[MAX_LIST] = "";

	cipher_list(p, use, list);
	if (wolfSSL_CTX_set_cipher_list(ctx, list) != WOLFSSL_SUCCESS ||
	    wolfSSL_CTX_set_groups(ctx, groups, 3) != WOLFSSL_SUCCESS ||
	    !set_versions_of(ctx, p, use))
		return false;
	wolfSSL_CTX_SetHKDFExpandLabelCb(ctx, on_expand_label);
	wolfSSL_CTX_SetIOSend(ctx, on_send);
	wolfSSL_CTX_SetIORecv(ctx, on_receive);
	wolfSSL_CTX_set_verify(ctx, verify_mode(p, use), on_verify);
	wolfSSL_CTX_set_session_cache_mode(ctx, WOLFSSL_SESS_CACHE_OFF);
	if (use == CLIENT)
		return true;
	wolfSSL_CTX_set_servername_callback(ctx, on_server_name);
	if (use == SERVER12)
		return wolfSSL_CTX_NoTicketTLSv12(ctx) == WOLFSSL_SUCCESS;
	return ticket_possible(p) ? set_tickets(ctx, p) : !wolfSSL_CTX_no_ticket_TLSv13(ctx);
}

static bool load(WOLFSSL_CTX *ctx, const gnutls_datum_t *certificate, const gnutls_datum_t *key)
{
	return wolfSSL_CTX_use_certificate_chain_buffer(ctx, certificate->data,
							certificate->size) == WOLFSSL_SUCCESS &&
	       wolfSSL_CTX_use_PrivateKey_buffer(ctx, key->data, key->size,
						 WOLFSSL_FILETYPE_PEM) == WOLFSSL_SUCCESS;
}

static WOLFSSL_METHOD *method_of(const struct profile *p, enum context_use use)
{
	switch (use) {
	case SERVER13:
		return wolfDTLSv1_3_server_method();
	case SERVER12:
		/* RFC 8446 section 4.1.3: one that has DTLS 1.3 says so in its random */
		return p->dtls13 ? wolfDTLS_server_method() : wolfDTLSv1_2_server_method();
	case CLIENT:
		break;
	}
	if (!p->dtls13)
		return wolfDTLSv1_2_client_method();
	return p->dtls12 ? wolfDTLS_client_method() : wolfDTLSv1_3_client_method();
}

static bool is_needed(const struct profile *p, enum context_use use)
{
	if (!(p->roles & ROLE_BIT(use == CLIENT ? DTLS_ROLE_CLIENT : DTLS_ROLE_SERVER)))
		return false;
	return use == CLIENT || (use == SERVER12 ? dtls12_served(p) : p->dtls13);
}

/* certificate: or NULL. */
static const char *make_context(const struct profile *p, enum context_use use,
				const gnutls_datum_t *certificate,
				const gnutls_datum_t *key, WOLFSSL_CTX **out)
{
	WOLFSSL_CTX *ctx;

	if (!is_needed(p, use))
		return NULL;
	ctx = wolfSSL_CTX_new(method_of(p, use));
	if (!ctx)
		return "wolfSSL makes no context";
	*out = ctx;
	if (!configure(ctx, p, use))
		return "wolfSSL does not take the parameters of the profile";
	if (certificate && !load(ctx, certificate, key))
		return "wolfSSL does not take this certificate with its key";
	return NULL;
}

static struct contexts *new_contexts(void)
{
	struct contexts *c = calloc(1, sizeof(*c));

	if (c && getrandom(c->ticket_key, TICKET_KEY, 0) == TICKET_KEY)
		return c;
	free(c);
	return NULL;
}

static struct pair *add_pair(struct profile *p)
{
	struct contexts *c = contexts_of(p);
	struct pair *pairs;

	if (!c) {
		c = new_contexts();
		p->engine_data = c;
	}
	pairs = c ? reallocarray(c->pairs, c->n + 1, sizeof(*pairs)) : NULL;
	if (!pairs)
		return NULL;
	c->pairs = pairs;
	pairs[c->n] = (struct pair){ .certificate = { NULL, 0 } };
	return &pairs[c->n++];
}

static const char *make_pair(struct profile *p, const gnutls_datum_t *certificate,
			     const gnutls_datum_t *key)
{
	struct pair *pair = add_pair(p);
	const char *why;

	if (!pair)
		return "out of memory";
	why = make_context(p, CLIENT, certificate, key, &pair->client);
	if (!why)
		why = make_context(p, SERVER13, certificate, key, &pair->server);
	return why ? why : make_context(p, SERVER12, certificate, key, &pair->server12);
}

const char *setup_certificate(struct profile *p, const gnutls_datum_t *certificate,
			      const gnutls_datum_t *key)
{
	const char *why = make_pair(p, certificate, key);
	struct contexts *c = contexts_of(p);
	gnutls_datum_t *copy;

	if (why)
		return why;
	copy = &c->pairs[c->n - 1].certificate;
	copy->data = malloc(certificate->size + 1);
	if (!copy->data)
		return "out of memory";
	memcpy(copy->data, certificate->data, certificate->size);
	copy->size = certificate->size;
	return NULL;
}

/* The library's identities are C strings, its keys bounded. */
static const char *check_psks(const struct profile *p)
{
	for (size_t i = 0; i < p->n_psks; i++) {
		if (p->psks[i].has_nul)
			return "wolfSSL takes no PSK identity with a NUL byte";
		if (p->psks[i].len > MAX_KEY)
			return "wolfSSL takes no PSK longer than 64 bytes";
	}
	return NULL;
}

/* Of those that the configuration file names. */
static const char *check_ciphers(const struct profile *p)
{
	const struct suite12 *s;

	if (!p->dtls12 || !(p->roles & ROLE_BIT(DTLS_ROLE_CLIENT)))
		return NULL;
	for (size_t i = 0; i < p->ciphers.n; i++) {
		for (s = NULL; (s = suite12_next(s, p->ciphers.v[i]));)
			if (can_use(p, CLIENT, s))
				break;
		if (!s)
			return "wolfSSL has no PSK suite of DTLS 1.2 with aes-128-ccm-8: remove it";
	}
	return NULL;
}

static void set_psks(const struct profile *p, const struct pair *pair)
{
	if (pair->client && p->client_psk)
		wolfSSL_CTX_set_psk_client_cs_callback(pair->client, on_client_psk);
	if (pair->client && p->client_psk && p->dtls12)
		wolfSSL_CTX_set_psk_client_callback(pair->client, on_client_psk12);
	if (pair->server && p->n_psks)
		wolfSSL_CTX_set_psk_server_tls13_callback(pair->server, on_server_psk);
	if (pair->server12 && p->n_psks)
		wolfSSL_CTX_set_psk_server_callback(pair->server12, on_server_psk12);
}

const char *setup_profile(struct profile *p)
{
	const char *why = check_psks(p);

	if (!why)
		why = cid_refusal(p);
	if (!why)
		why = check_ciphers(p);
	if (!why && !contexts_of(p))
		why = make_pair(p, NULL, NULL);
	for (size_t i = 0; !why && i < contexts_of(p)->n; i++)
		set_psks(p, &contexts_of(p)->pairs[i]);
	return why;
}

void setup_forget(struct profile *p)
{
	struct contexts *c = contexts_of(p);

	for (size_t i = 0; c && i < c->n; i++) {
		wolfSSL_CTX_free(c->pairs[i].client);
		wolfSSL_CTX_free(c->pairs[i].server);
		wolfSSL_CTX_free(c->pairs[i].server12);
		free(c->pairs[i].certificate.data);
	}
	if (c) {
		free(c->pairs);
		explicit_bzero(c->ticket_key, sizeof(c->ticket_key));
	}
	free(c);
	p->engine_data = NULL;
}

/* Sessions */

/* The i-th protocol of the program, or else of the profile; its length, or 0. */
static size_t protocol(const struct session *s, unsigned int i, const char **name)
{
	const struct string_list *own = &s->profile->alpn;
	const char *at = s->request.alpn;

	if (!*at) {
		*name = i < own->n ? own->v[i] : "";
		return strlen(*name);
	}
	for (; *at; at += strcspn(at, ",")) {
		at += strspn(at, ",");
		if (*at && !i--)
			break;
	}
	*name = at;
	return strcspn(at, ",");
}

/* The server's preference counts (RFC 7301 section 3.2). */
static int on_alpn(WOLFSSL *ssl, const unsigned char **out, unsigned char *out_len,
		   const unsigned char *in, unsigned int in_len, void *arg)
{
	const char *name;
	size_t len;

	for (unsigned int i = 0; (len = protocol(arg, i, &name)); i++)
		for (unsigned int at = 0; at < in_len; at += 1 + in[at]) {
			if (in[at] != len || len > in_len - at - 1 ||
			    memcmp(in + at + 1, name, len))
				continue;
			*out = in + at + 1;
			*out_len = len;
			return SSL_TLSEXT_ERR_OK;
		}
	return SSL_TLSEXT_ERR_ALERT_FATAL;
}

static bool set_alpn(struct session *s, WOLFSSL *ssl)
{
	char list[16 * DTLS_MAX_ALPN] = "";
	const char *name;
	size_t len;

	if (!protocol(s, 0, &name))
		return true;
	if (is_server(s)) {
		wolfSSL_set_alpn_select_cb(ssl, on_alpn, s);
		return true;
	}
	for (unsigned int i = 0; i < 16 && (len = protocol(s, i, &name)); i++)
		snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s%.*s",
			 i ? "," : "", (int)len, name);
	return wolfSSL_UseALPN(ssl, list, strlen(list), WOLFSSL_ALPN_FAILED_ON_MISMATCH) ==
	       WOLFSSL_SUCCESS;
}

static bool set_server_name(struct session *s, WOLFSSL *ssl)
{
	const char *name = host->server_name(s->profile, s->request.server_name);

	if (is_server(s) || !name)
		return true;
	snprintf(s->server_name, sizeof(s->server_name), "%s", name);
	return wolfSSL_UseSNI(ssl, WOLFSSL_SNI_HOST_NAME, name, strlen(name)) == WOLFSSL_SUCCESS;
}

/*
 * A client may offer DTLS 1.2, too, or nothing else. RFC 5746 sections 3.4 and 3.6: it says
 * that it does not renegotiate, and so does a server.
 */
static bool set_versions(const struct session *s, WOLFSSL *ssl)
{
	if (!s->server12 && (is_server(s) || !s->profile->dtls12))
		return true;
	if (!is_server(s) && !dtls12_offered(s))
		return wolfSSL_SetMinVersion(ssl, WOLFSSL_DTLSV1_3) == WOLFSSL_SUCCESS;
	if (!is_server(s) && !request_allows(&s->request, DTLS_VERSION_1_3) &&
	    wolfSSL_set_max_proto_version(ssl, DTLS1_2_VERSION) != WOLFSSL_SUCCESS)
		return false;
	/* the client's random, for a key log */
	wolfSSL_KeepArrays(ssl);
	return wolfSSL_UseSecureRenegotiation(ssl) == WOLFSSL_SUCCESS;
}

WOLFSSL *setup_ssl(struct session *s, const char **why)
{
	const struct pair *pair = &contexts_of(s->profile)->pairs[0];
	WOLFSSL *ssl = wolfSSL_new(is_server(s) ? server_context(s, pair) : pair->client);

	*why = "wolfSSL makes no session";
	if (!ssl)
		return NULL;
	wolfSSL_SetIOReadCtx(ssl, s);
	wolfSSL_SetIOWriteCtx(ssl, s);
	wolfSSL_dtls_set_using_nonblock(ssl, 1);
	wolfSSL_dtls_set_mtu(ssl, s->mtu);
	*why = "wolfSSL does not take the parameters of the handshake";
	if (set_versions(s, ssl) && set_alpn(s, ssl) && set_server_name(s, ssl) &&
	    cid_offer(s, ssl)) {
		resume_offer(s, ssl);
		return ssl;
	}
	wolfSSL_free(ssl);
	return NULL;
}
