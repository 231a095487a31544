/* SPDX-License-Identifier: GPL-2.0 */
/* The next generation of keys of one direction (RFC 9147 section 8). */
#ifndef KDTLS_GENERATION13_H
#define KDTLS_GENERATION13_H

#include <linux/types.h>

struct kdtls_epoch;
struct sock;

/*
 * The epoch that follows the one in this slot, of which secret is the traffic secret;
 * next becomes its own, in other memory, and the caller wipes both, whatever is
 * returned. A reference, or ERR_PTR: -EPIPE: there is none in the slot any more;
 * -EKEYEXPIRED: it was the last epoch; else as kdtls_secret13_next() and
 * kdtls_epoch_create(). May sleep.
 */
struct kdtls_epoch *kdtls_generation13_next(struct sock *sk,
					    struct kdtls_epoch __rcu **slot,
					    const u8 *secret, u8 *next);

#endif /* KDTLS_GENERATION13_H */
