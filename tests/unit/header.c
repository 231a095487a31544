// SPDX-License-Identifier: GPL-2.0
/* First byte and header of DTLS 1.2. */
#include "unit.h"
#include "tests/header_cases.h"
#include "record/header12.h"

/* RFC 9147 section 4.1 figure 5, RFC 7983 section 7: every byte value */
static void first_byte(void **state)
{
	static const struct {
		int from, to;
		enum dtls_first_byte want;
	} ranges[] = {
		{ 0, 3, DTLS_FIRST_MUX },
		{ 4, 15, DTLS_FIRST_OTHER },
		{ 16, 19, DTLS_FIRST_MUX },
		{ 20, 24, DTLS_FIRST_PLAIN12 },
		{ 25, 25, DTLS_FIRST_CID12 },
		{ 26, 26, DTLS_FIRST_ACK },
		{ 27, 31, DTLS_FIRST_OTHER },
		{ 32, 63, DTLS_FIRST_UNIFIED },
		{ 64, 79, DTLS_FIRST_MUX },
		{ 80, 127, DTLS_FIRST_OTHER },
		{ 128, 191, DTLS_FIRST_MUX },
		{ 192, 255, DTLS_FIRST_OTHER },
	};
	size_t i;
	int b = 0;

	for (i = 0; i < ARRAY_SIZE(ranges); i++) {
		assert_int_equal(b, ranges[i].from);
		for (; b <= ranges[i].to; b++)
			assert_int_equal(dtls_first_byte(b), ranges[i].want);
	}
	assert_int_equal(b, 256);
}

/* In a buffer of the exact size, for the sanitizers. */
static int parse(const u8 *data, size_t len, u8 cid_len, struct dtls_header *h)
{
	u8 *copy = malloc(len);
	int err;

	memcpy(copy, data, len);
	err = dtls12_parse(copy, len, cid_len, h);
	free(copy);
	return err;
}

static void header_case(void **state)
{
	const struct header_case *c = *state;
	struct dtls_header h;
	int err = parse(c->data, c->len, c->cid_len, &h);

	if (!header_case_ok(c, err, &h))
		fail_msg("err %d, wanted %d; epoch %llu seq %llu length %u",
			 err, c->err, (unsigned long long)h.epoch,
			 (unsigned long long)h.seq, h.payload_len);
}

/* Every truncation of a valid record is refused as too short. */
static void truncated(void **state)
{
	u8 data[DTLS12_HEADER + DTLS_MAX_CID + 20] = { 25, 0xfe, 0xfd, 0, 1 };
	struct dtls_header h;
	unsigned int cid, len;

	for (cid = 1; cid <= DTLS_MAX_CID; cid++) {
		unsigned int header = DTLS12_HEADER + cid;

		data[header - 1] = 20;
		for (len = 0; len < header; len++)
			assert_int_equal(parse(data, len, cid, &h),
					 REFUSE(HEADER));
		for (; len < header + 20; len++)
			assert_int_equal(parse(data, len, cid, &h),
					 REFUSE(LENGTH));
		assert_int_equal(parse(data, len, cid, &h), 0);
		assert_int_equal(h.len, header);
		assert_int_equal(h.payload_len, 20);
		data[header - 1] = 0;
	}
}

static void drop_reasons_come_back(void **state)
{
	int reason;

	for (reason = 0; reason < DTLS_DROP_COUNT; reason++) {
		assert_true(DTLS_DROP_ERR(reason) < 0);
		assert_int_equal(dtls_drop_of(DTLS_DROP_ERR(reason)), reason);
	}
}

int main(void)
{
	static struct CMUnitTest tests[3 + ARRAY_SIZE(header_cases)] = {
		cmocka_unit_test(first_byte),
		cmocka_unit_test(truncated),
		cmocka_unit_test(drop_reasons_come_back),
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(header_cases); i++) {
		tests[3 + i].name = header_cases[i].name;
		tests[3 + i].test_func = header_case;
		tests[3 + i].initial_state = (void *)&header_cases[i];
	}
	return run_tap("header", tests);
}
