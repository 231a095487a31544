/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KDTLS_SENDMSG_H
#define KDTLS_SENDMSG_H

#include <linux/types.h>

struct msghdr;
struct sock;

int kdtls_sendmsg(struct sock *sk, struct msghdr *msg, size_t len);

#endif /* KDTLS_SENDMSG_H */
