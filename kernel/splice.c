// SPDX-License-Identifier: GPL-2.0
/* Pieces of a splice become one record. */
#include <linux/slab.h>
#include <linux/uio.h>

#include "socket.h"
#include "splice.h"

void kdtls_splice_init(struct kdtls_splice *splice)
{
	mutex_init(&splice->lock);
	splice->buf = NULL;
	splice->len = 0;
}

void kdtls_splice_free(struct kdtls_splice *splice)
{
	mutex_destroy(&splice->lock);
	kfree_sensitive(splice->buf);
}

bool kdtls_splice_piece(struct kdtls_sock *ks, const struct msghdr *msg)
{
	return msg->msg_flags & MSG_MORE || READ_ONCE(ks->splice.len);
}

int kdtls_splice_add(struct kdtls_splice *splice, struct msghdr *msg,
		     size_t len)
{
	lockdep_assert_held(&splice->lock);
	if (!splice->buf)
		splice->buf = kmalloc(DTLS_MAX_CONTENT, GFP_KERNEL_ACCOUNT);
	if (!splice->buf)
		return -ENOBUFS;
	if (len > DTLS_MAX_CONTENT - splice->len) {
		splice->len = 0;
		return -EMSGSIZE;
	}
	if (!copy_from_iter_full(splice->buf + splice->len, len,
				 &msg->msg_iter))
		return -EFAULT;
	splice->len += len;
	return 0;
}
