/* SPDX-License-Identifier: GPL-2.0 */
/* DTLS_PEELOFF: one of many peers gets a connected socket. */
#ifndef KDTLS_PEELOFF_H
#define KDTLS_PEELOFF_H

#include <linux/sockptr.h>

struct kdtls_sock;

/*
 * getsockopt(DTLS_PEELOFF): errors as struct dtls_peeloff documents them. Process
 * context, no lock held.
 */
int kdtls_peeloff(struct kdtls_sock *ks, sockptr_t optval, sockptr_t optlen);

#endif /* KDTLS_PEELOFF_H */
