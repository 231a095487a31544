/* SPDX-License-Identifier: GPL-2.0 */
/* What the socket options do; socket.c. Process context, may sleep. */
#ifndef KDTLS_CONTROL_H
#define KDTLS_CONTROL_H

#include <linux/kdtls.h>

struct kdtls_assoc;
struct kdtls_ends;
struct kdtls_handshake;
struct kdtls_listener;
struct kdtls_sock;

/* Errors as struct dtls_keys and struct dtls_request document them. */
int kdtls_socket_keys(struct kdtls_sock *ks, const struct dtls_keys *keys);
int kdtls_socket_request(struct kdtls_sock *ks,
			 const struct dtls_request *request, u16 role);
void kdtls_socket_status(struct kdtls_assoc *assoc, struct dtls_status *status);
/*
 * A client of a listening socket has shown its cookie: its association, and
 * the handshake, ACCEPTING, of this port; a reference. Errors of
 * kdtls_peer_table_add() and kdtls_handshake_start(); -ENOENT: the socket closes.
 */
struct kdtls_handshake *kdtls_socket_admit(struct kdtls_listener *listener,
					   const struct kdtls_ends *ends,
					   u32 portid);
/* Ends one of many. -ENOENT: not on this socket; -EOPNOTSUPP: a connected one. */
int kdtls_socket_close(struct kdtls_sock *ks, u64 id);

#endif /* KDTLS_CONTROL_H */
