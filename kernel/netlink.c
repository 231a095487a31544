// SPDX-License-Identifier: GPL-2.0
/*
 * The generic netlink family. Policies and operations are generated from
 * Documentation/netlink/specs/kdtls.yaml. Here are the operations on
 * associations and their events; handshake_netlink.c has those on handshakes.
 *
 * An association is seen only from its own network namespace, and only with
 * CAP_NET_ADMIN in the user namespace that owns that.
 */
#include <linux/kdtls.h>
#include <linux/module.h>
#include <linux/netlink.h>
#include <net/genetlink.h>
#include <net/sock.h>

#include "address.h"
#include "assoc.h"
#include "assoc_state.h"
#include "epoch.h"
#include "handshake.h"
#include "ids.h"
#include "netlink.h"
#include "netlink_gen.h"
#include "output.h"
#include "owner.h"
#include "path_mtu.h"

/* The generator of Linux 6.12 does not know flags of groups. */
#ifdef GENL_MCAST_CAP_NET_ADMIN
#define KDTLS_MCGRP_ADMIN	GENL_MCAST_CAP_NET_ADMIN
#else
#define KDTLS_MCGRP_ADMIN	GENL_UNS_ADMIN_PERM
#endif

static const struct genl_multicast_group kdtls_nl_mcgrps[] = {
	[KDTLS_NLGRP_HANDSHAKES] = {
		.name	= KDTLS_MCGRP_HANDSHAKES,
		.flags	= KDTLS_MCGRP_ADMIN,
	},
	[KDTLS_NLGRP_EVENTS] = {
		.name	= KDTLS_MCGRP_EVENTS,
		.flags	= KDTLS_MCGRP_ADMIN,
	},
};

struct genl_family kdtls_nl_family __ro_after_init = {
	.name		= KDTLS_FAMILY_NAME,
	.version	= KDTLS_FAMILY_VERSION,
	.netnsok	= true,
	.parallel_ops	= true,
	.module		= THIS_MODULE,
	.ops		= kdtls_nl_ops,
	.n_ops		= ARRAY_SIZE(kdtls_nl_ops),
	.mcgrps		= kdtls_nl_mcgrps,
	.n_mcgrps	= ARRAY_SIZE(kdtls_nl_mcgrps),
};

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

/* What of an association can change, read in one go. */
struct kdtls_snapshot {
	enum dtls_state		state;
	int			error;
	u16			version, cipher;
	u64			tx_epoch, rx_epoch, tx_seq, rx_seq;
	const struct kdtls_epoch *driver;	/* a reference, or NULL */
};

static void snapshot_take(struct kdtls_assoc *assoc,
			  struct kdtls_snapshot *snap)
{
	struct kdtls_epoch *tx, *rx;

	memset(snap, 0, sizeof(*snap));
	spin_lock_bh(&assoc->lock);
	snap->state = assoc->state;
	snap->error = assoc->error;
	snap->version = assoc->version;
	snap->tx_epoch = assoc->tx_epoch;
	snap->rx_epoch = assoc->rx_epoch;
	spin_unlock_bh(&assoc->lock);

	tx = kdtls_epoch_get(&assoc->tx);
	if (tx) {
		snap->cipher = tx->params.cipher->id;
		snap->tx_seq = kdtls_epoch_tx_seq(tx);
	}
	rx = kdtls_epoch_get(&assoc->rx[kdtls_rx_slot(snap->rx_epoch)]);
	if (rx) {
		snap->rx_seq = kdtls_epoch_rx_seq(rx);
		kdtls_epoch_put(rx);
	}
	snap->driver = tx;
}

static int put_keys(struct sk_buff *msg, const struct kdtls_snapshot *snap)
{
	if (!snap->driver)
		return 0;
	if (nla_put_u16(msg, KDTLS_A_ASSOCIATION_VERSION, snap->version) ||
	    nla_put_u16(msg, KDTLS_A_ASSOCIATION_CIPHER, snap->cipher) ||
	    nla_put_string(msg, KDTLS_A_ASSOCIATION_DRIVER,
			   kdtls_epoch_driver(snap->driver)) ||
	    kdtls_netlink_put_u64(msg, KDTLS_A_ASSOCIATION_TX_EPOCH,
				  snap->tx_epoch) ||
	    kdtls_netlink_put_u64(msg, KDTLS_A_ASSOCIATION_RX_EPOCH,
				  snap->rx_epoch) ||
	    kdtls_netlink_put_u64(msg, KDTLS_A_ASSOCIATION_TX_SEQ,
				  snap->tx_seq) ||
	    kdtls_netlink_put_u64(msg, KDTLS_A_ASSOCIATION_RX_SEQ,
				  snap->rx_seq))
		return -EMSGSIZE;
	return 0;
}

static int put_state(struct sk_buff *msg, struct kdtls_assoc *assoc)
{
	struct kdtls_snapshot snap;
	int err;

	snapshot_take(assoc, &snap);
	err = nla_put_u32(msg, KDTLS_A_ASSOCIATION_STATE, snap.state) ?:
	      nla_put_u32(msg, KDTLS_A_ASSOCIATION_ERROR, snap.error) ?:
	      put_keys(msg, &snap);
	if (snap.driver)
		kdtls_epoch_put((struct kdtls_epoch *)snap.driver);
	return err;
}

static int put_counters(struct sk_buff *msg, struct kdtls_assoc *assoc)
{
	static const int attrs[KDTLS_DROPS] = {
		[KDTLS_TX_RECORDS]	= KDTLS_A_ASSOCIATION_TX_RECORDS,
		[KDTLS_TX_BYTES]	= KDTLS_A_ASSOCIATION_TX_BYTES,
		[KDTLS_RX_RECORDS]	= KDTLS_A_ASSOCIATION_RX_RECORDS,
		[KDTLS_RX_BYTES]	= KDTLS_A_ASSOCIATION_RX_BYTES,
	};
	u64 drops[DTLS_DROP_COUNT];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(attrs); i++)
		if (kdtls_netlink_put_u64(msg, attrs[i],
					  atomic64_read(&assoc->counters[i])))
			return -EMSGSIZE;
	for (i = 0; i < ARRAY_SIZE(drops); i++)
		drops[i] = atomic64_read(&assoc->counters[KDTLS_DROPS + i]);
	return nla_put(msg, KDTLS_A_ASSOCIATION_DROPS, sizeof(drops), drops);
}

/* The namespaces in which a message is read. */
struct kdtls_netlink_ns {
	struct user_namespace	*users;
	struct pid_namespace	*pids;	/* NULL: not known */
};

static int put_identity(struct sk_buff *msg, struct kdtls_assoc *assoc,
			const struct kdtls_netlink_ns *ns)
{
	if (kdtls_netlink_put_u64(msg, KDTLS_A_ASSOCIATION_ID, assoc->id) ||
	    nla_put_u16(msg, KDTLS_A_ASSOCIATION_ROLE, assoc->role) ||
	    kdtls_netlink_put_addr(msg, KDTLS_A_ASSOCIATION_LOCAL,
				   &assoc->local) ||
	    kdtls_netlink_put_addr(msg, KDTLS_A_ASSOCIATION_PEER,
				   &assoc->remote) ||
	    nla_put_u32(msg, KDTLS_A_ASSOCIATION_MTU,
			kdtls_path_mtu(assoc)) ||
	    nla_put_u32(msg, KDTLS_A_ASSOCIATION_UID,
			from_kuid_munged(ns->users, assoc->uid)) ||
	    nla_put_u32(msg, KDTLS_A_ASSOCIATION_PID,
			kdtls_pid_in(assoc->pid, ns->pids)) ||
	    nla_put_u32(msg, KDTLS_A_ASSOCIATION_KEYED_BY, assoc->keyed_by) ||
	    kdtls_netlink_put_u64(msg, KDTLS_A_ASSOCIATION_INODE,
				  sock_i_ino(assoc->sk)))
		return -EMSGSIZE;
	return 0;
}

/* A whole message. uids and pids are as ns sees them. */
static int put_assoc(struct sk_buff *msg, struct kdtls_assoc *assoc,
		     const struct kdtls_netlink_ns *ns, void *hdr)
{
	if (!hdr || put_identity(msg, assoc, ns) || put_state(msg, assoc) ||
	    put_counters(msg, assoc)) {
		genlmsg_cancel(msg, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(msg, hdr);
	return 0;
}

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
 * Of who asks, or goes on reading a dump: that is current. The socket may have
 * been made by another; users are as seen by that one.
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
	if (!put_assoc(msg, assoc, ns, hdr))
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

	return put_assoc(skb, assoc, &ns, hdr);
}

int kdtls_nl_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct kdtls_cursor *told = (struct kdtls_cursor *)cb->ctx;
	struct kdtls_cursor cursor = *told;
	struct net *net = sock_net(cb->skb->sk);
	struct kdtls_assoc *assoc;
	int err;

	BUILD_BUG_ON(sizeof(*told) > sizeof(cb->ctx));
	while ((assoc = kdtls_assoc_next(net, &cursor))) {
		err = dump_one(skb, cb, assoc);
		kdtls_assoc_put(assoc);
		if (err)
			return skb->len;	/* this one begins the next */
		*told = cursor;
	}
	told->end = true;
	return skb->len;
}

/* delete */

static int assoc_delete(struct kdtls_assoc *assoc, struct genl_info *info)
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

int kdtls_nl_delete_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct kdtls_assoc *assoc = netlink_assoc(info);
	int err;

	if (IS_ERR(assoc))
		return PTR_ERR(assoc);
	err = assoc_delete(assoc, info);
	kdtls_assoc_put(assoc);
	return err;
}

/* Events */

void kdtls_netlink_event(struct kdtls_assoc *assoc, u8 cmd)
{
	struct net *net = sock_net(assoc->sk);
	/* many read it: no process has a number that is right for each */
	const struct kdtls_netlink_ns ns = { .users = net->user_ns };
	struct sk_buff *msg;

	if (!genl_has_listeners(&kdtls_nl_family, net, KDTLS_NLGRP_EVENTS))
		return;
	msg = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!msg)
		return;
	if (put_assoc(msg, assoc, &ns,
		      genlmsg_put(msg, 0, 0, &kdtls_nl_family, 0, cmd))) {
		nlmsg_free(msg);
		return;
	}
	genlmsg_multicast_netns(&kdtls_nl_family, net, msg, 0,
				KDTLS_NLGRP_EVENTS, GFP_KERNEL);
}

/* A netlink socket was closed; its port may soon be another's. */
static int netlink_notify(struct notifier_block *nb, unsigned long event,
			  void *data)
{
	const struct netlink_notify *notify = data;

	if (event == NETLINK_URELEASE && notify->protocol == NETLINK_GENERIC)
		kdtls_handshake_port_closed(notify->net, notify->portid);
	return NOTIFY_DONE;
}

static struct notifier_block kdtls_netlink_notifier = {
	.notifier_call = netlink_notify,
};

int __init kdtls_netlink_init(void)
{
	int err;

	err = kdtls_handshake_init();
	if (err)
		return err;
	err = netlink_register_notifier(&kdtls_netlink_notifier);
	if (err)
		goto handshake;
	err = genl_register_family(&kdtls_nl_family);
	if (err)
		goto notifier;
	return 0;

notifier:
	netlink_unregister_notifier(&kdtls_netlink_notifier);
handshake:
	kdtls_handshake_exit();
	return err;
}

void kdtls_netlink_exit(void)
{
	genl_unregister_family(&kdtls_nl_family);
	netlink_unregister_notifier(&kdtls_netlink_notifier);
	kdtls_handshake_exit();
}

MODULE_ALIAS_GENL_FAMILY(KDTLS_FAMILY_NAME);
