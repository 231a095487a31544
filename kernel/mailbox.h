/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What waits for a netlink port that asks for it (`next`), in turns between
 * users: datagrams of the handshakes that it accepted, and the ends of those
 * that the kernel ended. A port that never asked is sent them.
 *
 * A box is there from the first `next` until the port is closed. All of it under
 * the lock of the namespace's handshakes.
 */
#ifndef KDTLS_MAILBOX_H
#define KDTLS_MAILBOX_H

#include "handshake_quota.h"
#include "turns.h"

struct kdtls_mailbox {
	struct list_head	list;		/* of the namespace */
	u32			portid;
	bool			hint;		/* it has heard that nothing waits */
	bool			ends_first;	/* both kinds take turns too */
	struct list_head	handshakes;	/* rings: with datagrams, */
	struct list_head	ends;		/* of struct kdtls_farewell */
};

/*
 * The end of a handshake that the daemon is to hear of. It keeps the places of
 * the handshake: opening and closing sockets in a loop is no faster than the
 * daemon hears of it.
 */
struct kdtls_farewell {
	struct kdtls_turn	turn;
	struct kdtls_quota_share share;
	u64			id;
	int			error;		/* positive errno */
};

/* The port's, or NULL. */
struct kdtls_mailbox *kdtls_mailbox_of(const struct list_head *boxes, u32 portid);
struct kdtls_mailbox *kdtls_mailbox_create(u32 portid);	/* may sleep */
/* Both return the port if it waits for a hint that something is there, or 0. */
u32 kdtls_mailbox_add(struct kdtls_mailbox *box, struct kdtls_turn *turn);
u32 kdtls_mailbox_end(struct kdtls_mailbox *box,
		      struct kdtls_farewell *farewell);
/* What is next, one of both; NULLs: nothing waits. */
void kdtls_mailbox_take(struct kdtls_mailbox *box, struct kdtls_turn **turn,
			struct kdtls_farewell **farewell);
/* The port is closed: gives the places back. */
void kdtls_mailbox_free(struct kdtls_mailbox *box, struct kdtls_quota *quota);

#endif /* KDTLS_MAILBOX_H */
