// SPDX-License-Identifier: GPL-2.0-or-later
/* One form for all names of servers, and invalid names. */
#include "unit/unit.h"

#include <string.h>

#include "name.h"

#define LABEL "aaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffggg"

static const struct {
	const char *in, *out;
} names[] = {
	{ "server.test", "server.test" },
	{ "server.test.", "server.test" },
	{ "Server.TEST.", "server.test" },
	{ "localhost", "localhost" },
	{ "a_b.test", "a_b.test" },
	{ "*.Example.org.", "*.example.org" },
	{ "b\303\274cher.example", "xn--bcher-kva.example" },
	{ "B\303\234CHER.Example.", "xn--bcher-kva.example" },
	{ "bu\314\210cher.example", "xn--bcher-kva.example" },
	{ "*.b\303\274cher.example", "*.xn--bcher-kva.example" },
	{ "XN--BCHER-KVA.example", "xn--bcher-kva.example" },
	/* IDNA2008 keeps sharp s; ideographic full stops are dots */
	{ "fa\303\237.de", "xn--fa-hia.de" },
	{ "b\303\274cher\343\200\202example\343\200\202", "xn--bcher-kva.example" },
	{ "192.0.2.1", "192.0.2.1" },
	{ "2001:DB8::1", "2001:DB8::1" },
	{ LABEL "1.test", LABEL "1.test" },
};

static void names_of_one_form(void **state)
{
	char out[DTLS_MAX_NAME];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		print_message("# %s\n", names[i].in);
		assert_null(name_normalise(names[i].in, out));
		assert_string_equal(out, names[i].out);
		assert_null(name_normalise(out, out));
		assert_string_equal(out, names[i].out);
	}
}

static void no_names(void **state)
{
	static const char *const wrong[] = {
		"", ".", "..", "*.", "a..b", ".a", "a.test..", "a b", "a\tb", "a\n",
		"a\177.test", LABEL "12.test", "b\303.example", "b\377",
	};
	char out[DTLS_MAX_NAME];

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		print_message("# %zu\n", i);
		assert_non_null(name_normalise(wrong[i], out));
	}
}

/* A name that fits may be too long as A-labels. */
static void long_names(void **state)
{
	char in[DTLS_MAX_NAME], out[DTLS_MAX_NAME];
	size_t n;

	for (n = 0; n + 2 < sizeof(in); n += 2)
		memcpy(in + n, "a.", 2);
	in[n - 1] = '\0';
	assert_null(name_normalise(in, out));
	assert_string_equal(in, out);
	for (n = 0; n + 4 < sizeof(in); n += 3)
		memcpy(in + n, "\303\274.", 3);
	in[n - 1] = '\0';
	assert_non_null(name_normalise(in, out));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_of_one_form),
		cmocka_unit_test(no_names),
		cmocka_unit_test(long_names),
	};

	return run_tap("name", tests);
}
