/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A client's last flight in DTLS 1.3 (RFC 9147 sections 5.8.1 and 7.2), sent in epoch 2,
 * or a server's tickets (RFC 8446 section 4.6.1), in its first epoch; and again what of it
 * is not acknowledged. Process context, may sleep.
 */
#ifndef KDTLS_FLIGHT13_H
#define KDTLS_FLIGHT13_H

#include <linux/types.h>

struct dtls_flight;
struct kdtls_assoc;
struct kdtls_epoch;
struct kdtls_key_update;

void kdtls_flight13_init(struct kdtls_key_update *update);
/* For a client: epoch 2 to send it with; takes the reference. */
void kdtls_flight13_give(struct kdtls_key_update *update,
			 struct kdtls_epoch *epoch);
/*
 * Records that kdtls_flight_set() has checked, len bytes of them. A work item sends
 * them. 0, -EOPNOTSUPP (keys that are no secret; a client's without the one of epoch
 * 2), -EINVAL (they are not fragments of messages before the next), -EALREADY (it was
 * set), -EPIPE (ended), -ENOMEM.
 */
int kdtls_flight13_set(struct kdtls_assoc *assoc, const struct dtls_flight *from,
		       size_t len);
/* An ACK of the peer with so many numbers. */
void kdtls_flight13_acked(struct kdtls_key_update *update, const u8 *ack,
			  unsigned int count);
/* The association ends. The caller holds update->lock. */
void kdtls_flight13_end(struct kdtls_key_update *update);

#endif /* KDTLS_FLIGHT13_H */
