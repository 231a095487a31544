// SPDX-License-Identifier: GPL-2.0
/* DTLS 1.3: header, numbers, mask, sealing and opening. */
#include "unit.h"
#include "toy.h"
#include "record/dtls13/dtls13.h"
#include "vectors/crypto.h"

#define REFUSE(reason)	DTLS_DROP_ERR(DTLS_DROP_##reason)

static const u8 toy_mask[DTLS13_SAMPLE] = { 0xa5, 0x3c };

static struct dtls_record_params params_of(unsigned int cipher, u8 cid_len)
{
	struct dtls_record_params p = {
		.cipher = dtls_cipher_by_id(cipher),
		.epoch = 3,
		.iv = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 },
		.cid_len = cid_len,
	};

	memset(p.cid, 0xc5, cid_len);
	return p;
}

/* Seals into buf, which has space; content is all 'x'. */
static size_t seal(const struct dtls_record_params *p,
		   const struct dtls13_content *c, u8 *buf)
{
	struct dtls_aead_op op;

	memset(buf + DTLS_HEADROOM + dtls13_content_offset(p, c->form), 'x',
	       c->len);
	dtls13_seal_begin(p, c, buf, &op);
	toy_seal(p->cipher, buf, &op);
	return dtls13_seal_end(p, c, buf, &op, toy_mask);
}

static int open_record(const struct dtls_record_params *p, u8 *buf, size_t len,
		       u64 next, u8 *type, size_t *content_len)
{
	struct dtls_header h;
	struct dtls_opened opened = {};
	struct dtls_aead_op op;
	size_t i;
	int err;

	err = dtls13_parse(buf + DTLS_HEADROOM, len, p->cid_len, &h);
	if (err)
		return err;
	dtls13_unmask(&h, buf + DTLS_HEADROOM, toy_mask);
	err = dtls13_open_begin(p, &h, dtls13_seq(&h, next), buf, &op);
	if (err)
		return err;
	if (!toy_open(p->cipher, buf, &op))
		return REFUSE(TAG);
	err = dtls13_open_end(p, buf, &op, &opened);
	*type = opened.type;
	*content_len = opened.len;
	for (i = 0; !err && i < *content_len; i++)
		assert_int_equal(buf[opened.off + i], 'x');
	return err;
}

static void round_trip(const struct dtls_record_params *p,
		       const struct dtls13_content *c)
{
	u8 *buf = malloc(DTLS_HEADROOM + c->len + c->padding + 100);
	size_t len = seal(p, c, buf);
	size_t got_len;
	u8 type;

	assert_int_equal(open_record(p, buf, len, c->seq, &type, &got_len), 0);
	assert_int_equal(type, c->type);
	assert_int_equal(got_len, c->len);
	free(buf);
}

static void ciphers_forms_and_cids(void **state)
{
	static const u8 forms[] = { 0, DTLS13_SEQ16, DTLS13_LENGTH,
				    DTLS13_SEQ16 | DTLS13_LENGTH };
	static const size_t lens[] = { 0, 1, 7, 8, 1400, 16384 };
	unsigned int id, cid;
	size_t i, j;

	for (id = 1; id <= DTLS_CIPHER_MAX; id++) {
		for (cid = 0; cid <= DTLS_MAX_CID; cid++) {
			struct dtls_record_params p = params_of(id, cid);

			for (i = 0; i < ARRAY_SIZE(forms); i++) {
				for (j = 0; j < ARRAY_SIZE(lens); j++) {
					struct dtls13_content c = {
						.seq = 70000 + j, .len = lens[j],
						.type = 23, .form = forms[i],
					};

					round_trip(&p, &c);
				}
			}
		}
	}
}

static void padding_comes_off(void **state)
{
	struct dtls_record_params p = params_of(1, 2);
	struct dtls13_content c = { .len = 5, .type = 22, .form = DTLS13_SEQ16 };

	for (c.padding = 0; c.padding < 300; c.padding += 20)
		round_trip(&p, &c);
	c.padding = DTLS_MAX_CONTENT - 5;
	round_trip(&p, &c);
}

static void headers_refused(void **state)
{
	static const struct {
		const char *why;
		u8 cid_len, len, data[22];
		int err;
	} cases[] = {
		{ "empty", 0, 0, { 0 }, REFUSE(HEADER) },
		{ "not a unified header", 0, 20, { 23 }, REFUSE(NOT_DTLS) },
		{ "first byte 64", 0, 20, { 64 }, REFUSE(NOT_DTLS) },
		{ "one byte", 0, 1, { 0x23 }, REFUSE(HEADER) },
		{ "no space for the length", 0, 4, { 0x2f }, REFUSE(HEADER) },
		{ "no space for the CID", 4, 6, { 0x3b }, REFUSE(HEADER) },
		{ "CID, but none was handed out", 0, 20, { 0x3b }, REFUSE(CID) },
		{ "no CID, but one was handed out", 2, 20, { 0x2b },
		  REFUSE(CID) },
		{ "15 bytes of ciphertext", 0, 17, { 0x23 }, REFUSE(LENGTH) },
		{ "15 bytes of ciphertext, with length", 0, 21,
		  { 0x2f, 0, 0, 0, 15 }, REFUSE(LENGTH) },
		{ "length beyond the datagram", 0, 22,
		  { 0x2f, 0, 0, 0, 18 }, REFUSE(LENGTH) },
		{ "16 bytes of ciphertext", 0, 18, { 0x23 }, 0 },
		{ "16 bytes and more behind them", 0, 22,
		  { 0x2f, 0, 0, 0, 16, 0 }, 0 },
	};
	struct dtls_header h;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		int err = dtls13_parse(cases[i].data, cases[i].len,
				       cases[i].cid_len, &h);

		if (err != cases[i].err)
			fail_msg("%s: %d, wanted %d", cases[i].why, err,
				 cases[i].err);
	}
}

/* RFC 9147 section 4: a later record of a datagram may omit it */
static void later_record_without_cid(void **state)
{
	static const u8 data[20] = { 0x2b };
	struct dtls_header h;

	assert_int_equal(dtls13_parse_next(data, sizeof(data), 2, &h), 0);
	assert_int_equal(h.cid_len, 0);
	assert_int_equal(h.payload_len, 17);
}

/* RFC 9147 section 4.2.2 */
static void numbers_rebuilt(void **state)
{
	static const struct {
		u8 seq_len;
		u16 wire;
		u64 next, want;
	} cases[] = {
		{ 2, 0, 0, 0 },
		{ 2, 5, 0, 5 },
		{ 1, 255, 0, 255 },
		{ 2, 4, 11, 4 },
		{ 2, 30000, 11, 30000 },
		{ 2, 64, 60001, 65600 },
		{ 2, 65535, 65536, 65535 },
		{ 2, 0, 65535, 65536 },
		{ 1, 0, 255, 256 },
		{ 1, 0xff, 0x100, 0xff },
		{ 1, 0x80, 0x100, 0x180 },
		{ 1, 0x81, 0x100, 0x81 },
		{ 2, 0xffff, DTLS_MAX_SEQ, DTLS_MAX_SEQ },
		{ 2, 0xffff, DTLS_MAX_SEQ + 1, DTLS_MAX_SEQ },
		/* above the last one: dtls13_open_begin() refuses that */
		{ 2, 0, DTLS_MAX_SEQ, DTLS_MAX_SEQ + 1 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct dtls_header h = { .seq_len = cases[i].seq_len,
					 .seq = cases[i].wire };

		assert_int_equal(dtls13_seq(&h, cases[i].next), cases[i].want);
	}
}

static u64 distance(u64 a, u64 b)
{
	return a > b ? a - b : b - a;
}

/* No number with these low bits is closer to next. */
static void numbers_are_the_closest(void **state)
{
	unsigned int wire;
	u64 next, seq;

	for (next = 0; next < 1200; next += 7) {
		for (wire = 0; wire < 256; wire++) {
			struct dtls_header h = { .seq_len = 1, .seq = wire };
			u64 got = dtls13_seq(&h, next);

			assert_int_equal(got % 256, wire);
			for (seq = wire; seq < 2000; seq += 256)
				assert_true(distance(got, next) <=
					    distance(seq, next));
		}
	}
}

static void number_above_48_bits(void **state)
{
	struct dtls_record_params p = params_of(1, 0);
	struct dtls13_content c = { .seq = DTLS_MAX_SEQ + 1, .type = 23,
				    .form = DTLS13_SEQ16 };
	u8 buf[100], type;
	size_t len = seal(&p, &c, buf);

	assert_int_equal(open_record(&p, buf, len, c.seq, &type, &len),
			 REFUSE(REPLAY));
}

static void epochs_rebuilt(void **state)
{
	static const struct {
		u64 bits, oldest, newest, want;
		int err;
	} cases[] = {
		{ 3, 3, 3, 3, 0 },
		{ 2, 3, 3, 0, REFUSE(EPOCH) },
		{ 0, 3, 3, 0, REFUSE(EPOCH) },
		{ 0, 3, 4, 4, 0 },
		{ 3, 3, 4, 3, 0 },
		{ 2, 3, 4, 0, REFUSE(EPOCH) },
		{ 2, 2, 4, 2, 0 },
		{ 1, 2, 4, 0, REFUSE(EPOCH) },
		{ 3, 0, 2, 0, REFUSE(EPOCH) },
		{ 1, 2, 5, 5, 0 },
		{ 0, 0xffff, 0x10000, 0x10000, 0 },
	};
	size_t i;
	u64 got;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct dtls_header h = { .epoch = cases[i].bits };
		int err = dtls13_epoch(&h, cases[i].oldest, cases[i].newest,
				       &got);

		assert_int_equal(err, cases[i].err);
		if (!err)
			assert_int_equal(got, cases[i].want);
	}
}

/* RFC 8446 section 5.3: the epoch is not in the nonce */
static void nonce(void **state)
{
	static const u8 want[] = { 1, 2, 3, 4, 5, 6, 7 ^ 3, 8 ^ 4, 9 ^ 5,
				   10 ^ 6, 11 ^ 7, 12 ^ 8 };
	struct dtls_record_params p = params_of(1, 0);
	struct dtls13_content c = { .seq = 0x030405060708, .type = 23 };
	struct dtls_aead_op op;
	u8 buf[100];

	dtls13_seal_begin(&p, &c, buf, &op);
	assert_memory_equal(op.nonce, want, DTLS_NONCE);
}

/* RFC 9147 section 4.2.3: there must be 16 bytes to take the mask from */
static void short_tag_is_padded(void **state)
{
	struct dtls_record_params p = params_of(DTLS_CIPHER_AES_128_CCM_8, 0);
	struct dtls13_content c = { .type = 23, .form = DTLS13_SEQ16 };
	struct dtls_aead_op op;
	u8 buf[100];

	for (c.len = 0; c.len < 20; c.len++) {
		dtls13_seal_begin(&p, &c, buf, &op);
		assert_true(op.text_len + 8 >= DTLS13_SAMPLE);
		round_trip(&p, &c);
	}
}

static void nothing_but_zeros_inside(void **state)
{
	struct dtls_record_params p = params_of(1, 0);
	struct dtls13_content c = { .padding = 7, .form = DTLS13_SEQ16 };
	u8 buf[100], type;
	size_t len = seal(&p, &c, buf);

	assert_int_equal(open_record(&p, buf, len, 0, &type, &len),
			 REFUSE(INNER));
}

/* RFC 9147 section 6.1, and wolfSSL issue 8579 */
static void application_data_by_epoch(void **state)
{
	struct dtls_record_params p = params_of(1, 0);
	struct dtls13_content c = { .type = 23, .len = 3, .form = DTLS13_SEQ16 };
	u8 buf[100], type;
	size_t len, got;

	for (p.epoch = 0; p.epoch < 8; p.epoch++) {
		bool legal = p.epoch == 1 || p.epoch >= 3;

		len = seal(&p, &c, buf);
		assert_int_equal(open_record(&p, buf, len, 0, &type, &got),
				 legal ? 0 : REFUSE(TYPE));
	}
}

static void unknown_type(void **state)
{
	struct dtls_record_params p = params_of(1, 0);
	struct dtls13_content c = { .type = 99, .form = DTLS13_SEQ16 };
	u8 buf[100], type;
	size_t len = seal(&p, &c, buf);

	assert_int_equal(open_record(&p, buf, len, 0, &type, &len),
			 REFUSE(TYPE));
}

/* RFC 9147 section 4: one more than 2^14 bytes of content */
static void one_byte_too_long(void **state)
{
	struct dtls_record_params p = params_of(1, 0);
	struct dtls13_content c = { .type = 23, .len = DTLS_MAX_CONTENT + 1,
				    .form = DTLS13_SEQ16 };
	static u8 buf[DTLS_MAX_CONTENT + 200];
	size_t len = seal(&p, &c, buf);
	u8 type;

	assert_int_equal(open_record(&p, buf, len, 0, &type, &len),
			 REFUSE(LENGTH));
}

static void every_bit_counts(void **state)
{
	struct dtls_record_params p = params_of(1, 3);
	struct dtls13_content c = { .seq = 9, .len = 20, .type = 23,
				    .form = DTLS13_SEQ16 | DTLS13_LENGTH };
	u8 good[200], buf[200], type;
	size_t len = seal(&p, &c, good);
	size_t bit, got;

	for (bit = 0; bit < 8 * len; bit++) {
		memcpy(buf, good, sizeof(buf));
		buf[DTLS_HEADROOM + bit / 8] ^= 1 << bit % 8;
		assert_int_not_equal(open_record(&p, buf, len, 9, &type, &got),
				     0);
	}
}

/* RFC 9001 appendix A.2 and A.5: the same function as QUIC's */
static void masks_of_rfc_9001(void **state)
{
	static const u8 aes_key[] = {
		0x9f, 0x50, 0x44, 0x9e, 0x04, 0xa0, 0xe8, 0x10,
		0x28, 0x3a, 0x1e, 0x99, 0x33, 0xad, 0xed, 0xd2,
	}, aes_sample[] = {
		0xd1, 0xb1, 0xc9, 0x8d, 0xd7, 0x68, 0x9f, 0xb8,
		0xec, 0x11, 0xd2, 0x42, 0xb1, 0x23, 0xdc, 0x9b,
	}, aes_mask[] = { 0x43, 0x7b, 0x9a, 0xec, 0x36 };
	static const u8 chacha_key[] = {
		0x25, 0xa2, 0x82, 0xb9, 0xe8, 0x2f, 0x06, 0xf2,
		0x1f, 0x48, 0x89, 0x17, 0xa4, 0xfc, 0x8f, 0x1b,
		0x73, 0x57, 0x36, 0x85, 0x60, 0x85, 0x97, 0xd0,
		0xef, 0xcb, 0x07, 0x6b, 0x0a, 0xb7, 0xa7, 0xa4,
	}, chacha_sample[] = {
		0x5e, 0x5c, 0xd5, 0x5c, 0x41, 0xf6, 0x90, 0x80,
		0x57, 0x5d, 0x79, 0x99, 0xc2, 0x5a, 0x5b, 0xfb,
	}, chacha_mask[] = { 0xae, 0xfe, 0xfe, 0x7d, 0x03 };
	u8 mask[DTLS13_SAMPLE];

	assert_true(number_mask(dtls_cipher_by_id(DTLS_CIPHER_AES_128_GCM),
				aes_key, aes_sample, mask));
	assert_memory_equal(mask, aes_mask, sizeof(aes_mask));
	assert_true(number_mask(dtls_cipher_by_id(DTLS_CIPHER_CHACHA20_POLY1305),
				chacha_key, chacha_sample, mask));
	assert_memory_equal(mask, chacha_mask, sizeof(chacha_mask));
}

/* RFC 9147 section 5.9: no space behind "dtls13" */
static void hkdf_label(void **state)
{
	static const u8 want[] = { 0, 12, 8, 'd', 't', 'l', 's', '1', '3',
				   'i', 'v', 0 };
	u8 info[DTLS13_MAX_INFO];

	assert_int_equal(dtls13_hkdf_label("iv", 12, info), sizeof(want));
	assert_memory_equal(info, want, sizeof(want));
	assert_int_equal(dtls13_hkdf_label("traffic upd", 32, info),
			 DTLS13_MAX_INFO);
	assert_int_equal(dtls13_hkdf_label("traffic upda", 32, info), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(ciphers_forms_and_cids),
		cmocka_unit_test(padding_comes_off),
		cmocka_unit_test(headers_refused),
		cmocka_unit_test(later_record_without_cid),
		cmocka_unit_test(numbers_rebuilt),
		cmocka_unit_test(numbers_are_the_closest),
		cmocka_unit_test(number_above_48_bits),
		cmocka_unit_test(epochs_rebuilt),
		cmocka_unit_test(nonce),
		cmocka_unit_test(short_tag_is_padded),
		cmocka_unit_test(nothing_but_zeros_inside),
		cmocka_unit_test(application_data_by_epoch),
		cmocka_unit_test(unknown_type),
		cmocka_unit_test(one_byte_too_long),
		cmocka_unit_test(every_bit_counts),
		cmocka_unit_test(masks_of_rfc_9001),
		cmocka_unit_test(hkdf_label),
	};

	return run_tap("record13", tests);
}
