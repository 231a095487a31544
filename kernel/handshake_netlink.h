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

#endif /* KDTLS_HANDSHAKE_NETLINK_H */
