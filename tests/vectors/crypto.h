/* SPDX-License-Identifier: GPL-2.0 */
/* The cryptography that callers of the record code provide: OpenSSL's. */
#ifndef KDTLS_VECTORS_CRYPTO_H
#define KDTLS_VECTORS_CRYPTO_H

#include "record/record.h"

/* In place over buf, as op says. Sealing appends the tag. */
bool aead_seal(const struct dtls_cipher *cipher, const u8 *key, u8 *buf,
	       const struct dtls_aead_op *op);
/* False: it does not authenticate. */
bool aead_open(const struct dtls_cipher *cipher, const u8 *key, u8 *buf,
	       const struct dtls_aead_op *op);
/* RFC 9147 section 4.2.3: 16 bytes of mask from 16 bytes of ciphertext */
bool number_mask(const struct dtls_cipher *cipher, const u8 *sn_key,
		 const u8 *sample, u8 *mask);
/*
 * HKDF-Expand-Label with an empty context; len up to that of the hash, which
 * is SHA-256 or SHA-384, by the length of the secret.
 */
bool expand_label(const u8 *secret, size_t secret_len, const char *label,
		  u8 *out, size_t len);

#endif /* KDTLS_VECTORS_CRYPTO_H */
