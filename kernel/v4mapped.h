/* SPDX-License-Identifier: GPL-2.0 */
/* v4mapped.c: the IPv4 peer of an AF_INET6 socket, hidden from IPV6_ADDRFORM. */
#ifndef KDTLS_V4MAPPED_H
#define KDTLS_V4MAPPED_H

#include <linux/in.h>
#include <linux/in6.h>
#include <linux/types.h>

struct kdtls_sock;

/* The socket lock goes back. True: the peer is hidden. Any context. */
bool kdtls_v4mapped_hide(struct kdtls_sock *ks);
/* The address that UDP's sendmsg needs for IPv6; false: the socket has it. */
bool kdtls_v4mapped_peer(const struct kdtls_sock *ks, struct sockaddr_in *peer);
/* What was sk_v6_daddr, as it would be if nothing were hidden. */
void kdtls_v4mapped_show(const struct kdtls_sock *ks, struct in6_addr *addr);

#endif /* KDTLS_V4MAPPED_H */
