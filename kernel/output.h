/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the module sends by itself (ip_output.h): no lock of the socket's is
 * taken, no pending error consumed. All may sleep, for memory and for the AEAD;
 * no lock may be held.
 */
#ifndef KDTLS_OUTPUT_H
#define KDTLS_OUTPUT_H

struct dtls13_number;
struct kdtls_assoc;
struct kdtls_daemon_datagram;
struct kdtls_ends;
struct kdtls_epoch;
struct kvec;
struct kdtls_sock;

/*
 * A handshake datagram of the daemon, as it is. Only while the handshake
 * runs (-EPIPE otherwise), and only what daemon_record.h lets through (-EINVAL).
 */
int kdtls_output_handshake(struct kdtls_assoc *assoc,
			   const struct kdtls_daemon_datagram *dg);
/*
 * One HelloVerifyRequest (RFC 6347 section 4.2.1) or HelloRetryRequest (RFC 9147
 * section 5.1), from and to these ends; there is no association. -EINVAL: it is
 * something else. -EAGAIN: too many wait to be sent.
 */
int kdtls_output_challenge(struct kdtls_sock *ks, const struct kdtls_ends *ends,
			   const void *data, size_t len);
/* A record of epoch 0 with this number (last flight only), unprotected. */
int kdtls_output_plain(struct kdtls_assoc *assoc, u8 type, u64 seq,
		       const void *data, size_t len);
/* A record sealed by the current keys, with its own next number. */
int kdtls_output_record(struct kdtls_assoc *assoc, u8 type, const void *data,
			size_t len);
/*
 * The same in DTLS 1.3; *seq: its number, which is set before it is sent, and stays
 * as it was if there is none.
 */
int kdtls_output_numbered(struct kdtls_assoc *assoc, u8 type, const void *data,
			  size_t len, u64 *seq);
/* The same under the keys of an epoch that is not the sending one; of several pieces. */
int kdtls_output_under(struct kdtls_assoc *assoc, struct kdtls_epoch *epoch,
		       u8 type, const struct kvec *vec, unsigned int pieces,
		       u64 *seq);
/* DTLS 1.3: an ACK of this record; not behind the end or our close_notify. */
void kdtls_output_ack(struct kdtls_assoc *assoc,
		      const struct dtls13_number *number);
/* Alerts, RFC 5246 section 7.2 */
#define KDTLS_ALERT_WARNING		1
#define KDTLS_ALERT_FATAL		2
#define KDTLS_ALERT_CLOSE_NOTIFY	0
#define KDTLS_ALERT_USER_CANCELED	90
#define KDTLS_ALERT_NO_RENEGOTIATION	100

int kdtls_output_alert(struct kdtls_assoc *assoc, u8 level, u8 description);

/* The socket closes: what begins after this sends nothing (-EPIPE). */
void kdtls_output_stop(struct kdtls_sock *ks);

#endif /* KDTLS_OUTPUT_H */
