// SPDX-License-Identifier: GPL-2.0
/*
 * The generic netlink family. Policies and operations are generated from
 * Documentation/netlink/specs/kdtls.yaml; assoc_netlink.c, listener_netlink.c
 * and handshake_netlink.c have them.
 */
#include <linux/kdtls.h>
#include <linux/module.h>
#include <linux/netlink.h>
#include <net/genetlink.h>
#include <net/sock.h>

#include "handshake.h"
#include "netlink.h"
#include "netlink_gen.h"

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
