// SPDX-License-Identifier: GPL-2.0
/* From JSON to struct entry. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include "entry.h"

/* The buffer for the reason of a failure. */
struct why {
	char	*text;
	size_t	len;
};

static bool fail(struct why *why, const char *field, const char *what)
{
	snprintf(why->text, why->len, "\"%s\" %s", field, what);
	return false;
}

static int nibble(char c)
{
	if (!isxdigit((unsigned char)c))
		return -1;
	return isdigit((unsigned char)c) ? c - '0' : tolower(c) - 'a' + 10;
}

static bool read_hex(json_t *value, const char *field, struct bytes *b,
		     struct why *why)
{
	const char *hex = json_string_value(value);
	size_t len = json_string_length(value);
	size_t i;

	if (!hex || len % 2)
		return fail(why, field, "is not a string of hex bytes");
	b->len = len / 2;
	b->p = malloc(b->len ? b->len : 1);
	if (!b->p)
		return fail(why, field, "does not fit in memory");
	for (i = 0; i < len; i++) {
		int n = nibble(hex[i]);

		if (n < 0)
			return fail(why, field, "has a character that is not hex");
		b->p[i / 2] = i % 2 ? b->p[i / 2] | n : n << 4;
	}
	return true;
}

static bool read_bytes(json_t *json, const char *field, struct bytes *b,
		       struct why *why)
{
	json_t *value = json_object_get(json, field);

	return !value || read_hex(value, field, b, why);
}

static bool read_number(json_t *json, const char *field, long long *n,
			struct why *why)
{
	json_t *value = json_object_get(json, field);

	*n = -1;
	if (!value)
		return true;
	if (!json_is_integer(value) || json_integer_value(value) < 0)
		return fail(why, field, "is not a number");
	*n = json_integer_value(value);
	return true;
}

static bool read_string(json_t *json, const char *field, const char **s,
			struct why *why)
{
	json_t *value = json_object_get(json, field);

	if (value && !json_is_string(value))
		return fail(why, field, "is not a string");
	*s = json_string_value(value);
	return true;
}

/* "content" for one record, "delivers" for all those of the datagram */
static bool read_contents(json_t *json, struct entry *e, struct why *why)
{
	json_t *content = json_object_get(json, "content");
	json_t *list = json_object_get(json, "delivers");
	json_t *value;
	size_t i;

	if (content)
		return read_hex(content, "content", &e->contents[e->count++], why);
	if (list && (!json_is_array(list) || json_array_size(list) > MAX_DELIVERED))
		return fail(why, "delivers", "is not a list, or a very long one");
	json_array_foreach(list, i, value)
		if (!read_hex(value, "delivers", &e->contents[e->count++], why))
			return false;
	if (!e->count && !e->refuse)
		return fail(why, "content", "and \"refuse\" are both missing");
	return true;
}

/* Letters and digits only, in capitals: spellings differ in the rest. */
static void normalise(const char *name, char *out, size_t len)
{
	size_t n = 0;

	for (; *name && n < len - 1; name++)
		if (isalnum((unsigned char)*name))
			out[n++] = toupper(*name);
	out[n] = 0;
}

static const struct dtls_cipher *find_cipher(const char *name)
{
	/* CCM_8 before the name that is its beginning */
	static const struct {
		const char *part;
		enum dtls_cipher_id id;
	} table[] = {
		{ "AES128GCM", DTLS_CIPHER_AES_128_GCM },
		{ "AES256GCM", DTLS_CIPHER_AES_256_GCM },
		{ "CHACHA20POLY1305", DTLS_CIPHER_CHACHA20_POLY1305 },
		{ "AES128CCM8", DTLS_CIPHER_AES_128_CCM_8 },
		{ "AES128CCM", DTLS_CIPHER_AES_128_CCM },
	};
	char plain[128];
	size_t i;

	normalise(name, plain, sizeof(plain));
	for (i = 0; i < ARRAY_SIZE(table); i++)
		if (strstr(plain, table[i].part))
			return dtls_cipher_by_id(table[i].id);
	return NULL;
}

static bool read_suite(json_t *json, struct entry *e, struct why *why)
{
	const char *cipher;

	if (!read_string(json, "cipher", &cipher, why) ||
	    !read_string(json, "suite", &e->suite, why))
		return false;
	if (!cipher && !e->suite)
		return fail(why, "cipher", "and \"suite\" are both missing");
	e->dtls13 = e->suite;
	if (cipher)
		e->suite = cipher;
	e->cipher = find_cipher(e->suite);
	if (!e->cipher) {
		snprintf(why->text, why->len, "unknown cipher \"%s\"", e->suite);
		return false;
	}
	return true;
}

static bool read_fields(json_t *json, struct entry *e, struct why *why)
{
	return read_string(json, "name", &e->label, why) &&
	       read_string(json, "refuse", &e->refuse, why) &&
	       read_suite(json, e, why) &&
	       read_bytes(json, "traffic_secret", &e->secret, why) &&
	       read_bytes(json, "key", &e->key, why) &&
	       read_bytes(json, "iv", &e->iv, why) &&
	       read_bytes(json, "sn_key", &e->sn_key, why) &&
	       read_bytes(json, "cid", &e->cid, why) &&
	       read_bytes(json, "nonce", &e->nonce, why) &&
	       read_bytes(json, "aad", &e->aad, why) &&
	       read_bytes(json, "mask", &e->mask, why) &&
	       read_bytes(json, "record", &e->record, why) &&
	       read_number(json, "epoch", &e->epoch, why) &&
	       read_number(json, "seq", &e->seq, why) &&
	       read_number(json, "tag_len", &e->tag_len, why) &&
	       read_number(json, "padding", &e->padding, why) &&
	       read_number(json, "outer_type", &e->outer_type, why) &&
	       read_number(json, "content_type", &e->content_type, why) &&
	       read_number(json, "reconstruct_from_highest_plus_one", &e->next,
			   why) &&
	       read_contents(json, e, why);
}

/* Preconditions of the checks. */
static bool usable(const struct entry *e, struct why *why)
{
	if (!e->record.p)
		return fail(why, "record", "is missing");
	if (e->record.len > 65535)
		return fail(why, "record", "is longer than a datagram");
	if (e->epoch < 0)
		return fail(why, "epoch", "is missing");
	if (e->cid.len > DTLS_MAX_CID)
		return fail(why, "cid", "is too long");
	if (e->tag_len >= 0 && e->tag_len != e->cipher->tag_len)
		return fail(why, "tag_len", "is not that of the cipher");
	if (!e->dtls13 && (!e->key.p || !e->iv.p))
		return fail(why, "key", "or \"iv\" is missing");
	if (e->dtls13 && !e->secret.p && !(e->key.p && e->iv.p && e->sn_key.p))
		return fail(why, "traffic_secret", "and keys are missing");
	return true;
}

bool entry_read(json_t *json, struct entry *e, char *text, size_t len)
{
	struct why why = { text, len };

	memset(e, 0, sizeof(*e));
	if (!json_is_object(json)) {
		snprintf(text, len, "entry is not a JSON object");
		return false;
	}
	return read_fields(json, e, &why) && usable(e, &why);
}

void entry_free(struct entry *e)
{
	struct bytes *all[] = { &e->secret, &e->key, &e->iv, &e->sn_key,
				&e->cid, &e->nonce, &e->aad, &e->mask,
				&e->record };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(all); i++)
		free(all[i]->p);
	for (i = 0; i < e->count; i++)
		free(e->contents[i].p);
}
