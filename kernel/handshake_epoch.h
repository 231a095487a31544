/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Epoch 2 of DTLS 1.3 behind the handshake, from the client to the server. A client
 * repeats its last flight there until it has an ACK (flight13.c); a server keeps
 * the keys to receive it. Process context.
 */
#ifndef KDTLS_HANDSHAKE_EPOCH_H
#define KDTLS_HANDSHAKE_EPOCH_H

#include <linux/kdtls.h>
#include <linux/kdtls_netlink.h>
#include <linux/types.h>

#include "record/dtls13/dtls13.h"

struct kdtls_assoc;
struct kdtls_epoch;
struct kdtls_key_update;
struct sock;

/* Goes the last flight this way, before these keys? */
static inline bool kdtls_handshake_epoch_fits(u16 role,
					      enum kdtls_direction direction,
					      u64 epoch)
{
	return (direction == KDTLS_DIRECTION_TX) ==
	       (role == DTLS_ROLE_CLIENT) && epoch == DTLS13_HANDSHAKE_EPOCH + 1;
}

/*
 * From dir->handshake_key; NULL: without DTLS_DIRECTION_HANDSHAKE. The cipher is one of
 * DTLS 1.3. ERR_PTR of kdtls_secret13_keys() and kdtls_epoch_create().
 */
struct kdtls_epoch *
kdtls_handshake_epoch_create(struct sock *sk, const struct dtls_direction *dir,
			     u16 cipher, u32 window_bits);
/* Behind the first keys of this direction; takes the reference. */
void kdtls_handshake_epoch_install(struct kdtls_assoc *assoc,
				   struct kdtls_epoch *epoch,
				   enum kdtls_direction direction);
void kdtls_handshake_epoch_init(struct kdtls_key_update *update);

#endif /* KDTLS_HANDSHAKE_EPOCH_H */
