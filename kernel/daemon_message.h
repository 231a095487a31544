/* SPDX-License-Identifier: GPL-2.0 */
/* Messages to dtls-handshaked. Where not noted, all may sleep; no lock may be held. */
#ifndef KDTLS_DAEMON_MESSAGE_H
#define KDTLS_DAEMON_MESSAGE_H

#include <linux/types.h>

struct kdtls_assoc;
struct net;

/*
 * Does a daemon listen for handshakes? Netlink does not distinguish namespaces
 * here: true as well if it is in another one.
 */
bool kdtls_daemon_listens(struct net *net);
/* Best effort: a daemon that missed it asks with `accept`. */
void kdtls_daemon_wanted(struct net *net, u64 id);
/* -ECONNREFUSED: the port is gone; -EAGAIN: it is full; -ENOMEM. */
int kdtls_daemon_datagram(struct kdtls_assoc *assoc, u32 portid,
			  const void *data, size_t len);
/* The same, best effort; does not sleep. */
void kdtls_daemon_ticket(struct kdtls_assoc *assoc, u32 portid,
			 const void *fragment, size_t len);
/* Something waits for this port, which has heard that nothing does. */
void kdtls_daemon_waiting(struct kdtls_assoc *assoc, u32 portid);
/* error: positive errno */
void kdtls_daemon_cancelled(struct kdtls_assoc *assoc, u32 portid, int error);

#endif /* KDTLS_DAEMON_MESSAGE_H */
