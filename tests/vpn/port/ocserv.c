/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ocserv's worker on kdtls. The handshake is GnuTLS's as before; then the kernel
 * has the records, and moves the packets between the tun device and them. Where it
 * does not (no module, another cipher, compression, a limited rate) all goes on as
 * it was. One client has two sessions while it changes its keys.
 */
#include <kdtls/gnutls.h>

#include "kdtls-vnet.h"

static void kdtls_port_prepare(worker_st *ws, struct dtls_st *dtls,
			       gnutls_session_t session)
{
	UdpFdMsg *hello = dtls->dtls_tptr.msg;

	dtls->kdtls_attached = 0;
	dtls->kdtls_moves = 0;
	if (kdtls_gnutls_prepare(session, dtls->dtls_tptr.fd, 0)) {
		oclog(ws, LOG_INFO, "kdtls: prepare: %s", strerror(errno));
		return;
	}
	if (!hello)
		return;
	/* the main process has read it */
	kdtls_gnutls_feed(session, hello->data.data, hello->data.len);
	udp_fd_msg__free_unpacked(hello, NULL);
	dtls->dtls_tptr.msg = NULL;
}

/*
 * ev_io_stop() leaves the device in the set of epoll until epoll_wait() returns an
 * event that no watcher wants. Packets make none as long as the kernel has taken
 * each before the worker looks, so that each wakes it. Another watcher makes one: the
 * device is writable at any time.
 */
static void kdtls_port_writable(struct ev_loop *loop, ev_io *w, int revents)
{
	ev_io_stop(loop, w);
}

static void kdtls_port_unwatch(worker_st *ws)
{
	static ev_io writable;

	ev_io_stop(worker_loop, &tun_watcher);
	ev_io_stop(worker_loop, &writable);
	ev_io_init(&writable, kdtls_port_writable, ws->tun_fd, EV_WRITE);
	ev_io_start(worker_loop, &writable);
}

/* Which the kernel would not do. */
static int kdtls_port_wants_packets(worker_st *ws)
{
	return getenv("KDTLS_NO_TUN") || ws->dtls_selected_comp ||
	       ws->user_config->rx_per_sec || ws->user_config->tx_per_sec;
}

static void kdtls_port_moves_no_more(worker_st *ws, struct dtls_st *dtls)
{
	if (!dtls->kdtls_moves)
		return;
	dtls->kdtls_moves = 0;
	kdtls_tun_disconnect(dtls->dtls_tptr.fd);
	if (ws->dtls[0].kdtls_moves || ws->dtls[1].kdtls_moves)
		return;
	vnet_offloads(ws->tun_fd, false);
	ev_io_start(worker_loop, &tun_watcher);
}

/* The old session may still have records under way, and sends none. */
static void kdtls_port_replace(worker_st *ws, struct dtls_st *old)
{
	static const uint8_t data = AC_PKT_DATA;

	if (!old->kdtls_moves)
		return;
	kdtls_tun_disconnect(old->dtls_tptr.fd);
	if (kdtls_tun_connect(old->dtls_tptr.fd, ws->tun_fd, &data, 1,
			      DTLS_TUN_RECEIVE))
		old->kdtls_moves = 0;
}

static void kdtls_port_attach(worker_st *ws, struct dtls_st *dtls,
			      struct dtls_st *old)
{
	static const uint8_t data = AC_PKT_DATA;

	if (kdtls_gnutls_attach(dtls->dtls_session, 0)) {
		oclog(ws, LOG_INFO, "kdtls: %s; GnuTLS goes on",
		      kdtls_strerror(errno));
		kdtls_gnutls_cancel(dtls->dtls_session);
		kdtls_port_moves_no_more(ws, old);
		return;
	}
	dtls->kdtls_attached = 1;
	oclog(ws, LOG_INFO, "DTLS records are the kernel's (kdtls)");
	if (kdtls_port_wants_packets(ws))
		return;
	if (kdtls_tun_connect(dtls->dtls_tptr.fd, ws->tun_fd, &data, 1, 0)) {
		oclog(ws, LOG_INFO, "kdtls: DTLS_TUN: %s",
		      kdtls_strerror(errno));
		kdtls_port_moves_no_more(ws, old);
		return;
	}
	dtls->kdtls_moves = 1;
	memset(&dtls->kdtls_seen, 0, sizeof(dtls->kdtls_seen));
	kdtls_port_replace(ws, old);
	kdtls_port_unwatch(ws);
	vnet_offloads(ws->tun_fd, true);
	oclog(ws, LOG_INFO, "packets are moved by the kernel (kdtls)");
}

/*
 * The client has closed this session, or its port: a level-triggered loop would
 * wake for ever. Packets go by TLS until it comes with another one.
 */
static int kdtls_port_ended(worker_st *ws, struct dtls_st *dtls, int ret)
{
	if (!dtls->kdtls_attached || ret > 0 ||
	    (ret < 0 && !gnutls_error_is_fatal(ret)))
		return 0;
	oclog(ws, LOG_INFO, "kdtls: the client's session ended: %s",
	      ret ? gnutls_strerror(ret) : "close_notify");
	kdtls_port_moves_no_more(ws, dtls);
	ev_io_stop(worker_loop, &dtls->io);
	dtls->udp_state = UP_INACTIVE;
	return 1;
}

/* What the worker notes of each packet that it moves itself. */
static void kdtls_port_account(worker_st *ws, struct timespec *now)
{
	struct dtls_tun_stats stats;
	struct dtls_st *dtls;

	for (dtls = ws->dtls; dtls < ws->dtls + 2; dtls++) {
		if (!dtls->kdtls_moves ||
		    kdtls_tun_stats(dtls->dtls_tptr.fd, &stats))
			continue;
		if (stats.rx_packets != dtls->kdtls_seen.rx_packets)
			ws->last_msg_udp = ws->udp_recv_time = now->tv_sec;
		if (stats.rx_packets != dtls->kdtls_seen.rx_packets ||
		    stats.tx_packets != dtls->kdtls_seen.tx_packets)
			ws->last_nc_msg = now->tv_sec;
		ws->tun_bytes_in += stats.rx_bytes - dtls->kdtls_seen.rx_bytes;
		ws->tun_bytes_out += stats.tx_bytes - dtls->kdtls_seen.tx_bytes;
		dtls->kdtls_seen = stats;
	}
}
