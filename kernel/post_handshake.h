/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Messages of DTLS 1.3 after the handshake: processed in order of message_seq, and
 * acknowledged (RFC 9147 sections 5.2 and 7). For the record that was opened last, in
 * pkt->epoch; process context, may sleep.
 */
#ifndef KDTLS_POST_HANDSHAKE_H
#define KDTLS_POST_HANDSHAKE_H

#include <linux/types.h>

struct kdtls_packet;

/*
 * Content of a handshake record. 0: it was processed, now or before. Else
 * DTLS_DROP_ERR() of TYPE or NOMEM: it is not acknowledged.
 */
int kdtls_post_handshake(struct kdtls_packet *pkt, const u8 *data, size_t len);
/* Content of an ACK. 0, or DTLS_DROP_ERR() of TYPE. */
int kdtls_post_handshake_ack(struct kdtls_packet *pkt, const u8 *data,
			     size_t len);

#endif /* KDTLS_POST_HANDSHAKE_H */
