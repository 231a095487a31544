// SPDX-License-Identifier: GPL-2.0
/* Pieces of a splice become one record. */
#include <linux/slab.h>
#include <linux/uio.h>

#include "socket.h"
#include "splice.h"

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

int kdtls_splice_add(struct kdtls_splice *gather, struct msghdr *msg, size_t len)
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
