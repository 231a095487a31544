/* SPDX-License-Identifier: GPL-2.0 */
/* The generic netlink family. */
#ifndef KDTLS_NETLINK_H
#define KDTLS_NETLINK_H

#include <linux/types.h>

struct genl_family;

extern struct genl_family kdtls_nl_family;

/* Also starts and stops the table of handshakes. */
int __init kdtls_netlink_init(void);
void kdtls_netlink_exit(void);

#endif /* KDTLS_NETLINK_H */
