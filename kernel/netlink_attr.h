/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KDTLS_NETLINK_ATTR_H
#define KDTLS_NETLINK_ATTR_H

#include <linux/types.h>

struct genl_info;
struct sk_buff;
union kdtls_addr;

/* Puts the reason (a literal) into the extack, and returns err. */
int kdtls_netlink_refuse(struct genl_info *info, int err, const char *why);
/* False, telling so (a literal), if the attribute is missing. */
bool kdtls_netlink_has(struct genl_info *info, int attr, const char *missing);
/* Numbers of 64 bits and addresses. -EMSGSIZE: no room. */
int kdtls_netlink_put_u64(struct sk_buff *msg, int attr, u64 value);
int kdtls_netlink_put_addr(struct sk_buff *msg, int attr,
			   const union kdtls_addr *addr);

#endif /* KDTLS_NETLINK_ATTR_H */
