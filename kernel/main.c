// SPDX-License-Identifier: GPL-2.0
/* The module: what is set up, in order, and taken down in reverse. */
#include <linux/module.h>
#include <linux/rcupdate.h>

#include <kdtls/version.h>

#include "aead_key.h"
#include "assoc.h"
#include "attach.h"
#include "epoch.h"
#include "idle.h"
#include "input_work.h"
#include "listener.h"
#include "netlink.h"
#include "peer_table.h"
#include "stats.h"
#include "tun_worker.h"
#include "vmfork.h"
#include "workspace.h"

/* Set up in this order, taken down in reverse. */
static const struct part {
	int	(*init)(void);
	void	(*exit)(void);
} parts[] __refconst = {
	{ NULL,			kdtls_workspace_exit },
	{ kdtls_aead_init,	NULL },
	{ NULL,			kdtls_assoc_exit },
	{ kdtls_stats_init,	kdtls_stats_exit },
	{ kdtls_peer_table_init, kdtls_peer_table_exit },
	{ kdtls_listener_init,	kdtls_listener_exit },
	{ kdtls_epoch_init,	kdtls_epoch_exit },
	{ kdtls_input_work_init, kdtls_input_work_exit },
	{ kdtls_tun_workers_init, kdtls_tun_workers_exit },
	{ kdtls_idle_begin,	kdtls_idle_exit },
	/* callbacks of RCU free what the above keep */
	{ NULL,			rcu_barrier },
	{ kdtls_netlink_init,	kdtls_netlink_exit },
	{ kdtls_attach_init,	kdtls_attach_exit },	/* waits for the last socket */
	{ kdtls_vmfork_init,	kdtls_vmfork_exit },
};

static void take_down(size_t n)
{
	while (n--)
		if (parts[n].exit)
			parts[n].exit();
}

static int __init kdtls_init(void)
{
	size_t i;
	int err;

	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		err = parts[i].init ? parts[i].init() : 0;
		if (err) {
			take_down(i);
			return err;
		}
	}
	return 0;
}

static void __exit kdtls_exit(void)
{
	take_down(ARRAY_SIZE(parts));
}

module_init(kdtls_init);
module_exit(kdtls_exit);
MODULE_DESCRIPTION("DTLS on ordinary UDP sockets");
MODULE_AUTHOR("The kdtls authors");
MODULE_VERSION(KDTLS_VERSION);
MODULE_LICENSE("GPL");
