// SPDX-License-Identifier: GPL-2.0
/* For how long keys are good: RFC 9147 section 4.5.3. */
#include "unit.h"
#include "record/limit.h"

static void near_is_before_the_limit(void **state)
{
	for (unsigned int id = 1; id <= DTLS_CIPHER_MAX; id++) {
		u64 seal = dtls_cipher_by_id(id)->seal_limit;

		assert_true(dtls_limit_near(seal) < dtls_data_end(seal));
		assert_int_equal(dtls_limit_near(seal), seal - seal / 8);
	}
	assert_int_equal(dtls_limit_near(8), 7);
}

/* What is left of the limit is for records that change the keys. */
static void data_ends_before_the_limit(void **state)
{
	const struct dtls_cipher *gcm = dtls_cipher_by_id(DTLS_CIPHER_AES_128_GCM);
	const struct dtls_cipher *ccm = dtls_cipher_by_id(DTLS_CIPHER_AES_128_CCM);

	assert_int_equal(dtls_data_end(gcm->seal_limit), 23726566 - 64);
	assert_int_equal(dtls_data_end(ccm->seal_limit), (1 << 23) - 64);
}

static void numbers_end_first(void **state)
{
	assert_int_equal(dtls_data_end(DTLS_MAX_SEQ), DTLS_LAST_DATA_END);
	assert_int_equal(DTLS_LAST_DATA_END - 1, DTLS_MAX_SEQ - 16);
}

static void failures_near_and_over(void **state)
{
	for (u64 n = 0; n < 1000; n++)
		assert_int_equal(dtls_failures(n, 800),
				 n <= 700 ? DTLS_FAILURES_BEAR :
				 n <= 800 ? DTLS_FAILURES_NEAR :
				 DTLS_FAILURES_OVER);
}

static void failures_of_each_cipher(void **state)
{
	for (unsigned int id = 1; id <= DTLS_CIPHER_MAX; id++) {
		u64 limit = dtls_cipher_by_id(id)->fail_limit;

		assert_int_equal(dtls_failures(limit - limit / 8, limit),
				 DTLS_FAILURES_BEAR);
		assert_int_equal(dtls_failures(limit - limit / 8 + 1, limit),
				 DTLS_FAILURES_NEAR);
		assert_int_equal(dtls_failures(limit, limit), DTLS_FAILURES_NEAR);
		assert_int_equal(dtls_failures(limit + 1, limit),
				 DTLS_FAILURES_OVER);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(near_is_before_the_limit),
		cmocka_unit_test(data_ends_before_the_limit),
		cmocka_unit_test(numbers_end_first),
		cmocka_unit_test(failures_near_and_over),
		cmocka_unit_test(failures_of_each_cipher),
	};

	return run_tap("limit", tests);
}
