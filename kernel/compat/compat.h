/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Differences between kernels, found by compile probes (compat/probe/), never
 * by version numbers: stable and distribution kernels backport.
 */
#ifndef KDTLS_COMPAT_H
#define KDTLS_COMPAT_H

#include <linux/socket.h>

#include "kdtls_probes.h"

#ifndef KDTLS_HAVE_SOCKADDR_UNSIZED
#define sockaddr_unsized sockaddr
#endif

/* 6.1 defines it for a fix but the IP layer copies: harmless there. */
#ifndef MSG_NO_SHARED_FRAGS
#define MSG_NO_SHARED_FRAGS 0
#endif
#ifndef MSG_SPLICE_PAGES
#define MSG_SPLICE_PAGES 0
#endif

#ifndef KDTLS_HAVE_INET_CMSG_FLAGS
#define inet_cmsg_flags(inet)	((inet)->cmsg_flags)
#endif

#endif /* KDTLS_COMPAT_H */
