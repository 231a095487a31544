/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory accounting. All memory is charged to the socket's cgroup, in whatever
 * context it is allocated: neither the daemon nor a work item is charged for a
 * user's socket, nor waits for the user's cgroup (reclaim, memory.high).
 *
 * So charges are forced, as UDP's are, past memory.max; what goes too far
 * past it is refused.
 */
#ifndef KDTLS_CHARGE_H
#define KDTLS_CHARGE_H

#include <linux/types.h>

struct sk_buff;
struct sock;

/*
 * Packets that wait: as UDP charges them, in udp_mem and in the cgroup's socket
 * memory; rmem: in the socket's SO_RCVBUF as well. Any context. False: refused.
 */
bool kdtls_skmem_charge(struct sock *sk, unsigned int bytes);
void kdtls_skmem_uncharge(struct sock *sk, unsigned int bytes);
bool kdtls_rmem_charge(struct sock *sk, unsigned int bytes);
void kdtls_rmem_uncharge(struct sock *sk, unsigned int bytes);

/*
 * For what others allocate for an attached socket: its cgroup's socket memory
 * alone. The caller holds the socket until it is given back. Any context.
 */
bool kdtls_account(struct sock *sk, size_t bytes);
void kdtls_unaccount(struct sock *sk, size_t bytes);

/* Zeroed. May sleep, and wait for memory, but for that of its own cgroup only. */
void *kdtls_alloc(struct sock *sk, size_t size);
void kdtls_free(void *p);		/* any context */
void kdtls_free_sensitive(void *p);	/* wipes it first */
/* An skb for the socket's error queue. Any context. */
struct sk_buff *kdtls_alloc_skb(struct sock *sk, unsigned int size);
/* For memory that cannot be charged to sk: accounted if its cgroup is current's. */
gfp_t kdtls_gfp(const struct sock *sk);

#endif /* KDTLS_CHARGE_H */
