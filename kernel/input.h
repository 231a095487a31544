/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KDTLS_INPUT_H
#define KDTLS_INPUT_H

#include <linux/sockptr.h>
#include <linux/types.h>

struct kdtls_assoc;
struct kdtls_sink;
struct kdtls_sock;
struct list_head;

/*
 * Takes one packet from UDP's queue, if there is one whose association can be
 * found, opens its records and gives those for the application to sink. Returns
 * how many records were processed, which is its cost (budget.h), and at least 1;
 * 0 if no packet was taken: not while the socket has a pending error, which
 * stays pending, and not past DTLS_TUN, which has a sink with tun.
 * Process context, no lock held.
 */
int kdtls_input(struct kdtls_sock *ks, struct kdtls_sink *sink);
/* A datagram that the application read before it attached. */
int kdtls_input_inject(struct kdtls_sock *ks, sockptr_t data, size_t len);
/* Records held back until there were keys. */
void kdtls_input_early(struct kdtls_assoc *assoc, struct list_head *early);

#endif /* KDTLS_INPUT_H */
