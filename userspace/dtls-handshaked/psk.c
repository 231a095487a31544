// SPDX-License-Identifier: GPL-2.0-or-later
#include <gnutls/gnutls.h>
#include <stdlib.h>
#include <string.h>

#include "psk.h"

static size_t trim_end(const char *s, size_t len)
{
	while (len && memchr(" \t\r", s[len - 1], 3))
		len--;
	return len;
}

static bool is_comment(const char *line, size_t len)
{
	return !len || (line[0] == '#' && (len == 1 || line[1] == ' ' || line[1] == '\t'));
}

/* NUL-terminated; to be freed by free(). */
static uint8_t *copy_bytes(const void *data, size_t len)
{
	uint8_t *copy = malloc(len + 1);

	if (!copy)
		return NULL;
	memcpy(copy, data, len);
	copy[len] = '\0';
	return copy;
}

static uint8_t *decode_hex(const char *text, size_t len, size_t *out_len)
{
	gnutls_datum_t hex = { (void *)text, len }, bytes = { 0 };
	uint8_t *copy;

	/* the library skips separators, which are errors here */
	if (!len || len % 2 || gnutls_hex_decode2(&hex, &bytes))
		return NULL;
	copy = bytes.size == len / 2 ? copy_bytes(bytes.data, bytes.size) : NULL;
	*out_len = bytes.size;
	explicit_bzero(bytes.data, bytes.size);
	gnutls_free(bytes.data);
	return copy;
}

uint8_t *psk_identity_parse(const char *text, size_t len, size_t *out_len, const char **why)
{
	uint8_t *identity;

	*why = "the identity is empty";
	if (!len)
		return NULL;
	*why = "a NUL byte; write the identity as # and hexadecimal";
	if (memchr(text, '\0', len))
		return NULL;
	*out_len = len;
	*why = "after # there is no identity in hexadecimal; a comment has a space there";
	identity = *text == '#' ? decode_hex(text + 1, len - 1, out_len) : copy_bytes(text, len);
	if (!identity || *out_len <= PSK_MAX_IDENTITY)
		return identity;
	*why = "the identity is longer than 128 bytes";
	free(identity);
	return NULL;
}

/* The key has no colon; an identity of text may have several. */
static const char *last_colon(const char *line, size_t len)
{
	return memrchr(line, ':', len);
}

enum psk_line psk_parse(const char *line, size_t len, struct psk *out, const char **why)
{
	const char *colon, *key;

	memset(out, 0, sizeof(*out));
	len = trim_end(line, len);
	if (is_comment(line, len))
		return PSK_NONE;
	*why = "not \"identity:key in hexadecimal\"; a comment begins with # and a space";
	colon = last_colon(line, len);
	if (!colon)
		return PSK_WRONG;
	out->identity = psk_identity_parse(line, colon - line, &out->identity_len, why);
	if (!out->identity)
		return PSK_WRONG;
	out->has_nul = !!memchr(out->identity, '\0', out->identity_len);
	key = colon + 1;
	out->key = decode_hex(key, line + len - key, &out->len);
	if (out->key)
		return PSK_ENTRY;
	*why = "the key is not hexadecimal";
	psk_wipe(out);
	return PSK_WRONG;
}

bool psk_is_identity(const struct psk *psk, const void *identity, size_t len)
{
	return psk->identity_len == len && !memcmp(psk->identity, identity, len);
}

bool psk_looks_alike(const struct psk *a, const struct psk *b)
{
	return a->has_nul != b->has_nul &&
	       !strcmp((const char *)a->identity, (const char *)b->identity);
}

void psk_wipe(struct psk *psk)
{
	if (psk->key)
		explicit_bzero(psk->key, psk->len);
	free(psk->key);
	free(psk->identity);
	memset(psk, 0, sizeof(*psk));
}
