/* SPDX-License-Identifier: GPL-2.0 */
/* Makes the associations of a socket. Process context, may sleep. */
#ifndef KDTLS_ASSOC_SETUP_H
#define KDTLS_ASSOC_SETUP_H

#include <linux/kdtls.h>

struct kdtls_assoc;
struct kdtls_ends;
struct kdtls_handshake;
struct kdtls_listener;
struct kdtls_sock;

/* Errors as struct dtls_keys and struct dtls_request document them. */
int kdtls_setup_keys(struct kdtls_sock *ks, const struct dtls_keys *keys);
int kdtls_setup_request(struct kdtls_sock *ks,
			const struct dtls_request *request, u16 role);
/*
 * A client of a listening socket has shown its cookie: its association, and
 * the handshake, ACCEPTING, of this port; a reference. Errors of
 * kdtls_peer_table_add() and kdtls_handshake_start(); -ENOENT: the socket closes.
 */
struct kdtls_handshake *kdtls_setup_client(struct kdtls_listener *listener,
					   const struct kdtls_ends *ends,
					   u32 portid);

#endif /* KDTLS_ASSOC_SETUP_H */
