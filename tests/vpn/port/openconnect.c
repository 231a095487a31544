// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * openconnect on kdtls. The handshake is GnuTLS's as before; then the kernel has
 * the records, and moves the packets between its own tun device and them. Where it
 * does not (no module, another cipher, compression) all goes on as it was.
 */
#include <config.h>

#include "openconnect-internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kdtls-port.h"
#include "kdtls-vnet.h"

static struct {
	bool attached;
	bool moves;
	bool tried;
} port;

void kdtls_port_prepare(struct openconnect_info *vpninfo,
			gnutls_session_t session, int fd)
{
	memset(&port, 0, sizeof(port));
	if (kdtls_gnutls_prepare(session, fd, 0))
		vpn_progress(vpninfo, PRG_DEBUG, "kdtls: prepare: %s\n",
			     strerror(errno));
}

void kdtls_port_attach(struct openconnect_info *vpninfo)
{
	port.attached = !kdtls_gnutls_attach(vpninfo->dtls_ssl, 0);
	if (port.attached) {
		vpn_progress(vpninfo, PRG_INFO,
			     "DTLS records are the kernel's (kdtls)\n");
		return;
	}
	vpn_progress(vpninfo, PRG_INFO, "kdtls: %s; GnuTLS goes on\n",
		     kdtls_strerror(errno));
	kdtls_gnutls_cancel(vpninfo->dtls_ssl);
}

/* What the kernel would not do to the packets. */
static bool plain_packets(const struct openconnect_info *vpninfo)
{
	return vpninfo->proto->proto == PROTO_ANYCONNECT &&
	       !getenv("KDTLS_NO_TUN") && !vpninfo->dtls_compr &&
	       !vpninfo->dtls_tos_optname && !vpninfo->script_tun;
}

void kdtls_port_tun(struct openconnect_info *vpninfo)
{
	static const unsigned char data = AC_PKT_DATA;

	if (!port.attached || port.tried || !plain_packets(vpninfo) ||
	    !tun_is_up(vpninfo))
		return;
	port.tried = true;
	if (kdtls_tun_connect(vpninfo->dtls_fd, vpninfo->tun_fd, &data, 1, 0)) {
		vpn_progress(vpninfo, PRG_INFO, "kdtls: DTLS_TUN: %s\n",
			     kdtls_strerror(errno));
		return;
	}
	port.moves = true;
	unmonitor_read_fd(vpninfo, tun);
	vnet_offloads(vpninfo->tun_fd, true);
	vpn_progress(vpninfo, PRG_INFO, "Packets are moved by the kernel (kdtls)\n");
}

bool kdtls_port_attached(void)
{
	return port.attached;
}

bool kdtls_port_moves(void)
{
	return port.moves;
}

int kdtls_port_received(struct openconnect_info *vpninfo, int dtls, int ret)
{
	if (!dtls || !port.attached || ret > 0 || ret == GNUTLS_E_AGAIN ||
	    ret == GNUTLS_E_INTERRUPTED)
		return ret;
	vpninfo->dtls_need_reconnect = 1;
	return GNUTLS_E_AGAIN;
}

void kdtls_port_end(struct openconnect_info *vpninfo)
{
	if (port.moves) {
		vnet_offloads(vpninfo->tun_fd, false);
		kdtls_tun_disconnect(vpninfo->dtls_fd);
		monitor_read_fd(vpninfo, tun);
	}
	kdtls_gnutls_cancel(vpninfo->dtls_ssl);
	memset(&port, 0, sizeof(port));
}
