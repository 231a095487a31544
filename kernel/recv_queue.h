/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KDTLS_RECV_QUEUE_H
#define KDTLS_RECV_QUEUE_H

#include <linux/list.h>
#include <linux/types.h>

struct kdtls_sock;

/* Is something in the inbox, or in UDP's queue? */
bool kdtls_recv_queued(struct kdtls_sock *ks);
/*
 * Wakes readers that sleep. Without one nothing is done: epoll would see an edge
 * of its own making.
 */
void kdtls_recv_wake(struct kdtls_sock *ks);
/* Queues records that no reader opened; wakes readers that are about to sleep. */
void kdtls_recv_keep(struct kdtls_sock *ks, struct list_head *records);
/* The same for records of which readers and pollers are not notified yet. */
void kdtls_recv_deliver_some(struct kdtls_sock *ks, struct list_head *records);
static inline void kdtls_recv_deliver(struct kdtls_sock *ks,
				      struct list_head *records)
{
	if (!list_empty(records))
		kdtls_recv_deliver_some(ks, records);
}

#endif /* KDTLS_RECV_QUEUE_H */
