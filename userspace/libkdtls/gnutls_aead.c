// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gnutls/crypto.h>

#include "gnutls_aead.h"

static const gnutls_cipher_algorithm_t algorithms[] = {
	[DTLS_CIPHER_AES_128_GCM]	= GNUTLS_CIPHER_AES_128_GCM,
	[DTLS_CIPHER_AES_256_GCM]	= GNUTLS_CIPHER_AES_256_GCM,
	[DTLS_CIPHER_CHACHA20_POLY1305]	= GNUTLS_CIPHER_CHACHA20_POLY1305,
	[DTLS_CIPHER_AES_128_CCM]	= GNUTLS_CIPHER_AES_128_CCM,
	[DTLS_CIPHER_AES_128_CCM_8]	= GNUTLS_CIPHER_AES_128_CCM_8,
};

uint16_t gnutls_aead_id(gnutls_cipher_algorithm_t algorithm)
{
	uint16_t id;

	for (id = 1; id < ARRAY_SIZE(algorithms); id++)
		if (algorithms[id] == algorithm)
			return id;
	return 0;
}

gnutls_cipher_algorithm_t gnutls_aead_algorithm(uint16_t id)
{
	return id && id < ARRAY_SIZE(algorithms) ? algorithms[id] :
						   GNUTLS_CIPHER_UNKNOWN;
}

ssize_t gnutls_aead_open(const struct record_aead *a, uint8_t *plain, size_t size)
{
	gnutls_datum_t key = { (void *)a->key, a->cipher->key_len };
	gnutls_aead_cipher_hd_t aead;
	int ret;

	if (gnutls_aead_cipher_init(&aead, gnutls_aead_algorithm(a->cipher->id), &key))
		return -1;
	ret = gnutls_aead_cipher_decrypt(aead, a->nonce, sizeof(a->nonce),
					 a->aad, a->aad_len, a->cipher->tag_len,
					 a->sealed, a->sealed_len, plain, &size);
	gnutls_aead_cipher_deinit(aead);
	return ret ? -1 : (ssize_t)size;
}
