/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* openconnect on kdtls: what its own files call. */
#ifndef KDTLS_PORT_H
#define KDTLS_PORT_H

#include <kdtls/gnutls.h>
#include <stdbool.h>

struct openconnect_info;

void kdtls_port_prepare(struct openconnect_info *vpninfo,
			gnutls_session_t session, int fd);
/* The handshake is over. */
void kdtls_port_attach(struct openconnect_info *vpninfo);
/* At each turn: the tun device may have come after the handshake. */
void kdtls_port_tun(struct openconnect_info *vpninfo);
/* The kernel has the records: they cannot be renegotiated. */
bool kdtls_port_attached(void);
/* The kernel moves the packets. */
bool kdtls_port_moves(void);
/* close_notify and errors, for which a level-triggered loop would wake for ever. */
int kdtls_port_received(struct openconnect_info *vpninfo, int dtls, int ret);
/* Before the session is freed. */
void kdtls_port_end(struct openconnect_info *vpninfo);

#endif /* KDTLS_PORT_H */
