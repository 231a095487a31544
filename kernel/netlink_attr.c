// SPDX-License-Identifier: GPL-2.0
/* Attributes of netlink messages, and why a request was refused. */
#include <net/genetlink.h>

#include "address.h"
#include "netlink_attr.h"

int kdtls_netlink_refuse(struct genl_info *info, int err, const char *why)
{
	/* NL_SET_ERR_MSG would copy it into the function */
	if (info->extack)
		info->extack->_msg = why;
	return err;
}

bool kdtls_netlink_has(struct genl_info *info, int attr, const char *missing)
{
	if (!info->attrs[attr])
		kdtls_netlink_refuse(info, -EINVAL, missing);
	return info->attrs[attr];
}

int kdtls_netlink_put_u64(struct sk_buff *msg, int attr, u64 value)
{
	return nla_put(msg, attr, sizeof(value), &value);
}

int kdtls_netlink_put_addr(struct sk_buff *msg, int attr,
			   const union kdtls_addr *addr)
{
	if (addr->sa.sa_family == AF_INET6)
		return nla_put(msg, attr, sizeof(addr->in6), &addr->in6);
	return nla_put(msg, attr, sizeof(addr->in), &addr->in);
}
