// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The parts of the daemon that need no peer: timers, limits, tallies, metrics,
 * parsing of ClientHellos, and which fragments are kept.
 */
#include "unit/unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "awaited.h"
#include "client_hello.h"
#include "cut.h"
#include "flight.h"
#include "handshake.h"
#include "hello.h"
#include "offer.h"
#include "limit.h"
#include "metrics.h"
#include "record/handshake12.h"
#include "repeat.h"
#include "tally.h"
#include "timers.h"
#include "util.h"

#define SOME 5000

/* Timers */

static struct timer timers[SOME];

/* Empties it; the number of timers, which must expire in order. */
static size_t drain(struct timers *t)
{
	uint64_t last = 0;
	struct timer *first;
	size_t n = 0;

	while ((first = timers_first(t))) {
		assert_true(first->at >= last);
		last = first->at;
		timers_clear(t, first);
		n++;
	}
	return n;
}

static void timers_in_order(void **state)
{
	struct timers t = { 0 };

	srandom(1);
	assert_null(timers_first(&t));
	for (int i = 0; i < SOME; i++)
		assert_true(timers_set(&t, &timers[i], random() % 1000));
	assert_int_equal(drain(&t), SOME);
	timers_free(&t);
}

static void timers_changed(void **state)
{
	struct timers t = { 0 };
	int left = 0;

	srandom(2);
	for (int i = 0; i < SOME; i++)
		timers_set(&t, &timers[i], random() % 1000);
	for (int i = 0; i < SOME; i++)
		if (random() % 3)
			timers_set(&t, &timers[i], random() % 1000);
	for (int i = 0; i < SOME; i++) {
		if (random() % 2)
			timers_clear(&t, &timers[i]);
		else
			left++;
	}
	timers_clear(&t, &timers[0]);
	timers_clear(&t, &timers[0]);
	left = t.count;
	assert_int_equal(drain(&t), left);
	timers_free(&t);
}

/* Limits */

static const struct limit_rule rule = { .in_flight = 3, .rate = 10, .burst = 5 };
static struct limits limits;

static union address address(const char *text)
{
	union address a = { 0 };

	if (strchr(text, ':')) {
		a.in6.sin6_family = AF_INET6;
		inet_pton(AF_INET6, text, &a.in6.sin6_addr);
	} else {
		a.in.sin_family = AF_INET;
		inet_pton(AF_INET, text, &a.in.sin_addr);
	}
	return a;
}

static enum limit_verdict begin(const char *text, uint64_t now)
{
	union address a = address(text);

	return limits_begin(&limits, &rule, &a, now);
}

static void end(const char *text)
{
	union address a = address(text);

	limits_end(&limits, &a);
}

static int limits_setup(void **state)
{
	return !limits_init(&limits);
}

static int limits_teardown(void **state)
{
	limits_free(&limits);
	return 0;
}

static void limit_in_flight(void **state)
{
	for (int i = 0; i < 3; i++)
		assert_int_equal(begin("192.0.2.1", 1), LIMIT_OK);
	assert_int_equal(begin("192.0.2.1", 1), LIMIT_IN_FLIGHT);
	assert_int_equal(begin("192.0.2.2", 1), LIMIT_OK);
	end("192.0.2.1");
	assert_int_equal(begin("192.0.2.1", 1), LIMIT_OK);
	assert_int_equal(begin("192.0.2.1", 1), LIMIT_IN_FLIGHT);
}

static int begun(const char *text, uint64_t now, int tries)
{
	int n = 0;

	while (tries--)
		if (begin(text, now) == LIMIT_OK) {
			end(text);
			n++;
		}
	return n;
}

static void limit_rate(void **state)
{
	assert_int_equal(begun("192.0.2.1", 1000, 20), 5);
	assert_int_equal(begin("192.0.2.1", 1000), LIMIT_RATE);
	assert_int_equal(begin("192.0.2.1", 1099), LIMIT_RATE);
	assert_int_equal(begun("192.0.2.1", 1100, 20), 1);
	assert_int_equal(begun("192.0.2.1", 1300, 20), 2);
	/* a long quiet time gives one burst and no more */
	assert_int_equal(begun("192.0.2.1", 1000000, 20), 5);
}

static void limit_undone(void **state)
{
	union address a = address("192.0.2.1");

	for (int i = 0; i < 100; i++) {
		assert_int_equal(limits_begin(&limits, &rule, &a, 1), LIMIT_OK);
		limits_undo(&limits, &a);
	}
	assert_int_equal(begun("192.0.2.1", 1, 20), 5);
}

static void limit_by_64(void **state)
{
	assert_int_equal(begin("2001:db8::1", 1), LIMIT_OK);
	assert_int_equal(begin("2001:db8::2", 1), LIMIT_OK);
	assert_int_equal(begin("2001:db8::ffff:ffff:0:3", 1), LIMIT_OK);
	assert_int_equal(begin("2001:db8::4", 1), LIMIT_IN_FLIGHT);
	assert_int_equal(begin("2001:db8:0:1::4", 1), LIMIT_OK);
	/* a mapped address counts as its IPv4 address */
	for (int i = 0; i < 3; i++)
		assert_int_equal(begin("::ffff:192.0.2.1", 1), LIMIT_OK);
	assert_int_equal(begin("192.0.2.1", 1), LIMIT_IN_FLIGHT);
}

static void any_address(union address *a, uint32_t n)
{
	memset(a, 0, sizeof(*a));
	a->in.sin_family = AF_INET;
	a->in.sin_addr.s_addr = htonl(0x0a000000 + n);
}

/* Ten times as many as the table holds: the busy one is kept. */
static void limit_bounded(void **state)
{
	union address a;

	for (int i = 0; i < 3; i++)
		assert_int_equal(begin("192.0.2.1", 1), LIMIT_OK);
	for (uint32_t i = 0; i < 10 * LIMIT_BUCKETS * LIMIT_WAYS; i++) {
		any_address(&a, i);
		assert_int_equal(limits_begin(&limits, &rule, &a, i + 2), LIMIT_OK);
		limits_end(&limits, &a);
	}
	assert_int_equal(begin("192.0.2.1", 2), LIMIT_IN_FLIGHT);
	any_address(&a, 0);
	limits_end(&limits, &a);
}

/* Thousands in flight at a time are all known. */
static void limit_many(void **state)
{
	unsigned int forgotten = 0;
	union address a;

	for (uint32_t i = 0; i < 4096 * 3; i++) {
		any_address(&a, i % 4096);
		limits_begin(&limits, &rule, &a, i + 1);
	}
	for (uint32_t i = 0; i < 4096; i++) {
		any_address(&a, i);
		forgotten += limits_begin(&limits, &rule, &a, 20000) != LIMIT_IN_FLIGHT;
	}
	assert_true(forgotten < 4096 / 100);
}

/* Addresses that FNV-1a, with its public key, would map to one of eight. */
static bool chosen(const union address *a)
{
	const uint8_t *bytes = (const uint8_t *)a;
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < sizeof(*a); i++)
		h = (h ^ bytes[i]) * 16777619u;
	return h % 8 == 0;
}

static void hash_unforeseen(void **state)
{
	int of[8] = { 0 }, n = 0;
	union address a = address("192.0.2.1");

	for (unsigned int port = 1; port < 65536; port++) {
		a.in.sin_port = htons(port);
		if (chosen(&a)) {
			of[limits_hash(&limits, &a) % 8]++;
			n++;
		}
	}
	for (int i = 0; i < 8; i++)
		assert_true(of[i] > n / 16 && of[i] < n / 4);
}

/* Tallies */

static void tallies(void **state)
{
	static struct tally t;

	for (int i = 0; i < 3; i++)
		assert_true(tally_add(&t, 7));
	assert_true(tally_add(&t, 7 + TABLE_SIZE));
	assert_int_equal(tally_of(&t, 7), 3);
	assert_int_equal(tally_of(&t, 8), 0);
	tally_sub(&t, 7 + TABLE_SIZE);
	assert_int_equal(tally_of(&t, 7 + TABLE_SIZE), 0);
	for (int i = 0; i < 4; i++)
		tally_sub(&t, 7);
	assert_int_equal(tally_of(&t, 7), 0);
	assert_int_equal(t.table.count, 0);
}

/* Metrics */

/* The value of a line of the file, or -1. */
static double value(const char *path, const char *name)
{
	size_t len = strlen(name);
	char line[256];
	double v = -1;
	FILE *f = fopen(path, "r");

	assert_non_null(f);
	while (fgets(line, sizeof(line), f))
		if (!strncmp(line, name, len) && line[len] == ' ')
			v = strtod(line + len, NULL);
	fclose(f);
	return v;
}

static void metrics_file(void **state)
{
	struct metrics_worker second = { .slot = 1, .hellos = 4 };
	struct metrics_worker first = { .handshakes = 9, .next = &second };
	char path[] = "/tmp/kdtls-metrics-XXXXXX";
	struct metrics m = { 0 };

	close(mkstemp(path));
	metrics_established(&m, 5);
	metrics_established(&m, 6);
	metrics_established(&m, 70000);
	m.resumed = 2;
	metrics_failed(&m, EPROTO);
	metrics_failed(&m, ENOSYS);
	m.refused[REFUSED_ADDRESS_RATE] = 8;
	assert_true(metrics_write(&m, &first, path));
#define VALUE(name) ((int)value(path, "dtls_handshaked_" name))
	assert_int_equal(VALUE("established_total"), 3);
	assert_int_equal(VALUE("resumed_total"), 2);
	assert_int_equal(VALUE("failed_total{reason=\"protocol\"}"), 1);
	assert_int_equal(VALUE("failed_total{reason=\"other\"}"), 1);
	assert_int_equal(VALUE("failed_total{reason=\"timeout\"}"), 0);
	assert_int_equal(VALUE("refused_total{limit=\"address_rate\"}"), 8);
	assert_int_equal(VALUE("handshake_seconds_bucket{le=\"0.005\"}"), 1);
	assert_int_equal(VALUE("handshake_seconds_bucket{le=\"0.01\"}"), 2);
	assert_int_equal(VALUE("handshake_seconds_bucket{le=\"60\"}"), 2);
	assert_int_equal(VALUE("handshake_seconds_bucket{le=\"+Inf\"}"), 3);
	assert_int_equal(VALUE("handshake_seconds_count"), 3);
	assert_int_equal(VALUE("handshake_seconds_sum"), 70);
	assert_int_equal(VALUE("in_flight{worker=\"0\"}"), 9);
	assert_int_equal(VALUE("hellos_queued{worker=\"1\"}"), 4);
	unlink(path);
	assert_false(metrics_write(&m, NULL, "/nowhere/at/all"));
}

/* Lines of the log */

static struct repeats repeats;
static uint64_t now;
static unsigned int said, held;

static int no_lines(void **state)
{
	memset(&repeats, 0, sizeof(repeats));
	said = 0;
	held = 0;
	now = 1000000;
	return 0;
}

static void line(const char *kind, const char *text)
{
	said += repeats_allow(&repeats, kind, text, REPEAT_SAME, now);
}

/* As log_tick(); the number of summaries. */
static unsigned int account(void)
{
	char text[REPEAT_TEXT];
	unsigned int n, lines = 0;

	for (; (n = repeats_due(&repeats, now, text)); lines++)
		held += n;
	return lines;
}

static void same_line_for_an_hour(void **state)
{
	unsigned int lines = 0;

	for (int i = 0; i < 3600; i++, now++) {
		lines += account();
		line("a", "the kernel does not let us");
		line("b", "nor does it let us");
	}
	now += REPEAT_WINDOW;
	lines += account();
	assert_int_equal(said + held, 2 * 3600);
	assert_in_range(said, 2, 2 * REPEAT_SAME);
	assert_in_range(lines, 2 * 58, 2 * 61);
}

static void flood_of_lines(void **state)
{
	char text[40];

	for (int i = 0; i < 100000; i++) {
		snprintf(text, sizeof(text), "client %d", i);
		line("a", text);
	}
	assert_int_equal(said, REPEAT_MANY);
	line("b", "another kind");
	assert_int_equal(said, REPEAT_MANY + 1);
	assert_int_equal(account(), 0);
	now += REPEAT_WINDOW;
	assert_int_equal(account(), 1);
	assert_int_equal(held, 100000 - REPEAT_MANY);
}

static void news_each_time(void **state)
{
	for (int i = 0; i < REPEAT_MANY + 10; i++)
		said += repeats_allow(&repeats, "a", "established", REPEAT_MANY, now);
	assert_int_equal(said, REPEAT_MANY);
}

static void quiet_minute(void **state)
{
	for (int i = 0; i < 50; i++)
		line("a", "again");
	now += REPEAT_WINDOW;
	account();
	now += REPEAT_WINDOW;
	said = 0;
	line("a", "again");
	line("a", "something else");
	assert_int_equal(said, 2);
}

static void more_kinds_than_places(void **state)
{
	static const char kinds[2 * REPEAT_KINDS];

	for (int i = 0; i < 2 * REPEAT_KINDS; i++)
		for (int n = 0; n < 100; n++)
			line(&kinds[i], "the same");
	assert_in_range(said, REPEAT_KINDS, 2 * REPEAT_KINDS * REPEAT_SAME);
}

/* Hellos, RFC 8449 */

static const uint8_t client_hello[] = {
	0xfe, 0xfd, [33] = 1,				/* version, random */
	2, 's', 'i', 3, 'c', 'o', 'k',			/* session id, cookie */
	0, 4, 0xc0, 0x2b, 0xc0, 0x2f, 1, 0,		/* suites, compression */
	0, 14, 0, 23, 0, 0, 0, 28, 0, 2, 2, 0, 0, 22, 0, 0,
};

static const uint8_t server_hello[] = {
	0xfe, 0xfd, [33] = 1,
	2, 's', 'i', 0xc0, 0x2b, 0,			/* suite, compression */
	0, 10, 0, 28, 0, 2, 0, 64, 0, 23, 0, 0,
};

/* In a separate copy, so that a sanitizer detects reads beyond it. */
static uint16_t limit_of(uint8_t type, const uint8_t *hello, size_t len)
{
	uint8_t *copy = malloc(len ?: 1);
	uint16_t limit;

	memcpy(copy, hello, len);
	limit = hello_size_limit(type, copy, len);
	free(copy);
	return limit;
}

static void hello_limits(void **state)
{
	uint8_t low[sizeof(server_hello)];

	assert_int_equal(limit_of(DTLS_CLIENT_HELLO, client_hello, sizeof(client_hello)), 512);
	assert_int_equal(limit_of(DTLS_SERVER_HELLO, server_hello, sizeof(server_hello)), 64);
	assert_int_equal(limit_of(DTLS_SERVER_HELLO, client_hello, sizeof(client_hello)), 0);
	assert_int_equal(limit_of(3, server_hello, sizeof(server_hello)), 0);
	memcpy(low, server_hello, sizeof(low));
	low[sizeof(low) - 5] = 63;
	assert_int_equal(limit_of(DTLS_SERVER_HELLO, low, sizeof(low)), 0);
}

/* A truncated hello gives no limit, whatever its lengths. */
static void hello_cut(void **state)
{
	for (size_t len = 0; len < sizeof(client_hello); len++)
		assert_int_equal(limit_of(DTLS_CLIENT_HELLO, client_hello, len), 0);
	for (size_t len = 0; len < sizeof(server_hello); len++)
		assert_int_equal(limit_of(DTLS_SERVER_HELLO, server_hello, len), 0);
}

static void hello_spoiled(void **state)
{
	uint8_t hello[sizeof(client_hello)];
	uint16_t limit;

	srandom(3);
	for (int i = 0; i < 100000; i++) {
		memcpy(hello, client_hello, sizeof(hello));
		hello[34 + random() % (sizeof(hello) - 34)] = random();
		limit = limit_of(DTLS_CLIENT_HELLO, hello, 34 + random() % (sizeof(hello) - 33));
		assert_true(!limit || limit >= 64);
	}
}

static void hello_of_a_server(void **state)
{
	uint8_t marked[sizeof(server_hello)];

	memcpy(marked, server_hello, sizeof(marked));
	memcpy(marked + 26, "DOWNGRD\1", 8);
	assert_true(hello_is_downgraded(marked, sizeof(marked)));
	for (size_t len = 0; len < 34; len++)
		assert_false(hello_is_downgraded(marked, len));
	/* what a server of DTLS 1.2 says to clients of 1.1 */
	marked[33] = 0;
	assert_false(hello_is_downgraded(marked, sizeof(marked)));
	assert_true(hello_has_extension(DTLS_SERVER_HELLO, marked, sizeof(marked),
					HELLO_EXTENDED_MASTER_SECRET));
	assert_false(hello_has_extension(DTLS_SERVER_HELLO, marked, sizeof(marked),
					 HELLO_RENEGOTIATION_INFO));
	assert_false(hello_has_extension(DTLS_SERVER_HELLO, marked, sizeof(marked) - 1,
					 HELLO_EXTENDED_MASTER_SECRET));
}

/* Flights */

#define MESSAGE	4000
#define ROOM	548

static struct flight flight;
static size_t longest;

static void sent(void *ctx, const void *datagram, size_t len)
{
	if (len > longest)
		longest = len;
	flight_sent(&flight, datagram, len);
}

/* A record of epoch 0: one whole message of len bytes, or a CCS (0). */
static size_t plain_record(uint8_t *out, uint8_t seq, size_t len)
{
	uint8_t content[12] = { 4, 0, len >> 8, len, 0, 7, 0, 0, 0, 0, len >> 8, len };
	size_t all = len ? sizeof(content) + len : 1;
	uint8_t header[13] = { len ? 22 : 20, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, seq,
			       all >> 8, all };

	memcpy(out, header, sizeof(header));
	memcpy(out + sizeof(header), content, len ? sizeof(content) : 1);
	for (size_t i = 0; i < len; i++)
		out[sizeof(header) + sizeof(content) + i] = i * 7;
	return sizeof(header) + all;
}

static void flight_cut(void **state)
{
	const unsigned int pieces = (MESSAGE + ROOM - 26) / (ROOM - 25);
	static uint8_t out[2 * MESSAGE], plain[MAX_FLIGHT];
	struct dtls_keys keys = { 0 };
	struct dtls_flight head;
	struct cut cut = { 0 };
	size_t len;

	len = plain_record(out, 5, MESSAGE);
	cut_records(&cut, out, len, ROOM, sent, NULL);
	assert_int_equal(longest, ROOM);
	assert_int_equal(flight.n_datagrams, pieces);
	assert_int_equal(flight.next[0], 5 + pieces);
	cut_records(&cut, plain, plain_record(plain, 6, 0), ROOM, sent, NULL);
	assert_int_equal(flight.next[0], 6 + pieces);
	/* the kernel gets the message whole */
	assert_int_equal(flight_plaintext(&flight, &keys, plain),
			 sizeof(head) + 2 * sizeof(struct dtls_flight_record) + len - 13 + 1);
	memcpy(&head, plain, sizeof(head));
	assert_int_equal(head.count, 2);
	assert_memory_equal(plain + sizeof(head) + sizeof(struct dtls_flight_record),
			    out + 13, len - 13);
}

static void flight_fits(void **state)
{
	static uint8_t out[2 * MESSAGE];
	struct cut cut = { 0 };
	size_t len = plain_record(out, 5, ROOM - 25);

	memset(&flight, 0, sizeof(flight));
	longest = 0;
	cut_records(&cut, out, len, ROOM, sent, NULL);
	assert_int_equal(flight.n_datagrams, 1);
	assert_int_equal(longest, ROOM);
	assert_memory_equal(flight.wire, out, len);
}

/* the library sends at most 31 datagrams at a time */
static void library_mtu(void **state)
{
	assert_int_equal(cut_library_mtu(1472), 1472);
	for (size_t room = MIN_PATH; room < 16000; room++) {
		assert_true(cut_library_mtu(room) >= 1200 && cut_library_mtu(room) < 16384);
		assert_true(room >= 1200 || !((cut_library_mtu(room) - 25) % (room - 25)));
	}
}

/* ClientHellos and their fragments */

static struct client_hello shape;

static void put24(uint8_t *to, uint32_t value)
{
	to[0] = value >> 16;
	to[1] = value >> 8;
	to[2] = value;
}

/* A record of 13 + 12 + bytes; the last argument is the length present. */
static bool is_hello(uint32_t length, uint32_t offset, uint32_t bytes, size_t there)
{
	static uint8_t d[300];

	memset(d, 0, sizeof(d));
	d[0] = 22;
	d[1] = 254;
	d[2] = 253;
	d[12] = 12 + bytes;
	d[13] = 1;
	put24(d + 14, length);
	put24(d + 19, offset);
	put24(d + 22, bytes);
	return client_hello_parse(d, there, &shape);
}

static void hello_whole_or_fragment(void **state)
{
	assert_true(is_hello(60, 0, 60, 85));
	assert_true(client_hello_whole(&shape) && shape.record == 85);
	/* the bytes behind it belong to another record */
	assert_true(is_hello(60, 0, 60, 100) && shape.record == 85);
	assert_true(is_hello(60000, 0, 60, 85));
	assert_false(client_hello_whole(&shape));
	assert_true(is_hello(100, 40, 60, 85) && shape.offset == 40);
	assert_false(client_hello_whole(&shape));
}

static void hello_is_none(void **state)
{
	static const uint8_t others[][26] = {
		{ 23, 254, 253, [12] = 13, [13] = 1, [16] = 1, [24] = 1 },
		{ 22, 254, 253, 0, 1, [12] = 13, [13] = 1, [16] = 1, [24] = 1 },
		{ 22, 254, 253, [12] = 13, [13] = 2, [16] = 1, [24] = 1 },
		/* the fragment is longer, or shorter, than the record */
		{ 22, 254, 253, [12] = 13, [13] = 1, [16] = 2, [24] = 2 },
		{ 22, 254, 253, [12] = 13, [13] = 1, [16] = 1, [24] = 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		assert_false(client_hello_parse(others[i], 26, &shape));
	assert_false(is_hello(60, 0, 0, 25));
	assert_false(is_hello(60, 0, 60, 84));
	assert_false(is_hello(60, 1, 60, 85));
	assert_false(is_hello(60, 0xffffff, 60, 85));
	assert_false(client_hello_parse("", 0, &shape));
}

/* A client of both versions; OFFER_FRAGMENT bytes are without its extensions. */
static const uint8_t offer_of_both[] = {
	22, 254, 253, [12] = 12 + 61, 1, 0, 0, 61, [24] = 61,
	0xfe, 0xfd, [25 + 33] = 1,
	0, 0, 0, 6, 0x13, 0x01, 0xc0, 0x2b, 0, 0xff, 1, 0,
	0, 13, 0, 23, 0, 0, 0, 43, 0, 5, 4, 0xfe, 0xfc, 0xfe, 0xfd,
};

#define OFFER_FRAGMENT	(34 + 10)

static bool offers_13(const uint8_t *hello, size_t len)
{
	uint8_t *copy = malloc(len ?: 1);
	struct offer offer;

	memcpy(copy, hello, len);
	offer_read(&offer, copy, len);
	free(copy);
	return offer.dtls13;
}

static void offer_by_versions(void **state)
{
	uint8_t hello[sizeof(offer_of_both)];

	memcpy(hello, offer_of_both, sizeof(hello));
	assert_true(offers_13(hello, sizeof(hello)));
	assert_false(offers_13(hello, sizeof(hello) - 1));
	/* its suites alone are no offer: an attacker may have taken the extension */
	hello[sizeof(hello) - 8] = 44;
	assert_false(offers_13(hello, sizeof(hello)));
	memcpy(hello, offer_of_both, sizeof(hello));
	hello[sizeof(hello) - 3] = 0xfb;
	assert_false(offers_13(hello, sizeof(hello)));
	hello[sizeof(hello) - 1] = 0xfc;
	assert_true(offers_13(hello, sizeof(hello)));
}

/* Where the extensions are in a later one. */
static void offer_by_first_fragment(void **state)
{
	uint8_t hello[25 + OFFER_FRAGMENT];

	memcpy(hello, offer_of_both, sizeof(hello));
	hello[12] = 12 + OFFER_FRAGMENT;
	hello[24] = OFFER_FRAGMENT;
	assert_true(offers_13(hello, sizeof(hello)));
	hello[25 + 34 + 4] = 0xc0;
	assert_false(offers_13(hello, sizeof(hello)));
	hello[25 + 34 + 4] = 0x13;
	hello[21] = 1;
	assert_false(offers_13(hello, sizeof(hello)));
}

static void offer_spoiled(void **state)
{
	uint8_t hello[sizeof(offer_of_both)];

	srandom(4);
	for (int i = 0; i < 100000; i++) {
		memcpy(hello, offer_of_both, sizeof(hello));
		hello[13 + random() % (sizeof(hello) - 13)] = random();
		offers_13(hello, random() % (sizeof(hello) + 1));
	}
	assert_true(offers_13(offer_of_both, sizeof(offer_of_both)));
}

static struct cookie_client numbered(unsigned int n)
{
	struct cookie_client c = { 0 };

	memcpy(c.bytes, &n, sizeof(n));
	return c;
}

static void fragments_bounded(void **state)
{
	static uint8_t bytes[AWAITED_BYTES];
	struct awaited *a = calloc(1, sizeof(*a));
	struct cookie_client c;

	for (unsigned int i = 0; i < AWAITED_CLIENTS + 2; i++) {
		c = numbered(i);
		assert_null(awaited_find(a, &c));
		awaited_expect(a, &c);
		awaited_keep(awaited_find(a, &c), bytes, 100 + i);
	}
	for (unsigned int i = 0; i < AWAITED_CLIENTS + 2; i++) {
		c = numbered(i);
		/* the oldest two have gone for the newest */
		assert_int_equal(!awaited_find(a, &c), i < 2);
	}
	assert_int_equal(awaited_find(a, &c)->len, 100 + AWAITED_CLIENTS + 1);
	awaited_keep(awaited_find(a, &c), bytes, sizeof(bytes));
	assert_int_equal(awaited_find(a, &c)->len, 100 + AWAITED_CLIENTS + 1);
	awaited_find(a, &c)->handshake = 7;
	assert_ptr_equal(awaited_of(a, 7), awaited_find(a, &c));
	/* it starts again */
	awaited_expect(a, &c);
	assert_null(awaited_of(a, 7));
	assert_int_equal(awaited_find(a, &c)->len, 0);
	free(a);
}

int main(void)
{
#define LIMIT_CASE(f) cmocka_unit_test_setup_teardown(f, limits_setup, limits_teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(timers_in_order),
		cmocka_unit_test(timers_changed),
		cmocka_unit_test(hello_whole_or_fragment),
		cmocka_unit_test(hello_is_none),
		cmocka_unit_test(offer_by_versions),
		cmocka_unit_test(offer_by_first_fragment),
		cmocka_unit_test(offer_spoiled),
		cmocka_unit_test(fragments_bounded),
		LIMIT_CASE(limit_in_flight),
		LIMIT_CASE(limit_rate),
		LIMIT_CASE(limit_undone),
		LIMIT_CASE(limit_by_64),
		LIMIT_CASE(limit_bounded),
		LIMIT_CASE(limit_many),
		LIMIT_CASE(hash_unforeseen),
		cmocka_unit_test(tallies),
		cmocka_unit_test(metrics_file),
		cmocka_unit_test(flight_cut),
		cmocka_unit_test(flight_fits),
		cmocka_unit_test(library_mtu),
		cmocka_unit_test_setup(same_line_for_an_hour, no_lines),
		cmocka_unit_test_setup(flood_of_lines, no_lines),
		cmocka_unit_test_setup(news_each_time, no_lines),
		cmocka_unit_test_setup(quiet_minute, no_lines),
		cmocka_unit_test_setup(more_kinds_than_places, no_lines),
		cmocka_unit_test(hello_limits),
		cmocka_unit_test(hello_cut),
		cmocka_unit_test(hello_spoiled),
		cmocka_unit_test(hello_of_a_server),
	};

	return run_tap("parts", tests);
}
