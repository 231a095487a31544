/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Receiving under changed keys. After a KeyUpdate of the peer there are two
 * receiving epochs, for the peer sends in the old one until it has our ACK (RFC 9147
 * section 8); a while after the first record of the new one the old one goes. All in
 * process context.
 */
#ifndef KDTLS_UPDATE_RX_H
#define KDTLS_UPDATE_RX_H

#include <linux/types.h>

struct dtls13_number;
struct kdtls_assoc;
struct kdtls_epoch;
struct kdtls_key_update;

void kdtls_update_rx_init(struct kdtls_key_update *update);
/*
 * A KeyUpdate came in the record of this number, and says request: a work item installs
 * the next epoch, acknowledges it, and answers if that is requested. The
 * caller holds update->lock. 0, also for a repetition that comes meanwhile; -EPROTO
 * (an epoch that was updated already), -EPIPE (ended).
 */
int kdtls_update_rx_ask(struct kdtls_key_update *update,
			const struct dtls13_number *number, u8 request);
/* A record of this epoch was authentic, the first since a KeyUpdate. */
void kdtls_update_rx_confirm(struct kdtls_assoc *assoc,
			     struct kdtls_epoch *epoch);
/* The association ends. The caller holds update->lock. */
void kdtls_update_rx_end(struct kdtls_key_update *update);

#endif /* KDTLS_UPDATE_RX_H */
