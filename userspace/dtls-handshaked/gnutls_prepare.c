// SPDX-License-Identifier: GPL-2.0-or-later
/* The parameters that a profile allows GnuTLS to negotiate, its PSKs and ticket key. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gnutls_prepare.h"
#include "util.h"

static const struct {
	const char *word, *priority;
} ciphers[] = {
	{ "aes-128-gcm", "AES-128-GCM" },
	{ "aes-256-gcm", "AES-256-GCM" },
	{ "chacha20-poly1305", "CHACHA20-POLY1305" },
	{ "aes-128-ccm", "AES-128-CCM" },
	{ "aes-128-ccm-8", "AES-128-CCM-8" },
};

static const char *cipher_priority(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(ciphers); i++)
		if (!strcmp(ciphers[i].word, word))
			return ciphers[i].priority;
	return NULL;
}

bool is_cipher(const char *word)
{
	return !!cipher_priority(word);
}

const char *cipher_words(void)
{
	static char words[128];
	size_t len = 0;

	for (size_t i = 0; i < ARRAY_SIZE(ciphers); i++)
		len += snprintf(words + len, sizeof(words) - len, "%s%s", i ? ", " : "",
				ciphers[i].word);
	return words;
}

struct text {
	char s[1024];
	size_t len;
};

static void append_word(struct text *t, const char *prefix, const char *word)
{
	int n = snprintf(t->s + t->len, sizeof(t->s) - t->len, ":%s%s", prefix, word);

	t->len += n;
	if (t->len >= sizeof(t->s))
		t->len = sizeof(t->s) - 1;
}

char *priority_error(const char *tail)
{
	struct text t = { .s = "NORMAL", .len = 6 };
	gnutls_priority_t unused;
	const char *wrong;
	int ret;

	append_word(&t, "", tail);
	ret = gnutls_priority_init(&unused, t.s, &wrong);
	if (!ret)
		gnutls_priority_deinit(unused);
	/* other errors depend on the rest of the string: set_priority() */
	if (ret != GNUTLS_E_INVALID_REQUEST)
		return NULL;
	return strndup(wrong, strcspn(wrong, ":"));
}

static void add_ciphers(struct text *t, const struct string_list *chosen)
{
	for (size_t i = 0; !chosen->n && i < ARRAY_SIZE(ciphers); i++)
		append_word(t, "+", ciphers[i].priority);
	for (size_t i = 0; i < chosen->n; i++)
		append_word(t, "+", cipher_priority(chosen->v[i]));
}

static const char *set_priority(struct profile *p)
{
	struct text t = { .s = "NORMAL", .len = 6 };
	const char *end;

	append_word(&t, "", "-VERS-ALL:+VERS-DTLS1.2:-MAC-ALL:+AEAD:-KX-ALL:-CIPHER-ALL");
	add_ciphers(&t, &p->ciphers);
	if (profile_uses_certificates(p))
		append_word(&t, "", "+ECDHE-ECDSA:+ECDHE-RSA:+DHE-RSA");
	if (p->n_psks)
		append_word(&t, "", "+ECDHE-PSK:+DHE-PSK:+PSK");
	if (p->priority_tail)
		append_word(&t, "", p->priority_tail);
	/* no session is renegotiated, by either side */
	append_word(&t, "",
		    p->renegotiation == PROTECTION_REQUIRED ?
		    "%SAFE_RENEGOTIATION" : "%PARTIAL_RENEGOTIATION");
	if (gnutls_priority_init(&p->priority, t.s, &end))
		return "GnuTLS rejects the priority string";
	return NULL;
}

static const char *set_psk_client(struct profile *p)
{
	gnutls_datum_t name, key;

	if (!p->client_psk)
		return NULL;
	name = (gnutls_datum_t){ p->client_psk->identity, p->client_psk->identity_len };
	key = (gnutls_datum_t){ p->client_psk->key, p->client_psk->len };
	if (gnutls_psk_allocate_client_credentials(&p->psk_client_cred) ||
	    gnutls_psk_set_client_credentials2(p->psk_client_cred, &name, &key,
					       GNUTLS_PSK_KEY_RAW))
		return "GnuTLS rejects the PSK";
	return NULL;
}

static const char *set_psk_server(struct profile *p)
{
	if (!p->n_psks || !(p->roles & ROLE_BIT(DTLS_ROLE_SERVER)))
		return NULL;
	if (gnutls_psk_allocate_server_credentials(&p->psk_server_cred))
		return "out of memory";
	gnutls_psk_set_server_known_dh_params(p->psk_server_cred, GNUTLS_SEC_PARAM_MEDIUM);
	return NULL;
}

/*
 * All workers inherit the key, also those that replace another one. Each load of
 * the configuration generates a new key, which invalidates all tickets.
 */
static const char *set_ticket_key(struct profile *p)
{
	if (p->tickets && gnutls_session_ticket_key_generate(&p->ticket_key))
		return "GnuTLS cannot generate a key for tickets";
	return NULL;
}

const char *prepare_profile(struct profile *p)
{
	const char *why = set_priority(p);

	if (!why)
		why = set_psk_client(p);
	if (!why)
		why = set_psk_server(p);
	if (!why)
		why = set_ticket_key(p);
	if (!why && p->cert_cred)
		gnutls_certificate_set_known_dh_params(p->cert_cred, GNUTLS_SEC_PARAM_MEDIUM);
	return why;
}
