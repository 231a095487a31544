// SPDX-License-Identifier: GPL-2.0-or-later
#include <wolfssl/options.h>
#include <wolfssl/wolfcrypt/aes.h>
#include <wolfssl/wolfcrypt/chacha.h>
#include <wolfssl/wolfcrypt/chacha20_poly1305.h>
#include <wolfssl/wolfcrypt/kdf.h>

#include <string.h>

#include "crypto.h"

static const uint8_t protocol[] = "dtls13";

static bool expand(const struct dtls_cipher *c, const uint8_t *secret, const char *label,
		   uint8_t *out, size_t len)
{
	int digest = c->hash_len == WC_SHA384_DIGEST_SIZE ? WC_SHA384 : WC_SHA256;

	return !wc_Tls13_HKDF_Expand_Label(out, len, secret, c->hash_len, protocol,
					   sizeof(protocol) - 1, (const uint8_t *)label,
					   strlen(label), NULL, 0, digest);
}

bool record_keys_derive(struct record_keys *k, const struct dtls_cipher *cipher,
			uint64_t epoch, const uint8_t *secret, const struct cid *cid)
{
	memset(k, 0, sizeof(*k));
	k->params.cipher = cipher;
	k->params.epoch = epoch;
	k->params.cid_len = cid->len;
	memcpy(k->params.cid, cid->bytes, cid->len);
	return expand(cipher, secret, "key", k->key, cipher->key_len) &&
	       expand(cipher, secret, "iv", k->params.iv, sizeof(k->params.iv)) &&
	       expand(cipher, secret, "sn", k->sn_key, cipher->key_len);
}

static bool is_chacha(const struct dtls_cipher *c)
{
	return c->id == DTLS_CIPHER_CHACHA20_POLY1305;
}

static bool mask_chacha(const struct record_keys *k, const uint8_t *sample, uint8_t mask[16])
{
	static const uint8_t zeros[16];
	uint32_t counter = sample[0] | sample[1] << 8 | sample[2] << 16 |
			   (uint32_t)sample[3] << 24;
	ChaCha ctx;
	bool good;

	good = !wc_Chacha_SetKey(&ctx, k->sn_key, 32) &&
	       !wc_Chacha_SetIV(&ctx, sample + 4, counter) &&
	       !wc_Chacha_Process(&ctx, mask, zeros, sizeof(zeros));
	explicit_bzero(&ctx, sizeof(ctx));
	return good;
}

static bool mask_aes(const struct record_keys *k, const uint8_t *sample, uint8_t mask[16])
{
	struct Aes aes;
	bool good;

	if (wc_AesInit(&aes, NULL, INVALID_DEVID))
		return false;
	good = !wc_AesSetKeyDirect(&aes, k->sn_key, k->params.cipher->key_len, NULL,
				   AES_ENCRYPTION) &&
	       !wc_AesEncryptDirect(&aes, mask, sample);
	wc_AesFree(&aes);
	return good;
}

/* RFC 9147 section 4.2.3 */
static bool number_mask(const struct record_keys *k, const uint8_t *sample, uint8_t mask[16])
{
	return is_chacha(k->params.cipher) ? mask_chacha(k, sample, mask) :
					     mask_aes(k, sample, mask);
}

/* In place over buf, as op says. */
static bool aes_run(const struct record_keys *k, uint8_t *buf, const struct dtls_aead_op *op,
		    bool seal)
{
	const struct dtls_cipher *c = k->params.cipher;
	uint8_t *aad = buf + op->aad_off, *text = aad + op->aad_len;
	size_t len = op->text_len - (seal ? 0 : c->tag_len);
	uint8_t *tag = text + len;
	struct Aes aes;
	int ret;

	if (wc_AesInit(&aes, NULL, INVALID_DEVID))
		return false;
	ret = c->ccm ? wc_AesCcmSetKey(&aes, k->key, c->key_len) :
		       wc_AesGcmSetKey(&aes, k->key, c->key_len);
	if (!ret && c->ccm)
		ret = (seal ? wc_AesCcmEncrypt(&aes, text, text, len, op->nonce, DTLS_NONCE,
					       tag, c->tag_len, aad, op->aad_len) :
			      wc_AesCcmDecrypt(&aes, text, text, len, op->nonce, DTLS_NONCE,
					       tag, c->tag_len, aad, op->aad_len));
	else if (!ret)
		ret = (seal ? wc_AesGcmEncrypt(&aes, text, text, len, op->nonce, DTLS_NONCE,
					       tag, c->tag_len, aad, op->aad_len) :
			      wc_AesGcmDecrypt(&aes, text, text, len, op->nonce, DTLS_NONCE,
					       tag, c->tag_len, aad, op->aad_len));
	wc_AesFree(&aes);
	return !ret;
}

static bool aead_run(const struct record_keys *k, uint8_t *buf, const struct dtls_aead_op *op,
		     bool seal)
{
	uint8_t *aad = buf + op->aad_off, *text = aad + op->aad_len;
	size_t len = op->text_len - (seal ? 0 : DTLS_MAX_TAG);

	if (!is_chacha(k->params.cipher))
		return aes_run(k, buf, op, seal);
	if (seal)
		return !wc_ChaCha20Poly1305_Encrypt(k->key, op->nonce, aad, op->aad_len,
						    text, len, text, text + len);
	return !wc_ChaCha20Poly1305_Decrypt(k->key, op->nonce, aad, op->aad_len,
					    text, len, text + len, text);
}

bool record_open(const struct record_keys *k, const struct dtls_header *h,
		 const uint8_t *record, uint64_t *next, uint8_t *plain,
		 struct dtls_opened *content)
{
	uint8_t *copy = plain + DTLS_HEADROOM, mask[16];
	struct dtls_header clear = *h;
	struct dtls_aead_op op;
	uint64_t seq;

	memcpy(copy, record, h->len + h->payload_len);
	if (!number_mask(k, copy + h->len, mask))
		return false;
	dtls13_unmask(&clear, copy, mask);
	seq = dtls13_seq(&clear, *next);
	if (dtls13_open_begin(&k->params, &clear, seq, plain, &op) ||
	    !aead_run(k, plain, &op, false) ||
	    dtls13_open_end(&k->params, plain, &op, content))
		return false;
	if (seq >= *next)
		*next = seq + 1;
	return true;
}

bool record_open12(const struct record_keys *k, const struct dtls_header *h,
		   const uint8_t *record, uint8_t *plain, struct dtls_opened *content)
{
	struct dtls_aead_op op;

	if (dtls12_open_begin(&k->params, h, record, plain, &op))
		return false;
	memcpy(plain + op.aad_off + op.aad_len,
	       record + h->len + k->params.cipher->explicit_len, op.text_len);
	return aead_run(k, plain, &op, false) &&
	       !dtls12_open_end(&k->params, h, plain, &op, content);
}

uint8_t *record_seal(const struct record_keys *k, uint64_t seq, uint8_t type,
		     const void *content, size_t len, uint8_t *space, size_t *size)
{
	const struct dtls13_content c = {
		.seq = seq, .len = len, .type = type, .form = DTLS13_SEQ16 | DTLS13_LENGTH,
	};
	struct dtls_aead_op op;
	uint8_t mask[16];

	memcpy(space + DTLS_HEADROOM + dtls13_content_offset(&k->params, c.form), content, len);
	dtls13_seal_begin(&k->params, &c, space, &op);
	if (!aead_run(k, space, &op, true) ||
	    !number_mask(k, space + op.aad_off + op.aad_len, mask))
		return NULL;
	*size = dtls13_seal_end(&k->params, &c, space, &op, mask);
	return space + DTLS_HEADROOM;
}

size_t record_seal_small(const struct record_keys *k, uint64_t seq, uint8_t type,
			 const void *content, size_t len, uint8_t out[2 * RECORD_SMALL])
{
	uint8_t space[RECORD_SPACE(RECORD_SMALL)];
	uint8_t *record;
	size_t size;

	if (len > RECORD_SMALL)
		return 0;
	record = record_seal(k, seq, type, content, len, space, &size);
	if (!record)
		return 0;
	memcpy(out, record, size);
	return size;
}
