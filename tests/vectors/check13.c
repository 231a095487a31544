// SPDX-License-Identifier: GPL-2.0
/* DTLS 1.3: kernel/record/dtls13/ with OpenSSL's cryptography. */
#include <stdlib.h>
#include "check.h"
#include "crypto.h"
#include "record/dtls13/dtls13.h"

/* Derives out, and compares it with the entry if that has it. */
static bool derive(struct check *c, const char *label, const char *field,
		   const struct bytes *want, u8 *out, size_t len)
{
	const struct bytes *secret = &c->e->secret;

	if (secret->p)
		return (expand_label(secret->p, secret->len, label, out, len) ||
			check_failed(c, "no %s from this secret", field)) &&
		       same_bytes(c, field, out, len, want);
	if (want->len != len)
		return check_failed(c, "%s has %zu bytes, %s wants %zu", field,
				    want->len, c->e->cipher->name, len);
	memcpy(out, want->p, len);
	return true;
}

static bool keys13(struct check *c)
{
	const struct entry *e = c->e;
	size_t key_len = e->cipher->key_len;

	if (e->secret.p && e->secret.len != 32 && e->secret.len != 48)
		return check_failed(c, "traffic_secret has %zu bytes",
				    e->secret.len);
	return derive(c, "key", "key", &e->key, c->key, key_len) &&
	       derive(c, "iv", "iv", &e->iv, c->params.iv, DTLS_NONCE) &&
	       derive(c, "sn", "sn_key", &e->sn_key, c->sn_key, key_len);
}

/* The wire number to the whole one; the epoch must be the entry's. */
static int unmask(struct check *c, struct opened *o, struct dtls_header *h,
		  u8 *record, u64 next)
{
	u64 epoch = c->params.epoch;
	u64 found;
	u8 mask[DTLS13_SAMPLE];
	int err;

	if (!number_mask(c->params.cipher, c->sn_key, record + h->len, mask))
		return DTLS_DROP_ERR(DTLS_DROP_NOMEM);
	o->mask_len = h->seq_len;
	memcpy(o->mask, mask, h->seq_len);
	dtls13_unmask(h, record, mask);
	o->seq = dtls13_seq(h, next);
	err = dtls13_epoch(h, epoch ? epoch - 1 : 0, epoch + 1, &found);
	if (!err && found != epoch)
		err = DTLS_DROP_ERR(DTLS_DROP_EPOCH);
	return err;
}

static int parse(struct check *c, const struct opened *o, const u8 *record,
		 struct dtls_header *h)
{
	size_t len = c->e->record.len - o->off;

	return o->off ? dtls13_parse_next(record, len, c->params.cid_len, h) :
	       dtls13_parse(record, len, c->params.cid_len, h);
}

static int open13(struct check *c, struct opened *o, u64 next)
{
	const struct dtls_record_params *p = &c->params;
	u8 *buf = c->buf + o->off;
	struct dtls_aead_op op;
	struct dtls_opened opened;
	struct dtls_header h;
	int err;

	o->len = 0;
	err = parse(c, o, buf + DTLS_HEADROOM, &h);
	if (err)
		return err;
	o->len = h.len + h.payload_len;
	o->outer_type = h.type;
	err = unmask(c, o, &h, buf + DTLS_HEADROOM, next);
	if (!err)
		err = dtls13_open_begin(p, &h, o->seq, buf, &op);
	if (err)
		return err;
	o->aad_len = op.aad_len;
	memcpy(o->aad, buf + op.aad_off, op.aad_len);
	memcpy(o->nonce, op.nonce, DTLS_NONCE);
	if (!aead_open(p->cipher, c->key, buf, &op))
		return DTLS_DROP_ERR(DTLS_DROP_TAG);
	err = dtls13_open_end(p, buf, &op, &opened);
	if (err)
		return err;
	o->type = opened.type;
	o->content.p = buf + opened.off;
	o->content.len = opened.len;
	o->padding = op.text_len - p->cipher->tag_len - o->content.len - 1;
	return 0;
}

static bool seal_into(struct check *c, const struct opened *o,
		      const struct dtls_record_params *p, u8 *buf)
{
	struct bytes want = { c->e->record.p + o->off, o->len };
	struct dtls13_content content = {
		.seq = o->seq, .len = o->content.len, .padding = o->padding,
		.type = o->type,
		.form = o->outer_type & (DTLS13_SEQ16 | DTLS13_LENGTH),
	};
	size_t off = DTLS_HEADROOM + dtls13_content_offset(p, content.form);
	struct dtls_aead_op op;
	u8 mask[DTLS13_SAMPLE];
	size_t len;

	memcpy(buf + off, o->content.p, o->content.len);
	dtls13_seal_begin(p, &content, buf, &op);
	if (!aead_seal(p->cipher, c->key, buf, &op) ||
	    !number_mask(p->cipher, c->sn_key, buf + off, mask))
		return check_failed(c, "OpenSSL cannot seal this");
	len = dtls13_seal_end(p, &content, buf, &op, mask);
	return same_bytes(c, "sealed record", buf + DTLS_HEADROOM, len, &want);
}

static bool seal13(struct check *c, const struct opened *o)
{
	struct dtls_record_params p = c->params;
	bool good;
	u8 *buf;

	/* a record behind the first one may have left its CID out */
	if (!(o->outer_type & DTLS13_CID))
		p.cid_len = 0;
	if (o->content.len + o->padding +
	    dtls13_overhead(&p, o->outer_type & ~DTLS13_CID) != o->len)
		return check_failed(c, "overhead is not %zu",
				    o->len - o->content.len - o->padding);
	buf = malloc(DTLS_HEADROOM + o->len);
	if (!buf)
		return check_failed(c, "no memory");
	good = seal_into(c, o, &p, buf);
	free(buf);
	return good;
}

const struct version_ops version13 = { keys13, open13, seal13 };
