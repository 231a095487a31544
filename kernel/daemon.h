/* SPDX-License-Identifier: GPL-2.0 */
/* What is said to dtls-handshaked. All may sleep; no lock may be held. */
#ifndef KDTLS_DAEMON_H
#define KDTLS_DAEMON_H

#include <linux/types.h>

struct kdtls_assoc;
struct net;

/* Does anybody in this namespace wait for handshakes? */
bool kdtls_daemon_listens(struct net *net);
/* Best effort: a daemon that missed it asks with `accept`. */
void kdtls_daemon_wanted(struct kdtls_assoc *assoc);
/* -ECONNREFUSED: the port is gone; -EAGAIN: it is full; -ENOMEM. */
int kdtls_daemon_datagram(struct kdtls_assoc *assoc, u32 portid,
			  const void *data, size_t len);
/* error: positive errno */
void kdtls_daemon_cancelled(struct kdtls_assoc *assoc, u32 portid, int error);

#endif /* KDTLS_DAEMON_H */
