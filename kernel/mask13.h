/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Record number encryption (RFC 9147 section 4.2.3): the mask of a number from
 * the first bytes of ciphertext, by the fastest call of one block that the
 * kernel has. AES: its library where that uses the CPU's instructions (7.0 on),
 * else the crypto API's cipher. ChaCha20: HChaCha20. Its output lacks
 * the addition of the input, which is done here for the one word that is used.
 */
#ifndef KDTLS_MASK13_H
#define KDTLS_MASK13_H

#include <crypto/aes.h>
#include <linux/types.h>

#include "compat/compat.h"
#include "record/record.h"

struct crypto_cipher;

#define KDTLS_MASK13_BYTES	2	/* as many as a number has at most */

/* The key of one direction ("sn_key"). The caller wipes it after destroy. */
struct kdtls_mask13 {
	const struct dtls_cipher	*cipher;
	unsigned int			bytes;	/* allocated, without a charge */
	union {
#ifdef KDTLS_HAVE_AES_ENCKEY
		struct aes_enckey	aes;
#else
		struct crypto_cipher	*aes;
#endif
		u32			chacha[8];
	};
};

/*
 * sn_key: cipher->key_len bytes. 0, -ENOENT (the kernel has no such cipher),
 * -ENOMEM or another errno of the crypto API. May sleep.
 */
int kdtls_mask13_init(struct kdtls_mask13 *key, const struct dtls_cipher *cipher,
		      const u8 *sn_key);
/* Of a key that was initialized, or is all zeros. */
void kdtls_mask13_destroy(struct kdtls_mask13 *key);
/* sample: 16 bytes at any address. Process context. */
void kdtls_mask13(const struct kdtls_mask13 *key, const u8 *sample,
		  u8 mask[KDTLS_MASK13_BYTES]);

#endif /* KDTLS_MASK13_H */
