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

/* Continues in the same physical piece of memory: the page need not be looked up. */
static inline void kdtls_crypto_behind(struct scatterlist *sg,
				       struct scatterlist *before, size_t len)
{
	sg_set_page(sg, sg_page(before), len,
		    before->offset + before->length);
}

/* AAD and text in one entry, tag in another; see struct kdtls_workspace. */
static inline void kdtls_crypto_whole(struct kdtls_workspace *ws, u8 *buf,
				      size_t text_len, size_t tag_len)
{
	sg_set_buf(&ws->whole[0], buf + ws->op.aad_off,
		   ws->op.aad_len + text_len);
	kdtls_crypto_behind(&ws->whole[1], &ws->whole[0], tag_len);
}

/* AAD from buf, where it was made; text and tag from the record. */
static inline void kdtls_crypto_split(struct kdtls_workspace *ws, const u8 *buf,
				      const u8 *record, size_t tag_len)
{
	const struct dtls_aead_op *op = &ws->op;

	sg_set_buf(&ws->split[0], buf + op->aad_off, op->aad_len);
	sg_set_buf(&ws->split[1],
		   record + op->aad_off + op->aad_len - DTLS_HEADROOM,
		   op->text_len - tag_len);
	kdtls_crypto_behind(&ws->split[2], &ws->split[1], tag_len);
}

static inline void kdtls_crypto_request(struct kdtls_workspace *ws,
					const struct kdtls_aead_key *key,
					struct scatterlist *from)
{
	u8 *iv = ws->op.nonce;

	if (unlikely(key->cipher->ccm))
		iv = kdtls_crypto_ccm_iv(ws);
	aead_request_set_tfm(&ws->req, key->tfm);
	aead_request_set_ad(&ws->req, ws->op.aad_len);
	aead_request_set_crypt(&ws->req, from, ws->whole, ws->op.text_len, iv);
}

static inline int kdtls_crypto_seal(struct kdtls_workspace *ws,
				    const struct kdtls_aead_key *key, u8 *buf)
{
	kdtls_crypto_whole(ws, buf, ws->op.text_len, key->cipher->tag_len);
	kdtls_crypto_request(ws, key, ws->whole);
	return crypto_wait_req(crypto_aead_encrypt(&ws->req), &ws->wait);
}

static inline int kdtls_crypto_open(struct kdtls_workspace *ws,
				    const struct kdtls_aead_key *key, u8 *buf,
				    const u8 *record)
{
	bool in_place = record == buf + DTLS_HEADROOM;
	size_t tag = key->cipher->tag_len;

	kdtls_crypto_whole(ws, buf, ws->op.text_len - tag, tag);
	if (!in_place)
		kdtls_crypto_split(ws, buf, record, tag);
	kdtls_crypto_request(ws, key, in_place ? ws->whole : ws->split);
	return crypto_wait_req(crypto_aead_decrypt(&ws->req), &ws->wait);
}

#endif /* KDTLS_AEAD_CRYPTO_H */
