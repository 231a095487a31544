/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sending under changed keys (RFC 9147 section 8): a KeyUpdate is sent in the old
 * epoch, and again until its ACK comes; only then do the new keys take the place of
 * the old ones. One at a time. All in process context, may sleep.
 */
#ifndef KDTLS_UPDATE_TX_H
#define KDTLS_UPDATE_TX_H

#include <linux/types.h>

struct kdtls_assoc;
struct kdtls_key_update;

void kdtls_update_tx_init(struct kdtls_key_update *update);
/*
 * The application asks; request: DTLS13_UPDATE_*. 0, -EOPNOTSUPP (no traffic secrets),
 * -EALREADY (one is on its way), -EPIPE (ended), -EKEYEXPIRED (the last epoch or
 * message_seq). A work item sends it.
 */
int kdtls_update_tx_start(struct kdtls_assoc *assoc, u8 request);
/*
 * The peer requested ours, or request asks for its own: now, or when the ACK of the
 * one on its way comes.
 */
void kdtls_update_tx_answer(struct kdtls_key_update *update, u8 request);
/* An ACK of the peer with so many numbers. */
void kdtls_update_tx_acked(struct kdtls_key_update *update, const u8 *ack,
			   unsigned int count);
/* The last flight waits for no ACK any more. The caller holds update->lock. */
void kdtls_update_tx_go_on(struct kdtls_key_update *update);
/* The association ends. The caller holds update->lock. */
void kdtls_update_tx_end(struct kdtls_key_update *update);

#endif /* KDTLS_UPDATE_TX_H */
