/* SPDX-License-Identifier: GPL-2.0 */
/* Errors as kdtls(7) documents them. Process context. */
#ifndef KDTLS_SOCKOPT_H
#define KDTLS_SOCKOPT_H

#include <linux/sockptr.h>

struct sock;

int kdtls_setsockopt(struct sock *sk, int level, int optname, sockptr_t optval,
		     unsigned int optlen);
int kdtls_getsockopt(struct sock *sk, int level, int optname,
		     char __user *optval, int __user *optlen);

#endif /* KDTLS_SOCKOPT_H */
