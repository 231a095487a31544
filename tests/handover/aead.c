// SPDX-License-Identifier: GPL-2.0
/* DTLS 1.2 records by libcrypto: record-layer.md section 2. */
#include <string.h>
#include <openssl/evp.h>

#include "ends.h"
#include "tap.h"

struct shape {
	const EVP_CIPHER *(*evp)(void);
	unsigned int iv, explicit_nonce, tag;
	bool ccm;
};

static const struct shape shapes[] = {
	[DTLS_CIPHER_AES_128_GCM] = { EVP_aes_128_gcm, 4, 8, 16, false },
	[DTLS_CIPHER_AES_256_GCM] = { EVP_aes_256_gcm, 4, 8, 16, false },
	[DTLS_CIPHER_CHACHA20_POLY1305] = { EVP_chacha20_poly1305, 12, 0, 16,
					    false },
	[DTLS_CIPHER_AES_128_CCM] = { EVP_aes_128_ccm, 4, 8, 16, true },
	[DTLS_CIPHER_AES_128_CCM_8] = { EVP_aes_128_ccm, 4, 8, 8, true },
};

uint64_t get_be(const uint8_t *p, unsigned int n)
{
	uint64_t v = 0;

	while (n--)
		v = v << 8 | *p++;
	return v;
}

void put_be(uint8_t *p, unsigned int n, uint64_t v)
{
	while (n--) {
		p[n] = v;
		v >>= 8;
	}
}

static void nonce_and_aad(const struct shape *s,
			  const struct dtls_direction *keys,
			  const uint8_t *record, size_t plain_len,
			  uint8_t nonce[12], uint8_t aad[13])
{
	unsigned int i;

	memcpy(nonce, keys->iv, s->iv);
	if (s->explicit_nonce)
		memcpy(nonce + 4, record + RECORD_HEADER, 8);
	else
		for (i = 0; i < 8; i++)
			nonce[4 + i] ^= record[3 + i];
	memcpy(aad, record + 3, 8);
	memcpy(aad + 8, record, 3);
	put_be(aad + 11, 2, plain_len);
}

static int crypt(const struct shape *s, int enc, const uint8_t *key,
		 const uint8_t nonce[12], const uint8_t aad[13],
		 const uint8_t *in, size_t len, uint8_t *out, uint8_t *tag)
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	int n, good;

	good = EVP_CipherInit_ex(c, s->evp(), NULL, NULL, NULL, enc) > 0 &&
	       EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_IVLEN, 12, NULL) > 0 &&
	       (enc && !s->ccm ? 1 :
		EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, s->tag,
				    enc ? NULL : tag) > 0) &&
	       EVP_CipherInit_ex(c, NULL, NULL, key, nonce, enc) > 0 &&
	       (!s->ccm || EVP_CipherUpdate(c, NULL, &n, NULL, len) > 0) &&
	       EVP_CipherUpdate(c, NULL, &n, aad, 13) > 0 &&
	       EVP_CipherUpdate(c, out, &n, in, len) > 0 &&
	       ((s->ccm && !enc) || EVP_CipherFinal_ex(c, out + n, &n) > 0) &&
	       (!enc || EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, s->tag,
					    tag) > 0);
	EVP_CIPHER_CTX_free(c);
	return good ? 0 : -1;
}

int aead_open(uint16_t cipher, const struct dtls_direction *keys,
	      const uint8_t *record, size_t size, uint8_t *plain)
{
	const struct shape *s = &shapes[cipher];
	size_t before = RECORD_HEADER + s->explicit_nonce, len;
	uint8_t nonce[12], aad[13];

	if (size < before + s->tag)
		return -1;
	len = size - before - s->tag;
	nonce_and_aad(s, keys, record, len, nonce, aad);
	return crypt(s, 0, keys->key, nonce, aad, record + before, len, plain,
		     (uint8_t *)record + before + len) ? -1 : (int)len;
}

size_t aead_seal(uint16_t cipher, const struct dtls_direction *keys,
		 uint8_t type, uint16_t epoch, uint64_t seq, const void *plain,
		 size_t len, uint8_t *record)
{
	const struct shape *s = &shapes[cipher];
	size_t before = RECORD_HEADER + s->explicit_nonce;
	uint8_t nonce[12], aad[13];

	record[0] = type;
	put_be(record + 1, 2, DTLS_VERSION_1_2);
	put_be(record + 3, 2, epoch);
	put_be(record + 5, 6, seq);
	put_be(record + 11, 2, s->explicit_nonce + len + s->tag);
	if (s->explicit_nonce)
		memcpy(record + RECORD_HEADER, record + 3, 8);
	nonce_and_aad(s, keys, record, len, nonce, aad);
	need(!crypt(s, 1, keys->key, nonce, aad, plain, len, record + before,
		    record + before + len), "seal");
	return before + len + s->tag;
}
