// SPDX-License-Identifier: GPL-2.0-or-later
/* The lines of a psk-file, and the display of an identity. */
#include "unit/unit.h"

#include <string.h>

#include <kdtls/kdtls.h>

#include "psk.h"

#define LONGEST "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" \
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

#define BYTES(s) .identity = (s), .len = sizeof(s) - 1

struct line_case {
	const char *line;
	size_t line_len;	/* 0: it is text */
	const char *identity;
	size_t len;
	const char *key;
};

static const struct line_case entries[] = {
	{ "u1:0a0b", .key = "\x0a\x0b", BYTES("u1") },
	{ "u1:0A0B\r", .key = "\x0a\x0b", BYTES("u1") },
	{ "u1:0a0b \t", .key = "\x0a\x0b", BYTES("u1") },
	{ "a b#c:0a0b", .key = "\x0a\x0b", BYTES("a b#c") },
	{ "#0001ff:0a0b", .key = "\x0a\x0b", BYTES("\0\x01\xff") },
	{ "#AbCd:0a0b", .key = "\x0a\x0b", BYTES("\xab\xcd") },
	/* psktool -u urn:imei:12 */
	{ "#75726e3a696d65693a3132:0a0b", .key = "\x0a\x0b", BYTES("urn:imei:12") },
	{ "urn:imei:12:0a0b", .key = "\x0a\x0b", BYTES("urn:imei:12") },
	{ "\xc3\xbc:0a0b", .key = "\x0a\x0b", BYTES("\xc3\xbc") },
	{ "#6162:0a0b", .key = "\x0a\x0b", BYTES("ab") },
	{ LONGEST ":0a0b", .key = "\x0a\x0b", BYTES(LONGEST) },
};

static void entries_taken(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(entries); i++) {
		const struct line_case *c = &entries[i];
		const char *why;
		struct psk psk;

		print_message("# %s\n", c->line);
		assert_int_equal(psk_parse(c->line, strlen(c->line), &psk, &why), PSK_ENTRY);
		assert_true(psk_is_identity(&psk, c->identity, c->len));
		assert_int_equal(psk.identity[psk.identity_len], 0);
		assert_int_equal(psk.len, 2);
		assert_memory_equal(psk.key, c->key, 2);
		psk_wipe(&psk);
	}
}

static void comments_skipped(void **state)
{
	static const char *const lines[] = {
		"", " ", "\r", "#", "# ", "# u1:0a0b", "#\tabcd:0a0b", "# two words",
	};
	const char *why;
	struct psk psk;

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		assert_int_equal(psk_parse(lines[i], strlen(lines[i]), &psk, &why), PSK_NONE);
}

static const struct {
	const char *line;
	size_t len;
	const char *why;
} wrong[] = {
#define WRONG(line, why) { line, sizeof(line) - 1, why }
	WRONG("u1", "not \"identity:key"),
	WRONG("#word", "not \"identity:key"),
	WRONG(":0a0b", "identity is empty"),
	WRONG("#:0a0b", "no identity in hexadecimal"),
	WRONG("#u1:0a0b", "no identity in hexadecimal"),
	WRONG("#abc:0a0b", "no identity in hexadecimal"),
	WRONG("#ab cd:0a0b", "no identity in hexadecimal"),
	WRONG("#ab:cd:0a0b", "no identity in hexadecimal"),
	WRONG("u\0v:0a0b", "NUL byte"),
	WRONG("u1:", "key is not hexadecimal"),
	WRONG("u1:0a0", "key is not hexadecimal"),
	WRONG("u1:xyz0", "key is not hexadecimal"),
	WRONG("u1:0a 0b0", "key is not hexadecimal"),
	WRONG("u1:0a\0b", "key is not hexadecimal"),
	WRONG(LONGEST "0:0a0b", "longer than 128"),
	WRONG("#" LONGEST LONGEST "00:0a0b", "longer than 128"),
};

static void wrong_lines_named(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		const char *why = "";
		struct psk psk;

		print_message("# %s\n", wrong[i].line);
		assert_int_equal(psk_parse(wrong[i].line, wrong[i].len, &psk, &why), PSK_WRONG);
		assert_non_null(strstr(why, wrong[i].why));
		assert_null(psk.identity);
		assert_null(psk.key);
	}
}

static void names_looking_alike(void **state)
{
	struct psk text = { (uint8_t *)"adm", 3, false, NULL, 0, 1 };
	struct psk bytes = { (uint8_t *)"adm\0\x01", 5, true, NULL, 0, 2 };
	struct psk more = { (uint8_t *)"adm\0\x02", 5, true, NULL, 0, 3 };

	assert_true(psk_looks_alike(&text, &bytes));
	assert_true(psk_looks_alike(&bytes, &text));
	assert_false(psk_looks_alike(&bytes, &more));
	assert_false(psk_looks_alike(&text, &text));
}

static const struct {
	const char *identity;
	size_t len;
	const char *text;
} shown[] = {
#define SHOWN(identity, text) { identity, sizeof(identity) - 1, text }
	SHOWN("", ""),
	SHOWN("u1", "u1"),
	SHOWN("urn:imei:12", "urn:imei:12"),
	SHOWN("a#b", "a#b"),
	SHOWN("#6162", "#2336313632"),
	SHOWN("\0\x01\xff", "#0001ff"),
	SHOWN("adm\0in", "#61646d00696e"),
	SHOWN("a\033[1m", "#611b5b316d"),
	SHOWN("a\n", "#610a"),
	SHOWN("\x7f", "#7f"),
	SHOWN("\xc3\xbc", "\xc3\xbc"),
	SHOWN("\xc2\x9b", "#c29b"),
	SHOWN("\xc0\x80", "#c080"),
	SHOWN("\xe2\x82\xac", "\xe2\x82\xac"),
	SHOWN("\xe2\x82", "#e282"),
	SHOWN("\xe0\x80\x80", "#e08080"),
	SHOWN("\xed\xa0\x80", "#eda080"),
	SHOWN("\xf0\x9f\x94\x91", "\xf0\x9f\x94\x91"),
	SHOWN("\xf4\x90\x80\x80", "#f4908080"),
	SHOWN("\xff", "#ff"),
};

static void identities_shown(void **state)
{
	char text[2 * DTLS_MAX_NAME];

	for (size_t i = 0; i < ARRAY_SIZE(shown); i++) {
		size_t len = kdtls_identity_text(shown[i].identity, shown[i].len, text,
						 sizeof(text));

		assert_string_equal(text, shown[i].text);
		assert_int_equal(len, strlen(text));
		assert_int_equal(kdtls_identity_text(shown[i].identity, shown[i].len, text,
						     len), len);
		assert_true(!len || !*text);
	}
}

/* For any bytes: the displayed text is valid in a psk-file. */
static void shown_and_read_again(void **state)
{
	uint8_t bytes[PSK_MAX_IDENTITY], *back;
	char text[2 * DTLS_MAX_NAME];
	const char *why;
	size_t len, n;

	for (int i = 0; i < 100000; i++) {
		n = 1 + rand() % (i % 2 ? 3 : sizeof(bytes));
		for (size_t at = 0; at < n; at++)
			bytes[at] = rand();
		kdtls_identity_text(bytes, n, text, sizeof(text));
		back = psk_identity_parse(text, strlen(text), &len, &why);
		assert_non_null(back);
		assert_int_equal(len, n);
		assert_memory_equal(back, bytes, n);
		free(back);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_taken),
		cmocka_unit_test(comments_skipped),
		cmocka_unit_test(wrong_lines_named),
		cmocka_unit_test(names_looking_alike),
		cmocka_unit_test(identities_shown),
		cmocka_unit_test(shown_and_read_again),
	};

	return run_tap("psk", tests);
}
