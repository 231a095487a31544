/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KDTLS_RECVMSG_H
#define KDTLS_RECVMSG_H

#include <linux/types.h>

struct kdtls_sock;
struct list_head;
struct msghdr;
struct sock;

/* Any flag but MSG_ERRQUEUE */
int kdtls_recvmsg(struct sock *sk, struct msghdr *msg, size_t len, int flags,
		  int *addr_len);
/* Nothing more will come; is something queued? */
bool kdtls_recv_ended(struct kdtls_sock *ks);
bool kdtls_recv_queued(struct kdtls_sock *ks);
/* What somebody else than a reader opened: readers about to sleep must know. */
void kdtls_recv_tell(struct kdtls_sock *ks, struct list_head *records);
/* The same for what readers and pollers have not been told of yet. */
void kdtls_recv_leave(struct kdtls_sock *ks, struct list_head *records);

#endif /* KDTLS_RECVMSG_H */
