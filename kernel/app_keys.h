/* SPDX-License-Identifier: GPL-2.0 */
/* Keys as an application gives them: struct dtls_keys. */
#ifndef KDTLS_APP_KEYS_H
#define KDTLS_APP_KEYS_H

#include <linux/types.h>

struct dtls_direction;
struct dtls_keys;
struct kdtls_key;

/* The directions that are given, as DTLS_KEYS_TX | DTLS_KEYS_RX. */
u32 kdtls_app_keys_given(const struct dtls_keys *keys);
/*
 * Is every member in its range that does not depend on the cipher, and zero what
 * is reserved? 0 or -EINVAL.
 */
int kdtls_app_keys_check(const struct dtls_keys *keys);
/*
 * What installing this direction needs; a traffic secret becomes keys.
 * 0, -EOPNOTSUPP (cipher), -EINVAL (bytes behind a key, an sn_key of zeros), or
 * an error of kdtls_secret13_keys(). The caller wipes key, whatever is returned.
 * May sleep.
 */
int kdtls_app_keys_read(u16 version, u16 cipher_id,
			const struct dtls_direction *dir, struct kdtls_key *key);

#endif /* KDTLS_APP_KEYS_H */
