// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The library's datagrams, in memory. A flight is fragmented to the path MTU whenever it is
 * sent, by the library, which keeps messages whole, and by cut.c.
 */
#include <errno.h>
#include <gnutls/dtls.h>
#include <string.h>

#include "datagram.h"
#include "gnutls_session.h"
#include "record/handshake12.h"

/* IP packets of 1,280 bytes, the least MTU of IPv6; IPv4 hosts accept 576 (RFC 791). */
#define IP_HEADERS4	(20 + 8)
#define IP_HEADERS6	(40 + 8)
#define PATH_LIKELY	1280
#define PATH_LEAST4	576

static bool peer_is_ip4(const struct session *e)
{
	const union address *peer = &e->request.peer;

	return peer->sa.sa_family != AF_INET6 ||
	       IN6_IS_ADDR_V4MAPPED(&peer->in6.sin6_addr);
}

void transport_set_mtu(struct session *e, uint32_t mtu)
{
	e->mtu = mtu < MIN_PATH ? MIN_PATH : mtu;
	if (e->session)
		gnutls_dtls_set_mtu(e->session, cut_library_mtu(e->mtu));
}

uint32_t transport_less(const struct session *e)
{
	uint32_t likely = PATH_LIKELY - (peer_is_ip4(e) ? IP_HEADERS4 : IP_HEADERS6);

	if (e->sent.largest > likely)
		return likely;
	if (peer_is_ip4(e) && e->sent.largest > PATH_LEAST4 - IP_HEADERS4)
		return PATH_LEAST4 - IP_HEADERS4;
	return 0;
}

/* message_seq of the first record, or -1; RFC 6347 section 4.2.2. */
static int get_message_seq(const void *data, size_t len)
{
	struct dtls_fragment f;
	struct record r;

	if (!record_parse(data, len, &r) || r.h.type != DTLS_TYPE_HANDSHAKE || r.h.epoch ||
	    !dtls12_parse_fragment(r.payload, r.h.payload_len, &f))
		return -1;
	return f.message_seq;
}

/* A flight is a retransmission if its first message was sent before. */
static void begin_transmission(struct session *e, int seq)
{
	if (seq > e->sent.last)
		e->sent.times = 0;
	e->sent.times++;
	e->sent.largest = 0;
	e->sent.begun = true;
}

static void note_sent(struct session *e, const void *data, size_t len)
{
	int seq = get_message_seq(data, len);

	if (!e->sent.begun && seq >= 0)
		begin_transmission(e, seq);
	if (seq > e->sent.last)
		e->sent.last = seq;
}

static void send_datagram(void *ctx, const void *data, size_t len)
{
	struct session *e = ctx;

	flight_sent(&e->flight, data, len);
	if (len > e->sent.largest)
		e->sent.largest = len;
	if (!e->hold)
		e->send(e->ctx, data, len);
}

ssize_t transport_push(gnutls_transport_ptr_t ptr, const void *data, size_t len)
{
	struct session *e = ptr;

	note_sent(e, data, len);
	cut_records(&e->cut, data, len, e->mtu, send_datagram, e);
	return len;
}

ssize_t transport_pull(gnutls_transport_ptr_t ptr, void *data, size_t size)
{
	struct session *e = ptr;
	size_t len = e->in_len < size ? e->in_len : size;

	if (!e->in) {
		gnutls_transport_set_errno(e->session, EAGAIN);
		return -1;
	}
	memcpy(data, e->in, len);
	e->in = NULL;
	return len;
}

int transport_waits(gnutls_transport_ptr_t ptr, unsigned int ms)
{
	struct session *e = ptr;

	return !!e->in;
}

void transport_release(struct session *e)
{
	const uint8_t *at = e->flight.wire;

	for (unsigned int i = 0; e->hold && i < e->flight.n_datagrams; i++) {
		e->send(e->ctx, at, e->flight.datagrams[i]);
		at += e->flight.datagrams[i];
	}
	e->hold = false;
}
