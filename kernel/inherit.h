/* SPDX-License-Identifier: GPL-2.0 */
/* inherit.c: what a peeled-off socket has of the one that it comes from. */
#ifndef KDTLS_INHERIT_H
#define KDTLS_INHERIT_H

struct sock;

/*
 * to: new, attached, without an address or a port. from: unlocked; what is set
 * meanwhile is inherited or not. Process context. 0, or a negative errno of an
 * option that cannot be.
 */
int kdtls_inherit(struct sock *to, struct sock *from);

#endif /* KDTLS_INHERIT_H */
