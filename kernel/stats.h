/* SPDX-License-Identifier: GPL-2.0 */
/* Counters of an association and of its network namespace. */
#ifndef KDTLS_STATS_H
#define KDTLS_STATS_H

#include <linux/percpu.h>

#include "assoc.h"

/* Names in /proc/net/kdtls_stat; drops follow by their own names. */
enum kdtls_mib {
	KDTLS_MIB_CURR_SOCKETS,
	KDTLS_MIB_CURR_ASSOCS,
	KDTLS_MIB_ESTABLISHED,
	KDTLS_MIB_HANDSHAKE_FAILED,
	KDTLS_MIB_TX_RECORDS,
	KDTLS_MIB_RX_RECORDS,
	KDTLS_MIB_FLIGHT_REPEATED,
	KDTLS_MIB_IDLE_ENDED,
	KDTLS_MIB_ALERT_UNSENT,
	KDTLS_MIB_KEY_LIMITS,
	KDTLS_MIB_FORGED_ENDED,
	KDTLS_MIB_TX_KEY_UPDATES,
	KDTLS_MIB_RX_KEY_UPDATES,
	KDTLS_MIB_DROPS,		/* + enum dtls_drop */
	KDTLS_MIB_MAX = KDTLS_MIB_DROPS + DTLS_DROP_COUNT,
};

struct kdtls_mibs {
	unsigned long v[KDTLS_MIB_MAX];
};

struct kdtls_mibs __percpu *kdtls_mibs_of(struct net *net);
void kdtls_mib_add(struct net *net, unsigned int mib, long n);

/* assoc may be NULL: only the namespace counts. Traces the reason too. */
void kdtls_drop(struct net *net, struct kdtls_assoc *assoc,
		enum dtls_drop reason);

/* n records with these bytes of application data went out */
static inline void kdtls_count_tx(struct kdtls_assoc *assoc, unsigned int n,
				  size_t bytes)
{
	this_cpu_add(assoc->mibs->v[KDTLS_MIB_TX_RECORDS], n);
	atomic64_add(n, &assoc->counters[KDTLS_TX_RECORDS]);
	atomic64_add(bytes, &assoc->counters[KDTLS_TX_BYTES]);
}

/* came in */
static inline void kdtls_count_rx(struct kdtls_assoc *assoc, unsigned int n,
				  size_t bytes)
{
	this_cpu_add(assoc->mibs->v[KDTLS_MIB_RX_RECORDS], n);
	atomic64_add(n, &assoc->counters[KDTLS_RX_RECORDS]);
	atomic64_add(bytes, &assoc->counters[KDTLS_RX_BYTES]);
}

int __init kdtls_stats_init(void);
void kdtls_stats_exit(void);

#endif /* KDTLS_STATS_H */
