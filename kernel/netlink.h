/* SPDX-License-Identifier: GPL-2.0 */
/* The generic netlink family: commands, dumps, events. */
#ifndef KDTLS_NETLINK_H
#define KDTLS_NETLINK_H

#include <linux/types.h>

struct genl_family;
struct genl_info;
struct kdtls_assoc;
struct sk_buff;
union kdtls_addr;

extern struct genl_family kdtls_nl_family;

/*
 * Event to the group "events": cmd is KDTLS_CMD_ESTABLISHED and the like. For
 * kdtls_event(). Process context, no spinlock held.
 */
void kdtls_netlink_event(struct kdtls_assoc *assoc, u8 cmd);

/* Tells why (a literal) in the extack, and returns err. */
int kdtls_netlink_refuse(struct genl_info *info, int err, const char *why);
/* False, telling so (a literal), if the attribute is missing. */
bool kdtls_netlink_has(struct genl_info *info, int attr, const char *missing);
/* Numbers of 64 bits and addresses. -EMSGSIZE: no room. */
int kdtls_netlink_put_u64(struct sk_buff *msg, int attr, u64 value);
int kdtls_netlink_put_addr(struct sk_buff *msg, int attr,
			   const union kdtls_addr *addr);

/* Also starts and stops the table of handshakes. */
int __init kdtls_netlink_init(void);
void kdtls_netlink_exit(void);

#endif /* KDTLS_NETLINK_H */
