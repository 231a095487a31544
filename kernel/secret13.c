// SPDX-License-Identifier: GPL-2.0
/* HKDF-Expand-Label (RFC 8446 section 7.1) by the crypto API's HMAC. */
#include <crypto/hash.h>
#include <linux/string.h>

#include "epoch.h"
#include "secret13.h"
#include "record/dtls13/dtls13.h"

#define MAX_HASH	48	/* SHA-384 */

/*
 * RFC 5869 section 2.3: the first block is HMAC(secret, info || 1). Every length
 * that the record layer asks for fits in it.
 */
static int expand_label(struct crypto_shash *hmac, const char *label, u8 *out,
			size_t len)
{
	u8 info[DTLS13_MAX_INFO + 1], block[MAX_HASH];
	size_t n = dtls13_hkdf_label(label, len, info);
	int err;

	info[n] = 1;
	err = crypto_shash_tfm_digest(hmac, info, n + 1, block);
	if (!err)
		memcpy(out, block, len);
	memzero_explicit(block, sizeof(block));
	return err;
}

static int derive_keys(struct crypto_shash *hmac,
		       const struct dtls_cipher *cipher, struct kdtls_key *key)
{
	int err;

	key->key_len = cipher->key_len;
	key->iv_len = DTLS_NONCE;
	key->sn_len = cipher->key_len;
	err = expand_label(hmac, "key", key->key, key->key_len);
	if (!err)
		err = expand_label(hmac, "iv", key->iv, key->iv_len);
	if (!err)
		err = expand_label(hmac, "sn", key->sn_key, key->sn_len);
	return err;
}

/* Of the cipher's hash, keyed with a secret; ERR_PTR. The caller frees it. */
static struct crypto_shash *hmac_of(const struct dtls_cipher *cipher,
				    const u8 *secret)
{
	struct crypto_shash *hmac;
	int err;

	hmac = crypto_alloc_shash(cipher->hash_len == MAX_HASH ?
				  "hmac(sha384)" : "hmac(sha256)", 0, 0);
	if (IS_ERR(hmac))
		return hmac;
	err = crypto_shash_setkey(hmac, secret, cipher->hash_len);
	if (!err)
		return hmac;
	crypto_free_shash(hmac);
	return ERR_PTR(err);
}

int kdtls_secret13_keys(const struct dtls_cipher *cipher, const u8 *secret,
			struct kdtls_key *key)
{
	struct crypto_shash *hmac = hmac_of(cipher, secret);
	int err;

	if (IS_ERR(hmac))
		return PTR_ERR(hmac);
	err = derive_keys(hmac, cipher, key);
	crypto_free_shash(hmac);	/* wipes its key */
	return err;
}

int kdtls_secret13_next(const struct dtls_cipher *cipher, const u8 *secret,
			u8 *next)
{
	struct crypto_shash *hmac = hmac_of(cipher, secret);
	int err;

	if (IS_ERR(hmac))
		return PTR_ERR(hmac);
	err = expand_label(hmac, "traffic upd", next, cipher->hash_len);
	crypto_free_shash(hmac);
	return err;
}
