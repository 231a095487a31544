// SPDX-License-Identifier: GPL-2.0
/* The backend of every cipher: the crypto API's AEADs. */
#include <crypto/aead.h>
#include <linux/crypto.h>
#include <linux/string.h>

#include "aead_crypto.h"
#include "aead_key.h"

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

const struct kdtls_aead_backend kdtls_aead_crypto = {
	.init = crypto_init,
	.destroy = crypto_destroy,
	.driver = crypto_driver,
	.seal = kdtls_crypto_seal,
	.open = kdtls_crypto_open,
};
