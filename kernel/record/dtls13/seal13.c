// SPDX-License-Identifier: GPL-2.0
/* Making DTLS 1.3 records: before and after the AEAD. */
#include "dtls13.h"
#include "nonce13.h"

static size_t seq_len(u8 form)
{
	return form & DTLS13_SEQ16 ? 2 : 1;
}

static size_t seq_offset(const struct dtls_record_params *p)
{
	return 1 + p->cid_len;
}

size_t dtls13_content_offset(const struct dtls_record_params *p, u8 form)
{
	return seq_offset(p) + seq_len(form) + (form & DTLS13_LENGTH ? 2 : 0);
}

size_t dtls13_overhead(const struct dtls_record_params *p, u8 form)
{
	return dtls13_content_offset(p, form) + 1 + p->cipher->tag_len;
}

/* RFC 9147 section 4.2.3: senders MUST pad to a whole sample */
static size_t inner_len13(const struct dtls_record_params *p,
			  const struct dtls13_content *c)
{
	size_t len = c->len + 1 + c->padding;

	if (len + p->cipher->tag_len < DTLS13_SAMPLE)
		len = DTLS13_SAMPLE - p->cipher->tag_len;
	return len;
}

/* RFC 9147 section 4, with the number in the clear: this is the AAD, too */
static void write_header13(const struct dtls_record_params *p,
			   const struct dtls13_content *c, u16 payload_len,
			   u8 *header)
{
	u8 *seq = header + seq_offset(p);

	header[0] = DTLS13_FIXED | c->form | (p->cid_len ? DTLS13_CID : 0) |
		    (p->epoch & DTLS13_EPOCH_MASK);
	memcpy(header + 1, p->cid, p->cid_len);
	if (c->form & DTLS13_SEQ16)
		dtls_put16(seq, c->seq);
	else
		seq[0] = c->seq;
	if (c->form & DTLS13_LENGTH)
		dtls_put16(seq + seq_len(c->form), payload_len);
}

void dtls13_seal_begin(const struct dtls_record_params *p,
		       const struct dtls13_content *c, u8 *buf,
		       struct dtls_aead_op *op)
{
	u8 *type;

	op->aad_off = DTLS_HEADROOM;
	op->aad_len = dtls13_content_offset(p, c->form);
	op->text_len = inner_len13(p, c);
	type = buf + op->aad_off + op->aad_len + c->len;
	type[0] = c->type;
	memset(type + 1, 0, op->text_len - c->len - 1);
	dtls13_nonce(p, c->seq, op->nonce);
	write_header13(p, c, op->text_len + p->cipher->tag_len,
		       buf + DTLS_HEADROOM);
}

size_t dtls13_seal_end(const struct dtls_record_params *p,
		       const struct dtls13_content *c, u8 *buf,
		       const struct dtls_aead_op *op, const u8 *mask)
{
	u8 *seq = buf + DTLS_HEADROOM + seq_offset(p);
	size_t i;

	for (i = 0; i < seq_len(c->form); i++)
		seq[i] ^= mask[i];
	return op->aad_len + op->text_len + p->cipher->tag_len;
}
