// SPDX-License-Identifier: GPL-2.0
/* Pieces of a splice become one record. */
#include <linux/slab.h>
#include <linux/uio.h>

#include "sendmsg.h"
#include "socket.h"
#include "splice.h"
#include "udp_output.h"

void kdtls_splice_init(struct kdtls_splice *gather)
{
	mutex_init(&gather->lock);
	gather->buf = NULL;
	gather->len = 0;
}

void kdtls_splice_free(struct kdtls_splice *gather)
{
	mutex_destroy(&gather->lock);
	kfree_sensitive(gather->buf);
}

bool kdtls_splice_piece(struct kdtls_sock *ks, const struct msghdr *msg)
{
	return msg->msg_flags & MSG_SPLICE_PAGES &&
	       (msg->msg_flags & MSG_MORE || READ_ONCE(ks->gather.len));
}

static int flush(struct kdtls_sock *ks, int flags)
{
	struct kdtls_splice *gather = &ks->gather;
	struct msghdr msg = { .msg_flags = flags & KDTLS_SEND_FLAGS };
	struct kvec vec = { .iov_base = gather->buf, .iov_len = gather->len };

	iov_iter_kvec(&msg.msg_iter, WRITE, &vec, 1, vec.iov_len);
	gather->len = 0;
	return kdtls_sendmsg(ks->sk, &msg, vec.iov_len);
}

static int add(struct kdtls_splice *gather, struct msghdr *msg, size_t len)
{
	if (!gather->buf)
		gather->buf = kmalloc(DTLS_MAX_CONTENT, GFP_KERNEL_ACCOUNT);
	if (!gather->buf)
		return -ENOBUFS;
	if (len > DTLS_MAX_CONTENT - gather->len) {
		gather->len = 0;
		return -EMSGSIZE;
	}
	if (!copy_from_iter_full(gather->buf + gather->len, len,
				 &msg->msg_iter))
		return -EFAULT;
	gather->len += len;
	return 0;
}

int kdtls_splice_add(struct kdtls_sock *ks, struct msghdr *msg, size_t len)
{
	int err;

	/* who has it may wait for keys, or for room to send */
	if (mutex_lock_killable(&ks->gather.lock))
		return -EINTR;
	err = add(&ks->gather, msg, len);
	if (!err && !(msg->msg_flags & MSG_MORE))
		err = flush(ks, msg->msg_flags);
	mutex_unlock(&ks->gather.lock);
	return err < 0 ? err : len;
}

void kdtls_splice_end(struct kdtls_sock *ks)
{
	if (mutex_lock_killable(&ks->gather.lock))
		return;
	if (ks->gather.len)
		flush(ks, 0);
	mutex_unlock(&ks->gather.lock);
}
