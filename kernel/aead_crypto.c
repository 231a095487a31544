// SPDX-License-Identifier: GPL-2.0
/* The backend of every cipher: the crypto API's AEADs. */
#include <crypto/aead.h>
#include <linux/crypto.h>
#include <linux/scatterlist.h>
#include <linux/string.h>

#include "aead_key.h"
#include "workspace.h"

static struct crypto_aead *create_tfm(const struct dtls_cipher *cipher,
				      const u8 *bytes)
{
	/* Async drivers are not masked: AES-NI sits behind async wrappers. */
	struct crypto_aead *tfm = crypto_alloc_aead(cipher->aead, 0, 0);
	int err;

	if (IS_ERR(tfm))
		return tfm;
	err = crypto_aead_setauthsize(tfm, cipher->tag_len);
	if (!err)
		err = crypto_aead_setkey(tfm, bytes, cipher->key_len);
	if (!err)
		return tfm;
	crypto_free_aead(tfm);
	return ERR_PTR(err);
}

static const char *crypto_driver(const struct kdtls_aead_key *key)
{
	return crypto_tfm_alg_driver_name(crypto_aead_tfm(key->tfm));
}

/*
 * The crypto API allocates without a charge. What a context takes of the slab
 * allocator, with the AES instructions of x86; and the largest of what is added
 * where they are missing: the key in tables, and GHASH's 4 KB of products.
 */
static unsigned int tfm_bytes(const struct kdtls_aead_key *key)
{
	unsigned int bytes = 1152;	/* GCM */

	if (key->cipher->ccm)
		bytes = 2400;
	else if (key->cipher->id == DTLS_CIPHER_CHACHA20_POLY1305)
		bytes = 352;
	if (strstr(crypto_driver(key), "ghash-generic"))
		bytes += 4096;
	return bytes;
}

static int crypto_init(struct kdtls_aead_key *key, const u8 *bytes)
{
	struct crypto_aead *tfm = create_tfm(key->cipher, bytes);

	if (IS_ERR(tfm))
		return PTR_ERR(tfm);
	key->tfm = tfm;
	key->context = crypto_aead_reqsize(tfm);
	key->bytes = tfm_bytes(key);
	return 0;
}

static void crypto_destroy(struct kdtls_aead_key *key)
{
	crypto_free_aead(key->tfm);	/* wipes the key schedule */
}

/* RFC 3610: the first IV byte of CCM says how long the counter is. */
static u8 *build_ccm_iv(struct kdtls_workspace *ws)
{
	memset(ws->ccm_iv, 0, sizeof(ws->ccm_iv));
	ws->ccm_iv[0] = KDTLS_CCM_IV - 1 - DTLS_NONCE - 1;
	memcpy(ws->ccm_iv + 1, ws->op.nonce, DTLS_NONCE);
	return ws->ccm_iv;
}

/* Continues in the same physical piece of memory: the page need not be looked up. */
static void set_behind(struct scatterlist *sg, struct scatterlist *before,
		       size_t len)
{
	sg_set_page(sg, sg_page(before), len,
		    before->offset + before->length);
}

/* AAD and text in one entry, tag in another; see struct kdtls_workspace. */
static void set_whole(struct kdtls_workspace *ws, u8 *buf, size_t text_len,
		      size_t tag_len)
{
	sg_set_buf(&ws->whole[0], buf + ws->op.aad_off,
		   ws->op.aad_len + text_len);
	set_behind(&ws->whole[1], &ws->whole[0], tag_len);
}

/* AAD from buf, where it was made; text and tag from the record. */
static void set_split(struct kdtls_workspace *ws, const u8 *buf,
		      const u8 *record, size_t tag_len)
{
	const struct dtls_aead_op *op = &ws->op;

	sg_set_buf(&ws->split[0], buf + op->aad_off, op->aad_len);
	sg_set_buf(&ws->split[1],
		   record + op->aad_off + op->aad_len - DTLS_HEADROOM,
		   op->text_len - tag_len);
	set_behind(&ws->split[2], &ws->split[1], tag_len);
}

static void set_request(struct kdtls_workspace *ws,
			const struct kdtls_aead_key *key,
			struct scatterlist *from)
{
	aead_request_set_tfm(&ws->req, key->tfm);
	aead_request_set_ad(&ws->req, ws->op.aad_len);
	aead_request_set_crypt(&ws->req, from, ws->whole, ws->op.text_len,
			       likely(!key->cipher->ccm) ? ws->op.nonce :
							   build_ccm_iv(ws));
}

int kdtls_aead_crypto_seal(struct kdtls_workspace *ws,
			   const struct kdtls_aead_key *key, u8 *buf)
{
	set_whole(ws, buf, ws->op.text_len, key->cipher->tag_len);
	set_request(ws, key, ws->whole);
	return crypto_wait_req(crypto_aead_encrypt(&ws->req), &ws->wait);
}

int kdtls_aead_crypto_open(struct kdtls_workspace *ws,
			   const struct kdtls_aead_key *key, u8 *buf,
			   const u8 *record)
{
	bool in_place = record == buf + DTLS_HEADROOM;
	size_t tag = key->cipher->tag_len;

	set_whole(ws, buf, ws->op.text_len - tag, tag);
	if (!in_place)
		set_split(ws, buf, record, tag);
	set_request(ws, key, in_place ? ws->whole : ws->split);
	return crypto_wait_req(crypto_aead_decrypt(&ws->req), &ws->wait);
}

const struct kdtls_aead_backend kdtls_aead_crypto = {
	.init = crypto_init,
	.destroy = crypto_destroy,
	.driver = crypto_driver,
	.seal = kdtls_aead_crypto_seal,
	.open = kdtls_aead_crypto_open,
};
