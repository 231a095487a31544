// SPDX-License-Identifier: GPL-2.0
/*
 * sendmsg: content in, records out.
 *
 *	find	the association, once it is keyed
 *	seal	each segment into pages of its own (udp_output.h)
 *	output	one call of UDP's sendmsg for up to 64 records
 */
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/udp.h>
#include <net/udp.h>

#include "assoc.h"
#include "assoc_lookup.h"
#include "cmsg.h"
#include "epoch.h"
#include "output.h"
#include "seal.h"
#include "sendmsg.h"
#include "socket.h"
#include "splice.h"
#include "stats.h"
#include "udp_output.h"
#include "workspace.h"

/* Records in one GSO packet, and its bytes: the limits of UDP_SEGMENT. */
#define BATCH_RECORDS	64
#define BATCH_BYTES	65000

struct kdtls_batch {
	struct bio_vec		vec[MAX_SKB_FRAGS];
	unsigned int		n;		/* of vec */
	unsigned int		pages;		/* they touch */
	unsigned int		records;	/* in them */
	size_t			record;		/* size of all but the last */
	size_t			bytes;		/* of records */
	size_t			content;	/* in them */
};

static int check_flags(const struct sock *sk, const struct msghdr *msg)
{
	if (msg->msg_flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (msg->msg_flags & MSG_MORE && !(msg->msg_flags & MSG_SPLICE_PAGES))
		return -EOPNOTSUPP;
	if (msg->msg_flags & MSG_ZEROCOPY && sock_flag(sk, SOCK_ZEROCOPY))
		return -EOPNOTSUPP;
	return 0;
}

/* 0: keyed, and nothing forbids to send. */
static int check_sendable(struct kdtls_sock *ks, struct kdtls_assoc *assoc)
{
	int err;

	if (assoc && kdtls_assoc_state(assoc) == DTLS_STATE_CLOSED)
		return -EPIPE;
	err = sock_error(ks->sk);
	if (err)
		return err;
	if (!assoc)
		return -ENOTCONN;
	switch (kdtls_assoc_state(assoc)) {
	case DTLS_STATE_ESTABLISHED:
		return READ_ONCE(assoc->close_sent) ? -EPIPE : 0;
	case DTLS_STATE_CLOSED:
		return -EPIPE;
	case DTLS_STATE_FAILED:
		return -READ_ONCE(assoc->error);
	default:
		return -EAGAIN;
	}
}

/* Waits for the keys, as long as the socket waits to send. */
static int wait_sendable(struct kdtls_sock *ks, struct kdtls_assoc *assoc,
			 int flags)
{
	long timeo = sock_sndtimeo(ks->sk, flags & MSG_DONTWAIT);
	DEFINE_WAIT_FUNC(wait, woken_wake_function);
	int err = check_sendable(ks, assoc);

	if (err != -EAGAIN || !timeo)
		return err;
	add_wait_queue(sk_sleep(ks->sk), &wait);
	while ((err = check_sendable(ks, assoc)) == -EAGAIN && timeo) {
		if (signal_pending(current)) {
			err = sock_intr_errno(timeo);
			break;
		}
		timeo = wait_woken(&wait, TASK_INTERRUPTIBLE, timeo);
	}
	remove_wait_queue(sk_sleep(ks->sk), &wait);
	return err;
}

/* A socket that is full says so before a number is used for nothing. */
static int check_room(const struct sock *sk, int flags)
{
	if (flags & MSG_DONTWAIT && sk_wmem_alloc_get(sk) >=
	    READ_ONCE(sk->sk_sndbuf))
		return -EAGAIN;
	return 0;
}

static void batch_put(struct kdtls_batch *batch)
{
	while (batch->n)
		put_page(batch->vec[--batch->n].bv_page);
}

/*
 * UDP took no batch (IPsec, a device without checksums): the same sealed
 * bytes again, one datagram a call. Returns records that went out, or an errno
 * if none did.
 */
static int output_singly(struct kdtls_assoc *assoc, struct kdtls_batch *batch,
			 const struct kdtls_udp_output *like)
{
	unsigned int i, done = 0;

	for (i = 0; i < batch->n; i++) {
		struct bio_vec vec = batch->vec[i];
		size_t left = vec.bv_len;

		while (left) {
			struct kdtls_udp_output out = *like;
			int err;

			vec.bv_len = min(left, batch->record);
			out.vec = &vec;
			out.n = 1;
			out.len = vec.bv_len;
			err = kdtls_udp_output(assoc, &out);
			if (err < 0)
				return done ?: err;
			done++;
			left -= vec.bv_len;
			vec.bv_offset += vec.bv_len;
		}
	}
	return done;
}

/* Adds UDP_SEGMENT with the size of a record to the control messages. */
static void segment_cmsg(struct kdtls_send_control *ctl, u16 size,
			 struct kdtls_udp_output *out)
{
	struct cmsghdr *cmsg = ctl->control + CMSG_ALIGN(ctl->controllen);

	cmsg->cmsg_level = SOL_UDP;
	cmsg->cmsg_type = UDP_SEGMENT;
	cmsg->cmsg_len = CMSG_LEN(sizeof(size));
	memcpy(CMSG_DATA(cmsg), &size, sizeof(size));
	out->control = ctl->control;
	out->controllen = CMSG_ALIGN(ctl->controllen) + CMSG_SPACE(sizeof(size));
}

/* Returns bytes of content that went out, or an errno if none did. */
static ssize_t batch_output(struct kdtls_assoc *assoc,
			    struct kdtls_batch *batch,
			    struct kdtls_send_control *ctl, int flags,
			    size_t segment)
{
	struct kdtls_udp_output single = {
		.flags = flags,
		.caller = ctl->caller,
		.control = ctl->controllen ? ctl->control : NULL,
		.controllen = ctl->controllen,
	};
	struct kdtls_udp_output out = single;
	int err;

	out.vec = batch->vec;
	out.n = batch->n;
	out.len = batch->bytes;
	if (batch->records > 1)
		segment_cmsg(ctl, batch->record, &out);
	err = kdtls_udp_output(assoc, &out);
	if (err >= 0)
		return batch->content;
	if (batch->records == 1 || (err != -EIO && err != -EINVAL))
		return err;
	err = output_singly(assoc, batch, &single);
	if (err <= 0)
		return err;
	return min_t(size_t, err * segment, batch->content);
}

/* An skb has a fragment for each page; false: that would be too many. */
static bool batch_add(struct kdtls_batch *batch, const struct kdtls_run *run)
{
	unsigned int pages = DIV_ROUND_UP(offset_in_page(run->vec.bv_offset) +
					  run->vec.bv_len, PAGE_SIZE);

	if (batch->n && batch->pages + pages > MAX_SKB_FRAGS)
		return false;
	batch->vec[batch->n++] = run->vec;
	batch->pages += pages;
	batch->records += run->records;
	batch->bytes += run->vec.bv_len;
	batch->content += run->content;
	return true;
}

/* Seals segments until the batch is full or nothing is left. */
static int batch_seal(struct kdtls_batch *batch, struct kdtls_assoc *assoc,
		      struct kdtls_workspace *ws, struct kdtls_epoch *tx,
		      u8 type, struct iov_iter *from, size_t left,
		      size_t segment)
{
	struct kdtls_run run = {
		.type = type, .left = left, .segment = segment,
	};
	size_t fit;

	batch->record = segment + dtls12_overhead(&tx->params);
	fit = clamp_t(size_t, BATCH_BYTES / batch->record, 1, BATCH_RECORDS);
	batch->n = 0;
	batch->pages = 0;
	batch->records = 0;
	batch->bytes = 0;
	batch->content = 0;
	while (run.left && batch->records < fit && batch->n < MAX_SKB_FRAGS) {
		int err;

		run.max = fit - batch->records;
		err = kdtls_seal_run(assoc, ws, tx, from, &run);
		if (err)
			return batch->n ? 0 : err;
		if (!batch_add(batch, &run)) {
			/* Its numbers are lost; its content goes again. */
			put_page(run.vec.bv_page);
			iov_iter_revert(from, run.content);
			break;
		}
	}
	return 0;
}

static ssize_t send_batches(struct kdtls_assoc *assoc,
			    struct kdtls_workspace *ws, struct kdtls_epoch *tx,
			    struct msghdr *msg, size_t len,
			    struct kdtls_send_control *ctl)
{
	size_t segment = ctl->segment;
	struct kdtls_batch batch;
	size_t sent = 0;
	ssize_t ret = 0;

	do {
		ret = batch_seal(&batch, assoc, ws, tx, ctl->type,
				 &msg->msg_iter, len - sent, segment);
		if (ret)
			break;
		ret = batch_output(assoc, &batch, ctl, msg->msg_flags, segment);
		if (ret >= 0) {
			sent += ret;
			kdtls_count_tx(assoc, DIV_ROUND_UP(ret, segment), ret);
			if (ret < batch.content)
				len = sent;
		}
		batch_put(&batch);
	} while (ret >= 0 && sent < len);
	return sent ?: min_t(ssize_t, ret, 0);
}

/*
 * Up to here a record is copied into UDP's packet; a longer one is handed over
 * in a page, which costs more than copying few bytes.
 */
#define COPY_BYTES	1024

static int record_output(struct kdtls_assoc *assoc, struct kdtls_workspace *ws,
			 struct kdtls_epoch *tx, struct msghdr *msg, size_t len,
			 u8 type, struct kdtls_udp_output *out)
{
	struct kdtls_run run = {
		.type = type, .left = len, .segment = len, .max = 1,
	};
	ssize_t ret;

	if (len <= COPY_BYTES) {
		ret = kdtls_seal_record(assoc, ws, tx, &msg->msg_iter, type,
					len);
		if (ret < 0)
			return ret;
		out->bytes = ws->buf + DTLS_HEADROOM;
		out->len = ret;
		return kdtls_udp_output(assoc, out);
	}
	ret = kdtls_seal_run(assoc, ws, tx, &msg->msg_iter, &run);
	if (ret)
		return ret;
	out->vec = &run.vec;
	out->n = 1;
	out->len = run.vec.bv_len;
	ret = kdtls_udp_output(assoc, out);
	put_page(run.vec.bv_page);
	return ret;
}

/* One record, the common case, without the batch. */
static ssize_t send_one(struct kdtls_assoc *assoc, struct kdtls_workspace *ws,
			struct kdtls_epoch *tx, struct msghdr *msg, size_t len,
			struct kdtls_send_control *ctl)
{
	struct kdtls_udp_output out = {
		.flags = msg->msg_flags,
		.caller = ctl->caller,
		.control = ctl->controllen ? ctl->control : NULL,
		.controllen = ctl->controllen,
	};
	int err = record_output(assoc, ws, tx, msg, len, ctl->type, &out);

	if (err < 0)
		return err;
	kdtls_count_tx(assoc, 1, len);
	return len;
}

/* An application may send alerts: it knows what its own protocol wants. */
static int read_alert(struct msghdr *msg, size_t len, u8 alert[2])
{
	if (len != 2)
		return -EINVAL;
	if (!copy_from_iter_full(alert, len, &msg->msg_iter))
		return -EFAULT;
	iov_iter_revert(&msg->msg_iter, len);
	return 0;
}

/* After some of them there is nothing more to say: not before they are sent. */
static ssize_t send_alert(struct kdtls_assoc *assoc, struct kdtls_workspace *ws,
			  struct kdtls_epoch *tx, struct msghdr *msg,
			  size_t len, struct kdtls_send_control *ctl)
{
	u8 alert[2];
	ssize_t ret = read_alert(msg, len, alert);

	if (!ret)
		ret = send_one(assoc, ws, tx, msg, len, ctl);
	if (ret < 0 || (alert[0] != KDTLS_ALERT_FATAL &&
			alert[1] != KDTLS_ALERT_CLOSE_NOTIFY))
		return ret;
	spin_lock_bh(&assoc->lock);
	assoc->close_sent = true;
	spin_unlock_bh(&assoc->lock);
	return ret;
}

static ssize_t send_keyed(struct kdtls_assoc *assoc, struct msghdr *msg,
			  size_t len, struct kdtls_send_control *ctl)
{
	size_t limit = READ_ONCE(assoc->size_limit) ?: DTLS_MAX_CONTENT;
	struct kdtls_workspace *ws;
	struct kdtls_epoch *tx;
	ssize_t ret;

	if (len > USHRT_MAX ||		/* as UDP, whatever the segments */
	    (ctl->segment ? min_t(size_t, len, ctl->segment) : len) > limit)
		return -EMSGSIZE;
	tx = kdtls_epoch_get(&assoc->tx);
	if (!tx)
		return -EPIPE;
	ws = kdtls_workspace_get(tx->tfm);
	if (!ws)
		ret = -ENOMEM;
	else if (ctl->type == DTLS_TYPE_ALERT)
		ret = send_alert(assoc, ws, tx, msg, len, ctl);
	else if (ctl->segment && len > ctl->segment)
		ret = send_batches(assoc, ws, tx, msg, len, ctl);
	else
		ret = send_one(assoc, ws, tx, msg, len, ctl);
	if (ws)
		kdtls_workspace_put(ws);
	kdtls_epoch_put(tx);
	return ret;
}

/* They are used up, or the association has failed since it was looked at. */
static int no_number(struct kdtls_assoc *assoc)
{
	int err = -EKEYEXPIRED;

	spin_lock_bh(&assoc->lock);	/* with it the numbers end, too */
	if (assoc->state == DTLS_STATE_FAILED)
		err = -assoc->error;
	spin_unlock_bh(&assoc->lock);
	return err;
}

static ssize_t send_to(struct kdtls_sock *ks, struct kdtls_assoc *assoc,
		       struct msghdr *msg, size_t len,
		       struct kdtls_send_control *ctl)
{
	ssize_t ret = wait_sendable(ks, assoc, msg->msg_flags);

	if (!ret)
		ret = check_room(ks->sk, msg->msg_flags);
	if (!ret)
		ret = send_keyed(assoc, msg, len, ctl);
	return likely(ret != -EKEYEXPIRED) ? ret : no_number(assoc);
}

/* The pieces of a splice, as one record. */
static int send_pieces(struct kdtls_sock *ks, int flags)
{
	struct kdtls_splice *splice = &ks->splice;
	struct msghdr msg = { .msg_flags = flags & KDTLS_SEND_FLAGS };
	struct kvec vec = { .iov_base = splice->buf, .iov_len = splice->len };

	iov_iter_kvec(&msg.msg_iter, WRITE, &vec, 1, vec.iov_len);
	splice->len = 0;
	return kdtls_sendmsg(ks->sk, &msg, vec.iov_len);
}

static int send_piece(struct kdtls_sock *ks, struct msghdr *msg, size_t len)
{
	int err;

	/* its holder may wait for keys or for send buffer space */
	if (mutex_lock_killable(&ks->splice.lock))
		return -EINTR;
	err = kdtls_splice_add(&ks->splice, msg, len);
	if (!err && !(msg->msg_flags & MSG_MORE))
		err = send_pieces(ks, msg->msg_flags);
	mutex_unlock(&ks->splice.lock);
	return err < 0 ? err : len;
}

int kdtls_sendmsg(struct sock *sk, struct msghdr *msg, size_t len)
{
	struct kdtls_sock *ks = kdtls_sk(sk);
	struct kdtls_send_control ctl;
	struct kdtls_assoc *assoc;
	ssize_t ret;

	if (kdtls_splice_piece(ks, msg))
		return send_piece(ks, msg, len);
	ret = check_flags(sk, msg) ?: kdtls_send_control_parse(ks, msg, &ctl);
	if (ret)
		return ret;
	assoc = kdtls_lookup_addressee(ks, msg->msg_name, msg->msg_namelen,
				       ctl.assoc);
	if (IS_ERR(assoc)) {
		ret = PTR_ERR(assoc);
	} else {
		ret = send_to(ks, assoc, msg, len, &ctl);
		kdtls_assoc_put(assoc);
	}
	kfree(ctl.control);
	return ret;
}

void kdtls_send_splice_end(struct kdtls_sock *ks)
{
	if (mutex_lock_killable(&ks->splice.lock))
		return;
	if (ks->splice.len)
		send_pieces(ks, 0);
	mutex_unlock(&ks->splice.lock);
}
