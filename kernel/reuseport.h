/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SO_REUSEPORT: sockets that share a port, among which UDP distributes datagrams.
 * Which socket gets a peer's datagrams changes when one joins or leaves, so the
 * sockets of a group share one peer table, and each finds the owner of an entry.
 */
#ifndef KDTLS_REUSEPORT_H
#define KDTLS_REUSEPORT_H

struct kdtls_peer_table;
struct sock;

/*
 * The table of any socket in the group of this one, with a reference, or NULL.
 * Any context; a caller that creates a table excludes others meanwhile.
 */
struct kdtls_peer_table *kdtls_reuseport_table(const struct sock *sk);

#endif /* KDTLS_REUSEPORT_H */
