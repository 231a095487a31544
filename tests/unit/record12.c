// SPDX-License-Identifier: GPL-2.0
/* Sealing and opening DTLS 1.2 records, with a toy AEAD. */
#include "unit.h"
#include "toy.h"
#include "record/header12.h"
#include "record/open12.h"
#include "record/seal12.h"

#define EPOCH	0x0102
#define GUARD	0x5a

/* Bytes before the record that begin must not change. */
#define GUARDED	(DTLS_HEADROOM - 10)

struct record {
	u8	*buf;
	size_t	len;		/* of the record */
};

static struct dtls_record_params params_of(unsigned int cipher, u8 cid_len)
{
	struct dtls_record_params p = {
		.cipher = dtls_cipher_by_id(cipher),
		.epoch = EPOCH,
		.iv = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 },
		.cid_len = cid_len,
	};
	int i;

	for (i = 0; i < cid_len; i++)
		p.cid[i] = 0xc0 + i;
	return p;
}

static u8 pattern(size_t i)
{
	return i * 7 + 1;
}

/* In a buffer of the exact size. The caller frees r.buf. */
static struct record seal(const struct dtls_record_params *p, u64 seq, u8 type,
			  const u8 *explicit_nonce, size_t content_len)
{
	struct record r;
	struct dtls12_content c = {
		.seq = seq, .len = content_len, .type = type,
		.explicit_nonce = explicit_nonce,
	};
	struct dtls_aead_op op;
	u8 *content;
	size_t i;

	r.buf = malloc(DTLS_HEADROOM + content_len + dtls12_overhead(p));
	memset(r.buf, GUARD, DTLS_HEADROOM);
	content = r.buf + DTLS_HEADROOM + dtls12_content_offset(p);
	for (i = 0; i < content_len; i++)
		content[i] = pattern(i);
	dtls12_seal_begin(p, &c, r.buf, &op);
	toy_seal(p->cipher, r.buf, &op);
	r.len = dtls12_seal_end(p, &c, r.buf);
	assert_int_equal(r.len, content_len + dtls12_overhead(p));
	return r;
}

/* 0 or the reason, as a DTLS_DROP_ERR(). */
static int open_record(const struct dtls_record_params *p, u8 *buf, size_t len,
		       u8 *type, size_t *content, size_t *content_len)
{
	struct dtls_opened opened = {};
	struct dtls_header h;
	struct dtls_aead_op op;
	int err;

	err = dtls12_parse(buf + DTLS_HEADROOM, len, p->cid_len, &h);
	if (!err)
		err = dtls12_open_begin(p, &h, buf + DTLS_HEADROOM, buf, &op);
	if (err)
		return err;
	if (!toy_open(p->cipher, buf, &op))
		return DTLS_DROP_ERR(DTLS_DROP_TAG);
	err = dtls12_open_end(p, &h, buf, &op, &opened);
	*type = opened.type;
	*content = opened.off;
	*content_len = opened.len;
	return err;
}

static int open_only(const struct dtls_record_params *p, struct record *r)
{
	size_t content, len;
	u8 type;

	return open_record(p, r->buf, r->len, &type, &content, &len);
}

#define assert_refused(got, reason) \
	assert_int_equal(got, DTLS_DROP_ERR(DTLS_DROP_##reason))

static void round_trip(const struct dtls_record_params *p, u64 seq, u8 type,
		       const u8 *explicit_nonce, size_t content_len)
{
	struct record r = seal(p, seq, type, explicit_nonce, content_len);
	size_t content, len, i;
	u8 got;

	assert_int_equal(open_record(p, r.buf, r.len, &got, &content, &len), 0);
	assert_int_equal(got, type);
	assert_int_equal(len, content_len);
	assert_int_equal(content, DTLS_HEADROOM + dtls12_content_offset(p));
	for (i = 0; i < len; i++)
		assert_int_equal(r.buf[content + i], pattern(i));
	for (i = 0; i < GUARDED; i++)
		assert_int_equal(r.buf[i], GUARD);
	free(r.buf);
}

static void all_lengths(const struct dtls_record_params *p)
{
	static const size_t lens[] = { 0, 1, 15, 16, 17, 1400, 16383 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lens); i++)
		round_trip(p, lens[i], DTLS_TYPE_APPLICATION_DATA, NULL, lens[i]);
	if (!p->cid_len)
		round_trip(p, 1, DTLS_TYPE_APPLICATION_DATA, NULL, 16384);
}

static void ciphers_lengths_and_cids(void **state)
{
	unsigned int id, cid;

	for (id = 1; id <= DTLS_CIPHER_MAX; id++) {
		for (cid = 0; cid <= DTLS_MAX_CID; cid++) {
			struct dtls_record_params p = params_of(id, cid);

			all_lengths(&p);
		}
	}
}

static void types_come_back(void **state)
{
	struct dtls_record_params plain = params_of(1, 0), cid = params_of(1, 4);
	int type;

	for (type = DTLS_TYPE_CHANGE_CIPHER_SPEC; type <= DTLS_TYPE_HEARTBEAT;
	     type++) {
		round_trip(&plain, 5, type, NULL, 10);
		round_trip(&cid, 5, type, NULL, 10);
	}
}

static void numbers_to_the_last(void **state)
{
	static const u64 seqs[] = { 0, 1, 0xffff, 0x10000, 0xffffffff,
				    0x100000000, DTLS_MAX_SEQ - 1, DTLS_MAX_SEQ };
	struct dtls_header h;
	unsigned int id;
	size_t i;

	for (id = 1; id <= DTLS_CIPHER_MAX; id++) {
		struct dtls_record_params p = params_of(id, 0);

		for (i = 0; i < ARRAY_SIZE(seqs); i++) {
			struct record r = seal(&p, seqs[i], 23, NULL, 3);

			assert_int_equal(dtls12_parse(r.buf + DTLS_HEADROOM,
						      r.len, 0, &h), 0);
			assert_int_equal(h.seq, seqs[i]);
			assert_int_equal(h.epoch, EPOCH);
			assert_int_equal(open_only(&p, &r), 0);
			free(r.buf);
		}
	}
}

/* RFC 5288 section 3: the receiver uses the nonce on the wire */
static void explicit_nonce_of_the_peer(void **state)
{
	static const u8 wire[] = { 0x0d, 0x27, 0xcd, 0x78, 0xc2, 0x66, 0x9a, 8 };
	struct dtls_record_params p = params_of(DTLS_CIPHER_AES_128_GCM, 0);
	struct record r = seal(&p, 77, 23, wire, 5);
	struct dtls_header h = {};
	struct dtls_aead_op op;

	assert_memory_equal(r.buf + DTLS_HEADROOM + DTLS12_HEADER, wire, 8);
	assert_int_equal(dtls12_parse(r.buf + DTLS_HEADROOM, r.len, 0, &h), 0);
	assert_int_equal(dtls12_open_begin(&p, &h, r.buf + DTLS_HEADROOM, r.buf, &op), 0);
	assert_memory_equal(op.nonce, p.iv, 4);
	assert_memory_equal(op.nonce + 4, wire, 8);
	free(r.buf);
	round_trip(&p, 77, 23, wire, 5);
}

/* Our own choice: epoch || sequence number */
static void explicit_nonce_of_our_own(void **state)
{
	static const u8 number[] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	struct dtls_record_params p = params_of(DTLS_CIPHER_AES_128_CCM_8, 0);
	struct record r = seal(&p, 0x030405060708, 23, NULL, 5);

	assert_memory_equal(r.buf + DTLS_HEADROOM + DTLS12_HEADER, number, 8);
	free(r.buf);
}

/* RFC 7905 section 2: nothing on the wire, the number is XORed in */
static void nonce_of_chacha(void **state)
{
	static const u8 want[] = { 1, 2, 3, 4, 5 ^ 1, 6 ^ 2, 7 ^ 3, 8 ^ 4,
				   9 ^ 5, 10 ^ 6, 11 ^ 7, 12 ^ 8 };
	struct dtls_record_params p =
		params_of(DTLS_CIPHER_CHACHA20_POLY1305, 0);
	u8 buf[100] = { 0 };
	struct dtls_aead_op op;

	dtls12_seal_begin(&p, &(struct dtls12_content){
		.seq = 0x030405060708, .len = 5, .type = 23 }, buf, &op);
	assert_memory_equal(op.nonce, want, DTLS_NONCE);
}

/* RFC 5246 section 6.2.3.3 */
static void aad_without_cid(void **state)
{
	static const u8 want[] = { 1, 2, 0, 0, 0, 0, 0, 9, 21, 0xfe, 0xfd, 0, 2 };
	struct dtls_record_params p = params_of(1, 0);
	u8 buf[100];
	struct dtls_aead_op op;

	dtls12_seal_begin(&p, &(struct dtls12_content){
		.seq = 9, .len = 2, .type = 21 }, buf, &op);
	assert_int_equal(op.aad_len, sizeof(want));
	assert_memory_equal(buf + op.aad_off, want, sizeof(want));
	assert_int_equal(op.text_len, 2);
}

/* RFC 9146 section 5.3 */
static void aad_with_cid(void **state)
{
	static const u8 want[] = {
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 25, 3, 25,
		0xfe, 0xfd, 1, 2, 0, 0, 0, 0, 0, 9, 0xc0, 0xc1, 0xc2, 0, 3,
	};
	struct dtls_record_params p = params_of(1, 3);
	u8 buf[100];
	struct dtls_aead_op op;

	dtls12_seal_begin(&p, &(struct dtls12_content){
		.seq = 9, .len = 2, .type = 21 }, buf, &op);
	assert_int_equal(op.aad_len, sizeof(want));
	assert_memory_equal(buf + op.aad_off, want, sizeof(want));
	assert_int_equal(op.text_len, 3);
	assert_int_equal(buf[op.aad_off + op.aad_len + 2], 21);
}

/*
 * Flips each bit of a record in turn: each must be refused. Exempt are the
 * 8 explicit bytes only in that they have no other check than the tag.
 */
static void every_bit_counts(void **state)
{
	unsigned int id, cid;
	size_t bit;

	for (id = 1; id <= DTLS_CIPHER_MAX; id++) {
		for (cid = 0; cid <= 6; cid += 3) {
			struct dtls_record_params p = params_of(id, cid);
			struct record good = seal(&p, 300, 23, NULL, 20);
			struct record r = { malloc(DTLS_HEADROOM + good.len),
					    good.len };

			for (bit = 0; bit < 8 * r.len; bit++) {
				memcpy(r.buf, good.buf, DTLS_HEADROOM + r.len);
				r.buf[DTLS_HEADROOM + bit / 8] ^= 1 << bit % 8;
				assert_int_not_equal(open_only(&p, &r), 0);
			}
			free(good.buf);
			free(r.buf);
		}
	}
}

static void every_cut_is_refused(void **state)
{
	struct dtls_record_params p = params_of(1, 2);
	struct record r = seal(&p, 300, 23, NULL, 20);
	size_t whole = r.len;

	for (r.len = 0; r.len < whole; r.len++)
		assert_int_not_equal(open_only(&p, &r), 0);
	assert_int_equal(open_only(&p, &r), 0);
	free(r.buf);
}

/* RFC 6347 section 4.1: plaintext up to 2^14 */
static void one_byte_too_long(void **state)
{
	unsigned int id;

	for (id = 1; id <= DTLS_CIPHER_MAX; id++) {
		struct dtls_record_params p = params_of(id, 0);
		struct record r = seal(&p, 1, 23, NULL, DTLS_MAX_CONTENT + 1);

		assert_refused(open_only(&p, &r), LENGTH);
		free(r.buf);
	}
}

/* RFC 9146 section 5: of the inner plaintext, so the type counts */
static void one_byte_too_long_with_cid(void **state)
{
	struct dtls_record_params p = params_of(1, 1);
	struct record r = seal(&p, 1, 23, NULL, DTLS_MAX_CONTENT);

	assert_refused(open_only(&p, &r), LENGTH);
	free(r.buf);
}

static void shorter_than_nonce_and_tag(void **state)
{
	unsigned int id;

	for (id = 1; id <= DTLS_CIPHER_MAX; id++) {
		struct dtls_record_params p = params_of(id, 0);
		unsigned int least = p.cipher->explicit_len + p.cipher->tag_len;
		struct record r = seal(&p, 1, 23, NULL, 0);

		assert_int_equal(r.len, DTLS12_HEADER + least);
		r.buf[DTLS_HEADROOM + 12] = least - 1;
		assert_refused(open_only(&p, &r), LENGTH);
		r.buf[DTLS_HEADROOM + 12] = 0;
		assert_refused(open_only(&p, &r), LENGTH);
		r.buf[DTLS_HEADROOM + 12] = least;
		assert_int_equal(open_only(&p, &r), 0);
		free(r.buf);
	}
}

static void another_epoch(void **state)
{
	struct dtls_record_params p = params_of(1, 0);
	struct record r = seal(&p, 1, 23, NULL, 5);

	p.epoch++;
	assert_refused(open_only(&p, &r), EPOCH);
	free(r.buf);
}

static void version_of_dtls_1_0(void **state)
{
	struct dtls_record_params p = params_of(1, 0);
	struct record r = seal(&p, 1, 23, NULL, 5);

	r.buf[DTLS_HEADROOM + 2] = 0xff;
	assert_refused(open_only(&p, &r), VERSION);
	/* dtls12_parse() lets it pass in epoch 0, which never has keys */
	p.epoch = 0;
	memset(r.buf + DTLS_HEADROOM + 3, 0, 2);
	assert_refused(open_only(&p, &r), VERSION);
	free(r.buf);
}

static void another_cid(void **state)
{
	struct dtls_record_params p = params_of(1, 4);
	struct record r = seal(&p, 1, 23, NULL, 5);

	p.cid[3] ^= 1;
	assert_refused(open_only(&p, &r), CID);
	free(r.buf);
}

/* RFC 9146 section 3: MUST be treated as invalid */
static void no_cid_where_there_must_be_one(void **state)
{
	struct dtls_record_params sender = params_of(1, 0);
	struct dtls_record_params receiver = params_of(1, 4);
	struct record r = seal(&sender, 1, 23, NULL, 5);

	assert_refused(open_only(&receiver, &r), CID);
	free(r.buf);
}

/* The same, when the bytes in the place of the CID look like it. */
static void no_cid_but_the_same_bytes(void **state)
{
	struct dtls_record_params sender = params_of(1, 0);
	struct dtls_record_params receiver = params_of(1, 4);
	struct record r = seal(&sender, 1, 23, NULL, 5);

	memcpy(receiver.cid, r.buf + DTLS_HEADROOM + 11, 4);
	assert_refused(open_only(&receiver, &r), CID);
	free(r.buf);
}

static void cid_where_there_must_be_none(void **state)
{
	struct dtls_record_params sender = params_of(1, 4);
	struct dtls_record_params receiver = params_of(1, 0);
	struct record r = seal(&sender, 1, 23, NULL, 5);

	assert_refused(open_only(&receiver, &r), CID);
	free(r.buf);
}

/* A refusal leaves the record unchanged, for another attempt. */
static void refusal_writes_nothing(void **state)
{
	struct dtls_record_params p = params_of(3, 4);
	struct record r = seal(&p, 1, 23, NULL, 5);
	u8 *copy = malloc(DTLS_HEADROOM + r.len);

	memcpy(copy, r.buf, DTLS_HEADROOM + r.len);
	p.cid[0]++;
	assert_refused(open_only(&p, &r), CID);
	p.epoch++;
	assert_refused(open_only(&p, &r), EPOCH);
	assert_memory_equal(copy, r.buf, DTLS_HEADROOM + r.len);
	free(copy);
	free(r.buf);
}

/* Seals content_len bytes of zeros and the type 0: all zero inside. */
static void nothing_but_zeros_inside(void **state)
{
	struct dtls_record_params p = params_of(1, 2);
	size_t len;

	for (len = 0; len < 40; len += 13) {
		u8 buf[200] = { 0 };
		struct dtls_aead_op op;
		struct record r = { buf };

		dtls12_seal_begin(&p, &(struct dtls12_content){
			.seq = 1, .len = len, .type = 0 }, buf, &op);
		toy_seal(p.cipher, buf, &op);
		r.len = dtls12_seal_end(&p, &(struct dtls12_content){
			.seq = 1, .len = len, .type = 0 }, buf);
		assert_refused(open_only(&p, &r), INNER);
	}
}

/* RFC 9146 section 4; and zeros of the content itself are content */
static void padding_is_stripped(void **state)
{
	static const u8 inner[] = { 'a', 0, 0, DTLS_TYPE_ALERT, 0, 0, 0 };
	const struct dtls12_content c = {
		.seq = 1, .len = sizeof(inner) - 1,
	};
	struct dtls_record_params p = params_of(1, 2);
	size_t content, len;
	u8 buf[200], type;
	struct dtls_aead_op op;

	memcpy(buf + DTLS_HEADROOM + dtls12_content_offset(&p), inner,
	       sizeof(inner));
	/* the last zero is appended as the type */
	dtls12_seal_begin(&p, &c, buf, &op);
	toy_seal(p.cipher, buf, &op);
	len = dtls12_seal_end(&p, &c, buf);
	assert_int_equal(open_record(&p, buf, len, &type, &content, &len), 0);
	assert_int_equal(type, DTLS_TYPE_ALERT);
	assert_int_equal(len, 3);
	assert_memory_equal(buf + content, inner, 3);
}

/* What begin writes before a record is within the tag of the one before. */
static void records_side_by_side(void **state)
{
	unsigned int id, cid;
	u8 buf[DTLS_HEADROOM + 300];

	for (id = 1; id <= DTLS_CIPHER_MAX; id++) {
		for (cid = 0; cid <= DTLS_MAX_CID; cid += 4) {
			struct dtls_record_params p = params_of(id, cid);
			struct record a = seal(&p, 1, 23, NULL, 9);
			struct record b = seal(&p, 2, 23, NULL, 7);
			size_t at, len, at2, len2;
			u8 type;

			memcpy(buf, a.buf, DTLS_HEADROOM + a.len);
			memcpy(buf + DTLS_HEADROOM + a.len, b.buf + DTLS_HEADROOM,
			       b.len);
			assert_int_equal(open_record(&p, buf, a.len + b.len,
						     &type, &at, &len), 0);
			assert_int_equal(open_record(&p, buf + a.len, b.len,
						     &type, &at2, &len2), 0);
			assert_int_equal(len, 9);
			assert_int_equal(buf[at + 8], pattern(8));
			assert_int_equal(len2, 7);
			assert_int_equal(buf[a.len + at2 + 6], pattern(6));
			free(a.buf);
			free(b.buf);
		}
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(ciphers_lengths_and_cids),
		cmocka_unit_test(types_come_back),
		cmocka_unit_test(numbers_to_the_last),
		cmocka_unit_test(explicit_nonce_of_the_peer),
		cmocka_unit_test(explicit_nonce_of_our_own),
		cmocka_unit_test(nonce_of_chacha),
		cmocka_unit_test(aad_without_cid),
		cmocka_unit_test(aad_with_cid),
		cmocka_unit_test(every_bit_counts),
		cmocka_unit_test(every_cut_is_refused),
		cmocka_unit_test(one_byte_too_long),
		cmocka_unit_test(one_byte_too_long_with_cid),
		cmocka_unit_test(shorter_than_nonce_and_tag),
		cmocka_unit_test(another_epoch),
		cmocka_unit_test(version_of_dtls_1_0),
		cmocka_unit_test(another_cid),
		cmocka_unit_test(no_cid_where_there_must_be_one),
		cmocka_unit_test(no_cid_but_the_same_bytes),
		cmocka_unit_test(cid_where_there_must_be_none),
		cmocka_unit_test(refusal_writes_nothing),
		cmocka_unit_test(nothing_but_zeros_inside),
		cmocka_unit_test(padding_is_stripped),
		cmocka_unit_test(records_side_by_side),
	};

	return run_tap("record12", tests);
}
