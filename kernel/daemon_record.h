/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a daemon may send as it is: records of a handshake, never application data,
 * which only the keys of the association protect.
 */
#ifndef KDTLS_DAEMON_RECORD_H
#define KDTLS_DAEMON_RECORD_H

#include <linux/types.h>

struct kdtls_assoc;

struct kdtls_daemon_datagram {
	const u8	*data;
	size_t		len;
	const u8	*cid;		/* of its encrypted records */
	u8		cid_len;	/* 0: none */
};

/*
 * One datagram of records, at least one. The type of a record of DTLS 1.2 is in
 * its header. With a Connection ID, and in DTLS 1.3, it is encrypted: in epoch 2 of 1.3
 * there is no application data (RFC 9147 section 6.1, and no peer accepts it); a record
 * of epoch 3 (the ACK of the client's Finished, a ticket), or of epoch 1 in 1.2 (a
 * Finished, an alert), is opened with the installed keys to send with, and has one of
 * the numbers that these leave to the daemon. Before there are keys one of 1.2 is no
 * longer than a Finished. A Connection ID is the one that the daemon names, for without
 * its length no record is found. May sleep.
 */
bool kdtls_daemon_may_send(struct kdtls_assoc *assoc,
			   const struct kdtls_daemon_datagram *dg);
/*
 * A datagram to an unknown client: one HelloVerifyRequest, or one
 * HelloRetryRequest with a cookie of up to 255 bytes.
 */
bool kdtls_daemon_may_challenge(const u8 *data, size_t len);

#endif /* KDTLS_DAEMON_RECORD_H */
