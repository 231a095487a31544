/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KDTLS_NETLINK_ATTR_H
#define KDTLS_NETLINK_ATTR_H

#include <linux/types.h>

struct genl_info;
struct sk_buff;
union kdtls_addr;

/* Puts the reason (a literal) into the extack, and returns err. */
int kdtls_netlink_refuse(struct genl_info *info, int err, const char *why);
/* False, with an extack (a literal), if the attribute is missing. */
bool kdtls_netlink_has(struct genl_info *info, int attr, const char *missing);
/*
 * Begins a reply with space for so many bytes of attributes. ERR_PTR, with an
 * extack. May sleep.
 */
struct sk_buff *kdtls_netlink_reply(struct genl_info *info, u8 cmd,
				    size_t payload, void **hdr);
/* Sends it, or drops it if err says that it could not be filled. */
int kdtls_netlink_reply_end(struct genl_info *info, struct sk_buff *msg,
			    void *hdr, int err);
/* Numbers of 64 bits and addresses. -EMSGSIZE: no space. */
int kdtls_netlink_put_u64(struct sk_buff *msg, int attr, u64 value);
int kdtls_netlink_put_addr(struct sk_buff *msg, int attr,
			   const union kdtls_addr *addr);

#endif /* KDTLS_NETLINK_ATTR_H */
