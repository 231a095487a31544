/* SPDX-License-Identifier: GPL-2.0 */
/* What is said to dtls-handshaked. All may sleep; no lock may be held. */
#ifndef KDTLS_HANDSHAKE_NETLINK_H
#define KDTLS_HANDSHAKE_NETLINK_H

#include <linux/types.h>

struct genl_info;
struct kdtls_assoc;
struct kdtls_handshake;
struct net;
struct user_namespace;

/*
 * Does anybody wait for handshakes? Netlink does not tell namespaces apart here:
 * true as well if it is in another one.
 */
bool kdtls_daemon_listens(struct net *net);
/* Best effort: a daemon that missed it asks with `accept`. */
void kdtls_daemon_wanted(struct net *net, u64 id);
/* -ECONNREFUSED: the port is gone; -EAGAIN: it is full; -ENOMEM. */
int kdtls_daemon_datagram(struct kdtls_assoc *assoc, u32 portid,
			  const void *data, size_t len);
/* Something waits for this port, which has heard that nothing does. */
void kdtls_daemon_waiting(struct kdtls_assoc *assoc, u32 portid);
/* error: positive errno */
void kdtls_daemon_cancelled(struct kdtls_assoc *assoc, u32 portid, int error);

/* Replies with what the socket asked for. An errno, with extack. */
int kdtls_daemon_reply(struct kdtls_handshake *handshake,
		       struct genl_info *info, u8 cmd,
		       struct user_namespace *ns);

#endif /* KDTLS_HANDSHAKE_NETLINK_H */
