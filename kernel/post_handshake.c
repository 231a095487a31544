// SPDX-License-Identifier: GPL-2.0
/*
 * Messages after the handshake: KeyUpdate; and tickets, which are acknowledged and
 * forgotten, for a session of the kernel is not resumed.
 *
 * What a peer can make us do is bounded by what it sends: an ACK for each record, up
 * to a number for each packet; new keys once for each packet, for they cannot have
 * been acknowledged meanwhile (RFC 9147 section 8), and they count as several records.
 */
#include "assoc.h"
#include "epoch.h"
#include "key_update.h"
#include "output.h"
#include "packet.h"
#include "post_handshake.h"
#include "update_rx.h"
#include "update_tx.h"
#include "workspace.h"

#define ACKS_PER_PACKET	16
/* Records that deriving keys counts as: budget.h. */
#define UPDATE_COST	8

static int take_update(struct kdtls_packet *pkt, struct kdtls_key_update *update,
		       const struct dtls_fragment *f, const u8 *content,
		       bool *requested)
{
	u8 request;
	int err;

	if (pkt->updated || !dtls13_read_key_update(f, content, &request))
		return DTLS_DROP_ERR(DTLS_DROP_TYPE);
	err = kdtls_update_rx_apply(update, pkt->epoch);
	if (err)
		return DTLS_DROP_ERR(err == -ENOMEM ? DTLS_DROP_NOMEM :
						      DTLS_DROP_TYPE);
	pkt->updated = true;
	pkt->decided += UPDATE_COST;
	*requested = request == DTLS13_UPDATE_REQUESTED;
	return 0;
}

static int take_new(struct kdtls_packet *pkt, struct kdtls_key_update *update,
		    const struct dtls_fragment *f, const u8 *content,
		    bool *requested)
{
	switch (f->type) {
	case DTLS13_KEY_UPDATE:
		return take_update(pkt, update, f, content, requested);
	case DTLS13_NEW_SESSION_TICKET:
		if (pkt->assoc->role == DTLS_ROLE_CLIENT)
			return 0;
		fallthrough;
	default:
		return DTLS_DROP_ERR(DTLS_DROP_TYPE);
	}
}

static int take_fragment(struct kdtls_packet *pkt,
			 struct kdtls_key_update *update,
			 const struct dtls_fragment *f, const u8 *content,
			 bool *requested)
{
	int err;

	switch (dtls13_order(&update->rx.inbound, f)) {
	case DTLS13_REPEATED:
		return 0;
	case DTLS13_EARLY:
		return DTLS_DROP_ERR(DTLS_DROP_TYPE);
	default:
		err = take_new(pkt, update, f, content, requested);
		if (!err)
			dtls13_advance(&update->rx.inbound, f);
		return err;
	}
}

/* A record may have several (section 5.5), but not none (RFC 8446 section 5.1). */
static int take_messages(struct kdtls_packet *pkt,
			 struct kdtls_key_update *update, const u8 *data,
			 size_t len, bool *requested)
{
	struct dtls_fragment f;
	int err;

	do {
		if (!dtls12_parse_fragment(data, len, &f))
			return DTLS_DROP_ERR(DTLS_DROP_TYPE);
		data += DTLS12_FRAGMENT_HEADER;
		err = take_fragment(pkt, update, &f, data, requested);
		if (err)
			return err;
		data += f.len;
		len -= DTLS12_FRAGMENT_HEADER + f.len;
	} while (len);
	return 0;
}

/* In the current sending epoch. One that is lost the peer's repetition asks for. */
static void acknowledge(struct kdtls_packet *pkt)
{
	const struct dtls13_number number = {
		.epoch = pkt->epoch->params.epoch,
		.seq = pkt->ws->seq,
	};
	u8 ack[DTLS13_ACK_LEN(1)];

	if (pkt->acks >= ACKS_PER_PACKET || !kdtls_key_update_speaks(pkt->assoc))
		return;
	pkt->acks++;
	kdtls_output_record(pkt->assoc, DTLS_TYPE_ACK, ack,
			    dtls13_put_ack(ack, &number, 1));
}

int kdtls_post_handshake(struct kdtls_packet *pkt, const u8 *data, size_t len)
{
	struct kdtls_key_update *update = kdtls_key_update_of(pkt->assoc);
	bool requested = false;
	int err;

	if (!update)
		return DTLS_DROP_ERR(DTLS_DROP_TYPE);
	mutex_lock(&update->lock);
	err = take_messages(pkt, update, data, len, &requested);
	mutex_unlock(&update->lock);
	if (!err)
		acknowledge(pkt);
	if (requested)
		kdtls_update_tx_answer(update);
	return err;
}

int kdtls_post_handshake_ack(struct kdtls_packet *pkt, const u8 *data,
			     size_t len)
{
	struct kdtls_key_update *update = kdtls_key_update_of(pkt->assoc);

	if (!update || !kdtls_update_tx_acked(update, data, len))
		return DTLS_DROP_ERR(DTLS_DROP_TYPE);
	return 0;
}
