/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The handshakes of a network namespace, as handshake.c (their lives),
 * handshake_waiting.c (their datagrams) and handshake_port.c (their daemons) share them.
 */
#ifndef KDTLS_HANDSHAKE_TABLE_H
#define KDTLS_HANDSHAKE_TABLE_H

#include <linux/list.h>
#include <linux/spinlock.h>
#include <net/netns/generic.h>
#include <net/sock.h>

#include "assoc.h"
#include "handshake.h"
#include "handshake_quota.h"
#include "mailbox.h"

struct kdtls_handshake_net {
	spinlock_t		lock;		/* see struct kdtls_handshake */
	struct list_head	all;		/* that are not over */
	struct list_head	pending;	/* ring: which has no daemon yet */
	struct list_head	boxes;		/* of ports that ask */
	u32			ticket_port;	/* that gets tickets, or 0 */
	unsigned int		hints;		/* since a daemon asked last */
	unsigned long		hinted;		/* jiffies, the last of them */
	struct kdtls_quota	quota;
};

extern unsigned int kdtls_handshake_net_id;

static inline struct kdtls_handshake_net *
kdtls_handshakes_of(const struct net *net)
{
	return net_generic(net, kdtls_handshake_net_id);
}

static inline struct kdtls_handshake_net *
kdtls_handshake_table(const struct kdtls_handshake *handshake)
{
	return kdtls_handshakes_of(sock_net(handshake->assoc->sk));
}

/* Of the port that accepted it, if that asks; or NULL. */
static inline struct kdtls_mailbox *
kdtls_handshake_box(const struct kdtls_handshake *handshake)
{
	struct kdtls_handshake_net *hn = kdtls_handshake_table(handshake);

	lockdep_assert_held(&hn->lock);
	return kdtls_mailbox_of(&hn->boxes, handshake->portid);
}

/* A reference, or NULL: the association has none. */
struct kdtls_handshake *kdtls_handshake_get(struct kdtls_assoc *assoc);

/* Ports that a handshake has news for, or 0. */
struct kdtls_news {
	u32	send;	/* this one is sent them, */
	u32	wake;	/* this one is to ask */
};

/* news->wake; no lock is held. */
void kdtls_handshake_wake(const struct kdtls_handshake *handshake, u32 portid);

/* The oldest, which the caller frees, or NULL. Under the table's lock. */
struct kdtls_waiting *kdtls_waiting_take(struct kdtls_handshake *handshake);
void kdtls_waiting_free(struct list_head *waiting);

#endif /* KDTLS_HANDSHAKE_TABLE_H */
