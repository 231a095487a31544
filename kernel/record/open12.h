/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* Opening DTLS 1.2 records: before and after the AEAD. Inline, as seal12.h is. */
#ifndef KDTLS_RECORD_OPEN12_H
#define KDTLS_RECORD_OPEN12_H

#include "layout.h"

/*
 * RFC 9146 section 3: once a CID is expected, a record without it MUST be
 * treated as invalid; and a CID has one value for the life of the keys.
 */
static inline bool dtls12_cid_ok(const struct dtls_record_params *p,
				 const struct dtls_header *h, const u8 *record)
{
	return h->cid_len == p->cid_len &&
	       (!p->cid_len ||
		!memcmp(record + h->cid_off, p->cid, p->cid_len));
}

/*
 * Bytes of plaintext (with a CID: of inner plaintext) in the payload, or a
 * DTLS_DROP_ERR(). RFC 6347 section 4.1 and RFC 9146 section 5: neither may
 * exceed 2^14, which keeps the ciphertext below 2^14 + 2048.
 */
static inline int dtls12_plaintext_len(const struct dtls_cipher *cipher,
				       u16 payload_len)
{
	int len = payload_len - cipher->explicit_len - cipher->tag_len;

	if (len < 0 || len > DTLS_MAX_CONTENT)
		return DTLS_DROP_ERR(DTLS_DROP_LENGTH);
	return len;
}

/*
 * h is what dtls12_parse() found at record. Checks the header against the
 * session and the length against the cipher, takes the nonce and writes the
 * AAD into buf, before the place of the text. On failure nothing was written.
 *
 * record is buf + DTLS_HEADROOM for opening in place; elsewhere it is only
 * read, and buf will have the text.
 *
 * 0, or DTLS_DROP_ERR() of VERSION, EPOCH, CID (another one, or none where
 * there must be one: RFC 9146 section 3) or LENGTH.
 */
static inline int dtls12_open_begin(const struct dtls_record_params *p,
				    const struct dtls_header *h,
				    const u8 *record, u8 *buf,
				    struct dtls_aead_op *op)
{
	int len = dtls12_plaintext_len(p->cipher, h->payload_len);

	if (h->version != DTLS_VERSION_1_2)
		return DTLS_DROP_ERR(DTLS_DROP_VERSION);
	if (h->epoch != p->epoch)
		return DTLS_DROP_ERR(DTLS_DROP_EPOCH);
	if (!dtls12_cid_ok(p, h, record))
		return DTLS_DROP_ERR(DTLS_DROP_CID);
	if (len < 0)
		return len;

	/* The explicit bytes are the peer's own. */
	dtls12_begin(p, h->seq, h->type, len, record + h->len, buf, op);
	op->text_len = len + p->cipher->tag_len;
	return 0;
}

/*
 * RFC 9146 section 4: the last byte that is not zero is the type. Returns its
 * index, or -1 if there is none.
 */
static inline int dtls12_find_type(const u8 *inner, int len)
{
	while (len > 0 && !inner[len - 1])
		len--;
	return len - 1;
}

/*
 * After the AEAD succeeded: finds the content and its type. Empty content is
 * legal.
 *
 * 0, or DTLS_DROP_ERR() of INNER: nothing but zeros inside.
 */
static inline int dtls12_open_end(const struct dtls_record_params *p,
				  const struct dtls_header *h, const u8 *buf,
				  const struct dtls_aead_op *op,
				  struct dtls_opened *content)
{
	int len = op->text_len - p->cipher->tag_len;

	content->off = op->aad_off + op->aad_len;
	content->type = h->type;
	if (h->cid_len) {
		len = dtls12_find_type(buf + content->off, len);
		if (len < 0)
			return DTLS_DROP_ERR(DTLS_DROP_INNER);
		content->type = buf[content->off + len];
	}
	content->len = len;
	return 0;
}

#endif /* KDTLS_RECORD_OPEN12_H */
