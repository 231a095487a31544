// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * libkdtls-preload: DTLS for programs that know only UDP. dtlswrap(1) preloads
 * it. bind() and connect() to what the settings name attach the socket before
 * anything else happens to it: from there on the kernel lets nothing unprotected
 * through, whatever fails later.
 */
#include <dlfcn.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <kdtls/kdtls.h>

#include "settings.h"

#define HOOK __attribute__((visibility("default")))

/* What the program would have called without us. */
#define REAL(function) ({						\
	static typeof(function) *real;					\
									\
	if (!real)							\
		real = (typeof(real))dlsym(RTLD_NEXT, #function);	\
	real; })

/* The program may have plans of its own for stdio. */
static int refuse(const char *what)
{
	int error = errno;

	dprintf(STDERR_FILENO, "dtlswrap: %s: %s\n", what, kdtls_strerror(error));
	errno = error;
	return -1;
}

static bool is_udp(int fd)
{
	int type = 0, protocol = 0, error = errno;
	socklen_t len = sizeof(int);
	bool udp;

	udp = !getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) &&
	      !getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &len) &&
	      type == SOCK_DGRAM && protocol == IPPROTO_UDP;
	errno = error;
	return udp;
}

HOOK
int bind(int fd, __CONST_SOCKADDR_ARG address, socklen_t len)
{
	const struct sockaddr *addr = address.__sockaddr__;
	struct kdtls_options options;

	if (!settings_listen(addr, len) || !is_udp(fd))
		return REAL(bind)(fd, address, len);
	settings_options(&options);
	if (kdtls_enable(fd))
		return refuse("bind");
	if (REAL(bind)(fd, address, len))
		return -1;
	if (kdtls_listen(fd, &options))
		return refuse("bind");
	return 0;
}

/* The kernel ends a handshake in time; signals do not. */
static int finish(int fd)
{
	int ret;

	do {
		ret = kdtls_wait(fd, -1);
	} while (ret && errno == EINTR);
	return ret;
}

HOOK
int connect(int fd, __CONST_SOCKADDR_ARG address, socklen_t len)
{
	const struct sockaddr *addr = address.__sockaddr__;
	struct kdtls_options options;

	if (!settings_connect(addr, len) || !is_udp(fd))
		return REAL(connect)(fd, address, len);
	settings_options(&options);
	if (kdtls_enable(fd))
		return refuse("connect");
	if (REAL(connect)(fd, address, len))
		return -1;
	/* again to the same peer: it has what it wants */
	if (kdtls_connect(fd, &options) && errno != EALREADY)
		return refuse("connect");
	return finish(fd) ? refuse("connect") : 0;
}

/*
 * A message to a peer that is to have DTLS, on a socket that was not connected
 * to it. Of an attached socket the kernel takes care.
 */
static bool in_the_clear(int fd, const void *addr, socklen_t len)
{
	struct dtls_status status;

	if (!settings_connect(addr, len) || !is_udp(fd) ||
	    !kdtls_status(fd, &status))
		return false;
	errno = EDESTADDRREQ;
	refuse("a message to the peer on a socket not connected to it");
	return true;
}

HOOK
ssize_t sendto(int fd, const void *buf, size_t size, int flags,
	       __CONST_SOCKADDR_ARG address, socklen_t len)
{
	if (in_the_clear(fd, address.__sockaddr__, len))
		return -1;
	return REAL(sendto)(fd, buf, size, flags, address, len);
}

HOOK
ssize_t sendmsg(int fd, const struct msghdr *msg, int flags)
{
	if (msg && in_the_clear(fd, msg->msg_name, msg->msg_namelen))
		return -1;
	return REAL(sendmsg)(fd, msg, flags);
}

HOOK
int sendmmsg(int fd, struct mmsghdr *msgs, unsigned int n, int flags)
{
	for (unsigned int i = 0; msgs && i < n; i++)
		if (in_the_clear(fd, msgs[i].msg_hdr.msg_name,
				 msgs[i].msg_hdr.msg_namelen))
			return -1;
	return REAL(sendmmsg)(fd, msgs, n, flags);
}
