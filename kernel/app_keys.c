// SPDX-License-Identifier: GPL-2.0
/* Keys as an application gives them: checked, and read for an epoch. */
#include <linux/kdtls.h>
#include <linux/string.h>

#include "app_keys.h"
#include "epoch.h"
#include "handshake_epoch.h"
#include "secret13.h"

#define KDTLS_MIN_LIMIT	64	/* RFC 8449 section 4 */

u32 kdtls_app_keys_given(const struct dtls_keys *keys)
{
	return keys->flags ?: DTLS_KEYS_TX | DTLS_KEYS_RX;
}

static bool is_dtls13(const struct dtls_keys *keys)
{
	return keys->version == DTLS_VERSION_1_3;
}

static bool is_zero(const struct dtls_direction *dir)
{
	return !memchr_inv(dir, 0, sizeof(*dir));
}

static bool zero_behind(const u8 *bytes, size_t used, size_t size)
{
	return !memchr_inv(bytes + used, 0, size - used);
}

static bool cid_valid(const struct dtls_direction *dir)
{
	return dir->cid_len <= DTLS_MAX_CID &&
	       zero_behind(dir->cid, dir->cid_len, sizeof(dir->cid));
}

static bool flags_valid13(const struct dtls_direction *dir)
{
	return !(dir->flags & ~(DTLS_DIRECTION_SECRET |
				DTLS_DIRECTION_HANDSHAKE));
}

/* DTLS 1.2 has none of these. */
static bool unused_zero12(const struct dtls_direction *dir)
{
	return !dir->message_seq && !dir->flags && !dir->failures &&
	       zero_behind(dir->sn_key, 0, sizeof(dir->sn_key));
}

/* Epoch 2 is of use where the handshake's last flight goes: to the server. */
static bool handshake_valid(const struct dtls_keys *keys,
			    const struct dtls_direction *dir)
{
	if (!(dir->flags & DTLS_DIRECTION_HANDSHAKE))
		return !dir->handshake_seq &&
		       zero_behind(dir->handshake_key, 0,
				   sizeof(dir->handshake_key));
	return dir->flags & DTLS_DIRECTION_SECRET &&
	       kdtls_handshake_epoch_fits(keys->role, dir == &keys->tx ?
					  KDTLS_DIRECTION_TX :
					  KDTLS_DIRECTION_RX, dir->epoch);
}

static bool direction_valid(const struct dtls_keys *keys,
			    const struct dtls_direction *dir, bool given)
{
	if (!given)
		return is_zero(dir);
	if (dir->pad || dir->pad2 || !cid_valid(dir) ||
	    !handshake_valid(keys, dir) ||
	    memchr_inv(dir->reserved, 0, sizeof(dir->reserved)))
		return false;
	return is_dtls13(keys) ? flags_valid13(dir) : unused_zero12(dir);
}

static bool header_valid(const struct dtls_keys *keys)
{
	if (kdtls_app_keys_given(keys) & ~(DTLS_KEYS_TX | DTLS_KEYS_RX) ||
	    keys->pad)
		return false;
	if (keys->assoc && (keys->peer.ss_family || keys->local.ss_family))
		return false;
	if (keys->role != DTLS_ROLE_CLIENT && keys->role != DTLS_ROLE_SERVER)
		return false;
	return !keys->record_size_limit ||
	       keys->record_size_limit >= KDTLS_MIN_LIMIT;
}

int kdtls_app_keys_check(const struct dtls_keys *keys)
{
	u32 given = kdtls_app_keys_given(keys);

	return header_valid(keys) && !keys->tx.failures &&
	       direction_valid(keys, &keys->tx, given & DTLS_KEYS_TX) &&
	       direction_valid(keys, &keys->rx, given & DTLS_KEYS_RX) ?
	       0 : -EINVAL;
}

static void read_key12(const struct dtls_direction *dir,
		       const struct dtls_cipher *cipher, struct kdtls_key *key)
{
	key->key_len = cipher->key_len;
	key->iv_len = cipher->iv_len;
	memcpy(key->key, dir->key, key->key_len);
	memcpy(key->iv, dir->iv, key->iv_len);
}

/*
 * A secret without its flag would be taken for a key. So that a caller notices,
 * what is not used must be zero, and an sn_key must not be.
 */
static int read_key13(const struct dtls_direction *dir,
		      const struct dtls_cipher *cipher, struct kdtls_key *key)
{
	key->key_len = cipher->key_len;
	key->iv_len = DTLS_NONCE;
	key->sn_len = cipher->key_len;
	if (!zero_behind(dir->key, key->key_len, sizeof(dir->key)) ||
	    !zero_behind(dir->sn_key, key->sn_len, sizeof(dir->sn_key)) ||
	    zero_behind(dir->sn_key, 0, key->sn_len))
		return -EINVAL;
	memcpy(key->key, dir->key, key->key_len);
	memcpy(key->iv, dir->iv, key->iv_len);
	memcpy(key->sn_key, dir->sn_key, key->sn_len);
	return 0;
}

static int read_secret13(const struct dtls_direction *dir,
			 const struct dtls_cipher *cipher,
			 struct kdtls_key *key)
{
	if (!zero_behind(dir->key, cipher->hash_len, sizeof(dir->key)) ||
	    !zero_behind(dir->handshake_key, cipher->hash_len,
			 sizeof(dir->handshake_key)) ||
	    !zero_behind(dir->iv, 0, sizeof(dir->iv)) ||
	    !zero_behind(dir->sn_key, 0, sizeof(dir->sn_key)))
		return -EINVAL;
	return kdtls_secret13_keys(cipher, dir->key, key);
}

int kdtls_app_keys_read(u16 version, u16 cipher_id,
			const struct dtls_direction *dir, struct kdtls_key *key)
{
	const struct dtls_cipher *cipher = dtls_cipher_by_id(cipher_id);
	bool dtls13 = version == DTLS_VERSION_1_3;

	*key = (struct kdtls_key){
		.version = version,
		.cipher = cipher_id,
		.epoch = dir->epoch,
		.seq = dir->seq,
		.cid_len = dir->cid_len,
		.failures = dir->failures,
	};
	memcpy(key->cid, dir->cid, sizeof(key->cid));
	if (!cipher || (dtls13 && !cipher->dtls13))
		return -EOPNOTSUPP;
	if (!dtls13) {
		read_key12(dir, cipher, key);
		return 0;
	}
	return dir->flags & DTLS_DIRECTION_SECRET ?
	       read_secret13(dir, cipher, key) : read_key13(dir, cipher, key);
}
