// SPDX-License-Identifier: LGPL-2.1-or-later
/* Records that are not application data: control messages of SOL_DTLS. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include <kdtls/kdtls.h>

#include "options.h"

static ssize_t send_record(int fd, uint8_t type, const void *data, size_t size)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(type))];
	} control = { 0 };
	struct iovec iov = { (void *)data, size };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control.space),
	};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	cmsg->cmsg_level = SOL_DTLS;
	cmsg->cmsg_type = DTLS_RECORD_TYPE;
	cmsg->cmsg_len = CMSG_LEN(sizeof(type));
	memcpy(CMSG_DATA(cmsg), &type, sizeof(type));
	return sendmsg(fd, &msg, MSG_NOSIGNAL);
}

int kdtls_send_alert(int fd, unsigned int level, unsigned int description)
{
	uint8_t alert[2] = { level, description };

	if (level < 1 || level > 2 || description > 255) {
		errno = EINVAL;
		return -1;
	}
	return send_record(fd, DTLS_TYPE_ALERT, alert, sizeof(alert)) < 0 ?
	       -1 : 0;
}

int kdtls_close_notify(int fd)
{
	return kdtls_send_alert(fd, 1, 0);
}

static void read_control(struct msghdr *msg, struct kdtls_record *record)
{
	struct cmsghdr *c;

	for (c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level != SOL_DTLS)
			continue;
		if (c->cmsg_type == DTLS_RECORD_TYPE)
			memcpy(&record->type, CMSG_DATA(c),
			       sizeof(record->type));
		else if (c->cmsg_type == DTLS_ASSOC_ID)
			memcpy(&record->assoc, CMSG_DATA(c),
			       sizeof(record->assoc));
	}
}

ssize_t kdtls_recv_record(int fd, void *buf, size_t size, int flags,
			  struct kdtls_record *record)
{
	union {
		struct cmsghdr align;
		/* room for what else the socket asked for */
		char space[512];
	} control;
	struct iovec iov = { buf, size };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	ssize_t n;

	memset(record, 0, sizeof(*record));
	n = recvmsg(fd, &msg, flags);
	if (n < 0)
		return n;
	record->flags = msg.msg_flags;
	read_control(&msg, record);
	/* without DTLS_RECVINFO_TYPE only data comes, and the end */
	if (!record->type && n)
		record->type = DTLS_TYPE_APPLICATION_DATA;
	return n;
}
