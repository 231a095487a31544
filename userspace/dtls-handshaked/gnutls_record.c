// SPDX-License-Identifier: GPL-2.0-or-later
#include <gnutls/crypto.h>
#include <string.h>

#include "bytes.h"
#include "gnutls_record.h"

struct cipher {
	gnutls_cipher_algorithm_t algorithm;
	uint8_t key, iv, explicit_nonce, tag;
};

static const struct cipher ciphers[] = {
	[DTLS_CIPHER_AES_128_GCM] = { GNUTLS_CIPHER_AES_128_GCM, 16, 4, 8, 16 },
	[DTLS_CIPHER_AES_256_GCM] = { GNUTLS_CIPHER_AES_256_GCM, 32, 4, 8, 16 },
	[DTLS_CIPHER_CHACHA20_POLY1305] = { GNUTLS_CIPHER_CHACHA20_POLY1305, 32, 12, 0, 16 },
	[DTLS_CIPHER_AES_128_CCM] = { GNUTLS_CIPHER_AES_128_CCM, 16, 4, 8, 16 },
	[DTLS_CIPHER_AES_128_CCM_8] = { GNUTLS_CIPHER_AES_128_CCM_8, 16, 4, 8, 8 },
};

static const struct cipher *find_cipher(uint16_t id)
{
	if (id == 0 || id > DTLS_CIPHER_MAX)
		return NULL;
	return &ciphers[id];
}

bool record_cipher_sizes(uint16_t id, size_t *key, size_t *iv)
{
	const struct cipher *c = find_cipher(id);

	if (!c)
		return false;
	*key = c->key;
	*iv = c->iv;
	return true;
}

enum dtls_cipher_id cipher_of(gnutls_cipher_algorithm_t algorithm)
{
	for (uint16_t id = 1; id <= DTLS_CIPHER_MAX; id++)
		if (ciphers[id].algorithm == algorithm)
			return id;
	return 0;
}

gnutls_cipher_algorithm_t cipher_algorithm(enum dtls_cipher_id id)
{
	const struct cipher *c = find_cipher(id);

	return c ? c->algorithm : GNUTLS_CIPHER_UNKNOWN;
}

/*
 * RFC 5288 section 3, RFC 6655 section 3: salt and explicit nonce; RFC 7905 section
 * 2: IV XOR record number.
 */
static void make_nonce(const struct cipher *c, const uint8_t *iv,
		       const uint8_t number[8], uint8_t nonce[12])
{
	memcpy(nonce, iv, c->iv);
	if (c->explicit_nonce) {
		memcpy(nonce + c->iv, number, 8);
		return;
	}
	for (int i = 0; i < 8; i++)
		nonce[4 + i] ^= number[i];
}

/* RFC 5246 section 6.2.3.3; seq_num is epoch and number, RFC 6347 section 4.1.2.1. */
static void make_aad(const struct record *r, size_t plain_len, uint8_t aad[RECORD_HEADER])
{
	put_be(aad, r->epoch, 2);
	put_be(aad + 2, r->seq, 6);
	aad[8] = r->type;
	put_be(aad + 9, r->version, 2);
	put_be(aad + 11, plain_len, 2);
}

static gnutls_aead_cipher_hd_t new_aead(const struct cipher *c, const uint8_t *key)
{
	gnutls_datum_t datum = { (unsigned char *)key, c->key };
	gnutls_aead_cipher_hd_t aead;

	if (gnutls_aead_cipher_init(&aead, c->algorithm, &datum))
		return NULL;
	return aead;
}

bool record_open(uint16_t id, const struct dtls_direction *dir,
		 const struct record *r, void *out, size_t *len)
{
	const struct cipher *c = find_cipher(id);
	uint8_t number[8], nonce[12], aad[RECORD_HEADER];
	gnutls_aead_cipher_hd_t aead;
	size_t body;
	int ret;

	if (!c || r->len < c->explicit_nonce + c->tag)
		return false;
	aead = new_aead(c, dir->key);
	if (!aead)
		return false;
	body = r->len - c->explicit_nonce;
	put_be(number, (uint64_t)r->epoch << 48 | r->seq, 8);
	make_nonce(c, dir->iv, c->explicit_nonce ? r->payload : number, nonce);
	make_aad(r, body - c->tag, aad);
	ret = gnutls_aead_cipher_decrypt(aead, nonce, sizeof(nonce), aad, sizeof(aad),
					 c->tag, r->payload + c->explicit_nonce,
					 body, out, len);
	gnutls_aead_cipher_deinit(aead);
	return ret == 0;
}
