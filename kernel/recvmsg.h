/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KDTLS_RECVMSG_H
#define KDTLS_RECVMSG_H

#include <linux/types.h>

struct kdtls_sock;
struct msghdr;
struct sock;

/* Any flag but MSG_ERRQUEUE */
int kdtls_recvmsg(struct sock *sk, struct msghdr *msg, size_t len, int flags,
		  int *addr_len);
/* Nothing more will come. */
bool kdtls_recv_ended(struct kdtls_sock *ks);

#endif /* KDTLS_RECVMSG_H */
