// SPDX-License-Identifier: GPL-2.0
/*
 * The record layer in the kernel: the cases that the host tests run too, and
 * known records with the kernel's own AEADs.
 */
#include <crypto/aead.h>
#include <kunit/test.h>
#include <linux/module.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

#include "../record/cipher.c"
#include "../record/window.c"
#include "header_cases.h"
#include "record/header12.h"
#include "record/open12.h"
#include "record/seal12.h"
#include "record_vectors.h"
#include "window_cases.h"

#define TO_DESC(type)							\
	static void type##_desc(const struct type *c, char *desc)	\
	{								\
		strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);		\
	}

TO_DESC(header_case)
KUNIT_ARRAY_PARAM(header, header_cases, header_case_desc);

static void header(struct kunit *test)
{
	const struct header_case *c = test->param_value;
	struct dtls_header h;
	u8 *data = kunit_kzalloc(test, c->len, GFP_KERNEL);
	int err;

	KUNIT_ASSERT_NOT_NULL(test, data);
	memcpy(data, c->data, c->len);
	err = dtls12_parse(data, c->len, c->cid_len, &h);
	KUNIT_EXPECT_TRUE(test, header_case_ok(c, err, &h));
}

TO_DESC(window_case)
KUNIT_ARRAY_PARAM(window, window_cases, window_case_desc);

static void window(struct kunit *test)
{
	unsigned long *map = kunit_kmalloc(test, DTLS_WINDOW_MAX_BITS / 8,
					   GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, map);
	KUNIT_EXPECT_EQ(test, window_case_run(test->param_value, map), -1);
}

static void cipher(struct kunit *test)
{
	const struct dtls_cipher *c;
	unsigned int id;

	KUNIT_EXPECT_NULL(test, dtls_cipher_by_id(0));
	KUNIT_EXPECT_NULL(test, dtls_cipher_by_id(DTLS_CIPHER_MAX + 1));
	for (id = 1; id <= DTLS_CIPHER_MAX; id++) {
		c = dtls_cipher_by_id(id);
		KUNIT_ASSERT_NOT_NULL(test, c);
		KUNIT_EXPECT_EQ(test, c->id, id);
		KUNIT_EXPECT_EQ(test, c->iv_len + c->explicit_len, DTLS_NONCE);
	}
}

/* The AEAD of one known record. */
struct aead {
	const struct dtls_cipher	*cipher;
	struct crypto_aead		*tfm;
	struct aead_request		*req;
};

static void aead_put(void *data)
{
	struct aead *a = data;

	aead_request_free(a->req);
	crypto_free_aead(a->tfm);
}

static struct aead *aead_get(struct kunit *test, const struct record_vector *v)
{
	struct aead *a = kunit_kzalloc(test, sizeof(*a), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, a);
	a->cipher = dtls_cipher_by_id(v->cipher);
	a->tfm = crypto_alloc_aead(a->cipher->aead, 0, CRYPTO_ALG_ASYNC);
	if (IS_ERR(a->tfm))
		kunit_skip(test, "no %s in this kernel", a->cipher->aead);
	a->req = aead_request_alloc(a->tfm, GFP_KERNEL);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, aead_put, a));
	KUNIT_ASSERT_NOT_NULL(test, a->req);
	KUNIT_ASSERT_EQ(test, 0, crypto_aead_setkey(a->tfm, v->key,
						    a->cipher->key_len));
	KUNIT_ASSERT_EQ(test, 0, crypto_aead_setauthsize(a->tfm,
							 a->cipher->tag_len));
	return a;
}

/* room: bytes of tag to be written behind the text */
static int aead_run(struct aead *a, u8 *buf, const struct dtls_aead_op *op,
		    unsigned int room, int (*run)(struct aead_request *req))
{
	struct scatterlist sg;
	u8 iv[16] = {};

	if (a->cipher->ccm)
		iv[0] = 2;	/* RFC 3610: a 3-byte counter */
	memcpy(iv + a->cipher->ccm, op->nonce, DTLS_NONCE);
	sg_init_one(&sg, buf + op->aad_off,
		    op->aad_len + op->text_len + room);
	aead_request_set_callback(a->req, 0, NULL, NULL);
	aead_request_set_ad(a->req, op->aad_len);
	aead_request_set_crypt(a->req, &sg, &sg, op->text_len, iv);
	return run(a->req);
}

static struct dtls_record_params params_of(const struct record_vector *v)
{
	struct dtls_record_params p = {
		.cipher = dtls_cipher_by_id(v->cipher),
		.epoch = 1,
		.cid_len = v->cid_len,
	};

	memcpy(p.iv, v->iv, sizeof(p.iv));
	memcpy(p.cid, v->cid, v->cid_len);
	return p;
}

TO_DESC(record_vector)
KUNIT_ARRAY_PARAM(known, record_vectors, record_vector_desc);

/* The vector in a buffer of its own, behind the headroom. */
static u8 *known_record(struct kunit *test, const struct record_vector *v)
{
	u8 *buf = kunit_kzalloc(test, DTLS_HEADROOM + v->len, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, buf);
	memcpy(buf + DTLS_HEADROOM, v->record, v->len);
	return buf;
}

static void known_opens(struct kunit *test)
{
	const struct record_vector *v = test->param_value;
	struct dtls_record_params p = params_of(v);
	struct aead *a = aead_get(test, v);
	u8 *buf = known_record(test, v);
	struct dtls_opened opened;
	struct dtls_aead_op op;
	struct dtls_header h;

	KUNIT_ASSERT_EQ(test, 0, dtls12_parse(buf + DTLS_HEADROOM, v->len,
					      p.cid_len, &h));
	KUNIT_EXPECT_EQ(test, h.seq, v->seq);
	KUNIT_ASSERT_EQ(test, 0, dtls12_open_begin(&p, &h, buf + DTLS_HEADROOM, buf, &op));
	KUNIT_ASSERT_EQ(test, 0, aead_run(a, buf, &op, 0, crypto_aead_decrypt));
	KUNIT_ASSERT_EQ(test, 0, dtls12_open_end(&p, &h, buf, &op, &opened));
	KUNIT_EXPECT_EQ(test, opened.type, v->type);
	KUNIT_ASSERT_EQ(test, opened.len, strlen(v->content));
	KUNIT_EXPECT_EQ(test, 0,
			memcmp(buf + opened.off, v->content, opened.len));
}

static void known_altered_is_refused(struct kunit *test)
{
	const struct record_vector *v = test->param_value;
	struct dtls_record_params p = params_of(v);
	struct aead *a = aead_get(test, v);
	u8 *buf = known_record(test, v);
	struct dtls_aead_op op;
	struct dtls_header h;

	buf[DTLS_HEADROOM + v->len - 1] ^= 0x80;
	KUNIT_ASSERT_EQ(test, 0, dtls12_parse(buf + DTLS_HEADROOM, v->len,
					      p.cid_len, &h));
	KUNIT_ASSERT_EQ(test, 0, dtls12_open_begin(&p, &h, buf + DTLS_HEADROOM, buf, &op));
	KUNIT_EXPECT_EQ(test, -EBADMSG,
			aead_run(a, buf, &op, 0, crypto_aead_decrypt));
}

/*
 * Content, and padding if there is some: to dtls12_seal_begin() that is
 * content, type and zeros, the last of which it appends as the type.
 */
static u8 known_content(const struct record_vector *v, u8 *at, size_t *len)
{
	*len = strlen(v->content);
	memcpy(at, v->content, *len);
	if (!v->padding)
		return v->type;
	at[*len] = v->type;
	memset(at + *len + 1, 0, v->padding - 1);
	*len += v->padding;
	return 0;
}

static void known_seals(struct kunit *test)
{
	const struct record_vector *v = test->param_value;
	struct dtls_record_params p = params_of(v);
	struct aead *a = aead_get(test, v);
	size_t off = dtls12_content_offset(&p);
	u8 *buf = kunit_kzalloc(test, DTLS_HEADROOM + v->len, GFP_KERNEL);
	struct dtls12_content c = {
		.seq = v->seq,
		.explicit_nonce = v->record + off - p.cipher->explicit_len,
	};
	struct dtls_aead_op op;

	KUNIT_ASSERT_NOT_NULL(test, buf);
	c.type = known_content(v, buf + DTLS_HEADROOM + off, &c.len);
	KUNIT_ASSERT_EQ(test, v->len, c.len + dtls12_overhead(&p));
	dtls12_seal_begin(&p, &c, buf, &op);
	KUNIT_ASSERT_EQ(test, 0, aead_run(a, buf, &op, p.cipher->tag_len,
					  crypto_aead_encrypt));
	KUNIT_EXPECT_EQ(test, v->len, dtls12_seal_end(&p, &c, buf));
	KUNIT_EXPECT_EQ(test, 0, memcmp(buf + DTLS_HEADROOM, v->record, v->len));
}

static struct kunit_case record_tests[] = {
	KUNIT_CASE(cipher),
	KUNIT_CASE_PARAM(header, header_gen_params),
	KUNIT_CASE_PARAM(window, window_gen_params),
	KUNIT_CASE_PARAM(known_opens, known_gen_params),
	KUNIT_CASE_PARAM(known_seals, known_gen_params),
	KUNIT_CASE_PARAM(known_altered_is_refused, known_gen_params),
	{}
};

static struct kunit_suite record_suite = {
	.name = "kdtls-record",
	.test_cases = record_tests,
};

kunit_test_suite(record_suite);

MODULE_DESCRIPTION("KUnit tests of kdtls");
MODULE_LICENSE("GPL");
