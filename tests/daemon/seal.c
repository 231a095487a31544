// SPDX-License-Identifier: GPL-2.0-or-later
#include <gnutls/crypto.h>
#include <string.h>

#include "gnutls_record.h"
#include "seal.h"

#define HEADER 13

static void put(uint8_t *p, uint64_t v, int bytes)
{
	while (bytes--) {
		p[bytes] = v;
		v >>= 8;
	}
}

static void put_header(uint8_t *out, uint8_t type, uint64_t number, size_t len)
{
	out[0] = type;
	put(out + 1, DTLS_VERSION_1_2, 2);
	put(out + 3, number, 8);
	put(out + 11, len, 2);
}

static void make_nonce(const uint8_t *iv, const uint8_t number[8], size_t explicit_len,
		       uint8_t nonce[12])
{
	memcpy(nonce, iv, 12 - explicit_len);
	for (int i = 0; i < 8; i++)
		nonce[4 + i] = explicit_len ? number[i] : nonce[4 + i] ^ number[i];
}

size_t record_seal(uint16_t cipher, struct dtls_direction *dir, uint8_t type,
		   const void *plain, size_t len, uint8_t *out, size_t room)
{
	gnutls_cipher_algorithm_t algorithm = cipher_algorithm(cipher);
	gnutls_datum_t key = { dir->key, gnutls_cipher_get_key_size(algorithm) };
	size_t tag = gnutls_cipher_get_tag_size(algorithm);
	size_t explicit_len = algorithm == GNUTLS_CIPHER_CHACHA20_POLY1305 ? 0 : 8;
	uint64_t number = 1ull << 48 | dir->seq++;
	uint8_t bytes[8], aad[13], nonce[12];
	gnutls_aead_cipher_hd_t aead;
	size_t body = room - HEADER - explicit_len;

	put(bytes, number, 8);
	make_nonce(dir->iv, bytes, explicit_len, nonce);
	memcpy(aad, bytes, 8);
	aad[8] = type;
	put(aad + 9, DTLS_VERSION_1_2, 2);
	put(aad + 11, len, 2);
	if (gnutls_aead_cipher_init(&aead, algorithm, &key))
		return 0;
	if (gnutls_aead_cipher_encrypt(aead, nonce, sizeof(nonce), aad, sizeof(aad), tag, plain,
				       len, out + HEADER + explicit_len, &body))
		body = 0;
	gnutls_aead_cipher_deinit(aead);
	memcpy(out + HEADER, bytes, explicit_len);
	put_header(out, type, number, explicit_len + body);
	return HEADER + explicit_len + body;
}

size_t record_plain(uint64_t seq, uint8_t type, const void *data, size_t len, uint8_t *out)
{
	put_header(out, type, seq, len);
	memcpy(out + HEADER, data, len);
	return HEADER + len;
}
