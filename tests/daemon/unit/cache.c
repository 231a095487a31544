// SPDX-License-Identifier: GPL-2.0-or-later
/* Which sessions a client gets, how many there are, and when they end. */
#include "unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "cache.h"
#include "clock.h"

static time_t now = 1000;

int __wrap_clock_gettime(clockid_t clock, struct timespec *ts);
int __wrap_clock_gettime(clockid_t clock, struct timespec *ts)
{
	ts->tv_sec = now;
	ts->tv_nsec = 0;
	return 0;
}

static struct handshake_request request(uint32_t uid, uint16_t port)
{
	struct handshake_request r = { .uid = uid, .profile = "p", .server_name = "server.test" };

	r.peer.in.sin_family = AF_INET;
	r.peer.in.sin_port = port;
	return r;
}

static void put(const struct handshake_request *r, uint8_t byte)
{
	const gnutls_datum_t cert = { (unsigned char *)"certificate", 11 };
	const struct remembered m = {
		.born = now, .end = now + 100, .chain = chain_copy(&cert, 1), .len = 1,
		.session = malloc(1),
	};

	*m.session = byte;
	cache_put(r, &m);
}

/* Its byte, or -1. */
static int take(const struct handshake_request *r)
{
	struct remembered m;
	int byte;

	if (!cache_take(r, &m))
		return -1;
	byte = *m.session;
	remembered_forget(&m);
	return byte;
}

static void is_used_once(void **state)
{
	struct handshake_request r = request(1, 1);

	assert_int_equal(take(&r), -1);
	put(&r, 7);
	assert_int_equal(take(&r), 7);
	assert_int_equal(take(&r), -1);
	put(&r, 8);
	put(&r, 9);
	assert_int_equal(take(&r), 9);
	assert_int_equal(take(&r), -1);
}

static void is_of_one_request(void **state)
{
	struct handshake_request r = request(1, 1), other;

	put(&r, 7);
	other = r;
	other.uid = 2;
	assert_int_equal(take(&other), -1);
	other = r;
	other.link = 2;
	assert_int_equal(take(&other), -1);
	other = r;
	other.peer.in.sin_port = 2;
	assert_int_equal(take(&other), -1);
	other = r;
	other.peer.in.sin_addr.s_addr = 2;
	assert_int_equal(take(&other), -1);
	other = r;
	strcpy(other.profile, "q");
	assert_int_equal(take(&other), -1);
	other = r;
	strcpy(other.server_name, "other.test");
	assert_int_equal(take(&other), -1);
	/* what a session does not depend on */
	other = r;
	other.id = 99;
	other.pid = 99;
	memset(other.peer.in.sin_zero, 1, sizeof(other.peer.in.sin_zero));
	strcpy(other.profile, "longer than");
	strcpy(other.profile, "p");
	assert_int_equal(take(&other), 7);
}

static void ends(void **state)
{
	struct handshake_request r = request(1, 1);

	put(&r, 7);
	now += 99;
	assert_int_equal(take(&r), 7);
	put(&r, 8);
	now += 100;
	assert_int_equal(take(&r), -1);
}

static void has_so_many_of_a_user(void **state)
{
	struct handshake_request other = request(2, 1), r;

	put(&other, 2);
	for (int i = 1; i <= 100; i++) {
		r = request(1, i);
		put(&r, i);
	}
	r = request(1, 84);
	assert_int_equal(take(&r), -1);
	for (int i = 85; i <= 100; i++) {
		r = request(1, i);
		assert_int_equal(take(&r), i);
	}
	assert_int_equal(take(&other), 2);
}

static void has_so_many(void **state)
{
	struct handshake_request r;
	int n = 0;

	for (int i = 0; i < 100; i++) {
		r = request(i, 1);
		put(&r, i);
	}
	for (int i = 0; i < 100; i++) {
		r = request(i, 1);
		n += take(&r) == i;
	}
	assert_int_equal(n, 64);
}

static void copies_chains(void **state)
{
	static unsigned char large[MAX_CHAIN_BYTES + 1];
	gnutls_datum_t certs[MAX_CHAIN + 1], out[MAX_CHAIN];
	struct chain *c;

	for (int i = 0; i <= MAX_CHAIN; i++)
		certs[i] = (gnutls_datum_t){ large + i, 100 + i };
	large[1] = 1;
	c = chain_copy(certs, MAX_CHAIN);
	assert_non_null(c);
	chain_list(c, out);
	for (int i = 0; i < MAX_CHAIN; i++) {
		assert_int_equal(out[i].size, certs[i].size);
		assert_memory_equal(out[i].data, certs[i].data, certs[i].size);
	}
	free(c);
	assert_null(chain_copy(certs, MAX_CHAIN + 1));
	assert_null(chain_copy(certs, 0));
	certs[0].size = sizeof(large);
	assert_null(chain_copy(certs, 1));
	certs[0].size = MAX_CHAIN_BYTES;
	assert_null(chain_copy(certs, 2));
	certs[0].size = UINT32_MAX;
	assert_null(chain_copy(certs, 2));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_used_once),
		cmocka_unit_test(is_of_one_request),
		cmocka_unit_test(ends),
		cmocka_unit_test(has_so_many_of_a_user),
		cmocka_unit_test(has_so_many),
		cmocka_unit_test(copies_chains),
	};

	return run_tap("cache", tests);
}
