/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A NewSessionTicket that a client receives (RFC 8446 section 4.6.1), for the daemon that
 * made its handshake. Without the secret that the daemon has, it is of no use.
 */
#ifndef KDTLS_TICKET_H
#define KDTLS_TICKET_H

#include <linux/types.h>

struct dtls_fragment;
struct kdtls_assoc;
struct kdtls_key_update;

/* Of one message, which may come in fragments: bytes in all, and fragments. */
#define KDTLS_TICKET_MAX	4096
#define KDTLS_TICKET_FRAGMENTS	16
/* From the end of the handshake on. */
#define KDTLS_TICKET_WAIT	(10 * HZ)

struct kdtls_ticket {
	u16		room;		/* bytes that are passed on yet */
	u8		fragments;	/* ... and fragments; 0: none is expected */
	unsigned long	end;		/* jiffies: not behind this */
};

/* The daemon of this port expects one; before the association is established. */
void kdtls_ticket_expect(struct kdtls_assoc *assoc, u32 portid);
/* A fragment was taken, in its order; header and content follow each other. */
void kdtls_ticket_pass(struct kdtls_key_update *update,
		       const struct dtls_fragment *f, const u8 *fragment);

#endif /* KDTLS_TICKET_H */
