// SPDX-License-Identifier: GPL-2.0
/*
 * Messages after the handshake: KeyUpdate, which waits for a work item (update_rx.c);
 * tickets, of which the daemon may get one (ticket.c); and, in epoch 2, the client's
 * last flight again, for its ACK was lost. What a peer can make us do is bounded by what
 * it sends: an ACK for each record, up to a number for each packet.
 */
#include "assoc.h"
#include "epoch.h"
#include "flight13.h"
#include "key_update.h"
#include "output.h"
#include "packet.h"
#include "post_handshake.h"
#include "update_rx.h"
#include "update_tx.h"
#include "workspace.h"
#include "record/dtls13/dtls13.h"

#define ACKS_PER_PACKET	16
/* It is not processed yet, and acknowledged then. */
#define LATER		1

static struct dtls13_number number_of(const struct kdtls_packet *pkt)
{
	return (struct dtls13_number){
		.epoch = pkt->epoch->params.epoch,
		.seq = pkt->ws->seq,
	};
}

static int take_update(struct kdtls_packet *pkt, struct kdtls_key_update *update,
		       const struct dtls_fragment *f, const u8 *content)
{
	struct dtls13_number number = number_of(pkt);
	u8 request;

	if (!dtls13_read_key_update(f, content, &request) ||
	    kdtls_update_rx_ask(update, &number, request))
		return DTLS_DROP_ERR(DTLS_DROP_TYPE);
	return LATER;
}

static int take_new(struct kdtls_packet *pkt, struct kdtls_key_update *update,
		    const struct dtls_fragment *f, const u8 *content)
{
	/* of the handshake, which is over */
	if (pkt->epoch->params.epoch == DTLS13_HANDSHAKE_EPOCH)
		return DTLS_DROP_ERR(DTLS_DROP_TYPE);
	switch (f->type) {
	case DTLS13_KEY_UPDATE:
		return take_update(pkt, update, f, content);
	case DTLS13_NEW_SESSION_TICKET:
		if (pkt->assoc->role != DTLS_ROLE_CLIENT)
			return DTLS_DROP_ERR(DTLS_DROP_TYPE);
		kdtls_ticket_pass(update, f, content - DTLS12_FRAGMENT_HEADER);
		return 0;
	default:
		return DTLS_DROP_ERR(DTLS_DROP_TYPE);
	}
}

static int take_fragment(struct kdtls_packet *pkt,
			 struct kdtls_key_update *update,
			 const struct dtls_fragment *f, const u8 *content)
{
	int err;

	switch (dtls13_order(&update->rx.inbound, f)) {
	case DTLS13_REPEATED:
		return 0;
	case DTLS13_EARLY:
		return DTLS_DROP_ERR(DTLS_DROP_TYPE);
	default:
		err = take_new(pkt, update, f, content);
		if (!err)
			dtls13_advance(&update->rx.inbound, f);
		return err;
	}
}

/*
 * A record may have several (section 5.5), but not none (RFC 8446 section 5.1), and
 * none behind a KeyUpdate: that would be a message of the next epoch.
 */
static int take_messages(struct kdtls_packet *pkt,
			 struct kdtls_key_update *update, const u8 *data,
			 size_t len)
{
	struct dtls_fragment f;
	int err;

	do {
		if (!dtls12_parse_fragment(data, len, &f))
			return DTLS_DROP_ERR(DTLS_DROP_TYPE);
		data += DTLS12_FRAGMENT_HEADER;
		len -= DTLS12_FRAGMENT_HEADER + f.len;
		if (f.type == DTLS13_KEY_UPDATE && len)
			return DTLS_DROP_ERR(DTLS_DROP_TYPE);
		err = take_fragment(pkt, update, &f, data);
		data += f.len;
	} while (!err && len);
	return err;
}

/* In the current sending epoch. */
static void acknowledge(struct kdtls_packet *pkt)
{
	struct dtls13_number number = number_of(pkt);

	if (pkt->acks >= ACKS_PER_PACKET)
		return;
	pkt->acks++;
	kdtls_output_ack(pkt->assoc, &number);
}

int kdtls_post_handshake(struct kdtls_packet *pkt, const u8 *data, size_t len)
{
	struct kdtls_key_update *update = kdtls_key_update_of(pkt->assoc);
	int err;

	if (!update)
		return DTLS_DROP_ERR(DTLS_DROP_TYPE);
	mutex_lock(&update->lock);
	err = take_messages(pkt, update, data, len);
	mutex_unlock(&update->lock);
	if (err == LATER)
		return 0;
	if (!err)
		acknowledge(pkt);
	return err;
}

int kdtls_post_handshake_ack(struct kdtls_packet *pkt, const u8 *data,
			     size_t len)
{
	struct kdtls_key_update *update = kdtls_key_update_of(pkt->assoc);
	int count = dtls13_ack_count(data, len);

	if (!update || count < 0)
		return DTLS_DROP_ERR(DTLS_DROP_TYPE);
	kdtls_flight13_acked(update, data, count);
	kdtls_update_tx_acked(update, data, count);
	return 0;
}
