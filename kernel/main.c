// SPDX-License-Identifier: GPL-2.0
/* The module: what is set up, in order, and taken down in reverse. */
#include <linux/module.h>

#include "assoc.h"
#include "attach.h"
#include "epoch.h"
#include "idle.h"
#include "input_work.h"
#include "listener.h"
#include "netlink.h"
#include "peer_table.h"
#include "stats.h"
#include "vmfork.h"
#include "workspace.h"

static int __init kdtls_init(void)
{
	int err;

	err = kdtls_epoch_init();
	if (err)
		return err;
	err = kdtls_input_work_init();
	if (err)
		goto out_epoch;
	err = kdtls_idle_begin();
	if (err)
		goto out_service;
	err = kdtls_stats_init();
	if (err)
		goto out_idle;
	err = kdtls_peer_table_init();
	if (err)
		goto out_stats;
	err = kdtls_listener_init();
	if (err)
		goto out_peers;
	err = kdtls_netlink_init();
	if (err)
		goto out_listener;
	err = kdtls_attach_init();
	if (err)
		goto out_netlink;
	kdtls_vmfork_init();
	return 0;

out_netlink:
	kdtls_netlink_exit();
out_listener:
	kdtls_listener_exit();
out_peers:
	kdtls_peer_table_exit();
out_stats:
	kdtls_stats_exit();
out_idle:
	kdtls_idle_exit();
out_service:
	kdtls_input_work_exit();
out_epoch:
	kdtls_epoch_exit();
	return err;
}

static void __exit kdtls_exit(void)
{
	kdtls_vmfork_exit();
	kdtls_attach_exit();	/* waits for the last socket */
	kdtls_netlink_exit();
	rcu_barrier();
	kdtls_idle_exit();
	kdtls_input_work_exit();
	kdtls_epoch_exit();
	kdtls_listener_exit();
	kdtls_peer_table_exit();
	kdtls_stats_exit();
	kdtls_assoc_exit();
	kdtls_workspace_exit();
}

module_init(kdtls_init);
module_exit(kdtls_exit);
MODULE_DESCRIPTION("DTLS on ordinary UDP sockets");
MODULE_LICENSE("GPL");
