/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SO_REUSEPORT: sockets that share a port, and among which UDP distributes what
 * comes to it. Who gets a peer's datagrams changes when one joins or leaves, so
 * those of a group have one table of peers, and each of them finds whose one is.
 */
#ifndef KDTLS_GROUP_H
#define KDTLS_GROUP_H

struct kdtls_peers;
struct sock;

/*
 * The table of any socket in the group of this one, with a reference, or NULL.
 * Any context; who is about to make a table keeps others from doing so.
 */
struct kdtls_peers *kdtls_group_peers(const struct sock *sk);

#endif /* KDTLS_GROUP_H */
