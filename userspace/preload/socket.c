// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <netinet/in.h>

#include <kdtls/kdtls.h>

#include "settings.h"
#include "socket.h"

static int get_int(int fd, int level, int option)
{
	int value = -1;
	socklen_t len = sizeof(value);

	return getsockopt(fd, level, option, &value, &len) ? -1 : value;
}

bool socket_is_udp(int fd)
{
	int error = errno;
	bool udp = get_int(fd, SOL_SOCKET, SO_TYPE) == SOCK_DGRAM &&
		   get_int(fd, SOL_SOCKET, SO_PROTOCOL) == IPPROTO_UDP;

	errno = error;
	return udp;
}

bool socket_attached(int fd)
{
	unsigned int flags;
	socklen_t len = sizeof(flags);
	int error = errno;
	/* the cheapest option that only kdtls has, in any state */
	bool attached = !getsockopt(fd, SOL_DTLS, DTLS_RECVINFO, &flags, &len);

	errno = error;
	return attached;
}

bool socket_plain_port(int fd)
{
	struct sockaddr_storage addr;
	socklen_t len = sizeof(addr);
	int error = errno;
	bool plain = !getsockname(fd, (struct sockaddr *)&addr, &len) &&
		     settings_plain((struct sockaddr *)&addr, len);

	errno = error;
	return plain;
}
