/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KDTLS_SENDMSG_H
#define KDTLS_SENDMSG_H

#include <linux/types.h>

struct iov_iter;
struct kdtls_assoc;
struct kdtls_sock;
struct msghdr;
struct sock;

int kdtls_sendmsg(struct sock *sk, struct msghdr *msg, size_t len);
/*
 * Application data for DTLS_TUN, in records of this size and a shorter one at
 * its end, without waiting: what kdtls_sendmsg() returns. The socket is not
 * closed meanwhile.
 */
ssize_t kdtls_send_packets(struct kdtls_sock *ks, struct kdtls_assoc *assoc,
			   const struct iov_iter *from, size_t len,
			   u16 segment);
/* The splice ended without a last piece: sends what there is. */
void kdtls_send_splice_end(struct kdtls_sock *ks);

#endif /* KDTLS_SENDMSG_H */
