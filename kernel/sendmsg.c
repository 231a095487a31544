// SPDX-License-Identifier: GPL-2.0
/*
 * sendmsg: content in, records out.
 *
 *	find	the association, once it is keyed
 *	seal	one record (seal.h), or batches of them (send_batch.h)
 *	output	by UDP's sendmsg (udp_output.h)
 */
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <net/udp.h>

#include "assoc.h"
#include "assoc_lookup.h"
#include "cmsg.h"
#include "epoch.h"
#include "output.h"
#include "seal.h"
#include "send_batch.h"
#include "sendmsg.h"
#include "socket.h"
#include "splice.h"
#include "stats.h"
#include "udp_output.h"
#include "workspace.h"

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
static inline int check_sendable(struct kdtls_sock *ks,
				 struct kdtls_assoc *assoc)
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
static noinline int wait_sendable(struct kdtls_sock *ks,
				  struct kdtls_assoc *assoc, int flags)
{
	long timeo = sock_sndtimeo(ks->sk, flags & MSG_DONTWAIT);
	DEFINE_WAIT_FUNC(wait, woken_wake_function);
	int err = -EAGAIN;

	if (!timeo)
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

/*
 * Up to here a record is copied into UDP's packet; a longer one is handed over
 * in a page, which costs more than copying few bytes.
 */
#define COPY_BYTES	1024

static int page_output(const struct kdtls_tx *tx, struct msghdr *msg,
		       size_t len, u8 type, struct kdtls_udp_output *out)
{
	struct bio_vec vec;
	int ret = kdtls_seal_page(tx, &msg->msg_iter, type, len, &vec);

	if (ret)
		return ret;
	out->vec = &vec;
	out->n = 1;
	out->len = vec.bv_len;
	ret = kdtls_udp_output(tx->assoc, out);
	put_page(vec.bv_page);
	return ret;
}

static int record_output(const struct kdtls_tx *tx, struct msghdr *msg,
			 size_t len, u8 type, struct kdtls_udp_output *out)
{
	ssize_t sealed;

	if (len > COPY_BYTES)
		return page_output(tx, msg, len, type, out);
	sealed = kdtls_seal_record(tx, &msg->msg_iter, type, len);
	if (sealed < 0)
		return sealed;
	out->bytes = tx->ws->buf + DTLS_HEADROOM;
	out->len = sealed;
	return kdtls_udp_output(tx->assoc, out);
}

/* One record, the common case, without the batch. Inline: few are alerts. */
static __always_inline ssize_t send_one(const struct kdtls_tx *tx,
					struct msghdr *msg, size_t len,
					struct kdtls_send_control *ctl)
{
	struct kdtls_udp_output out = {
		.flags = msg->msg_flags,
		.caller = ctl->caller,
		.control = ctl->controllen ? ctl->control : NULL,
		.controllen = ctl->controllen,
	};
	int err = record_output(tx, msg, len, ctl->type, &out);

	if (err < 0)
		return err;
	kdtls_count_tx(tx->assoc, 1, len);
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
static noinline ssize_t send_alert(const struct kdtls_tx *tx,
				   struct msghdr *msg, size_t len,
				   struct kdtls_send_control *ctl)
{
	struct kdtls_assoc *assoc = tx->assoc;
	u8 alert[2];
	ssize_t ret = read_alert(msg, len, alert);

	if (!ret)
		ret = send_one(tx, msg, len, ctl);
	if (ret < 0 || (alert[0] != KDTLS_ALERT_FATAL &&
			alert[1] != KDTLS_ALERT_CLOSE_NOTIFY))
		return ret;
	spin_lock_bh(&assoc->lock);
	assoc->close_sent = true;
	spin_unlock_bh(&assoc->lock);
	return ret;
}

/* Inline: a second attempt is rare. */
static __always_inline ssize_t send_keyed(struct kdtls_assoc *assoc,
					  struct msghdr *msg, size_t len,
					  struct kdtls_send_control *ctl)
{
	size_t limit = READ_ONCE(assoc->size_limit) ?: DTLS_MAX_CONTENT;
	struct kdtls_tx tx;
	ssize_t ret;

	if (len > USHRT_MAX ||		/* as UDP, whatever the segments */
	    (ctl->segment ? min_t(size_t, len, ctl->segment) : len) > limit)
		return -EMSGSIZE;
	ret = kdtls_tx_open(&tx, assoc);
	if (ret)	/* it was keyed, so its keys are gone: closed */
		return ret == -ENOKEY ? -EPIPE : ret;
	if (unlikely(ctl->type == DTLS_TYPE_ALERT))
		ret = send_alert(&tx, msg, len, ctl);
	else if (ctl->segment && len > ctl->segment)
		ret = kdtls_send_batches(&tx, msg, len, ctl);
	else
		ret = send_one(&tx, msg, len, ctl);
	kdtls_tx_close(&tx);
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

/* A key update may have taken the keys away meanwhile: by the new ones. */
static noinline ssize_t send_again(struct kdtls_assoc *assoc,
				   struct msghdr *msg, size_t len,
				   struct kdtls_send_control *ctl)
{
	ssize_t ret = send_keyed(assoc, msg, len, ctl);

	return ret == -EKEYEXPIRED ? no_number(assoc) : ret;
}

static ssize_t send_to(struct kdtls_sock *ks, struct kdtls_assoc *assoc,
		       struct msghdr *msg, size_t len,
		       struct kdtls_send_control *ctl)
{
	ssize_t ret = check_sendable(ks, assoc);

	if (unlikely(ret == -EAGAIN))
		ret = wait_sendable(ks, assoc, msg->msg_flags);
	if (!ret)
		ret = check_room(ks->sk, msg->msg_flags);
	if (!ret)
		ret = send_keyed(assoc, msg, len, ctl);
	if (unlikely(ret == -EKEYEXPIRED))
		ret = send_again(assoc, msg, len, ctl);
	return ret;
}

ssize_t kdtls_send_packets(struct kdtls_sock *ks, struct kdtls_assoc *assoc,
			   const struct iov_iter *from, size_t len,
			   u16 segment)
{
	u8 control[KDTLS_CONTROL_ROOM] __aligned(sizeof(size_t));
	struct kdtls_send_control ctl = {
		.type = DTLS_TYPE_APPLICATION_DATA,
		.segment = segment,
		.caller = ks,
		.control = control,
	};
	struct msghdr msg = {
		.msg_iter = *from,
		.msg_flags = MSG_DONTWAIT,
	};

	return send_to(ks, assoc, &msg, len, &ctl);
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
	struct kdtls_send_control ctl = {
		.type = DTLS_TYPE_APPLICATION_DATA,
		.segment = READ_ONCE(ks->gso_size),
		.caller = ks,
	};
	struct kdtls_assoc *assoc;
	ssize_t ret;

	if (unlikely(msg->msg_flags & MSG_SPLICE_PAGES) &&
	    kdtls_splice_piece(ks, msg))
		return send_piece(ks, msg, len);
	ret = check_flags(sk, msg);
	if (!ret && (msg->msg_controllen || ctl.segment))
		ret = kdtls_send_control_parse(msg, &ctl);
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
	if (unlikely(ctl.control))	/* kfree(NULL) is 36 instructions */
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
