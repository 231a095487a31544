// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* The AEADs of DTLS. One table says everything about each. */
#include "record.h"

/*
 * RFC 9147 section 4.5.3 and RFC 8446 section 5.5: how many records one key
 * may protect, and how many forgeries it may meet.
 */
#define GCM_SEAL_LIMIT		23726566ULL	/* 2^24.5 */
#define GCM_FAIL_LIMIT		BIT_ULL(36)
#define CCM_SEAL_LIMIT		BIT_ULL(23)
#define CCM_FAIL_LIMIT		11863283ULL	/* 2^23.5 */
#define CHACHA_SEAL_LIMIT	DTLS_MAX_SEQ	/* the numbers run out first */
#define CHACHA_FAIL_LIMIT	BIT_ULL(36)

static const struct dtls_cipher ciphers[] = {
	{	/* RFC 5288 */
		.id = DTLS_CIPHER_AES_128_GCM,
		.name = "AES-128-GCM",
		.aead = "gcm(aes)",
		.key_len = 16,
		.tag_len = 16,
		.hash_len = 32,
		.iv_len = 4,
		.explicit_len = DTLS_EXPLICIT_NONCE,
		.seal_limit = GCM_SEAL_LIMIT,
		.fail_limit = GCM_FAIL_LIMIT,
		.dtls13 = true,
	}, {	/* RFC 5288 */
		.id = DTLS_CIPHER_AES_256_GCM,
		.name = "AES-256-GCM",
		.aead = "gcm(aes)",
		.key_len = 32,
		.tag_len = 16,
		.hash_len = 48,
		.iv_len = 4,
		.explicit_len = DTLS_EXPLICIT_NONCE,
		.seal_limit = GCM_SEAL_LIMIT,
		.fail_limit = GCM_FAIL_LIMIT,
		.dtls13 = true,
	}, {	/* RFC 7905 */
		.id = DTLS_CIPHER_CHACHA20_POLY1305,
		.name = "CHACHA20-POLY1305",
		.aead = "rfc7539(chacha20,poly1305)",
		.key_len = 32,
		.tag_len = 16,
		.hash_len = 32,
		.iv_len = 12,
		.explicit_len = 0,
		.seal_limit = CHACHA_SEAL_LIMIT,
		.fail_limit = CHACHA_FAIL_LIMIT,
		.dtls13 = true,
	}, {	/* RFC 6655 */
		.id = DTLS_CIPHER_AES_128_CCM,
		.name = "AES-128-CCM",
		.aead = "ccm(aes)",
		.key_len = 16,
		.tag_len = 16,
		.hash_len = 32,
		.iv_len = 4,
		.explicit_len = DTLS_EXPLICIT_NONCE,
		.ccm = true,
		.seal_limit = CCM_SEAL_LIMIT,
		.fail_limit = CCM_FAIL_LIMIT,
		.dtls13 = true,
	}, {	/* RFC 6655; RFC 9147 section 4.5.3: MUST NOT in DTLS 1.3 */
		.id = DTLS_CIPHER_AES_128_CCM_8,
		.name = "AES-128-CCM-8",
		.aead = "ccm(aes)",
		.key_len = 16,
		.tag_len = 8,
		.hash_len = 32,
		.iv_len = 4,
		.explicit_len = DTLS_EXPLICIT_NONCE,
		.ccm = true,
		.seal_limit = CCM_SEAL_LIMIT,
		.fail_limit = CCM_FAIL_LIMIT,
		.dtls13 = false,
	},
};

const struct dtls_cipher *dtls_cipher_by_id(unsigned int id)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ciphers); i++)
		if (ciphers[i].id == id)
			return &ciphers[i];
	return NULL;
}
