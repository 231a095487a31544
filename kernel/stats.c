// SPDX-License-Identifier: GPL-2.0
/* Counters: per association, and per network namespace in kdtls_stat. */
#include <linux/percpu.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <net/netns/generic.h>

#include "assoc.h"
#include "stats.h"
#include "trace.h"

struct kdtls_stats_net {
	struct kdtls_mibs __percpu *mibs;
};

static unsigned int kdtls_stats_net_id;

#define DROP(reason) (KDTLS_MIB_DROPS + DTLS_DROP_##reason)

static const char *const kdtls_mib_names[KDTLS_MIB_MAX] = {
	[KDTLS_MIB_CURR_SOCKETS]	= "KdtlsCurrSockets",
	[KDTLS_MIB_CURR_ASSOCS]		= "KdtlsCurrAssocs",
	[KDTLS_MIB_ESTABLISHED]		= "KdtlsEstablished",
	[KDTLS_MIB_HANDSHAKE_FAILED]	= "KdtlsHandshakeFailed",
	[KDTLS_MIB_TX_RECORDS]		= "KdtlsTxRecords",
	[KDTLS_MIB_RX_RECORDS]		= "KdtlsRxRecords",
	[KDTLS_MIB_FLIGHT_REPEATED]	= "KdtlsFlightRepeated",
	[KDTLS_MIB_IDLE_ENDED]		= "KdtlsIdleEnded",
	[KDTLS_MIB_ALERT_UNSENT]	= "KdtlsAlertUnsent",
	[KDTLS_MIB_KEY_LIMITS]		= "KdtlsKeyLimits",
	[KDTLS_MIB_FORGED_ENDED]	= "KdtlsForgedEnded",
	[KDTLS_MIB_TX_KEY_UPDATES]	= "KdtlsTxKeyUpdates",
	[KDTLS_MIB_RX_KEY_UPDATES]	= "KdtlsRxKeyUpdates",
	[DROP(NOT_DTLS)]			= "KdtlsDropNotDtls",
	[DROP(HEADER)]			= "KdtlsDropHeader",
	[DROP(LENGTH)]			= "KdtlsDropLength",
	[DROP(VERSION)]			= "KdtlsDropVersion",
	[DROP(EPOCH)]			= "KdtlsDropEpoch",
	[DROP(PLAINTEXT)]			= "KdtlsDropPlaintext",
	[DROP(CID)]			= "KdtlsDropCid",
	[DROP(REPLAY)]			= "KdtlsDropReplay",
	[DROP(TAG)]			= "KdtlsDropTag",
	[DROP(INNER)]			= "KdtlsDropInner",
	[DROP(TYPE)]			= "KdtlsDropType",
	[DROP(CLOSED)]			= "KdtlsDropClosed",
	[DROP(NO_ASSOC)]			= "KdtlsDropNoAssoc",
	[DROP(QUEUE)]			= "KdtlsDropQueue",
	[DROP(NOMEM)]			= "KdtlsDropNoMem",
	[DROP(CHECKSUM)]			= "KdtlsDropChecksum",
	[DROP(REST)]			= "KdtlsDropRest",
};

struct kdtls_mibs __percpu *kdtls_mibs_of(struct net *net)
{
	struct kdtls_stats_net *sn = net_generic(net, kdtls_stats_net_id);

	return sn->mibs;
}

void kdtls_mib_add(struct net *net, unsigned int mib, long n)
{
	this_cpu_add(kdtls_mibs_of(net)->v[mib], n);
}

void kdtls_drop(struct net *net, struct kdtls_assoc *assoc,
		enum dtls_drop reason)
{
	trace_kdtls_drop(assoc ? assoc->id : 0, reason);
	kdtls_mib_add(net, KDTLS_MIB_DROPS + reason, 1);
	if (assoc)
		atomic64_inc(&assoc->counters[KDTLS_DROPS + reason]);
}

static unsigned long mib_read(const struct kdtls_stats_net *sn,
			      unsigned int mib)
{
	unsigned long sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(sn->mibs, cpu)->v[mib]);
	return sum;
}

static int stat_show(struct seq_file *seq, void *v)
{
	struct net *net = seq->private;
	struct kdtls_stats_net *sn = net_generic(net, kdtls_stats_net_id);
	unsigned int mib;

	for (mib = 0; mib < KDTLS_MIB_MAX; mib++)
		seq_printf(seq, "%s\t%lu\n", kdtls_mib_names[mib],
			   mib_read(sn, mib));
	return 0;
}

static int __net_init stats_net_init(struct net *net)
{
	struct kdtls_stats_net *sn = net_generic(net, kdtls_stats_net_id);

	sn->mibs = alloc_percpu(struct kdtls_mibs);
	if (!sn->mibs)
		return -ENOMEM;
	if (IS_ENABLED(CONFIG_PROC_FS) &&
	    !proc_create_net_single("kdtls_stat", 0444, net->proc_net,
				    stat_show, NULL)) {
		free_percpu(sn->mibs);
		return -ENOMEM;
	}
	return 0;
}

static void __net_exit stats_net_exit(struct net *net)
{
	struct kdtls_stats_net *sn = net_generic(net, kdtls_stats_net_id);

	remove_proc_entry("kdtls_stat", net->proc_net);
	free_percpu(sn->mibs);
}

static struct pernet_operations kdtls_stats_net_ops = {
	.init	= stats_net_init,
	.exit	= stats_net_exit,
	.id	= &kdtls_stats_net_id,
	.size	= sizeof(struct kdtls_stats_net),
};

int __init kdtls_stats_init(void)
{
	return register_pernet_subsys(&kdtls_stats_net_ops);
}

void kdtls_stats_exit(void)
{
	unregister_pernet_subsys(&kdtls_stats_net_ops);
}
