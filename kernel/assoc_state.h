/* SPDX-License-Identifier: GPL-2.0 */
/* The steps of an association's state, and its keys. Process context. */
#ifndef KDTLS_ASSOC_STATE_H
#define KDTLS_ASSOC_STATE_H

#include <linux/kdtls.h>
#include <linux/kdtls_netlink.h>
#include <linux/types.h>

struct kdtls_assoc;
struct kdtls_epoch;

/*
 * Installs an epoch in one direction; the caller's reference is taken, whatever
 * is returned.
 * -EALREADY: this direction had this epoch or a newer one already.
 * -EPIPE: the association is closed or failed.
 */
int kdtls_assoc_install(struct kdtls_assoc *assoc, struct kdtls_epoch *epoch,
			enum kdtls_direction direction);
/*
 * The record size limit that came with the keys of this direction, just installed; 0:
 * none. It may come with one direction, and with the other a Connection ID to send with,
 * with which the content type counts, too (RFC 8449 section 4, RFC 9146 section 4).
 */
void kdtls_assoc_complete_limit(struct kdtls_assoc *assoc,
				enum kdtls_direction direction, u16 limit);

/*
 * Transitions of the state. Each returns false if another caller was first;
 * otherwise it wakes the socket and queues the event. Process context.
 *
 * One of many that fails or closes leaves the socket, which has no error from
 * it.
 */
bool kdtls_assoc_handshaking(struct kdtls_assoc *assoc);	/* NONE -> */
bool kdtls_assoc_established(struct kdtls_assoc *assoc);	/* both keyed */
bool kdtls_assoc_fail(struct kdtls_assoc *assoc, int error);	/* errno > 0 */
bool kdtls_assoc_close(struct kdtls_assoc *assoc, enum dtls_reason reason);
bool kdtls_assoc_reset(struct kdtls_assoc *assoc);	/* by a fatal alert */
bool kdtls_assoc_expire(struct kdtls_assoc *assoc);	/* silent for too long */
/* More records failed to authenticate than its keys bear: key_limit.c. */
bool kdtls_assoc_spend(struct kdtls_assoc *assoc);
/* Its peer came back: by is another between the same two ends. */
bool kdtls_assoc_replace(struct kdtls_assoc *assoc,
			 const struct kdtls_assoc *by);

/*
 * Ends the association for good, as close() of its socket: keys are wiped. Only
 * for the owner of the reference that the socket or its table had.
 */
void kdtls_assoc_end(struct kdtls_assoc *assoc);
/* Ends one of many, unless another caller has taken it from the table. */
void kdtls_assoc_leave(struct kdtls_assoc *assoc);

/* May a renegotiation be refused by an alert now? Once a second. */
bool kdtls_renegotiation_ratelimit(struct kdtls_assoc *assoc);

#endif /* KDTLS_ASSOC_STATE_H */
