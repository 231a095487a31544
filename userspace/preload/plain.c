// SPDX-License-Identifier: LGPL-2.1-or-later
/* Creates sockets without DTLS for a wrapped program: the only place that does. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/time.h>
#include <unistd.h>

#include "settings.h"
#include "socket.h"

#define MAX_OPTION 64

/* Options that programs set before they bind or connect a UDP socket. */
static const struct { int level, name; } options[] = {
	{ SOL_SOCKET, SO_REUSEADDR },
	{ SOL_SOCKET, SO_REUSEPORT },
	{ SOL_SOCKET, SO_BROADCAST },
	{ SOL_SOCKET, SO_RCVTIMEO },
	{ SOL_SOCKET, SO_SNDTIMEO },
	{ SOL_SOCKET, SO_PRIORITY },
	{ SOL_SOCKET, SO_MARK },
	{ SOL_SOCKET, SO_TIMESTAMP },
	{ SOL_SOCKET, SO_TIMESTAMPNS },
	{ SOL_SOCKET, SO_TIMESTAMPING },
	{ SOL_SOCKET, SO_DONTROUTE },
	{ SOL_SOCKET, SO_BINDTODEVICE },
	{ IPPROTO_IP, IP_TOS },
	{ IPPROTO_IP, IP_TTL },
	{ IPPROTO_IP, IP_RECVERR },
	{ IPPROTO_IP, IP_PKTINFO },
	{ IPPROTO_IP, IP_RECVTOS },
	{ IPPROTO_IP, IP_RECVTTL },
	{ IPPROTO_IP, IP_FREEBIND },
	{ IPPROTO_IP, IP_TRANSPARENT },
	{ IPPROTO_IP, IP_MULTICAST_TTL },
	{ IPPROTO_IP, IP_MULTICAST_LOOP },
	{ IPPROTO_IPV6, IPV6_V6ONLY },
	{ IPPROTO_IPV6, IPV6_TCLASS },
	{ IPPROTO_IPV6, IPV6_UNICAST_HOPS },
	{ IPPROTO_IPV6, IPV6_RECVERR },
	{ IPPROTO_IPV6, IPV6_RECVPKTINFO },
	{ IPPROTO_IPV6, IPV6_RECVHOPLIMIT },
	{ IPPROTO_IPV6, IPV6_RECVTCLASS },
	{ IPPROTO_IPV6, IPV6_MULTICAST_HOPS },
	{ IPPROTO_IPV6, IPV6_MULTICAST_LOOP },
	{ IPPROTO_UDP, UDP_GRO },
};

/* An option of the other family fails on both sockets. */
static void copy_options(int from, int to)
{
	char value[MAX_OPTION];

	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++) {
		socklen_t len = sizeof(value);

		if (!getsockopt(from, options[i].level, options[i].name,
				value, &len) && len)
			setsockopt(to, options[i].level, options[i].name,
				   value, len);
	}
}

/* getsockopt() returns twice the value that was set. */
static void copy_buffers(int from, int to)
{
	static const int names[] = { SO_RCVBUF, SO_SNDBUF };

	for (int i = 0; i < 2; i++) {
		int size = 0;
		socklen_t len = sizeof(size);

		if (getsockopt(from, SOL_SOCKET, names[i], &size, &len))
			continue;
		size /= 2;
		setsockopt(to, SOL_SOCKET, names[i], &size, sizeof(size));
	}
}

/* Both sockets are bound to the port for a moment, which needs SO_REUSEADDR. */
static int copy_address(int from, int to)
{
	struct sockaddr_storage addr;
	socklen_t len = sizeof(addr), one = sizeof(int);
	int yes = 1, reuse = 0;
	int err;

	if (getsockname(from, (struct sockaddr *)&addr, &len) ||
	    !settings_port((struct sockaddr *)&addr, len))
		return 0;	/* not bound to a port */
	if (getsockopt(from, SOL_SOCKET, SO_REUSEADDR, &reuse, &one))
		return -1;
	setsockopt(from, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	setsockopt(to, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	err = bind(to, (struct sockaddr *)&addr, len);
	setsockopt(to, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof(reuse));
	return err;
}

int socket_plain_like(int fd)
{
	int family, to, error;
	socklen_t len = sizeof(family);

	if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &len))
		return -1;
	to = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_UDP);
	if (to < 0)
		return -1;
	copy_options(fd, to);
	copy_buffers(fd, to);
	if (!copy_address(fd, to) &&
	    !fcntl(to, F_SETFL, fcntl(fd, F_GETFL)))
		return to;
	error = errno;
	close(to);
	errno = error;
	return -1;
}
