// SPDX-License-Identifier: GPL-2.0
/*
 * From UDP's queue to records: take a packet, cut it into datagrams and those
 * into records, let the association decide on each.
 */
#include <linux/kdtls_netlink.h>
#include <linux/slab.h>
#include <net/udp.h>

#include "assoc.h"
#include "assoc_lookup.h"
#include "charge.h"
#include "handshake.h"
#include "inbox.h"
#include "input.h"
#include "input13.h"
#include "listener.h"
#include "open.h"
#include "packet.h"
#include "reader.h"
#include "recv_queue.h"
#include "socket.h"
#include "stats.h"
#include "tun.h"
#include "record/dtls13/dtls13.h"
#include "record/header12.h"

/* Bytes of records that wait for their keys, per association. */
#define EARLY_BYTES	(256 * 1024)
/*
 * Records of one datagram that are not opened before its rest is dropped: more
 * than the flight of a handshake has.
 */
#define MAX_UNOPENED	64

/* What became of a record. */
enum fate {
	OPENED,		/* authentic */
	UNOPENED,	/* dropped, or kept for its keys */
	FORGED,		/* dropped, for its tag was wrong, or is another's by its CID */
};

/* A record: its header, and where it is in the packet and in memory. */
struct place {
	struct dtls_header	header;
	unsigned int		off;
	u8			*data;		/* NULL: in several pieces */
};

/* One datagram of a packet after the other, and their records. */
struct datagram {
	struct kdtls_packet	*pkt;
	struct place		at;		/* the record that is looked at */
	unsigned int		off, len;	/* its part of the packet */
	struct kdtls_assoc	*shaking;	/* the one in its handshake, */
	u8			*handshake;	/* and its records */
	size_t			handshake_len;
	unsigned int		unopened;	/* of its records */
	bool			checked, intact;	/* UDP checksum */
	bool			early;		/* one waits for its keys */
	bool			successors;	/* see with_successor() */
	bool			named;		/* a record had a Connection ID */
};

static void drop_record(const struct datagram *dg, enum dtls_drop reason)
{
	kdtls_drop(sock_net(dg->pkt->ks->sk), dg->pkt->assoc, reason);
}

/*
 * Before the checksum is verified nothing unauthenticated goes on. A wrong one
 * is added up once, however many records ask.
 */
static bool checksum_good(struct datagram *dg)
{
	struct sk_buff *skb = dg->pkt->skb;

	if (!dg->checked)
		dg->intact = !skb->protocol || skb_is_gso(skb) ||
			     !udp_lib_checksum_complete(skb);
	dg->checked = true;
	return dg->intact;
}

static void keep_for_daemon(struct datagram *dg, struct kdtls_assoc *assoc,
			    unsigned int off, unsigned int len)
{
	if (!checksum_good(dg)) {
		drop_record(dg, DTLS_DROP_CHECKSUM);
		return;
	}
	if (!dg->handshake)
		dg->handshake = kmalloc(dg->len, GFP_KERNEL | __GFP_NOWARN);
	if (!dg->handshake ||
	    !kdtls_packet_copy(dg->pkt, off, dg->handshake + dg->handshake_len,
			       len)) {
		drop_record(dg, DTLS_DROP_NOMEM);
		return;
	}
	dg->handshake_len += len;
	dg->shaking = assoc;
}

/* Unauthenticated: all clients of one socket share this limit. */
static bool early_full(const struct kdtls_assoc *assoc)
{
	const struct kdtls_sock *ks = assoc->ks;

	return READ_ONCE(assoc->early_bytes) > EARLY_BYTES ||
	       atomic_read(&ks->early_bytes) > READ_ONCE(ks->sk->sk_rcvbuf);
}

/*
 * Not in SO_RCVBUF: clients that never finish would take it from those that
 * have. It has not left for another socket: it is in its handshake.
 */
static bool early_add(struct kdtls_assoc *assoc, struct kdtls_record *rec)
{
	struct kdtls_record *before = NULL;
	u32 bytes;

	lockdep_assert_held(&assoc->lock);
	if (!list_empty(&assoc->early))
		before = list_last_entry(&assoc->early, struct kdtls_record,
					 list);
	bytes = kdtls_record_weigh(rec, before);
	if (!kdtls_skmem_charge(assoc->sk, bytes))
		return false;
	list_add_tail(&rec->list, &assoc->early);
	assoc->early_bytes += bytes;
	atomic_add(bytes, &assoc->ks->early_bytes);
	return true;
}

/*
 * A record that overtook the end of the handshake is held, sealed, until there
 * are keys. True: it was held, or dropped and counted. False: the keys have come
 * meanwhile, and it can be opened.
 */
static bool hold_record(struct datagram *dg, struct kdtls_assoc *assoc,
			unsigned int off, unsigned int len)
{
	struct kdtls_record *rec;
	bool shaking, held;

	if (early_full(assoc)) {
		drop_record(dg, DTLS_DROP_QUEUE);
		return true;
	}
	rec = kdtls_record_new(dg->pkt->skb, len);
	if (!rec || !kdtls_packet_copy(dg->pkt, off, rec->data, len)) {
		if (rec)
			kdtls_record_put(rec);
		drop_record(dg, DTLS_DROP_NOMEM);
		return true;
	}
	rec->begins = !dg->early;
	rec->named = dg->named;
	dg->early = true;
	spin_lock_bh(&assoc->lock);
	shaking = assoc->state == DTLS_STATE_HANDSHAKE;
	held = shaking && early_add(assoc, rec);
	spin_unlock_bh(&assoc->lock);
	if (held)
		return true;
	kdtls_record_put(rec);
	if (shaking)
		drop_record(dg, DTLS_DROP_NOMEM);
	return shaking;
}

/* RFC 9147 section 4: behind another association's record nothing is opened. */
static enum fate fate_of(int err)
{
	if (likely(!err))
		return OPENED;
	return err == DTLS_DROP_ERR(DTLS_DROP_TAG) ||
	       err == DTLS_DROP_ERR(DTLS_DROP_CID) ? FORGED : UNOPENED;
}

/*
 * Not that of the packet, and perhaps another socket's. Apart, or each record
 * would pay for the zeroed pkt.
 */
static noinline int open_for(struct datagram *dg, struct kdtls_assoc *assoc,
			     const struct place *at)
{
	struct kdtls_sink sink;
	struct kdtls_packet pkt = kdtls_packet_of(assoc->ks, assoc,
						  dg->pkt->skb, &sink);
	int err;

	kdtls_sink_init(&sink, NULL);
	err = kdtls_open_record(&pkt, &at->header, at->off, at->data);
	kdtls_packet_finish(&pkt);
	kdtls_recv_deliver(assoc->ks, &sink.kept);
	return err;
}

static enum fate open_at(struct datagram *dg, struct kdtls_assoc *assoc,
			 const struct place *at)
{
	if (unlikely(assoc != dg->pkt->assoc))
		return fate_of(open_for(dg, assoc, at));
	return fate_of(kdtls_open_record(dg->pkt, &at->header, at->off,
					 at->data));
}

/* RFC 9146 section 4: with a Connection ID the type is encrypted. */
static bool may_be_handshake(const struct kdtls_assoc *assoc,
			     const struct dtls_header *header)
{
	return header->type == DTLS_TYPE_HANDSHAKE ||
	       (header->type == DTLS_TYPE_CID &&
		assoc->keyed_by == KDTLS_KEYER_DAEMON);
}

/*
 * Under the keys that are to come: all of it waits for them, in order, for an
 * alert is sent once only. In a handshake record the daemon may find a Finished
 * that was sent again, or nothing for it: so both get it. RFC 6347 section 4.1: the
 * first record after the ChangeCipherSpec has number 0; it is the peer's Finished, of
 * use to the daemon alone.
 */
static enum fate under_coming_keys(struct datagram *dg,
				   struct kdtls_assoc *assoc,
				   const struct place *at, unsigned int len)
{
	bool handshake = may_be_handshake(assoc, &at->header);
	bool finished = handshake && !at->header.seq;

	if (!finished && !hold_record(dg, assoc, at->off, len))
		return open_at(dg, assoc, at);
	if (handshake)
		keep_for_daemon(dg, assoc, at->off, len);
	return UNOPENED;
}

/*
 * True: records of epoch 2 are the handshake's, which a daemon runs. It is to get
 * them, and there are no keys for early data (epoch 1).
 */
static bool for_daemon13(struct datagram *dg, struct kdtls_assoc *assoc,
			 const struct place *at, unsigned int len)
{
	u64 epoch = at->header.epoch;

	if (assoc->keyed_by != KDTLS_KEYER_DAEMON ||
	    (epoch > DTLS13_HANDSHAKE_EPOCH && epoch != KDTLS_NO_EPOCH))
		return false;
	if (epoch == DTLS13_HANDSHAKE_EPOCH)
		keep_for_daemon(dg, assoc, at->off, len);
	else
		drop_record(dg, DTLS_DROP_EPOCH);
	return true;
}

/* Those behind the handshake wait for their keys. */
static enum fate during_handshake13(struct datagram *dg,
				    struct kdtls_assoc *assoc,
				    const struct place *at, unsigned int len)
{
	if (!for_daemon13(dg, assoc, at, len) &&
	    !hold_record(dg, assoc, at->off, len))
		return open_at(dg, assoc, at);
	return UNOPENED;
}

static enum fate during_handshake(struct datagram *dg,
				  struct kdtls_assoc *assoc,
				  const struct place *at)
{
	const struct dtls_header *header = &at->header;
	unsigned int len = header->len + header->payload_len;

	if (header->unified)
		return during_handshake13(dg, assoc, at, len);
	if (header->epoch)
		return under_coming_keys(dg, assoc, at, len);
	if (header->type == DTLS_TYPE_APPLICATION_DATA)
		drop_record(dg, DTLS_DROP_PLAINTEXT);
	else
		keep_for_daemon(dg, assoc, at->off, len);
	return UNOPENED;
}

/*
 * Epoch 0 again: a client that lost its state comes back from the same port
 * (RFC 6347 section 4.2.8). Like an unknown client it has to show a cookie
 * first, to the socket that has its association.
 */
static void in_the_clear(struct datagram *dg, const struct place *at)
{
	if (at->off || !kdtls_listener_hello(dg->pkt->ks, dg->pkt->skb))
		drop_record(dg, DTLS_DROP_PLAINTEXT);
}

static enum fate record_of(struct datagram *dg, struct kdtls_assoc *assoc,
			   const struct place *at)
{
	switch (kdtls_assoc_state(assoc)) {
	case DTLS_STATE_HANDSHAKE:
		return during_handshake(dg, assoc, at);
	case DTLS_STATE_ESTABLISHED:
		if (at->header.epoch)
			return open_at(dg, assoc, at);
		in_the_clear(dg, at);
		return UNOPENED;
	default:
		drop_record(dg, DTLS_DROP_CLOSED);
		return UNOPENED;
	}
}

/*
 * What the association cannot open is its successor's; after one wrong tag all
 * that follows in the datagram, for it has one sender.
 */
static noinline enum fate with_successor(struct datagram *dg, struct place *at)
{
	struct kdtls_packet *pkt = dg->pkt;
	enum fate fate = UNOPENED;

	if (at->header.epoch && !dg->successors)
		fate = fate_of(kdtls_try_record(pkt, &at->header, at->off,
						at->data));
	if (fate == OPENED)
		return OPENED;
	if (fate == FORGED)
		dg->successors = true;
	if (at->header.unified)
		kdtls_reread13(pkt->successor, &at->header);
	return record_of(dg, pkt->successor, at);
}

static enum fate one_record(struct datagram *dg, struct place *at)
{
	struct kdtls_packet *pkt = dg->pkt;

	if (unlikely(pkt->successor))
		return with_successor(dg, at);
	if (likely(at->header.epoch &&
		   kdtls_assoc_state(pkt->assoc) == DTLS_STATE_ESTABLISHED))
		return fate_of(kdtls_open_record(pkt, &at->header, at->off,
						 at->data));
	return record_of(dg, pkt->assoc, at);
}

/*
 * Is the rest of the datagram not looked at? A wrong tag has cost as much as
 * the AEAD's work for it, and 13 bytes are enough to claim another record.
 */
static bool given_up(struct datagram *dg, enum fate fate)
{
	return fate == FORGED || ++dg->unopened >= MAX_UNOPENED;
}

#define LONGEST_HEADER	(DTLS12_HEADER + DTLS_MAX_CID)

/* RFC 9146 section 4, RFC 9147 section 4 */
static bool says_cid(u8 first)
{
	return first == DTLS_TYPE_CID ||
	       (dtls_first_byte(first) == DTLS_FIRST_UNIFIED &&
		first & DTLS13_CID);
}

/* Bytes of the Connection ID in a record, if it has one. */
static u8 cid_len_of(const struct kdtls_assoc *assoc, u8 first)
{
	u8 len = READ_ONCE(assoc->cid_len);

	/* the record itself shows whether the peer has agreed to it */
	if (len || !says_cid(first) ||
	    kdtls_assoc_state(assoc) != DTLS_STATE_HANDSHAKE)
		return len;
	return assoc->by_cid.cid.len;
}

/* Apart: most records have no Connection ID, and their parser none to look for. */
static noinline int parse_other(const struct kdtls_assoc *assoc, const u8 *data,
				unsigned int left, bool *named,
				struct dtls_header *header)
{
	u8 cid_len = cid_len_of(assoc, data[0]);
	int err = data[0] > DTLS_TYPE_CID ?
		  kdtls_parse13(assoc, data, left, cid_len, *named, header) :
		  dtls12_parse(data, left, cid_len, header);

	if (!err && header->cid_len)
		*named = true;
	return err;
}

/*
 * LONGEST_HEADER bytes, or all that are left, are there. named: a record of the
 * datagram had the Connection ID of its association.
 */
static __always_inline int
parse_header(const struct kdtls_assoc *assoc, const u8 *data, unsigned int left,
	     bool *named, struct dtls_header *header)
{
	if (unlikely(data[0] >= DTLS_TYPE_CID))
		return parse_other(assoc, data, left, named, header);
	return dtls12_parse(data, left, 0, header);
}

/*
 * A unified header that the association cannot have sent may be its successor's, and
 * so is the rest of the datagram then.
 */
static noinline int parse_successors(struct datagram *dg, const u8 *data,
				     unsigned int left, struct place *at,
				     int err)
{
	if (!dg->pkt->successor ||
	    dtls_first_byte(data[0]) != DTLS_FIRST_UNIFIED)
		return err;
	dg->successors = true;
	return parse_other(dg->pkt->successor, data, left, &dg->named,
			   &at->header);
}

/* As parse_header(). */
static __always_inline int parse_at(struct datagram *dg, const u8 *data,
				    unsigned int left, struct place *at)
{
	int err = parse_header(dg->pkt->assoc, data, left, &dg->named,
			       &at->header);

	return unlikely(err) ? parse_successors(dg, data, left, at, err) : 0;
}

/*
 * A header that lies in several pieces, or at an unknown place. Apart: most kernels
 * zero an array on the stack, for each record.
 */
static noinline int parse_pieces(struct datagram *dg, unsigned int left,
				 struct place *at)
{
	u8 copy[LONGEST_HEADER];

	if (!kdtls_packet_copy(dg->pkt, at->off, copy,
			       min_t(unsigned int, left, LONGEST_HEADER)))
		return DTLS_DROP_ERR(DTLS_DROP_HEADER);
	return parse_at(dg, copy, left, at);
}

static int locate_record(struct datagram *dg, unsigned int left,
			 struct place *at)
{
	unsigned int piece;
	int err;

	at->data = kdtls_packet_piece(dg->pkt, at->off, &piece);
	if (likely(at->data && (piece >= LONGEST_HEADER || piece >= left)))
		err = parse_at(dg, at->data, left, at);
	else
		err = parse_pieces(dg, left, at);
	if (!err && at->header.len + at->header.payload_len > piece)
		at->data = NULL;
	return err;
}

/* Several records may stand in one datagram; none spans two. */
static void input_records(struct datagram *dg)
{
	unsigned int end = dg->off + dg->len;
	struct place *at = &dg->at;
	enum fate fate;
	int err;

	at->off = dg->off;
	while (at->off < end) {
		dg->pkt->decided++;
		err = locate_record(dg, end - at->off, at);
		if (err) {
			drop_record(dg, dtls_drop_of(err));
			break;
		}
		fate = one_record(dg, at);
		at->off += at->header.len + at->header.payload_len;
		if (unlikely(fate != OPENED) && given_up(dg, fate)) {
			if (at->off < end)
				drop_record(dg, DTLS_DROP_REST);
			break;
		}
	}
}

static noinline void pass_handshake(struct datagram *dg)
{
	if (dg->handshake_len)
		kdtls_handshake_datagram(dg->shaking, dg->handshake,
					 dg->handshake_len);
	kfree(dg->handshake);
}

static void input_datagram(struct datagram *dg)
{
	if (!dg->len) {
		dg->pkt->decided++;
		drop_record(dg, DTLS_DROP_HEADER);
	}
	input_records(dg);
	if (unlikely(dg->handshake))
		pass_handshake(dg);
}

/* What is said of the one before does not hold for this one. */
static void next_datagram(struct datagram *dg, unsigned int len)
{
	dg->off += dg->len;
	dg->len = len;
	dg->handshake = NULL;
	dg->handshake_len = 0;
	dg->unopened = 0;
	dg->checked = false;
	dg->intact = false;
	dg->early = false;
	dg->successors = false;
	dg->named = false;
}

/* The datagrams of a packet that are one association's: all, without CIDs. */
struct arrival {
	struct kdtls_assoc	*connected;	/* assoc_lookup.h; has one run */
	struct kdtls_assoc	*assoc, *successor;
	struct sk_buff		*skb;
	unsigned int		off, end;
	bool			elsewhere;	/* not from where its peer is */
};

/* Inline, so that each packet has one frame less; gcc finds it too large. */
static __always_inline void input_segments(struct kdtls_packet *pkt, const struct arrival *in)
{
	struct sk_buff *skb = pkt->skb;
	unsigned int segment = skb_is_gso(skb) ? skb_shinfo(skb)->gso_size :
						 skb->len;
	struct datagram dg = { .pkt = pkt, .off = in->off };
	unsigned int left = in->end - in->off;

	do {
		next_datagram(&dg, min(left, segment));
		input_datagram(&dg);
		left -= dg.len;
	} while (left);
}

/* Returns how many records were decided; so do those that call it. */
static int input_packet(struct kdtls_sock *ks, const struct arrival *in,
			struct kdtls_sink *sink)
{
	struct kdtls_packet pkt = kdtls_packet_of(ks, in->assoc, in->skb, sink);

	pkt.successor = in->successor;
	pkt.elsewhere = in->elsewhere;
	input_segments(&pkt, in);
	kdtls_packet_finish(&pkt);
	return pkt.decided;
}

/*
 * __skb_recv_udp() took the socket's pending error, which recv, send and SO_ERROR
 * report; poll() and the work item must not consume it.
 */
static void error_restore(struct sock *sk, int err)
{
	(void)cmpxchg(&sk->sk_err, 0, -err);
}

/*
 * The association is another socket's: one of its own, and this came to the one
 * it left; or one of the group, in which UDP chose ours.
 */
static noinline int hand_on(const struct arrival *in)
{
	struct kdtls_sock *ks = in->assoc->ks;
	struct kdtls_sink sink;
	int decided;

	if (kdtls_rmem_full(ks->sk)) {
		kdtls_drop(sock_net(ks->sk), in->assoc, DTLS_DROP_QUEUE);
		return 1;
	}
	kdtls_sink_init(&sink, NULL);
	decided = input_packet(ks, in, &sink);
	kdtls_recv_deliver(ks, &sink.kept);
	return decided;
}

/*
 * With a Connection ID it may have come from elsewhere. The ports are not in the AAD:
 * what may move a peer is to be as it was sent. False: it is not.
 */
static noinline bool look_at_source(const struct kdtls_sock *ks,
				    struct arrival *in)
{
	union kdtls_addr from, remote;

	kdtls_source(ks->sk, in->skb, &from);
	kdtls_assoc_remote(in->assoc, &remote);
	if (kdtls_addr_equal(&from, &remote))
		return true;
	in->elsewhere = kdtls_assoc_shares(in->assoc);
	return skb_is_gso(in->skb) || !udp_lib_checksum_complete(in->skb);
}

static int arrived(struct kdtls_sock *ks, struct arrival *in,
		   struct kdtls_sink *sink)
{
	struct sk_buff *skb = in->skb;
	int decided = 1;

	in->end = likely(!ks->cid_len) ? skb->len :
					 kdtls_lookup_end(ks, skb, in->off);
	in->successor = NULL;
	in->elsewhere = false;
	in->assoc = kdtls_lookup_skb(ks, in->connected, skb, in->off,
				     &in->successor);
	if (in->assoc && unlikely(READ_ONCE(in->assoc->cid_len)) &&
	    !look_at_source(ks, in))
		kdtls_drop(sock_net(ks->sk), in->assoc, DTLS_DROP_CHECKSUM);
	else if (in->assoc && unlikely(READ_ONCE(in->assoc->ks) != ks))
		decided = hand_on(in);
	else if (in->assoc)
		decided = input_packet(ks, in, sink);
	else if (in->off || !kdtls_listener_hello(ks, skb))
		kdtls_drop(sock_net(ks->sk), NULL, DTLS_DROP_NO_ASSOC);
	kdtls_assoc_put(in->successor);
	kdtls_assoc_put(in->assoc);
	return decided;
}

/*
 * All datagrams of a packet have the same two ends, and so without Connection IDs one
 * association. Puts connected (NULL: many peers), and skb unless a reader has taken it.
 */
static int packet_received(struct kdtls_sock *ks, struct kdtls_assoc *connected,
			   struct sk_buff *skb, struct kdtls_sink *sink)
{
	struct arrival in = { .connected = connected, .skb = skb };
	int decided = 0;

	skb->dev = NULL;	/* UDP kept its accounting there */
	do {
		decided += arrived(ks, &in, sink);
		in.off = in.end;
	} while (unlikely(in.end < skb->len));
	if (!kdtls_sink_has(sink, skb))
		consume_skb(skb);
	return decided;
}

int kdtls_input(struct kdtls_sock *ks, struct kdtls_sink *sink)
{
	struct kdtls_assoc *connected;
	struct sk_buff *skb;
	int off = 0, err = 0;

	if (kdtls_tun_receives(ks) && !sink->tun)
		return 0;
	if (!kdtls_lookup_begin(ks, &connected))
		return 0;
	skb = __skb_recv_udp(ks->sk, MSG_DONTWAIT, &off, &err);
	if (likely(skb))
		return packet_received(ks, connected, skb, sink);
	kdtls_assoc_put(connected);
	if (err != -EAGAIN)
		error_restore(ks->sk, err);
	return 0;
}

/* ended: it was an alert that is the end (RFC 5246 section 7.2.1). */
static enum fate open_held(struct kdtls_assoc *assoc, struct kdtls_record *rec,
			   struct kdtls_sink *sink, bool *ended)
{
	struct kdtls_packet pkt = kdtls_packet_of(assoc->ks, assoc, rec->skb,
						  sink);
	bool named = rec->named || !rec->begins;
	struct dtls_header header;
	int err;

	/* parsed before, but without its epoch in DTLS 1.3, or its Connection ID */
	err = parse_header(assoc, rec->data, rec->len, &named, &header);
	if (err) {
		kdtls_drop(sock_net(assoc->sk), assoc, dtls_drop_of(err));
		return UNOPENED;
	}
	pkt.raw = rec->data;
	err = kdtls_open_record(&pkt, &header, 0, NULL);
	kdtls_packet_finish(&pkt);
	*ended = pkt.ended;
	return fate_of(err);
}

/* Is another record held that came in the same datagram? */
static bool has_rest(struct kdtls_record *rec, const struct list_head *early)
{
	return !list_is_last(&rec->list, early) &&
	       !list_next_entry(rec, list)->begins;
}

void kdtls_input_early(struct kdtls_assoc *assoc, struct list_head *early)
{
	struct net *net = sock_net(assoc->sk);
	enum fate fate = UNOPENED;
	struct kdtls_record *rec;
	struct kdtls_sink sink;
	bool ended = false;

	kdtls_sink_init(&sink, NULL);
	list_for_each_entry(rec, early, list) {
		if (ended) {
			kdtls_drop(net, assoc, DTLS_DROP_CLOSED);
			continue;
		}
		if (fate == FORGED && !rec->begins)
			continue;
		fate = open_held(assoc, rec, &sink, &ended);
		if (fate == FORGED && has_rest(rec, early))
			kdtls_drop(net, assoc, DTLS_DROP_REST);
		cond_resched();
	}
	kdtls_records_put(early);
	kdtls_inbox_add(&assoc->ks->inbox, &sink.kept);
}

int kdtls_input_inject(struct kdtls_sock *ks, sockptr_t data, size_t len)
{
	struct kdtls_assoc *assoc = kdtls_lookup_connected(ks);
	struct kdtls_sink sink;
	struct sk_buff *skb;
	int err = 0;

	if (!assoc)
		return -ENOTCONN;
	if (kdtls_inbox_full(ks)) {
		kdtls_assoc_put(assoc);
		return -ENOBUFS;
	}
	skb = alloc_skb(len, GFP_KERNEL_ACCOUNT);
	if (!skb || copy_from_sockptr(skb_put(skb, len), data, len)) {
		err = skb ? -EFAULT : -ENOMEM;
	} else {
		const struct arrival in = {
			.assoc = assoc, .skb = skb, .end = len,
		};

		kdtls_sink_init(&sink, NULL);
		input_packet(ks, &in, &sink);
		kdtls_inbox_add(&ks->inbox, &sink.kept);
		ks->data_ready(ks->sk);
	}
	kfree_skb(skb);
	kdtls_assoc_put(assoc);
	return err;
}
