/* SPDX-License-Identifier: GPL-2.0 */
/* The key schedule of DTLS 1.3, from a traffic secret on. */
#ifndef KDTLS_SECRET13_H
#define KDTLS_SECRET13_H

#include <linux/types.h>

struct dtls_cipher;
struct kdtls_key;

/*
 * Derives key, iv and sn_key of this cipher, with their lengths, from a traffic
 * secret of cipher->hash_len bytes (RFC 9147 sections 4.2.3 and 5.9). 0, -ENOENT
 * (the kernel has no such HMAC), -ENOMEM or another errno of the crypto API; then
 * the caller wipes what is in key. May sleep.
 */
int kdtls_secret13_keys(const struct dtls_cipher *cipher, const u8 *secret,
			struct kdtls_key *key);
/*
 * The traffic secret that follows this one (RFC 8446 section 7.2), both of
 * cipher->hash_len bytes and not in the same memory. Errors as above; then the
 * caller wipes next, too.
 */
int kdtls_secret13_next(const struct dtls_cipher *cipher, const u8 *secret,
			u8 *next);

#endif /* KDTLS_SECRET13_H */
