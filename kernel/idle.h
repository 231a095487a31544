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

#include "peer_table.h"

struct kdtls_assoc;
struct kdtls_sock;

#define KDTLS_IDLE_MAX	1000000		/* seconds */

struct kdtls_idle {
	u32			seconds;	/* 0: never */
	bool			chosen;		/* by the application */
	struct delayed_work	sweep;		/* holds the socket */
	struct kdtls_peer_table_walk	walk;		/* of the sweep */
};

void kdtls_idle_init(struct kdtls_idle *idle);
/*
 * From now on; 0: never. At most KDTLS_IDLE_MAX. For both the caller holds
 * ks->config.
 */
void kdtls_idle_choose(struct kdtls_sock *ks, u32 seconds);
/* The socket listens: the module's time if none was chosen. */
void kdtls_idle_listens(struct kdtls_sock *ks);
/* The socket closes. */
void kdtls_idle_stop(struct kdtls_sock *ks);

int __init kdtls_idle_begin(void);
void kdtls_idle_exit(void);

#endif /* KDTLS_IDLE_H */
