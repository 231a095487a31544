/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Making DTLS 1.2 records (RFC 6347, and RFC 9146 when p->cid_len > 0): before
 * and after the AEAD. Inline, so that the caller computes once what both steps
 * have in common.
 */
#ifndef KDTLS_RECORD_SEAL12_H
#define KDTLS_RECORD_SEAL12_H

#include "layout.h"

/* What to seal. */
struct dtls12_content {
	u64 seq; /* at most DTLS_MAX_SEQ */
	size_t len; /* bytes of content, already in place */
	/* 8 bytes for the wire, NULL for epoch || seq; unused without any */
	const u8 *explicit_nonce;
	u8 type;
};

/* RFC 9146 section 4: the real type follows the content. */
static inline size_t dtls12_inner_len(const struct dtls_record_params *p,
				      size_t content_len)
{
	return content_len + (p->cid_len ? 1 : 0);
}

/*
 * The content already is at buf + DTLS_HEADROOM + dtls12_content_offset(),
 * with room for the rest of dtls12_overhead() behind it. With a CID the real
 * type is appended to the content here (so one byte less than
 * DTLS_MAX_CONTENT fits). The caller passes the same content to begin and end.
 */
static inline void dtls12_seal_begin(const struct dtls_record_params *p,
				     const struct dtls12_content *c, u8 *buf,
				     struct dtls_aead_op *op)
{
	size_t len = dtls12_inner_len(p, c->len);

	if (p->cid_len)
		buf[dtls12_text_off(p) + c->len] = c->type;
	dtls12_begin(p, c->seq, c->type, len, c->explicit_nonce, buf, op);
	op->text_len = len;
}

/* RFC 6347 section 4.1; RFC 9146 section 4 puts the CID before the length. */
static inline void dtls12_write_header(const struct dtls_record_params *p,
				       u64 number, u8 type, u16 payload_len,
				       u8 *header)
{
	u8 cid_len = p->cid_len;

	if (cid_len) {
		type = DTLS_TYPE_CID;
		memcpy(header + 11, p->cid, cid_len);
	}
	header[0] = type;
	dtls_put16(header + 1, DTLS_VERSION_1_2);
	dtls_put64(header + 3, number);
	dtls_put16(header + 11 + cid_len, payload_len);
}

/* Returns the length of the record, which begins at buf + DTLS_HEADROOM. */
static inline size_t dtls12_seal_end(const struct dtls_record_params *p,
				     const struct dtls12_content *c, u8 *buf)
{
	u64 number = dtls_number(p->epoch, c->seq);
	u8 explicit_len = p->cipher->explicit_len;
	size_t header_len = DTLS12_HEADER + p->cid_len;
	size_t payload_len = explicit_len + dtls12_inner_len(p, c->len) +
			     p->cipher->tag_len;
	u8 *header = buf + DTLS_HEADROOM;

	dtls12_write_header(p, number, c->type, payload_len, header);
	if (explicit_len && c->explicit_nonce)
		memcpy(header + header_len, c->explicit_nonce,
		       DTLS_EXPLICIT_NONCE);
	else if (explicit_len)
		dtls_put64(header + header_len, number);
	return header_len + payload_len;
}

#endif /* KDTLS_RECORD_SEAL12_H */
