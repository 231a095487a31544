// SPDX-License-Identifier: GPL-2.0
/* Keys of one direction into an association: an epoch, and its traffic secret. */
#include <linux/kdtls.h>
#include <linux/string.h>

#include "app_keys.h"
#include "assoc.h"
#include "assoc_state.h"
#include "direction.h"
#include "epoch.h"
#include "handshake_epoch.h"
#include "key_update.h"
#include "socket.h"

/* For key updates. What was not checked does not get here. */
static int keep_secret(struct kdtls_assoc *assoc,
		       const struct dtls_direction *dir,
		       enum kdtls_direction direction,
		       const struct dtls_cipher *cipher)
{
	if (!(dir->flags & DTLS_DIRECTION_SECRET))
		return 0;
	return kdtls_key_update_give(assoc, direction == KDTLS_DIRECTION_TX ?
				     DTLS_KEYS_TX : DTLS_KEYS_RX, dir->key,
				     cipher->hash_len, dir->message_seq);
}

/* The two are made before anything is changed; handshake: epoch 2, or NULL. */
static int install_made(struct kdtls_assoc *assoc,
			const struct dtls_direction *dir,
			enum kdtls_direction direction,
			struct kdtls_epoch *epoch,
			struct kdtls_epoch *handshake)
{
	int err = keep_secret(assoc, dir, direction, epoch->params.cipher);

	if (err) {
		kdtls_epoch_put(epoch);
		kdtls_epoch_put(handshake);
		return err;
	}
	err = kdtls_assoc_install(assoc, epoch, direction);
	if (err)
		kdtls_epoch_put(handshake);
	else if (handshake)
		kdtls_handshake_epoch_install(assoc, handshake, direction);
	return err;
}

int kdtls_direction_install(struct kdtls_assoc *assoc, u16 version, u16 cipher,
			    const struct dtls_direction *dir,
			    enum kdtls_direction direction)
{
	u32 window_bits = READ_ONCE(assoc->ks->window_bits);
	struct kdtls_epoch *epoch, *handshake;
	struct kdtls_key key;
	int err = kdtls_app_keys_read(version, cipher, dir, &key);

	epoch = err ? ERR_PTR(err) :
		kdtls_epoch_create(assoc->sk, &key, window_bits);
	memzero_explicit(&key, sizeof(key));
	if (IS_ERR(epoch))
		return PTR_ERR(epoch);
	handshake = kdtls_handshake_epoch_create(assoc->sk, dir, cipher,
						 window_bits);
	if (IS_ERR(handshake)) {
		kdtls_epoch_put(epoch);
		return PTR_ERR(handshake);
	}
	return install_made(assoc, dir, direction, epoch, handshake);
}
