/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KDTLS_HANDSHAKE_NETLINK_H
#define KDTLS_HANDSHAKE_NETLINK_H

#include <linux/types.h>

struct genl_info;
struct kdtls_handshake;
struct user_namespace;

/* Replies with what the socket asked for. An errno, with extack. */
int kdtls_daemon_reply(struct kdtls_handshake *handshake,
		       struct genl_info *info, u8 cmd,
		       struct user_namespace *ns);

/*
 * Runs a command on the handshake that the request names and its port accepted.
 * An errno, with extack.
 */
int kdtls_daemon_do(struct genl_info *info,
		    int (*command)(struct kdtls_handshake *handshake,
				   struct genl_info *info));
/* Secrets were in the request: not in the copy that netlink puts into an error. */
void kdtls_daemon_wipe(struct genl_info *info);

#endif /* KDTLS_HANDSHAKE_NETLINK_H */
