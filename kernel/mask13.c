// SPDX-License-Identifier: GPL-2.0
/* The mask of record numbers: one block of AES or of ChaCha20. */
#include <crypto/internal/cipher.h>
#include <linux/module.h>
#include <linux/string.h>

#include "mask13.h"

#ifdef KDTLS_HAVE_CHACHA20_POLY1305
#include "compat/chacha.h"
#endif

#ifdef KDTLS_HAVE_AES_ENCKEY
static int aes_init(struct kdtls_mask13 *key, const u8 *sn_key)
{
	return aes_prepareenckey(&key->aes, sn_key, key->cipher->key_len);
}

static void aes_destroy(struct kdtls_mask13 *key)
{
	memzero_explicit(&key->aes, sizeof(key->aes));
}

static void aes_block(const struct kdtls_mask13 *key, u8 *out, const u8 *sample)
{
	aes_encrypt(&key->aes, out, sample);
}
#else
#ifdef KDTLS_HAVE_IMPORT_NS_WORD
MODULE_IMPORT_NS(CRYPTO_INTERNAL);
#else
MODULE_IMPORT_NS("CRYPTO_INTERNAL");
#endif

static int aes_init(struct kdtls_mask13 *key, const u8 *sn_key)
{
	struct crypto_cipher *aes = crypto_alloc_cipher("aes", 0, 0);
	int err;

	if (IS_ERR(aes))
		return PTR_ERR(aes);
	err = crypto_cipher_setkey(aes, sn_key, key->cipher->key_len);
	if (err) {
		crypto_free_cipher(aes);
		return err;
	}
	key->aes = aes;
	key->bytes = 1024;	/* slab of its context, with AES-NI or tables */
	return 0;
}

static void aes_destroy(struct kdtls_mask13 *key)
{
	crypto_free_cipher(key->aes);	/* wipes the key schedule */
}

static void aes_block(const struct kdtls_mask13 *key, u8 *out, const u8 *sample)
{
	crypto_cipher_encrypt_one(key->aes, out, sample);
}
#endif

static bool is_chacha(const struct kdtls_mask13 *key)
{
	return key->cipher->id == DTLS_CIPHER_CHACHA20_POLY1305;
}

#ifdef KDTLS_HAVE_CHACHA20_POLY1305
static int chacha_mask_init(struct kdtls_mask13 *key, const u8 *sn_key)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(key->chacha); i++)
		key->chacha[i] = get_unaligned_le32(sn_key + 4 * i);
	return 0;
}

/* RFC 9147 section 4.2.3: counter and nonce of the block are the sample. */
static void chacha_mask(const struct kdtls_mask13 *key, const u8 *sample,
			u8 *mask)
{
	struct chacha_state state __aligned(16);
	u32 out[8] __aligned(16);

	chacha_init(&state, key->chacha, sample);
	hchacha_block(&state, out, 20);
	put_unaligned_le16(out[0] + state.x[0], mask);
	memzero_explicit(&state, sizeof(state));
}
#else
static int chacha_mask_init(struct kdtls_mask13 *key, const u8 *sn_key)
{
	return -ENOENT;
}

static void chacha_mask(const struct kdtls_mask13 *key, const u8 *sample,
			u8 *mask)
{
}
#endif

int kdtls_mask13_init(struct kdtls_mask13 *key, const struct dtls_cipher *cipher,
		      const u8 *sn_key)
{
	int err;

	key->cipher = cipher;
	key->bytes = 0;
	err = is_chacha(key) ? chacha_mask_init(key, sn_key) :
			       aes_init(key, sn_key);
	if (err)
		key->cipher = NULL;
	return err;
}

void kdtls_mask13_destroy(struct kdtls_mask13 *key)
{
	if (key->cipher && !is_chacha(key))
		aes_destroy(key);
}

void kdtls_mask13(const struct kdtls_mask13 *key, const u8 *sample,
		  u8 mask[KDTLS_MASK13_BYTES])
{
	u8 block[AES_BLOCK_SIZE];

	if (is_chacha(key)) {
		chacha_mask(key, sample, mask);
		return;
	}
	aes_block(key, block, sample);
	memcpy(mask, block, KDTLS_MASK13_BYTES);
}
