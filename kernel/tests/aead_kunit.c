// SPDX-License-Identifier: GPL-2.0
/* Known records with the kernel's ChaCha20-Poly1305 functions. */
#include "../aead_chacha.c"

#ifdef KDTLS_HAVE_CHACHA20_POLY1305
#include <kunit/test.h>

#include "record_vectors.h"
#include "record/header12.h"
#include "record/open12.h"
#include "record/seal12.h"

/* The records of this cipher. */
static const void *known_gen_params(const void *prev, char *desc)
{
	const struct record_vector *v = prev;

	v = v ? v + 1 : record_vectors;
	for (; v < record_vectors + ARRAY_SIZE(record_vectors); v++) {
		if (v->cipher == DTLS_CIPHER_CHACHA20_POLY1305) {
			strscpy(desc, v->name, KUNIT_PARAM_DESC_SIZE);
			return v;
		}
	}
	return NULL;
}

/* One known record in a buffer, and the workspace of its key. */
struct library {
	struct dtls_record_params	params;
	struct kdtls_aead_key		key;
	struct kdtls_workspace		*ws;
	u8				*buf;
};

static struct library *library_get(struct kunit *test,
				   const struct record_vector *v)
{
	struct library *l = kunit_kzalloc(test, sizeof(*l), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, l);
	l->params.cipher = dtls_cipher_by_id(v->cipher);
	l->params.epoch = 1;
	l->params.cid_len = v->cid_len;
	memcpy(l->params.iv, v->iv, sizeof(l->params.iv));
	memcpy(l->params.cid, v->cid, v->cid_len);
	kdtls_aead_chacha.init(&l->key, v->key);
	l->ws = kunit_kzalloc(test, sizeof(*l->ws) + l->key.context, GFP_KERNEL);
	l->buf = kunit_kzalloc(test, DTLS_HEADROOM + v->len, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, l->ws);
	KUNIT_ASSERT_NOT_NULL(test, l->buf);
	return l;
}

static int library_open(struct kunit *test, struct library *l, const u8 *record)
{
	const struct record_vector *v = test->param_value;
	struct dtls_header h;

	KUNIT_ASSERT_EQ(test, 0, dtls12_parse(record, v->len, v->cid_len, &h));
	KUNIT_ASSERT_EQ(test, 0, dtls12_open_begin(&l->params, &h, record,
						   l->buf, &l->ws->op));
	return kdtls_aead_chacha.open(l->ws, &l->key, l->buf, record);
}

static void library_opens(struct kunit *test)
{
	const struct record_vector *v = test->param_value;
	struct library *l = library_get(test, v);
	const u8 *content = l->buf + DTLS_HEADROOM +
			    dtls12_content_offset(&l->params);

	/* from elsewhere, and in place */
	KUNIT_EXPECT_EQ(test, 0, library_open(test, l, v->record));
	KUNIT_EXPECT_EQ(test, 0, memcmp(content, v->content, strlen(v->content)));
	memcpy(l->buf + DTLS_HEADROOM, v->record, v->len);
	KUNIT_EXPECT_EQ(test, 0, library_open(test, l, l->buf + DTLS_HEADROOM));
	KUNIT_EXPECT_EQ(test, 0, memcmp(content, v->content, strlen(v->content)));
}

/* Each bit of the text and of the tag. */
static void library_refuses_altered(struct kunit *test)
{
	const struct record_vector *v = test->param_value;
	struct library *l = library_get(test, v);
	size_t bit = dtls12_content_offset(&l->params) * 8;
	u8 *record = kunit_kmalloc(test, v->len, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, record);
	for (; bit < v->len * 8; bit++) {
		memcpy(record, v->record, v->len);
		record[bit / 8] ^= BIT(bit % 8);
		KUNIT_EXPECT_EQ(test, -EBADMSG, library_open(test, l, record));
	}
}

static void library_seals(struct kunit *test)
{
	const struct record_vector *v = test->param_value;
	struct library *l = library_get(test, v);
	struct dtls12_content c = {
		.seq = v->seq, .type = v->type, .len = strlen(v->content),
	};

	if (v->padding)
		kunit_skip(test, "padding");
	memcpy(l->buf + DTLS_HEADROOM + dtls12_content_offset(&l->params),
	       v->content, c.len);
	dtls12_seal_begin(&l->params, &c, l->buf, &l->ws->op);
	KUNIT_ASSERT_EQ(test, 0, kdtls_aead_chacha.seal(l->ws, &l->key, l->buf));
	KUNIT_EXPECT_EQ(test, v->len, dtls12_seal_end(&l->params, &c, l->buf));
	KUNIT_EXPECT_EQ(test, 0, memcmp(l->buf + DTLS_HEADROOM, v->record, v->len));
}

static struct kunit_case library_tests[] = {
	KUNIT_CASE_PARAM(library_opens, known_gen_params),
	KUNIT_CASE_PARAM(library_refuses_altered, known_gen_params),
	KUNIT_CASE_PARAM(library_seals, known_gen_params),
	{}
};

static struct kunit_suite library_suite = {
	.name = "kdtls-aead-chacha",
	.test_cases = library_tests,
};

kunit_test_suite(library_suite);
#endif /* KDTLS_HAVE_CHACHA20_POLY1305 */
