/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One call of the crypto API's AEAD. Inline in kdtls_aead_seal() and _open(),
 * which have what it needs at hand.
 */
#ifndef KDTLS_AEAD_CRYPTO_H
#define KDTLS_AEAD_CRYPTO_H

#include <crypto/aead.h>
#include <linux/scatterlist.h>
#include <linux/string.h>

#include "aead_key.h"
#include "workspace.h"

/* RFC 3610: the first IV byte of CCM says how long the counter is. */
static inline u8 *kdtls_crypto_ccm_iv(struct kdtls_workspace *ws)
{
	memset(ws->ccm_iv, 0, sizeof(ws->ccm_iv));
	ws->ccm_iv[0] = KDTLS_CCM_IV - 1 - DTLS_NONCE - 1;
	memcpy(ws->ccm_iv + 1, ws->op.nonce, DTLS_NONCE);
	return ws->ccm_iv;
}

/*
 * Where at lies in the block of memory that n entries point to, as they did for
 * the record before: records of a batch share a block. If it is another one,
 * they point to that from here on.
 */
static inline unsigned int kdtls_crypto_offset(unsigned long *block,
					       const u8 *at,
					       struct scatterlist *sg,
					       unsigned int n)
{
	unsigned long offset = (unsigned long)at - *block;
	struct page *page;

	if (likely(offset < KDTLS_SG_BLOCK))
		return offset;
	*block = round_down((unsigned long)at, KDTLS_SG_BLOCK);
	page = virt_to_page((void *)*block);
	while (n--)
		sg_assign_page(sg++, page);
	return (unsigned long)at - *block;
}

static inline void kdtls_crypto_part(struct scatterlist *sg,
				     unsigned int offset, size_t len)
{
	sg->offset = offset;
	sg->length = len;
}

/* AAD and text in one entry, tag in another; see struct kdtls_whole. */
static inline void kdtls_crypto_whole(struct kdtls_whole *whole,
				      const struct dtls_aead_op *op,
				      const u8 *buf, size_t text_len,
				      size_t tag_len)
{
	size_t len = op->aad_len + text_len;
	unsigned int offset;

	offset = kdtls_crypto_offset(&whole->block, buf + op->aad_off,
				     whole->sg, ARRAY_SIZE(whole->sg));
	kdtls_crypto_part(&whole->sg[0], offset, len);
	kdtls_crypto_part(&whole->sg[1], offset + len, tag_len);
}

/* AAD from buf, where it was made; text and tag from the record. */
static inline void kdtls_crypto_split(struct kdtls_workspace *ws,
				      const u8 *record, size_t tag_len)
{
	const struct dtls_aead_op *op = &ws->op;
	size_t len = op->text_len - tag_len;
	unsigned int offset;

	sg_set_page(&ws->split[0], sg_page(ws->open.sg), op->aad_len,
		    ws->open.sg[0].offset);
	record += op->aad_off + op->aad_len - DTLS_HEADROOM;
	offset = kdtls_crypto_offset(&ws->split_block, record, &ws->split[1],
				     ARRAY_SIZE(ws->split) - 1);
	kdtls_crypto_part(&ws->split[1], offset, len);
	kdtls_crypto_part(&ws->split[2], offset + len, tag_len);
}

static inline void kdtls_crypto_request(struct kdtls_workspace *ws,
					const struct kdtls_aead_key *key,
					struct scatterlist *from,
					struct scatterlist *to)
{
	u8 *iv = ws->op.nonce;

	if (unlikely(key->cipher->ccm))
		iv = kdtls_crypto_ccm_iv(ws);
	aead_request_set_tfm(&ws->req, key->tfm);
	aead_request_set_ad(&ws->req, ws->op.aad_len);
	aead_request_set_crypt(&ws->req, from, to, ws->op.text_len, iv);
}

static inline int kdtls_crypto_seal(struct kdtls_workspace *ws,
				    const struct kdtls_aead_key *key, u8 *buf)
{
	struct kdtls_whole *whole = &ws->seal;

	kdtls_crypto_whole(whole, &ws->op, buf, ws->op.text_len,
			   key->cipher->tag_len);
	kdtls_crypto_request(ws, key, whole->sg, whole->sg);
	return crypto_wait_req(crypto_aead_encrypt(&ws->req), &ws->wait);
}

static inline int kdtls_crypto_open(struct kdtls_workspace *ws,
				    const struct kdtls_aead_key *key, u8 *buf,
				    const u8 *record)
{
	struct scatterlist *to = ws->open.sg, *from = to;
	size_t tag = key->cipher->tag_len;

	kdtls_crypto_whole(&ws->open, &ws->op, buf, ws->op.text_len - tag,
			   tag);
	if (record != buf + DTLS_HEADROOM) {
		kdtls_crypto_split(ws, record, tag);
		from = ws->split;
	}
	kdtls_crypto_request(ws, key, from, to);
	return crypto_wait_req(crypto_aead_decrypt(&ws->req), &ws->wait);
}

#endif /* KDTLS_AEAD_CRYPTO_H */
