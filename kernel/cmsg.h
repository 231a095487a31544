/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KDTLS_CMSG_H
#define KDTLS_CMSG_H

#include <linux/types.h>

struct kdtls_reader;
struct kdtls_sock;
struct msghdr;

/* Name and control messages for what the reader took. */
void kdtls_recv_cmsgs(const struct kdtls_reader *reader, int *addr_len);

struct kdtls_send_control {
	u8	type;		/* content type */
	u16	segment;	/* UDP_SEGMENT as the application sees it */
	u64	assoc;		/* id, 0: by the address alone */
	struct kdtls_sock *caller;
	void	*control;	/* for UDP: kmalloc'ed, or NULL */
	size_t	controllen;
};

/*
 * Adds what the control messages say to ctl, which has what the socket says. To
 * be called if there is a control message or a segment size. 0 or an errno.
 */
int kdtls_send_control_parse(struct msghdr *msg, struct kdtls_send_control *ctl);

#endif /* KDTLS_CMSG_H */
