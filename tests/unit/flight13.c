// SPDX-License-Identifier: GPL-2.0
/* DTLS 1.3: which bytes of a flight are acknowledged, and what is sent again. */
#include "unit.h"
#include "record/dtls13/flight13.h"

#define HEADER	DTLS12_FRAGMENT_HEADER

static u8 data[DTLS_MAX_FLIGHT], acked[sizeof(data) / 8];
static struct dtls13_flight flight;

/* One more message at the end. */
static void add(u16 seq, u32 len)
{
	u8 *at = data + flight.len;

	memset(at, 0, HEADER);
	at[0] = 11;
	dtls_put24(at + 1, len);
	dtls_put16(at + 4, seq);
	dtls_put24(at + 9, len);
	for (u32 i = 0; i < len; i++)
		at[HEADER + i] = seq + i;
	flight.len += HEADER + len;
}

static void begin(void)
{
	memset(&flight, 0, sizeof(flight));
	memset(acked, 0, sizeof(acked));
	flight.data = data;
	flight.acked = acked;
	dtls13_flight_init(&flight);
}

/* Sends what is missing, from this number on; the pieces. */
static unsigned int sends(size_t room, u64 seq)
{
	struct dtls13_piece piece = {};
	unsigned int count = 0;

	while (dtls13_flight_next(&flight, room, &piece)) {
		assert_true(HEADER + (size_t)(piece.to - piece.content) <= room);
		dtls13_flight_sent(&flight, seq + count++, &piece);
	}
	return count;
}

static void each_message_in_a_piece(void **state)
{
	struct dtls13_piece piece = {};

	begin();
	add(0, 100);
	add(1, 40);
	assert_true(dtls13_flight_next(&flight, 1000, &piece));
	assert_int_equal(piece.content, HEADER);
	assert_int_equal(piece.to, HEADER + 100);
	assert_memory_equal(piece.header, data, HEADER);
	assert_true(dtls13_flight_next(&flight, 1000, &piece));
	assert_int_equal(piece.content, 2 * HEADER + 100);
	assert_memory_equal(piece.header, data + HEADER + 100, HEADER);
	assert_false(dtls13_flight_next(&flight, 1000, &piece));
}

static void all_acknowledged(void **state)
{
	begin();
	add(0, 100);
	add(1, 40);
	assert_int_equal(sends(1000, 7), 2);
	assert_true(dtls13_flight_acked(&flight, 8));
	assert_false(dtls13_flight_whole(&flight));
	assert_int_equal(sends(1000, 9), 1);
	assert_true(dtls13_flight_acked(&flight, 7));
	assert_true(dtls13_flight_whole(&flight));
	assert_int_equal(sends(1000, 10), 0);
}

static void a_number_counts_once(void **state)
{
	begin();
	add(0, 100);
	sends(1000, 7);
	sends(1000, 8);
	assert_false(dtls13_flight_acked(&flight, 6));
	assert_false(dtls13_flight_acked(&flight, 9));
	assert_false(dtls13_flight_acked(&flight, 7 + DTLS13_FLIGHT_SENT));
	assert_false(dtls13_flight_acked(&flight, ~0ULL));
	assert_true(dtls13_flight_acked(&flight, 7));
	assert_false(dtls13_flight_acked(&flight, 7));
	assert_false(dtls13_flight_acked(&flight, 8));
}

static void pieces_of_a_long_message(void **state)
{
	struct dtls13_piece piece = {};
	struct dtls_fragment f;
	u32 offset = 0;

	begin();
	add(3, 1000);
	while (dtls13_flight_next(&flight, HEADER + 300, &piece)) {
		dtls12_read_fragment(piece.header, &f);
		assert_int_equal(f.message, 1000);
		assert_int_equal(f.message_seq, 3);
		assert_int_equal(f.offset, offset);
		assert_int_equal(f.len, piece.to - piece.content);
		assert_int_equal(piece.content, HEADER + offset);
		offset += f.len;
	}
	assert_int_equal(offset, 1000);
}

/* On a path that became narrower what is missing is cut anew. */
static void a_gap_in_smaller_pieces(void **state)
{
	struct dtls13_piece piece = {};

	begin();
	add(0, 1000);
	assert_int_equal(sends(HEADER + 400, 0), 3);
	assert_true(dtls13_flight_acked(&flight, 0));
	assert_true(dtls13_flight_acked(&flight, 2));
	assert_int_equal(sends(HEADER + 150, 3), 3);
	assert_true(dtls13_flight_next(&flight, HEADER + 150, &piece));
	assert_int_equal(piece.content, HEADER + 400);
	for (u64 seq = 3; seq < 6; seq++)
		assert_true(dtls13_flight_acked(&flight, seq));
	assert_true(dtls13_flight_whole(&flight));
}

static void an_empty_message(void **state)
{
	begin();
	add(0, 0);
	add(1, 5);
	assert_int_equal(sends(100, 0), 2);
	assert_true(dtls13_flight_acked(&flight, 1));
	assert_int_equal(sends(100, 2), 1);
	assert_true(dtls13_flight_acked(&flight, 0));
	assert_true(dtls13_flight_whole(&flight));
}

/* A fragment has its own place in its message. */
static void a_fragment_again(void **state)
{
	struct dtls13_piece piece = {};
	struct dtls_fragment f;

	begin();
	add(0, 50);
	dtls_put24(data + 1, 500);
	dtls_put24(data + 6, 100);
	assert_true(dtls13_flight_valid(data, flight.len, 1));
	assert_true(dtls13_flight_next(&flight, HEADER + 20, &piece));
	assert_true(dtls13_flight_next(&flight, HEADER + 20, &piece));
	dtls12_read_fragment(piece.header, &f);
	assert_int_equal(f.message, 500);
	assert_int_equal(f.offset, 120);
	assert_int_equal(f.len, 20);
}

/* Of so many pieces the newest are known. */
static void more_than_is_remembered(void **state)
{
	begin();
	add(0, 2 * DTLS13_FLIGHT_SENT);
	assert_int_equal(sends(HEADER + 1, 0), 2 * DTLS13_FLIGHT_SENT);
	assert_false(dtls13_flight_acked(&flight, DTLS13_FLIGHT_SENT - 1));
	assert_true(dtls13_flight_acked(&flight, DTLS13_FLIGHT_SENT));
}

static void the_longest(void **state)
{
	begin();
	add(0, DTLS_MAX_FLIGHT - HEADER);
	assert_int_equal(flight.len, DTLS_MAX_FLIGHT);
	assert_true(dtls13_flight_valid(data, flight.len, 1));
	assert_int_equal(sends(DTLS_MAX_FLIGHT, 0), 1);
	assert_true(dtls13_flight_acked(&flight, 0));
	assert_true(dtls13_flight_whole(&flight));
}

static void no_flights(void **state)
{
	begin();
	assert_false(dtls13_flight_valid(data, 0, 1));
	add(2, 10);
	assert_false(dtls13_flight_valid(data, flight.len, 2));
	assert_true(dtls13_flight_valid(data, flight.len, 3));
	assert_false(dtls13_flight_valid(data, flight.len - 1, 3));
	assert_false(dtls13_flight_valid(data, flight.len + 1, 3));
	assert_false(dtls13_flight_valid(data, HEADER - 1, 3));
	data[11]++;
	assert_false(dtls13_flight_valid(data, flight.len + 1, 3));
	begin();
	for (int i = 0; i < DTLS13_FLIGHT_MESSAGES; i++)
		add(0, 1);
	assert_true(dtls13_flight_valid(data, flight.len, 1));
	add(0, 1);
	assert_false(dtls13_flight_valid(data, flight.len, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_message_in_a_piece),
		cmocka_unit_test(all_acknowledged),
		cmocka_unit_test(a_number_counts_once),
		cmocka_unit_test(pieces_of_a_long_message),
		cmocka_unit_test(a_gap_in_smaller_pieces),
		cmocka_unit_test(an_empty_message),
		cmocka_unit_test(a_fragment_again),
		cmocka_unit_test(more_than_is_remembered),
		cmocka_unit_test(the_longest),
		cmocka_unit_test(no_flights),
	};

	return run_tap("flight13", tests);
}
