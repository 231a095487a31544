// SPDX-License-Identifier: GPL-2.0
/* Opening DTLS 1.3 records: before and after the AEAD. */
#include "dtls13.h"
#include "nonce13.h"

static bool cid13_ok(const struct dtls_record_params *p,
		     const struct dtls_header *h, const u8 *record)
{
	if (!h->cid_len)
		return true;	/* dtls13_parse() knows if there must be one */
	return h->cid_len == p->cid_len &&
	       !memcmp(record + h->cid_off, p->cid, p->cid_len);
}

/* RFC 9147 section 4: DTLSInnerPlaintext is 1 to 2^14 + 1 bytes */
static bool length_ok(const struct dtls_cipher *cipher, u16 payload_len)
{
	return payload_len > cipher->tag_len &&
	       payload_len - cipher->tag_len <= DTLS13_MAX_INNER;
}

int dtls13_open_begin(const struct dtls_record_params *p,
		      const struct dtls_header *h, u64 seq, const u8 *buf,
		      struct dtls_aead_op *op)
{
	if ((h->epoch ^ p->epoch) & DTLS13_EPOCH_MASK)
		return DTLS_DROP_ERR(DTLS_DROP_EPOCH);
	if (!cid13_ok(p, h, buf + DTLS_HEADROOM))
		return DTLS_DROP_ERR(DTLS_DROP_CID);
	if (!length_ok(p->cipher, h->payload_len))
		return DTLS_DROP_ERR(DTLS_DROP_LENGTH);
	if (seq > DTLS_MAX_SEQ)
		return DTLS_DROP_ERR(DTLS_DROP_REPLAY);

	op->aad_off = DTLS_HEADROOM;
	op->aad_len = h->len;
	op->text_len = h->payload_len;
	dtls13_nonce(p, seq, op->nonce);
	return 0;
}

/* RFC 9147 section 6.1: application data in epochs 1 and from 3 on */
static bool type_ok(u8 type, u64 epoch)
{
	switch (type) {
	case DTLS_TYPE_APPLICATION_DATA:
		return epoch == 1 || epoch >= 3;
	case DTLS_TYPE_ALERT:
	case DTLS_TYPE_HANDSHAKE:
	case DTLS_TYPE_ACK:
		return true;
	default:
		return false;
	}
}

int dtls13_open_end(const struct dtls_record_params *p, const u8 *buf,
		    const struct dtls_aead_op *op, struct dtls_opened *content)
{
	const u8 *inner = buf + op->aad_off + op->aad_len;
	size_t len = op->text_len - p->cipher->tag_len;

	while (len && !inner[len - 1])
		len--;
	if (!len)
		return DTLS_DROP_ERR(DTLS_DROP_INNER);
	content->type = inner[len - 1];
	if (!type_ok(content->type, p->epoch))
		return DTLS_DROP_ERR(DTLS_DROP_TYPE);
	content->off = op->aad_off + op->aad_len;
	content->len = len - 1;
	return 0;
}
