/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KDTLS_HOOKS_H
#define KDTLS_HOOKS_H

struct kdtls_hooks;
struct sock;

/* The copies of struct proto and proto_ops; NULL: not a UDP we know */
const struct kdtls_hooks *kdtls_hooks_for(struct sock *sk);

#endif /* KDTLS_HOOKS_H */
