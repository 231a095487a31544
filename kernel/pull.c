// SPDX-License-Identifier: GPL-2.0
/*
 * From UDP's queue to opened records: take a datagram, cut it into records,
 * let the association decide on each.
 */
#include <linux/slab.h>
#include <net/udp.h>

#include <linux/kdtls_netlink.h>

#include "crypt.h"
#include "flight.h"
#include "handshake.h"
#include "netlink.h"
#include "socket.h"
#include "stats.h"
#include "transmit.h"

/* Longest header, CID included. */
#define HEADER_BYTES	(DTLS12_HEADER + DTLS_MAX_CID)
/* Bytes of records that wait for their keys, per association. */
#define EARLY_BYTES	(256 * 1024)

/* One datagram on its way through this file. */
struct datagram {
	struct kdtls_sock	*ks;
	struct kdtls_assoc	*assoc;
	struct sk_buff		*skb;
	unsigned int		off, len;	/* its part of the skb */
	struct list_head	*out;		/* for the application */
	u8			*handshake;	/* records for the daemon */
	size_t			handshake_len;
	bool			checked;	/* UDP checksum */
};

static void drop(const struct datagram *dg, enum dtls_drop reason)
{
	kdtls_drop(sock_net(dg->ks->sk), dg->assoc, reason);
}

/* May we write into this part of the packet? Pages of others never. */
static u8 *writable(struct sk_buff *skb, unsigned int off, unsigned int len)
{
	if (skb_shared(skb) || skb_cloned(skb) || off + len > skb_headlen(skb))
		return NULL;
	return skb->data + off;
}

/* The record in a buffer that is ours alone, DTLS_HEADROOM behind its start. */
static u8 *record_buffer(struct kdtls_record **rec, struct datagram *dg,
			 unsigned int off, unsigned int len)
{
	u8 *data = writable(dg->skb, off, len);
	u8 *buf;

	*rec = kdtls_record_new(dg->skb, data ? 0 : DTLS_HEADROOM + len);
	if (!*rec)
		return NULL;
	if (data)
		return data - DTLS_HEADROOM;
	buf = (*rec)->buf;
	if (skb_copy_bits(dg->skb, off, buf + DTLS_HEADROOM, len)) {
		kdtls_record_put(*rec);
		return NULL;
	}
	return buf;
}

static void got_alert(struct datagram *dg, const u8 *alert, size_t len)
{
	struct kdtls_assoc *assoc = dg->assoc;

	if (len != 2) {
		drop(dg, DTLS_DROP_TYPE);
		return;
	}
	WRITE_ONCE(assoc->alert, alert[0] << 8 | alert[1]);
	if (alert[1] == KDTLS_ALERT_CLOSE_NOTIFY) {
		kdtls_transmit_alert(assoc, KDTLS_ALERT_WARNING,
				     KDTLS_ALERT_CLOSE_NOTIFY);
		kdtls_assoc_close(assoc);
	} else if (alert[0] == KDTLS_ALERT_FATAL) {
		kdtls_assoc_reset(assoc);
	}
}

enum { HELLO_REQUEST = 0, CLIENT_HELLO = 1, FINISHED = 20 };

/* A handshake message under the keys: an old flight, or a new handshake. */
static void got_handshake(struct datagram *dg, const u8 *data, size_t len)
{
	if (len && data[0] == FINISHED) {
		kdtls_flight_repeat(dg->assoc);
	} else if (len && (data[0] == HELLO_REQUEST ||
			   data[0] == CLIENT_HELLO)) {
		/* RFC 5246 section 7.4.1.1: the refusal is a warning */
		if (kdtls_renegotiation_ratelimit(dg->assoc))
			kdtls_transmit_alert(dg->assoc, KDTLS_ALERT_WARNING,
					     KDTLS_ALERT_NO_RENEGOTIATION);
	} else {
		drop(dg, DTLS_DROP_TYPE);
	}
}

static bool wanted(const struct datagram *dg, const struct kdtls_record *rec)
{
	u32 info = READ_ONCE(dg->ks->recvinfo);

	if (rec->type == DTLS_TYPE_ALERT)
		return info & DTLS_RECVINFO_TYPE;
	return rec->type == DTLS_TYPE_APPLICATION_DATA &&
	       (rec->len || info & DTLS_RECVINFO_EMPTY);
}

/* An authentic record that was not there before; takes over rec. */
static void opened(struct datagram *dg, struct kdtls_record *rec)
{
	rec->assoc = dg->assoc->id;
	switch (rec->type) {
	case DTLS_TYPE_APPLICATION_DATA:
		if (kdtls_flight_kept(dg->assoc))
			kdtls_flight_drop(dg->assoc);
		kdtls_count_rx(dg->assoc, 1, rec->len);
		break;
	case DTLS_TYPE_ALERT:
		got_alert(dg, rec->data, rec->len);
		break;
	case DTLS_TYPE_HANDSHAKE:
		got_handshake(dg, rec->data, rec->len);
		break;
	default:
		drop(dg, DTLS_DROP_TYPE);
	}
	if (wanted(dg, rec))
		list_add_tail(&rec->list, dg->out);
	else
		kdtls_record_put(rec);
}

/* RFC 6347 section 4.1.2.6: looked up before, moved only after the tag. */
static bool seen(struct kdtls_epoch *epoch, u64 seq)
{
	bool fresh;

	spin_lock_bh(&epoch->lock);
	fresh = dtls_window_check(&epoch->window, seq);
	spin_unlock_bh(&epoch->lock);
	return !fresh;
}

static bool accept(struct kdtls_epoch *epoch, u64 seq)
{
	bool fresh;

	spin_lock_bh(&epoch->lock);
	fresh = dtls_window_accept(&epoch->window, seq);
	spin_unlock_bh(&epoch->lock);
	return fresh;
}

/* The record is in buf, with its headroom; rec is taken over. */
static int open_in(struct datagram *dg, struct kdtls_epoch *epoch,
		   const struct dtls_header *header, struct kdtls_record *rec,
		   u8 *buf)
{
	size_t content, content_len;
	int err;

	err = kdtls_open(epoch, header, buf, &rec->type, &content,
			 &content_len);
	if (!err && !accept(epoch, header->seq))
		err = DTLS_DROP_ERR(DTLS_DROP_REPLAY);
	if (err) {
		kdtls_record_put(rec);
		return err;
	}
	rec->data = buf + content;
	rec->len = content_len;
	opened(dg, rec);
	return 0;
}

/* rec: held back earlier, with the record in its buffer; or NULL: in the skb */
static int open_with(struct datagram *dg, struct kdtls_epoch *epoch,
		     const struct dtls_header *header, unsigned int off,
		     struct kdtls_record *rec)
{
	u8 *buf;

	if (seen(epoch, header->seq)) {
		if (rec)
			kdtls_record_put(rec);
		return DTLS_DROP_ERR(DTLS_DROP_REPLAY);
	}
	buf = rec ? rec->buf :
		    record_buffer(&rec, dg, off,
				  header->len + header->payload_len);
	if (!buf)
		return DTLS_DROP_ERR(DTLS_DROP_NOMEM);
	return open_in(dg, epoch, header, rec, buf);
}

/* Near the number of forgeries that the AEAD bears: an event, once. */
static void count_failure(struct datagram *dg, struct kdtls_epoch *epoch)
{
	u64 limit = epoch->params.cipher->fail_limit;

	if ((u64)atomic64_inc_return(&epoch->failures) > limit - limit / 8 &&
	    !atomic_xchg(&epoch->limit_told, 1))
		kdtls_netlink_event(dg->assoc, KDTLS_CMD_LIMIT);
}

static void open_record(struct datagram *dg, const struct dtls_header *header,
			unsigned int off, struct kdtls_record *rec)
{
	struct kdtls_epoch *epoch;
	int err;

	epoch = kdtls_epoch_get(&dg->assoc->rx[header->epoch %
					       KDTLS_RX_EPOCHS]);
	if (epoch && epoch->params.epoch == header->epoch) {
		err = open_with(dg, epoch, header, off, rec);
		if (err == DTLS_DROP_ERR(DTLS_DROP_TAG))
			count_failure(dg, epoch);
	} else {
		err = DTLS_DROP_ERR(DTLS_DROP_EPOCH);
		if (rec)
			kdtls_record_put(rec);
	}
	kdtls_epoch_put(epoch);
	if (err)
		drop(dg, dtls_drop_of(err));
}

/* Before the checksum is verified nothing unauthenticated goes on. */
static bool checksum_good(struct datagram *dg)
{
	if (!dg->checked && dg->skb->protocol && !skb_is_gso(dg->skb) &&
	    udp_lib_checksum_complete(dg->skb))
		return false;
	dg->checked = true;
	return true;
}

static void keep_for_daemon(struct datagram *dg, unsigned int off,
			    unsigned int len)
{
	if (!checksum_good(dg)) {
		drop(dg, DTLS_DROP_CHECKSUM);
		return;
	}
	if (!dg->handshake)
		dg->handshake = kmalloc(dg->len, GFP_KERNEL);
	if (!dg->handshake ||
	    skb_copy_bits(dg->skb, off, dg->handshake + dg->handshake_len,
			  len)) {
		drop(dg, DTLS_DROP_NOMEM);
		return;
	}
	dg->handshake_len += len;
}

/*
 * Application data that overtook the end of the handshake is held, raw, until
 * there are keys. False: they came in between, open it.
 */
static bool hold(struct datagram *dg, unsigned int off, unsigned int len)
{
	struct kdtls_assoc *assoc = dg->assoc;
	struct kdtls_record *rec;
	bool held = false;

	if (READ_ONCE(assoc->early_bytes) > EARLY_BYTES) {
		drop(dg, DTLS_DROP_QUEUE);
		return true;
	}
	rec = kdtls_record_new(dg->skb, DTLS_HEADROOM + len);
	if (!rec || skb_copy_bits(dg->skb, off, rec->buf + DTLS_HEADROOM,
				  len)) {
		if (rec)
			kdtls_record_put(rec);
		drop(dg, DTLS_DROP_NOMEM);
		return true;
	}
	rec->len = len;
	spin_lock_bh(&assoc->lock);
	if (assoc->state == DTLS_STATE_HANDSHAKE) {
		list_add_tail(&rec->list, &assoc->early);
		assoc->early_bytes += rec->truesize;
		held = true;
	}
	spin_unlock_bh(&assoc->lock);
	if (!held)
		kdtls_record_put(rec);
	return held;
}

static void handshaking(struct datagram *dg, const struct dtls_header *header,
			unsigned int off)
{
	unsigned int len = header->len + header->payload_len;

	if (!header->epoch || header->type == DTLS_TYPE_HANDSHAKE ||
	    header->type == DTLS_TYPE_ALERT) {
		if (!header->epoch &&
		    header->type == DTLS_TYPE_APPLICATION_DATA)
			drop(dg, DTLS_DROP_PLAINTEXT);
		else
			keep_for_daemon(dg, off, len);
		return;
	}
	if (!hold(dg, off, len))
		open_record(dg, header, off, NULL);
}

static void one_record(struct datagram *dg, const struct dtls_header *header,
		       unsigned int off)
{
	switch (kdtls_assoc_state(dg->assoc)) {
	case DTLS_STATE_HANDSHAKE:
		handshaking(dg, header, off);
		break;
	case DTLS_STATE_ESTABLISHED:
		if (header->epoch)
			open_record(dg, header, off, NULL);
		else
			drop(dg, DTLS_DROP_PLAINTEXT);
		break;
	default:
		drop(dg, DTLS_DROP_CLOSED);
	}
}

static int parse(const struct datagram *dg, unsigned int off, unsigned int left,
		 struct dtls_header *header)
{
	u8 bytes[HEADER_BYTES];
	const u8 *data;

	data = skb_header_pointer(dg->skb, off, min_t(unsigned int, left,
						      HEADER_BYTES), bytes);
	if (!data)
		return DTLS_DROP_ERR(DTLS_DROP_HEADER);
	switch (dtls_first_byte(data[0])) {
	case DTLS_FIRST_PLAIN12:
	case DTLS_FIRST_CID12:
		return dtls12_parse(data, left, 0, header);
	case DTLS_FIRST_OTHER:
	case DTLS_FIRST_MUX:
		return DTLS_DROP_ERR(DTLS_DROP_NOT_DTLS);
	default:
		return DTLS_DROP_ERR(DTLS_DROP_VERSION);
	}
}

/* Several records may stand in one datagram; none spans two. */
static void records(struct datagram *dg)
{
	unsigned int off = dg->off, end = dg->off + dg->len;
	struct dtls_header header;
	int err;

	if (off == end)
		drop(dg, DTLS_DROP_HEADER);
	while (off < end) {
		err = parse(dg, off, end - off, &header);
		if (err) {
			drop(dg, dtls_drop_of(err));
			break;
		}
		one_record(dg, &header, off);
		off += header.len + header.payload_len;
	}
	if (dg->handshake_len)
		kdtls_handshake_datagram(dg->assoc, dg->handshake,
					 dg->handshake_len);
	kfree(dg->handshake);
}

/* A packet is one datagram, or with GRO several of equal size and a rest. */
static void packet(struct kdtls_sock *ks, struct kdtls_assoc *assoc,
		   struct sk_buff *skb, struct list_head *out)
{
	unsigned int segment = skb_is_gso(skb) ? skb_shinfo(skb)->gso_size : 0;
	unsigned int off = 0;

	do {
		struct datagram dg = {
			.ks = ks, .assoc = assoc, .skb = skb, .out = out,
			.off = off, .len = skb->len - off,
		};

		if (segment)
			dg.len = min(dg.len, segment);
		records(&dg);
		off += dg.len;
	} while (off < skb->len);
}

/*
 * __skb_recv_udp() took the socket's pending error. That is for recv, send and
 * SO_ERROR to tell, not for poll() or the work item to swallow.
 */
static void error_restore(struct sock *sk, int err)
{
	(void)cmpxchg(&sk->sk_err, 0, -err);
}

/* All datagrams of a packet have the same two ends. */
static void received(struct kdtls_sock *ks, struct sk_buff *skb,
		     struct list_head *out)
{
	struct kdtls_assoc *assoc = kdtls_socket_assoc_of(ks, skb);

	skb->dev = NULL;	/* UDP kept its accounting there */
	if (assoc)
		packet(ks, assoc, skb, out);
	else
		kdtls_drop(sock_net(ks->sk), NULL, DTLS_DROP_NO_ASSOC);
	kdtls_assoc_put(assoc);
	consume_skb(skb);
}

int kdtls_pull(struct kdtls_sock *ks, struct list_head *out)
{
	struct sk_buff *skb;
	int off = 0, err = 0;

	if (!kdtls_socket_decides(ks))
		return 0;
	skb = __skb_recv_udp(ks->sk, MSG_DONTWAIT, &off, &err);
	if (skb)
		received(ks, skb, out);
	else if (err != -EAGAIN)
		error_restore(ks->sk, err);
	return !!skb;
}

void kdtls_pull_early(struct kdtls_assoc *assoc, struct list_head *early)
{
	struct kdtls_record *rec, *next;
	LIST_HEAD(out);

	list_for_each_entry_safe(rec, next, early, list) {
		struct datagram dg = {
			.ks = assoc->ks, .assoc = assoc, .skb = rec->skb,
			.out = &out,
		};
		struct dtls_header header;

		list_del_init(&rec->list);
		/* It was parsed before: it cannot fail now. */
		if (WARN_ON_ONCE(dtls12_parse(rec->buf + DTLS_HEADROOM,
					      rec->len, 0, &header)))
			kdtls_record_put(rec);
		else
			open_record(&dg, &header, 0, rec);
	}
	kdtls_inbox_add(&assoc->ks->inbox, &out);
}

int kdtls_inject(struct kdtls_sock *ks, sockptr_t data, size_t len)
{
	struct kdtls_assoc *assoc = kdtls_socket_assoc(ks);
	struct sk_buff *skb;
	LIST_HEAD(out);
	int err = 0;

	if (!assoc)
		return -ENOTCONN;
	if (READ_ONCE(ks->inbox.bytes) > READ_ONCE(ks->sk->sk_rcvbuf)) {
		kdtls_assoc_put(assoc);
		return -ENOBUFS;
	}
	skb = alloc_skb(len, GFP_KERNEL_ACCOUNT);
	if (!skb || copy_from_sockptr(skb_put(skb, len), data, len)) {
		err = skb ? -EFAULT : -ENOMEM;
	} else {
		packet(ks, assoc, skb, &out);
		kdtls_inbox_add(&ks->inbox, &out);
		ks->data_ready(ks->sk);
	}
	kfree_skb(skb);
	kdtls_assoc_put(assoc);
	return err;
}
