/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Handing a DTLS 1.2 session of a TLS library over to the kernel: all that
 * does not depend on the library.
 *
 * The library's datagrams pass through here in both directions.
 *
 * Sent ones are read for two things. The record numbers used: only those the
 * library really sent can be trusted (OpenSSL shows the headers of forged
 * records too, GnuTLS's read number is wrong after reordering), and a number
 * must never be used twice. And the last flight, which the kernel has to
 * repeat once the library is silent: RFC 6347 section 4.2.4.
 *
 * Received ones are read for the limit of RFC 8449 in the peer's hello, which no
 * library reports. And they lose their application data and alerts of epoch 1 and
 * up. Those records are kept, unopened, and given to the kernel after the attach
 * (DTLS_INJECT); so the kernel's replay window can start empty, nothing is
 * delivered twice, and a close_notify is not seen before the data sent ahead
 * of it. Handshake records of these epochs both get, but for number 0: it is
 * the peer's Finished. The price: a fatal alert of epoch 1 does not end a
 * handshake, it ends by its timeout instead. The peer sends one there only if
 * our Finished was wrong.
 */
#ifndef KDTLS_HANDOVER_H
#define KDTLS_HANDOVER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "datagram.h"

struct handover;

/* fd is not closed by us, ever. NULL and errno: ENOTCONN, EPROTOTYPE, ENOMEM */
struct handover *handover_new(int fd);
void handover_free(struct handover *h);
int handover_fd(const struct handover *h);

/* A datagram the library sends: call it before it is sent. */
void handover_sent(struct handover *h, const void *datagram, size_t size);

/* Takes out of a received datagram what is for the kernel; what remains, at
 * the beginning of the buffer, is for the library. Returns its length.
 */
size_t handover_filter(struct handover *h, void *datagram, size_t size);

/* A datagram that was read before, in front of what the socket has. 0, or -1 and
 * errno: EBUSY (one waits already), EMSGSIZE.
 */
int handover_feed(struct handover *h, const void *datagram, size_t size);
/* The datagram that is held back, once. Returns its length; 0: there is none. */
size_t handover_take_held(struct handover *h, void *buf, size_t size);

/* recv() and poll() for libraries that do not do it themselves. recv returns
 * what is left of the next datagram of which something is left, never 0.
 * wait: 1, 0 when ms milliseconds are over, -1.
 */
ssize_t handover_recv(struct handover *h, void *buf, size_t size);
int handover_wait(struct handover *h, unsigned int ms);

/* Opens a record: the length of the plaintext, at most size bytes, or -1. */
typedef ssize_t (*handover_open)(const struct record_aead *a, uint8_t *plain,
				 size_t size);

struct handover_session {
	uint16_t cipher;
	uint16_t record_size_limit;	/* that the library knows, or 0 */
	bool resumed;
	struct dtls_direction tx, rx;	/* without numbers */
	handover_open open;
};

enum handover_result {
	HANDOVER_DONE,		/* the kernel has it */
	HANDOVER_REFUSED,	/* errno; nothing was changed */
	HANDOVER_TORN,		/* errno; too late to go back */
};

/* The keys in *s are wiped whatever comes of it. */
enum handover_result handover_attach(struct handover *h,
				     struct handover_session *s);

#endif /* KDTLS_HANDOVER_H */
