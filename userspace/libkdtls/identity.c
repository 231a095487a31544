// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A PSK identity is bytes (RFC 4279 section 5.1 only asks for UTF-8). People
 * see it as psktool(1) and psk-file write it: text, or # and hexadecimal.
 */
#include <stdbool.h>
#include <string.h>

#include <kdtls/kdtls.h>

/* Bytes of the UTF-8 sequence that a byte begins; 0: it begins none. */
static size_t sequence_length(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first >= 0xc2 && first < 0xe0)
		return 2;
	if (first >= 0xe0 && first < 0xf0)
		return 3;
	return first >= 0xf0 && first < 0xf5 ? 4 : 0;
}

static bool is_sequence(const unsigned char *s, size_t n)
{
	/* C1 controls, overlong forms, surrogates, past U+10FFFF */
	static const struct {
		unsigned char first, min, max;
	} narrow[] = {
		{ 0xc2, 0xa0, 0xbf }, { 0xe0, 0xa0, 0xbf }, { 0xed, 0x80, 0x9f },
		{ 0xf0, 0x90, 0xbf }, { 0xf4, 0x80, 0x8f },
	};

	for (size_t i = 0; n > 1 && i < sizeof(narrow) / sizeof(*narrow); i++)
		if (s[0] == narrow[i].first &&
		    (s[1] < narrow[i].min || s[1] > narrow[i].max))
			return false;
	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return false;
	return n != 1 || (*s >= ' ' && *s != 0x7f);
}

static bool is_text(const unsigned char *s, size_t len)
{
	size_t n;

	if (!len || *s == '#')
		return false;
	for (; len; s += n, len -= n) {
		n = sequence_length(*s);
		if (!n || n > len || !is_sequence(s, n))
			return false;
	}
	return true;
}

int kdtls_identity_text(const void *identity, size_t len, char *text, size_t size)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *s = identity;
	bool plain = is_text(s, len);
	size_t need = plain ? len : len ? 1 + 2 * len : 0;

	if (size)
		*text = '\0';
	if (need >= size)
		return need;
	text[need] = '\0';
	if (plain) {
		memcpy(text, s, len);
		return need;
	}
	for (size_t i = 0; i < len; i++) {
		text[0] = '#';
		text[1 + 2 * i] = digits[s[i] >> 4];
		text[2 + 2 * i] = digits[s[i] & 15];
	}
	return need;
}
