// SPDX-License-Identifier: GPL-2.0
/* Replies, their attributes, and why a request was refused. */
#include <net/genetlink.h>

#include "address.h"
#include "netlink.h"
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

struct sk_buff *kdtls_netlink_reply(struct genl_info *info, u8 cmd,
				    size_t payload, void **hdr)
{
	struct sk_buff *msg;

	msg = genlmsg_new(payload, GFP_KERNEL | __GFP_NOWARN);
	*hdr = msg ? genlmsg_put_reply(msg, info, &kdtls_nl_family, 0, cmd) :
		     NULL;
	if (*hdr)
		return msg;
	nlmsg_free(msg);
	kdtls_netlink_refuse(info, -ENOMEM, "no memory for the reply");
	return ERR_PTR(-ENOMEM);
}

int kdtls_netlink_reply_end(struct genl_info *info, struct sk_buff *msg,
			    void *hdr, int err)
{
	if (err) {
		nlmsg_free(msg);
		return kdtls_netlink_refuse(info, -EMSGSIZE,
					    "no space for the reply");
	}
	genlmsg_end(msg, hdr);
	return genlmsg_reply(msg, info);
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
