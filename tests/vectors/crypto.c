// SPDX-License-Identifier: GPL-2.0
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include "crypto.h"
#include "record/dtls13/dtls13.h"

static const EVP_CIPHER *evp_of(const struct dtls_cipher *cipher)
{
	switch (cipher->id) {
	case DTLS_CIPHER_AES_128_GCM:
		return EVP_aes_128_gcm();
	case DTLS_CIPHER_AES_256_GCM:
		return EVP_aes_256_gcm();
	case DTLS_CIPHER_CHACHA20_POLY1305:
		return EVP_chacha20_poly1305();
	default:
		return EVP_aes_128_ccm();
	}
}

/* tag: NULL when sealing. CCM wants the lengths first and the text at once. */
static bool aead_start(EVP_CIPHER_CTX *ctx, const struct dtls_cipher *cipher,
		       const u8 *key, const u8 *buf,
		       const struct dtls_aead_op *op, u8 *tag, int text_len)
{
	int enc = !tag;
	int n;

	return EVP_CipherInit_ex(ctx, evp_of(cipher), NULL, NULL, NULL, enc) &&
	       EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_IVLEN, DTLS_NONCE,
				   NULL) > 0 &&
	       ((!tag && !cipher->ccm) ||
		EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, cipher->tag_len,
				    tag) > 0) &&
	       EVP_CipherInit_ex(ctx, NULL, NULL, key, op->nonce, enc) &&
	       (!cipher->ccm ||
		EVP_CipherUpdate(ctx, NULL, &n, NULL, text_len)) &&
	       EVP_CipherUpdate(ctx, NULL, &n, buf + op->aad_off, op->aad_len);
}

static bool aead_text(EVP_CIPHER_CTX *ctx, const struct dtls_cipher *cipher,
		      u8 *text, int len)
{
	u8 none[16];
	int n;

	/* CCM checks and ends in the one update, even with nothing to update */
	if ((len || cipher->ccm) &&
	    EVP_CipherUpdate(ctx, text, &n, text, len) <= 0)
		return false;
	return cipher->ccm || EVP_CipherFinal_ex(ctx, none, &n) > 0;
}

bool aead_seal(const struct dtls_cipher *cipher, const u8 *key, u8 *buf,
	       const struct dtls_aead_op *op)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	u8 *text = buf + op->aad_off + op->aad_len;
	bool good;

	good = ctx &&
	       aead_start(ctx, cipher, key, buf, op, NULL, op->text_len) &&
	       aead_text(ctx, cipher, text, op->text_len) &&
	       EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, cipher->tag_len,
				   text + op->text_len) > 0;
	EVP_CIPHER_CTX_free(ctx);
	return good;
}

bool aead_open(const struct dtls_cipher *cipher, const u8 *key, u8 *buf,
	       const struct dtls_aead_op *op)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	u8 *text = buf + op->aad_off + op->aad_len;
	int len = op->text_len - cipher->tag_len;
	bool good;

	good = ctx &&
	       aead_start(ctx, cipher, key, buf, op, text + len, len) &&
	       aead_text(ctx, cipher, text, len);
	EVP_CIPHER_CTX_free(ctx);
	return good;
}

/* One block: of AES over in, or of the ChaCha20 stream with in as counter. */
static bool one_block(const EVP_CIPHER *evp, const u8 *key, const u8 *iv,
		      const u8 *in, u8 *out)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	bool good;
	int n;

	good = ctx && EVP_EncryptInit_ex(ctx, evp, NULL, key, iv) &&
	       EVP_CIPHER_CTX_set_padding(ctx, 0) &&
	       EVP_EncryptUpdate(ctx, out, &n, in, DTLS13_SAMPLE);
	EVP_CIPHER_CTX_free(ctx);
	return good;
}

bool number_mask(const struct dtls_cipher *cipher, const u8 *sn_key,
		 const u8 *sample, u8 *mask)
{
	static const u8 zeros[DTLS13_SAMPLE];

	/* OpenSSL's IV of ChaCha20 is the counter and the nonce, as here */
	if (cipher->id == DTLS_CIPHER_CHACHA20_POLY1305)
		return one_block(EVP_chacha20(), sn_key, sample, zeros, mask);
	return one_block(cipher->key_len == 32 ? EVP_aes_256_ecb() :
			 EVP_aes_128_ecb(), sn_key, NULL, sample, mask);
}

/* RFC 5869 section 2.3, the first block */
bool expand_label(const u8 *secret, size_t secret_len, const char *label,
		  u8 *out, size_t len)
{
	const EVP_MD *md = secret_len == 48 ? EVP_sha384() : EVP_sha256();
	u8 info[DTLS13_MAX_INFO + 1];
	u8 block[EVP_MAX_MD_SIZE];
	size_t n = dtls13_hkdf_label(label, len, info);

	if (!n || len > (size_t)EVP_MD_size(md))
		return false;
	info[n] = 1;
	if (!HMAC(md, secret, secret_len, info, n + 1, block, NULL))
		return false;
	memcpy(out, block, len);
	return true;
}
