// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <gnutls/gnutls.h>
#include <string.h>

#include "name.h"

#define MAX_LABEL 63

bool name_is_address(const char *name)
{
	struct in6_addr addr;

	return inet_pton(AF_INET, name, &addr) == 1 ||
	       inet_pton(AF_INET6, name, &addr) == 1;
}

static bool is_ascii(const char *s)
{
	while (*s && (unsigned char)*s < 0x80)
		s++;
	return !*s;
}

/* Not tolower(), which depends on the locale. */
static void lower_case(char *s)
{
	for (; *s; s++)
		if (*s >= 'A' && *s <= 'Z')
			*s += 'a' - 'A';
}

/* RFC 6066 section 3: SNI has no trailing dot. */
static void strip_root(char *s)
{
	size_t len = strlen(s);

	if (len > 1 && s[len - 1] == '.')
		s[len - 1] = '\0';
}

static const char *check_labels(const char *s)
{
	size_t len;

	for (;; s += len + 1) {
		len = strcspn(s, ".");
		if (!len)
			return "a label is empty";
		if (len > MAX_LABEL)
			return "a label is longer than 63 bytes";
		for (size_t i = 0; i < len; i++)
			if (s[i] <= ' ' || s[i] == 0x7f)
				return "it has a space or control character";
		if (!s[len])
			return NULL;
	}
}

/* Converts U-labels to A-labels. A-labels are not decoded. */
static const char *map_name(const char *in, char *out, size_t size)
{
	gnutls_datum_t mapped;
	size_t len;
	int ret;

	if (is_ascii(in)) {
		len = strlen(in);
		if (len >= size)
			return "it is too long";
		memmove(out, in, len + 1);
		return NULL;
	}
	ret = gnutls_idna_map(in, strlen(in), &mapped, 0);
	if (ret)
		return gnutls_strerror(ret);
	len = mapped.size;
	if (len < size) {
		memcpy(out, mapped.data, len);
		out[len] = '\0';
	}
	gnutls_free(mapped.data);
	return len < size ? NULL : "it is too long";
}

const char *name_normalise(const char *in, char out[DTLS_MAX_NAME])
{
	size_t stars = !strncmp(in, "*.", 2) ? 2 : 0;
	char name[DTLS_MAX_NAME];
	const char *why;

	why = map_name(in + stars, name, sizeof(name) - stars);
	if (why)
		return why;
	if (!name_is_address(name)) {
		strip_root(name);
		lower_case(name);
		why = check_labels(name);
	}
	if (why)
		return why;
	memcpy(out, "*.", stars);
	memcpy(out + stars, name, strlen(name) + 1);
	return NULL;
}
