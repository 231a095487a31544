/* SPDX-License-Identifier: GPL-2.0 */
/* The route of what a socket sends to a peer. Takes no lock of the socket's. */
#ifndef KDTLS_ROUTE_H
#define KDTLS_ROUTE_H

#include <net/flow.h>
#include <net/sock.h>

#include "address.h"

/* The IPv4 address of one end, also a mapped one; 0 if it is IPv6. */
__be32 kdtls_route_host4(const union kdtls_addr *addr);

/*
 * A reference to the route, or an ERR_PTR; and the flow, with the source that
 * was chosen if the local end names none. It is of IPv4 if
 * kdtls_route_host4(&ends->remote). By the device that the socket is bound to,
 * else by the link of the ends. Process context.
 */
struct dst_entry *kdtls_route(struct sock *sk, const struct kdtls_ends *ends,
			      struct flowi *flow);

#endif /* KDTLS_ROUTE_H */
