/* SPDX-License-Identifier: GPL-2.0 */
/*
 * splice() and sendfile() on a socket: a function for each page until 6.4,
 * MSG_SPLICE_PAGES since then; and an end that is notified, which stable
 * kernels have too. For hooks.c alone.
 */
#ifndef KDTLS_COMPAT_SPLICE_H
#define KDTLS_COMPAT_SPLICE_H

#include <linux/bvec.h>
#include <linux/net.h>
#include <linux/uio.h>
#include <net/sock.h>

#include "compat.h"
#include "../sendmsg.h"
#include "../socket.h"

#ifdef KDTLS_HAVE_SPLICE_EOF
static void hook_splice_eof(struct socket *sock)
{
	kdtls_send_splice_end(kdtls_sk(sock->sk));
}

/* inet6_dgram_ops has no splice_eof that would call prot's. */
static void hook_splice_end(struct proto *prot, struct proto_ops *ops)
{
	prot->splice_eof = hook_splice_eof;
	ops->splice_eof = hook_splice_eof;
}
#else
static void hook_splice_end(struct proto *prot, struct proto_ops *ops) {}
#endif

#ifdef KDTLS_HAVE_PROTO_SENDPAGE
static ssize_t hook_sendpage(struct socket *sock, struct page *page, int offset,
			     size_t size, int flags)
{
	struct msghdr msg = { .msg_flags = flags | MSG_SPLICE_PAGES };
	struct bio_vec vec;

	if (flags & MSG_SENDPAGE_NOTLAST)
		msg.msg_flags |= MSG_MORE;
	bvec_set_page(&vec, page, size, offset);
	iov_iter_bvec(&msg.msg_iter, WRITE, &vec, 1, size);
	return kdtls_sendmsg(sock->sk, &msg, size);
}

static void hook_splice_pages(struct proto *prot, struct proto_ops *ops)
{
	prot->sendpage = NULL;
	ops->sendpage = hook_sendpage;
}
#else
static void hook_splice_pages(struct proto *prot, struct proto_ops *ops) {}
#endif

#endif /* KDTLS_COMPAT_SPLICE_H */
