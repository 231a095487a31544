// SPDX-License-Identifier: GPL-2.0
/*
 * Operations on associations: `get`, its dump, `close`.
 *
 * An association is seen only from its own network namespace, and only with
 * CAP_NET_ADMIN in the user namespace that owns that.
 */
#include <linux/kdtls.h>
#include <linux/pid_namespace.h>
#include <net/genetlink.h>

#include "assoc.h"
#include "assoc_message.h"
#include "assoc_state.h"
#include "handshake.h"
#include "ids.h"
#include "netlink.h"
#include "netlink_attr.h"
#include "netlink_gen.h"
#include "output.h"

/* A reference to the association that the request names, or an ERR_PTR. */
static struct kdtls_assoc *netlink_assoc(struct genl_info *info)
{
	struct kdtls_assoc *assoc;

	if (!kdtls_netlink_has(info, KDTLS_A_ASSOCIATION_ID, "id is missing"))
		return ERR_PTR(-EINVAL);
	assoc = kdtls_assoc_by_id(genl_info_net(info),
				  nla_get_u64(info->attrs[KDTLS_A_ASSOCIATION_ID]));
	if (assoc)
		return assoc;
	kdtls_netlink_refuse(info, -ENOENT, "no association has this id");
	return ERR_PTR(-ENOENT);
}

/*
 * The pid namespace is that of the process that requests, or continues a dump:
 * current. The user namespace is that of the process that made the netlink
 * socket, which may be another one.
 */
static struct kdtls_netlink_ns netlink_ns_of(const struct sk_buff *request)
{
	return (struct kdtls_netlink_ns) {
		.users = sk_user_ns(NETLINK_CB(request).sk),
		.pids = task_active_pid_ns(current),
	};
}

/* get */

static struct sk_buff *get_reply(struct kdtls_assoc *assoc,
				 struct genl_info *info,
				 const struct kdtls_netlink_ns *ns)
{
	struct sk_buff *msg;
	void *hdr;

	msg = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!msg)
		return ERR_PTR(-ENOMEM);
	hdr = genlmsg_put_reply(msg, info, &kdtls_nl_family, 0, KDTLS_CMD_GET);
	if (!kdtls_netlink_put_assoc(msg, assoc, ns, hdr))
		return msg;
	nlmsg_free(msg);
	return ERR_PTR(-EMSGSIZE);
}

int kdtls_nl_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	const struct kdtls_netlink_ns ns = netlink_ns_of(skb);
	struct kdtls_assoc *assoc = netlink_assoc(info);
	struct sk_buff *msg;

	if (IS_ERR(assoc))
		return PTR_ERR(assoc);
	msg = get_reply(assoc, info, &ns);
	kdtls_assoc_put(assoc);
	if (IS_ERR(msg))
		return kdtls_netlink_refuse(info, PTR_ERR(msg),
					    "no memory for the reply");
	return genlmsg_reply(msg, info);
}

static int dump_one(struct sk_buff *skb, struct netlink_callback *cb,
		    struct kdtls_assoc *assoc)
{
	const struct kdtls_netlink_ns ns = netlink_ns_of(cb->skb);
	void *hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid,
				cb->nlh->nlmsg_seq, &kdtls_nl_family,
				NLM_F_MULTI, KDTLS_CMD_GET);

	return kdtls_netlink_put_assoc(skb, assoc, &ns, hdr);
}

int kdtls_nl_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct kdtls_cursor *sent = (struct kdtls_cursor *)cb->ctx;
	struct kdtls_cursor cursor = *sent;
	struct net *net = sock_net(cb->skb->sk);
	struct kdtls_assoc *assoc;
	int err;

	BUILD_BUG_ON(sizeof(*sent) > sizeof(cb->ctx));
	while ((assoc = kdtls_assoc_next(net, &cursor))) {
		err = dump_one(skb, cb, assoc);
		kdtls_assoc_put(assoc);
		if (err)
			return skb->len;	/* this one begins the next */
		*sent = cursor;
	}
	sent->end = true;
	return skb->len;
}

/* close */

static int close_assoc(struct kdtls_assoc *assoc, struct genl_info *info)
{
	bool done = false;

	switch (kdtls_assoc_state(assoc)) {
	case DTLS_STATE_NONE:
		return kdtls_netlink_refuse(info, -ENOTCONN,
					    "the association was never begun");
	case DTLS_STATE_HANDSHAKE:
		kdtls_handshake_cancel(assoc, ECONNABORTED);
		done = kdtls_assoc_fail(assoc, ECONNABORTED);
		break;
	case DTLS_STATE_ESTABLISHED:
		kdtls_output_alert(assoc, KDTLS_ALERT_WARNING,
				   KDTLS_ALERT_CLOSE_NOTIFY);
		done = kdtls_assoc_close(assoc, DTLS_REASON_ADMIN);
		break;
	default:
		break;
	}
	if (done)
		return 0;
	return kdtls_netlink_refuse(info, -EALREADY,
				    "the association has ended already");
}

int kdtls_nl_close_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct kdtls_assoc *assoc = netlink_assoc(info);
	int err;

	if (IS_ERR(assoc))
		return PTR_ERR(assoc);
	err = close_assoc(assoc, info);
	kdtls_assoc_put(assoc);
	return err;
}
