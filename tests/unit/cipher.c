// SPDX-License-Identifier: GPL-2.0
/* The cipher table. */
#include "unit.h"

static void every_id_is_there(void **state)
{
	unsigned int id;

	for (id = 1; id <= DTLS_CIPHER_MAX; id++) {
		const struct dtls_cipher *c = dtls_cipher_by_id(id);

		assert_non_null(c);
		assert_int_equal(c->id, id);
		assert_non_null(c->name);
		assert_non_null(c->aead);
	}
}

static void no_other_id_is_there(void **state)
{
	assert_null(dtls_cipher_by_id(0));
	assert_null(dtls_cipher_by_id(DTLS_CIPHER_MAX + 1));
	assert_null(dtls_cipher_by_id(256 + DTLS_CIPHER_AES_128_GCM));
	assert_null(dtls_cipher_by_id(~0U));
}

/* A nonce is 12 bytes: IV and explicit part, or all IV. */
static void sizes_fit(void **state)
{
	unsigned int id;

	for (id = 1; id <= DTLS_CIPHER_MAX; id++) {
		const struct dtls_cipher *c = dtls_cipher_by_id(id);

		assert_int_equal(c->iv_len + c->explicit_len, DTLS_NONCE);
		assert_in_range(c->tag_len, 8, DTLS_MAX_TAG);
		assert_true(c->key_len == 16 || c->key_len == 32);
		assert_true(c->key_len <= DTLS_MAX_KEY);
	}
}

/* RFC 9147 section 4.5.3 */
static void limits(void **state)
{
	static const struct {
		enum dtls_cipher_id id;
		u64 seal, fail;
	} want[] = {
		{ DTLS_CIPHER_AES_128_GCM, 23726566, 1ULL << 36 },
		{ DTLS_CIPHER_AES_256_GCM, 23726566, 1ULL << 36 },
		{ DTLS_CIPHER_CHACHA20_POLY1305, DTLS_MAX_SEQ, 1ULL << 36 },
		{ DTLS_CIPHER_AES_128_CCM, 1 << 23, 11863283 },
		{ DTLS_CIPHER_AES_128_CCM_8, 1 << 23, 11863283 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(want); i++) {
		const struct dtls_cipher *c = dtls_cipher_by_id(want[i].id);

		assert_int_equal(c->seal_limit, want[i].seal);
		assert_int_equal(c->fail_limit, want[i].fail);
	}
}

/* RFC 9147 section 4.5.3: MUST NOT be used without extra protection */
static void ccm_8_is_not_for_dtls13(void **state)
{
	unsigned int id;

	for (id = 1; id <= DTLS_CIPHER_MAX; id++)
		assert_int_equal(dtls_cipher_by_id(id)->dtls13,
				 id != DTLS_CIPHER_AES_128_CCM_8);
}

/* The table of record-layer.md section 2 */
static void overheads(void **state)
{
	static const u8 want[][2] = {
		{ DTLS_CIPHER_AES_128_GCM, 37 },
		{ DTLS_CIPHER_AES_256_GCM, 37 },
		{ DTLS_CIPHER_CHACHA20_POLY1305, 29 },
		{ DTLS_CIPHER_AES_128_CCM, 37 },
		{ DTLS_CIPHER_AES_128_CCM_8, 29 },
	};
	struct dtls_record_params p = { 0 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(want); i++) {
		p.cipher = dtls_cipher_by_id(want[i][0]);
		p.cid_len = 0;
		assert_int_equal(dtls12_overhead(&p), want[i][1]);
		p.cid_len = 5;
		assert_int_equal(dtls12_overhead(&p), want[i][1] + 5 + 1);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_id_is_there),
		cmocka_unit_test(no_other_id_is_there),
		cmocka_unit_test(sizes_fit),
		cmocka_unit_test(limits),
		cmocka_unit_test(ccm_8_is_not_for_dtls13),
		cmocka_unit_test(overheads),
	};

	return run_tap("cipher", tests);
}
