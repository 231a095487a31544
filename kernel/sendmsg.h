/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KDTLS_SENDMSG_H
#define KDTLS_SENDMSG_H

#include <linux/types.h>

struct kdtls_sock;
struct msghdr;
struct sock;

int kdtls_sendmsg(struct sock *sk, struct msghdr *msg, size_t len);
/* The splice ended without a last piece: sends what there is. */
void kdtls_send_splice_end(struct kdtls_sock *ks);

#endif /* KDTLS_SENDMSG_H */
