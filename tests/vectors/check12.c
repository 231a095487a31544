// SPDX-License-Identifier: GPL-2.0
/* DTLS 1.2: kernel/record/{header,open,seal}12.c with OpenSSL's AEAD. */
#include <stdlib.h>
#include "check.h"
#include "crypto.h"
#include "pad12.h"
#include "record/header12.h"
#include "record/open12.h"
#include "record/seal12.h"

static bool keys12(struct check *c)
{
	const struct entry *e = c->e;

	if (e->key.len != e->cipher->key_len)
		return check_failed(c, "key has %zu bytes, %s wants %u",
				    e->key.len, e->cipher->name,
				    e->cipher->key_len);
	if (e->iv.len != e->cipher->iv_len)
		return check_failed(c, "iv has %zu bytes, %s wants %u",
				    e->iv.len, e->cipher->name,
				    e->cipher->iv_len);
	memcpy(c->key, e->key.p, e->key.len);
	memcpy(c->params.iv, e->iv.p, e->iv.len);
	return true;
}

static void note(struct opened *o, const struct dtls_header *h, const u8 *buf,
		 const struct dtls_aead_op *op)
{
	o->outer_type = h->type;
	o->seq = h->seq;
	o->aad_len = op->aad_len;
	memcpy(o->aad, buf + op->aad_off, op->aad_len);
	memcpy(o->nonce, op->nonce, DTLS_NONCE);
}

static int open12(struct check *c, struct opened *o, u64 next)
{
	const struct dtls_record_params *p = &c->params;
	u8 *buf = c->buf + o->off;
	struct dtls_aead_op op;
	struct dtls_header h;
	struct dtls_opened opened;
	size_t inner;
	int err;

	(void)next;
	o->len = 0;
	err = dtls12_parse(buf + DTLS_HEADROOM, c->e->record.len - o->off,
			   p->cid_len, &h);
	if (err)
		return err;
	o->len = h.len + h.payload_len;
	err = dtls12_open_begin(p, &h, buf + DTLS_HEADROOM, buf, &op);
	if (err)
		return err;
	note(o, &h, buf, &op);
	if (!aead_open(p->cipher, c->key, buf, &op))
		return DTLS_DROP_ERR(DTLS_DROP_TAG);
	err = dtls12_open_end(p, &h, buf, &op, &opened);
	if (err)
		return err;
	o->type = opened.type;
	o->content.p = buf + opened.off;
	o->content.len = opened.len;
	inner = op.text_len - p->cipher->tag_len;
	o->padding = p->cid_len ? inner - o->content.len - 1 : 0;
	return 0;
}

static bool seal12(struct check *c, const struct opened *o)
{
	const struct dtls_record_params *p = &c->params;
	const u8 *wire = c->e->record.p + o->off;
	struct dtls12_content content = {
		.seq = o->seq,
		.explicit_nonce = wire + dtls12_content_offset(p) -
				  p->cipher->explicit_len,
	};
	struct bytes want = { (u8 *)wire, o->len };
	struct dtls_aead_op op;
	size_t len;
	bool good;
	u8 *buf;

	if (o->content.len + o->padding + dtls12_overhead(p) != o->len)
		return check_failed(c, "overhead is %zu", dtls12_overhead(p));
	buf = malloc(DTLS_HEADROOM + o->len);
	if (!buf)
		return check_failed(c, "no memory");
	content.type = o->type;
	content.len = pad12(o->content.p, o->content.len, o->padding,
			    buf + DTLS_HEADROOM + dtls12_content_offset(p),
			    &content.type);
	dtls12_seal_begin(p, &content, buf, &op);
	good = aead_seal(p->cipher, c->key, buf, &op);
	len = dtls12_seal_end(p, &content, buf);
	good = good && same_bytes(c, "sealed record", buf + DTLS_HEADROOM, len,
				  &want);
	free(buf);
	return good;
}

const struct version_ops version12 = { keys12, open12, seal12 };
