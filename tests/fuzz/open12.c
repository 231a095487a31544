// SPDX-License-Identifier: GPL-2.0
/*
 * Any datagram, to a receiver of DTLS 1.2. Records count as authentic,
 * so that their content is the fuzzer's, too.
 *
 * Input: cipher, epoch, CID length, CID, datagram.
 */
#include "fuzz.h"
#include "record/header12.h"
#include "record/open12.h"

static void check_header(const struct dtls_header *h, size_t rest, u8 cid_len)
{
	must(h->len == DTLS12_HEADER + h->cid_len);
	must((size_t)h->len + h->payload_len <= rest);
	must(h->cid_len == (h->type == DTLS_TYPE_CID ? cid_len : 0));
	must(h->type >= DTLS_TYPE_CHANGE_CIPHER_SPEC &&
	     h->type <= DTLS_TYPE_ACK);
	must(h->epoch <= 0xffff && h->seq <= DTLS_MAX_SEQ);
	must(h->version == DTLS_VERSION_1_2 || !h->epoch);
	must(!h->unified);
}

static void check_op(const struct dtls_record_params *p,
		     const struct dtls_header *h, const struct dtls_aead_op *op)
{
	size_t text = op->aad_off + op->aad_len;

	must(h->epoch == p->epoch && h->cid_len == p->cid_len);
	must(op->aad_len == (p->cid_len ? 23U + p->cid_len : 13U));
	must(text == (size_t)DTLS_HEADROOM + h->len + p->cipher->explicit_len);
	must(text + op->text_len ==
	     (size_t)DTLS_HEADROOM + h->len + h->payload_len);
	must(op->text_len >= p->cipher->tag_len);
	must(op->text_len - p->cipher->tag_len <= DTLS_MAX_CONTENT);
}

static void check_content(const struct dtls_aead_op *op, u8 tag_len,
			  size_t content, size_t len)
{
	must(content == op->aad_off + op->aad_len);
	must(len <= op->text_len - tag_len);
}

static void open_one(const struct dtls_record_params *p,
		     const struct dtls_header *h, u8 *buf)
{
	struct dtls_aead_op op;
	struct dtls_opened opened;

	if (dtls12_open_begin(p, h, buf + DTLS_HEADROOM, buf, &op))
		return;
	check_op(p, h, &op);
	if (dtls12_open_end(p, h, buf, &op, &opened))
		return;
	check_content(&op, p->cipher->tag_len, opened.off, opened.len);
	must(opened.type);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct input in = { data, size };
	struct dtls_record_params p;
	struct dtls_header h;
	size_t off;
	u8 *buf;

	take_params(&in, &p);
	buf = take_datagram(&in);
	for (off = 0; off < in.len; off += h.len + h.payload_len) {
		if (dtls12_parse(buf + DTLS_HEADROOM + off, in.len - off,
				 p.cid_len, &h))
			break;
		check_header(&h, in.len - off, p.cid_len);
		open_one(&p, &h, buf + off);
	}
	free(buf);
	return 0;
}
