// SPDX-License-Identifier: GPL-2.0
/* Sealing and opening with crypto_aead. */
#include <linux/crypto.h>

#include "aead.h"
#include "epoch.h"
#include "workspace.h"

/* RFC 3610: the first IV byte of CCM says how long the counter is. */
static void set_iv(struct kdtls_workspace *ws, const struct dtls_cipher *cipher,
		   const u8 *nonce)
{
	if (!cipher->ccm) {
		memcpy(ws->iv, nonce, DTLS_NONCE);
		return;
	}
	memset(ws->iv, 0, sizeof(ws->iv));
	ws->iv[0] = KDTLS_REQUEST_IV - 1 - DTLS_NONCE - 1;
	memcpy(ws->iv + 1, nonce, DTLS_NONCE);
}

/* AAD and text in one entry, tag in another; see struct kdtls_workspace. */
static void set_whole(struct kdtls_workspace *ws, const struct dtls_aead_op *op,
		      u8 *buf, size_t text_len, size_t tag_len)
{
	u8 *aad = buf + op->aad_off;

	sg_set_buf(&ws->whole[0], aad, op->aad_len + text_len);
	sg_set_buf(&ws->whole[1], aad + op->aad_len + text_len, tag_len);
}

/* AAD from buf, where it was made; text and tag from the record. */
static void set_split(struct kdtls_workspace *ws, const struct dtls_aead_op *op,
		      const u8 *buf, const u8 *record, size_t text_len,
		      size_t tag_len)
{
	const u8 *text = record + op->aad_off + op->aad_len - DTLS_HEADROOM;

	sg_set_buf(&ws->split[0], buf + op->aad_off, op->aad_len);
	sg_set_buf(&ws->split[1], text, text_len);
	sg_set_buf(&ws->split[2], text + text_len, tag_len);
}

static void request_set(struct kdtls_workspace *ws,
			const struct kdtls_epoch *epoch,
			const struct dtls_aead_op *op, struct scatterlist *from)
{
	set_iv(ws, epoch->params.cipher, op->nonce);
	aead_request_set_ad(&ws->req, op->aad_len);
	aead_request_set_crypt(&ws->req, from, ws->whole, op->text_len,
			       ws->iv);
}

ssize_t kdtls_aead_seal(struct kdtls_workspace *ws, struct kdtls_epoch *epoch,
			u64 seq, u8 type, u8 *buf, size_t content_len)
{
	const struct dtls_record_params *params = &epoch->params;
	struct dtls_aead_op op;
	int err;

	dtls12_seal_begin(params, seq, type, NULL, buf, content_len, &op);
	set_whole(ws, &op, buf, op.text_len, params->cipher->tag_len);
	request_set(ws, epoch, &op, ws->whole);
	err = crypto_wait_req(crypto_aead_encrypt(&ws->req), &ws->wait);
	if (err)
		return err;
	return dtls12_seal_end(params, seq, type, NULL, buf, content_len);
}

int kdtls_aead_open(struct kdtls_workspace *ws, struct kdtls_epoch *epoch,
		    const struct dtls_header *header, const u8 *record, u8 *buf,
		    struct kdtls_content *content)
{
	const struct dtls_record_params *params = &epoch->params;
	bool in_place = record == buf + DTLS_HEADROOM;
	struct dtls_aead_op op;
	size_t offset, tag;
	int err;

	err = dtls12_open_begin(params, header, record, buf, &op);
	if (err)
		return err;
	tag = params->cipher->tag_len;
	set_whole(ws, &op, buf, op.text_len - tag, tag);
	if (!in_place)
		set_split(ws, &op, buf, record, op.text_len - tag, tag);
	request_set(ws, epoch, &op, in_place ? ws->whole : ws->split);
	err = crypto_wait_req(crypto_aead_decrypt(&ws->req), &ws->wait);
	if (err == -EBADMSG)
		return DTLS_DROP_ERR(DTLS_DROP_TAG);
	if (err)
		return DTLS_DROP_ERR(DTLS_DROP_NOMEM);
	err = dtls12_open_end(params, header, buf, &op, &content->type, &offset,
			      &content->len);
	content->data = buf + offset;
	return err;
}
