// SPDX-License-Identifier: GPL-2.0
/*
 * A sealed record must open to the same content, in both versions.
 *
 * Input: cipher, epoch, CID length, CID, number (8), type, DTLS 1.3 form,
 * padding, explicit nonce or not, content.
 */
#include "fuzz.h"
#include "record/dtls13/dtls13.h"
#include "record/header12.h"
#include "record/open12.h"
#include "record/seal12.h"
#include "unit/toy.h"

struct job {
	struct dtls_record_params p;
	u64		seq;
	u8		type;
	u8		form;
	u8		padding;
	const u8	*explicit_nonce;
	struct input	content;
};

static void same(const struct job *j, const u8 *content, size_t len, u8 type)
{
	must(type == j->type);
	must(len == j->content.len);
	must(!len || !memcmp(content, j->content.p, len));
}

static u8 *room(const struct job *j, size_t len, size_t content_off)
{
	u8 *buf = malloc(DTLS_HEADROOM + len);

	must(buf);
	if (j->content.len)
		memcpy(buf + DTLS_HEADROOM + content_off, j->content.p,
		       j->content.len);
	return buf;
}

static void open12(const struct job *j, u8 *buf, size_t len)
{
	struct dtls_header h;
	struct dtls_aead_op op;
	struct dtls_opened opened;

	must(!dtls12_parse(buf + DTLS_HEADROOM, len, j->p.cid_len, &h));
	must(h.seq == j->seq && (size_t)h.len + h.payload_len == len);
	must(!dtls12_open_begin(&j->p, &h, buf + DTLS_HEADROOM, buf, &op));
	must(toy_open(j->p.cipher, buf, &op));
	must(!dtls12_open_end(&j->p, &h, buf, &op, &opened));
	same(j, buf + opened.off, opened.len, opened.type);
}

static void trip12(const struct job *j)
{
	size_t n = j->content.len, len = n + dtls12_overhead(&j->p);
	u8 *buf = room(j, len, dtls12_content_offset(&j->p));
	struct dtls12_content c = {
		.seq = j->seq, .len = n, .type = j->type,
		.explicit_nonce = j->explicit_nonce,
	};
	struct dtls_aead_op op;

	dtls12_seal_begin(&j->p, &c, buf, &op);
	toy_seal(j->p.cipher, buf, &op);
	must(dtls12_seal_end(&j->p, &c, buf) == len);
	open12(j, buf, len);
	free(buf);
}

static void open13(const struct job *j, u8 *buf, size_t len)
{
	struct dtls_header h;
	struct dtls_aead_op op;
	struct dtls_opened opened;
	u8 *record = buf + DTLS_HEADROOM;

	must(!dtls13_parse(record, len, j->p.cid_len, &h));
	dtls13_unmask(&h, record, record + h.len);
	must(dtls13_seq(&h, j->seq) == j->seq);
	must(!dtls13_open_begin(&j->p, &h, j->seq, buf, &op));
	must(toy_open(j->p.cipher, buf, &op));
	must(!dtls13_open_end(&j->p, buf, &op, &opened));
	same(j, buf + opened.off, opened.len, opened.type);
}

static void trip13(const struct job *j)
{
	struct dtls13_content c = { .seq = j->seq, .len = j->content.len,
				    .padding = j->padding, .type = j->type,
				    .form = j->form };
	/* 8: to fill up a sample under a short tag */
	size_t len = c.len + c.padding + dtls13_overhead(&j->p, c.form) + 8;
	u8 *buf = room(j, len, dtls13_content_offset(&j->p, c.form));
	struct dtls_aead_op op;

	dtls13_seal_begin(&j->p, &c, buf, &op);
	toy_seal(j->p.cipher, buf, &op);
	len = dtls13_seal_end(&j->p, &c, buf, &op,
			      buf + op.aad_off + op.aad_len);
	open13(j, buf, len);
	free(buf);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct input in = { data, size };
	struct job j;
	u8 explicit_nonce[DTLS_EXPLICIT_NONCE];

	take_params(&in, &j.p);
	j.p.epoch += 3;
	j.seq = take64(&in) & DTLS_MAX_SEQ;
	/* alert, handshake, application data: those of both versions */
	j.type = DTLS_TYPE_ALERT + take(&in) % 3;
	j.form = take(&in) & (DTLS13_SEQ16 | DTLS13_LENGTH);
	j.padding = take(&in);
	j.explicit_nonce = take(&in) & 1 ? explicit_nonce : NULL;
	memset(explicit_nonce, j.padding, sizeof(explicit_nonce));
	if (in.len + 1 + j.padding > DTLS_MAX_CONTENT)
		return -1;
	j.content = in;
	trip12(&j);
	trip13(&j);
	return 0;
}
