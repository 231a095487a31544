/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Peers that say nothing any more: of a socket that has many, each is ended
 * after a time that the application chooses. What counts is what authenticated:
 * sending to a peer that is gone does not keep it.
 */
#ifndef KDTLS_IDLE_H
#define KDTLS_IDLE_H

#include <linux/jiffies.h>
#include <linux/types.h>
#include <linux/workqueue.h>

struct kdtls_assoc;
struct kdtls_sock;

#define KDTLS_IDLE_MAX	1000000		/* seconds */

struct kdtls_idle {
	u32			seconds;	/* 0: never */
	bool			chosen;		/* by the application */
	struct delayed_work	sweep;		/* holds the socket */
};

void kdtls_idle_init(struct kdtls_idle *idle);
/* Under ks->config: from now on; 0: never. At most KDTLS_IDLE_MAX. */
void kdtls_idle_choose(struct kdtls_sock *ks, u32 seconds);
/* Under ks->config: the socket listens; the module's time if none was chosen. */
void kdtls_idle_listens(struct kdtls_sock *ks);
/* The socket closes. */
void kdtls_idle_stop(struct kdtls_sock *ks);

/* The association has heard from its peer. Any context. */
void kdtls_idle_heard(struct kdtls_assoc *assoc);

int __init kdtls_idle_begin(void);
void kdtls_idle_exit(void);

#endif /* KDTLS_IDLE_H */
