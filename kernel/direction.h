/* SPDX-License-Identifier: GPL-2.0 */
/* Keys of one direction, as struct dtls_direction has them, into an association. */
#ifndef KDTLS_DIRECTION_H
#define KDTLS_DIRECTION_H

#include <linux/kdtls_netlink.h>
#include <linux/types.h>

struct dtls_direction;
struct kdtls_assoc;

/*
 * dir was checked (kdtls_app_keys_check()), or is zero where it must be. Of a traffic
 * secret the keys are derived, and it is kept for key updates. 0, or the errors of
 * kdtls_app_keys_read(), kdtls_epoch_create(), kdtls_key_update_give() and
 * kdtls_assoc_install(). May sleep.
 */
int kdtls_direction_install(struct kdtls_assoc *assoc, u16 version, u16 cipher,
			    const struct dtls_direction *dir,
			    enum kdtls_direction direction);

#endif /* KDTLS_DIRECTION_H */
