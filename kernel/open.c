// SPDX-License-Identifier: GPL-2.0
/*
 * A record under the keys: authentic and new, or dropped. What was in it goes
 * to the application, or is answered here.
 */
#include <net/sock.h>

#include "aead.h"
#include "aead13.h"
#include "assoc.h"
#include "assoc_state.h"
#include "content.h"
#include "epoch.h"
#include "key_limit.h"
#include "last_flight.h"
#include "open.h"
#include "output.h"
#include "packet.h"
#include "post_handshake.h"
#include "reader.h"
#include "recv_queue.h"
#include "roam.h"
#include "socket.h"
#include "stats.h"
#include "update_rx.h"
#include "workspace.h"
#include "record/dtls13/dtls13.h"
#include "record/handshake12.h"

static void drop_opened(const struct kdtls_packet *pkt, enum dtls_drop reason)
{
	kdtls_drop(sock_net(pkt->ks->sk), pkt->assoc, reason);
}

/*
 * RFC 8446 section 6: in DTLS 1.3 the level means nothing; every alert but these
 * two ends the connection.
 */
static bool alert_is_fatal(const struct kdtls_packet *pkt, const u8 *alert)
{
	if (pkt->epoch->dtls13)
		return alert[1] != KDTLS_ALERT_CLOSE_NOTIFY &&
		       alert[1] != KDTLS_ALERT_USER_CANCELED;
	return alert[0] == KDTLS_ALERT_FATAL;
}

static void got_alert(struct kdtls_packet *pkt, const u8 *alert, size_t len)
{
	struct kdtls_assoc *assoc = pkt->assoc;

	if (len != 2) {
		drop_opened(pkt, DTLS_DROP_TYPE);
		return;
	}
	/* another reader is not to see the end before what was said ahead of it */
	kdtls_recv_deliver(pkt->ks, &pkt->sink->kept);
	WRITE_ONCE(assoc->alert, alert[0] << 8 | alert[1]);
	pkt->ended = alert[1] == KDTLS_ALERT_CLOSE_NOTIFY ||
		     alert_is_fatal(pkt, alert);
	if (alert[1] == KDTLS_ALERT_CLOSE_NOTIFY) {
		kdtls_output_alert(assoc, KDTLS_ALERT_WARNING,
				   KDTLS_ALERT_CLOSE_NOTIFY);
		kdtls_assoc_close(assoc, DTLS_REASON_PEER);
	} else if (pkt->ended) {
		kdtls_assoc_reset(assoc);
	}
}

/* A handshake message under the keys: an old flight, or a new handshake. */
static void got_handshake(struct kdtls_packet *pkt, const u8 *data, size_t len)
{
	if (len && data[0] == DTLS_FINISHED) {
		/* one that was held came before our flight was sent at all */
		if (!pkt->raw)
			kdtls_flight_repeat(pkt->assoc);
	} else if (len && (data[0] == DTLS_HELLO_REQUEST ||
			   data[0] == DTLS_CLIENT_HELLO)) {
		/* RFC 5246 section 7.4.1.1: the refusal is a warning */
		if (kdtls_renegotiation_ratelimit(pkt->assoc))
			kdtls_output_alert(pkt->assoc, KDTLS_ALERT_WARNING,
					   KDTLS_ALERT_NO_RENEGOTIATION);
	} else {
		drop_opened(pkt, DTLS_DROP_TYPE);
	}
}

static void got_message13(struct kdtls_packet *pkt,
			  const struct kdtls_content *content)
{
	int err = content->type == DTLS_TYPE_ACK ?
		  kdtls_post_handshake_ack(pkt, content->data, content->len) :
		  kdtls_post_handshake(pkt, content->data, content->len);

	if (err)
		drop_opened(pkt, dtls_drop_of(err));
}

static void deliver_content(struct kdtls_packet *pkt,
			    const struct kdtls_content *content)
{
	if (!kdtls_sink_add(pkt->sink, pkt->skb, pkt->assoc, content))
		drop_opened(pkt, DTLS_DROP_NOMEM);
}

static void got_data(struct kdtls_packet *pkt, size_t len)
{
	if (kdtls_flight_kept(pkt->assoc))
		kdtls_flight_drop(pkt->assoc);
	pkt->records++;
	pkt->bytes += len;
}

/* An authentic record that was not there before. */
static void handle_content(struct kdtls_packet *pkt,
			   const struct kdtls_content *content)
{
	u32 asked_by = 0;	/* flag that a reader has to set for it */

	switch (content->type) {
	case DTLS_TYPE_APPLICATION_DATA:
		got_data(pkt, content->len);
		if (!content->len)
			asked_by = DTLS_RECVINFO_EMPTY;
		break;
	case DTLS_TYPE_ALERT:
		got_alert(pkt, content->data, content->len);
		asked_by = DTLS_RECVINFO_TYPE;
		break;
	case DTLS_TYPE_HANDSHAKE:
		if (!pkt->epoch->dtls13) {
			got_handshake(pkt, content->data, content->len);
			return;
		}
		fallthrough;
	case DTLS_TYPE_ACK:
		got_message13(pkt, content);
		return;
	default:
		drop_opened(pkt, DTLS_DROP_TYPE);
		return;
	}
	if (!asked_by || READ_ONCE(pkt->ks->recvinfo) & asked_by)
		deliver_content(pkt, content);
}

/* RFC 6347 section 4.1.2.6: the window moves only after the tag. */
static bool accept_number(struct kdtls_epoch *epoch, u64 seq)
{
	bool fresh;

	spin_lock(&epoch->lock);
	fresh = dtls_window_accept(&epoch->window, seq);
	spin_unlock(&epoch->lock);
	return fresh;
}

/* The epoch of a record, and a workspace for it; both stay for the next. */
static struct kdtls_epoch *epoch_of(struct kdtls_packet *pkt, u64 number)
{
	struct kdtls_epoch *epoch = pkt->epoch;

	if (likely(epoch && epoch->params.epoch == number))
		return epoch;
	epoch = kdtls_epoch_get(&pkt->assoc->rx[kdtls_rx_slot(number)]);
	if (!epoch || epoch->params.epoch != number) {
		kdtls_epoch_put(epoch);
		return NULL;
	}
	if (pkt->ws)
		kdtls_workspace_put(pkt->ws);
	kdtls_epoch_put(pkt->epoch);
	pkt->epoch = epoch;
	pkt->ws = kdtls_workspace_get(&epoch->key);
	return epoch;
}

/*
 * Up to here copying a record costs less than a scatterlist that reads it where
 * it lies.
 */
#define COPY_BYTES	320

/*
 * Where the record is opened; *record is where it is read. NULL: out of memory.
 *
 * Three ways, the cheapest first. In place only in exclusively owned memory: page
 * fragments may be page cache or shared with other packets, and a successor of
 * the association may have to read the record again. In DTLS 1.2 with a CID the
 * AAD would reach into the UDP header, of which the ports are still needed.
 *
 * An AEAD may read the text twice, for the tag and to decrypt it: what a sender
 * can still write (spliced page cache) is copied first, or it could exchange
 * what was authenticated.
 */
static u8 *place_record(struct kdtls_packet *pkt,
			const struct dtls_header *header, unsigned int off,
			u8 **record)
{
	unsigned int len = header->len + header->payload_len;
	u8 *buf, *at = *record;

	if (at && pkt->ours && !pkt->successor && header->type != DTLS_TYPE_CID &&
	    off + len <= skb_headlen(pkt->skb))
		return at - DTLS_HEADROOM;
	buf = kdtls_workspace_secret(pkt->ws,
				     KDTLS_TEXT_PAD + DTLS_HEADROOM + len);
	if (!buf)
		return NULL;
	buf += kdtls_text_pad(pkt->epoch, buf, len);
	if (at && len <= COPY_BYTES) {
		*record = memcpy(buf + DTLS_HEADROOM, at, len);
	} else if (!at || pkt->shared ||
		   !kdtls_aead_likes(&pkt->epoch->key, at, len)) {
		*record = buf + DTLS_HEADROOM;
		if (!kdtls_packet_copy(pkt, off, *record, len))
			return NULL;
	}
	return buf;
}

/*
 * In DTLS 1.2 an old number is refused before anything is computed. In 1.3 every
 * record is opened first: RFC 9147 section 4.5.1, or the time that it takes would
 * tell about the number.
 */
static inline int check_header(const struct kdtls_epoch *epoch,
			       const struct dtls_header *header)
{
	if (unlikely(epoch->dtls13))
		return header->unified ? 0 : DTLS_DROP_ERR(DTLS_DROP_VERSION);
	if (!dtls_window_check(&epoch->window, header->seq))
		return DTLS_DROP_ERR(DTLS_DROP_REPLAY);
	return 0;
}

static void find_content(const struct dtls_opened *opened, u8 *buf,
			 struct kdtls_content *content)
{
	content->type = opened->type;
	content->data = buf + opened->off;
	content->len = opened->len;
}

/*
 * The first of a new epoch; or epoch 2, in which a client repeats its last flight. It
 * has sent an alert or an ACK there before that flight, if at all, and data never
 * (RFC 9147 section 6.1).
 */
static noinline int opened_unconfirmed(struct kdtls_packet *pkt,
				       struct kdtls_epoch *epoch, u8 type)
{
	if (epoch->params.epoch == DTLS13_HANDSHAKE_EPOCH)
		return type == DTLS_TYPE_HANDSHAKE ?
		       0 : DTLS_DROP_ERR(DTLS_DROP_TYPE);
	kdtls_update_rx_confirm(pkt->assoc, epoch);
	return 0;
}

static int open13(struct kdtls_packet *pkt, struct kdtls_epoch *epoch,
		  const struct dtls_header *header, const u8 *record, u8 *buf,
		  struct kdtls_content *content)
{
	struct dtls_opened opened;
	int err = kdtls_aead13_open(pkt->ws, epoch, header, record, buf,
				    &opened);

	if (err)
		return err;
	find_content(&opened, buf, content);
	if (unlikely(READ_ONCE(epoch->unconfirmed)))
		err = opened_unconfirmed(pkt, epoch, opened.type);
	return err;
}

static __always_inline int open12(struct kdtls_packet *pkt,
				  struct kdtls_epoch *epoch,
				  const struct dtls_header *header,
				  const u8 *record, u8 *buf,
				  struct kdtls_content *content)
{
	struct dtls_opened opened;
	int err = kdtls_aead_open(pkt->ws, epoch, header, record, buf, &opened);

	if (likely(!err))
		find_content(&opened, buf, content);
	return err;
}

static int open_with(struct kdtls_packet *pkt, struct kdtls_epoch *epoch,
		     const struct dtls_header *header, unsigned int off,
		     u8 *record)
{
	struct kdtls_content content;
	u64 seq = header->seq;
	u8 *buf;
	int err = check_header(epoch, header);

	if (err)
		return err;
	buf = pkt->ws ? place_record(pkt, header, off, &record) : NULL;
	if (!buf)
		return DTLS_DROP_ERR(DTLS_DROP_NOMEM);
	if (unlikely(epoch->dtls13)) {
		err = open13(pkt, epoch, header, record, buf, &content);
		seq = pkt->ws->seq;
	} else {
		err = open12(pkt, epoch, header, record, buf, &content);
	}
	if (err)
		return err;
	if (!accept_number(epoch, seq))
		return DTLS_DROP_ERR(DTLS_DROP_REPLAY);
	if (unlikely(pkt->elsewhere))
		kdtls_roam_look(pkt, epoch, seq);
	handle_content(pkt, &content);
	return 0;
}

int kdtls_try_record(struct kdtls_packet *pkt, const struct dtls_header *header,
		     unsigned int off, u8 *record)
{
	struct kdtls_epoch *epoch = epoch_of(pkt, header->epoch);

	if (!epoch)
		return DTLS_DROP_ERR(DTLS_DROP_EPOCH);
	return open_with(pkt, epoch, header, off, record);
}

void kdtls_refuse_record(struct kdtls_packet *pkt, int err)
{
	if (err == DTLS_DROP_ERR(DTLS_DROP_TAG))
		kdtls_limit_failed(pkt->assoc, pkt->epoch);
	drop_opened(pkt, dtls_drop_of(err));
}
