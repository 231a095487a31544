/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SO_REUSEPORT: sockets that share a port, and among which UDP distributes what
 * comes to it. Who gets a peer's datagrams changes when one joins or leaves, so
 * those of a group have one table of peers, and each of them finds whose one is.
 */
#ifndef KDTLS_REUSEPORT_H
#define KDTLS_REUSEPORT_H

struct kdtls_peer_table;
struct sock;

/*
 * The table of any socket in the group of this one, with a reference, or NULL.
 * Any context; who is about to make a table keeps others from doing so.
 */
struct kdtls_peer_table *kdtls_reuseport_table(const struct sock *sk);

#endif /* KDTLS_REUSEPORT_H */
