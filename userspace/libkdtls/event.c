// SPDX-License-Identifier: LGPL-2.1-or-later
/* Events of associations: messages of the socket's error queue. */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <linux/errqueue.h>

#include <kdtls/kdtls.h>

#include "options.h"

int kdtls_events(int fd, unsigned int mask)
{
	__u32 value = mask;

	return kdtls_setopt_enable(fd, DTLS_EVENTS, &value, sizeof(value));
}

/* Others stand in the queue too: ICMP errors, time stamps. */
static int is_ours(struct msghdr *msg)
{
	struct sock_extended_err ee;
	struct cmsghdr *c;

	for (c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		if ((c->cmsg_level != SOL_IP || c->cmsg_type != IP_RECVERR) &&
		    (c->cmsg_level != SOL_IPV6 ||
		     c->cmsg_type != IPV6_RECVERR))
			continue;
		memcpy(&ee, CMSG_DATA(c), sizeof(ee));
		return ee.ee_origin == DTLS_EE_ORIGIN;
	}
	return 0;
}

int kdtls_next_event(int fd, struct dtls_event *event)
{
	union {
		struct cmsghdr align;
		/* room for what else the socket asked for */
		char space[512];
	} control;
	struct iovec iov = { event, sizeof(*event) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	do {
		/* what an older kernel does not say reads as zero */
		memset(event, 0, sizeof(*event));
		msg.msg_control = &control;
		msg.msg_controllen = sizeof(control);
		if (recvmsg(fd, &msg, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
			return errno == EAGAIN ? 0 : -1;
	} while (!is_ours(&msg));
	return 1;
}
