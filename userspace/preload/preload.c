// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * libkdtls-preload: DTLS for programs that use plain UDP. dtlswrap(1) preloads it.
 * UDP sockets are attached to kdtls when they are created (supervisor.c), or else here
 * before they are bound or connected: from then on the kernel sends nothing in
 * plaintext, whatever fails later. This library starts the handshakes, and prints why
 * a message was refused.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <kdtls/kdtls.h>

#include "settings.h"
#include "socket.h"

#define HOOK __attribute__((visibility("default")))

/* The next definition, which the program would call without this library. */
#define REAL(function) ({						\
	static typeof(function) *real;					\
									\
	if (!real)							\
		real = (typeof(real))dlsym(RTLD_NEXT, #function);	\
	real; })

enum lines { LINE_LOCAL, LINE_REMOTE, LINE_SECOND, LINE_DNS, LINES };

/* With dprintf(), because the program may use stdio differently. */
static int report_failure(const char *what)
{
	int error = errno;

	dprintf(STDERR_FILENO, "dtlswrap: %s: %s\n", what, kdtls_strerror(error));
	errno = error;
	return -1;
}

/* True once in a process for each kind of line and port. */
static bool is_first_time(enum lines kind, unsigned int port)
{
	static unsigned char said[LINES][65536 / 8];
	unsigned char bit = 1 << port % 8;

	return !(__atomic_fetch_or(&said[kind][port / 8], bit,
				   __ATOMIC_RELAXED) & bit);
}

/* Keeps errno. */
static void explain_refusal(enum lines kind, const struct sockaddr *addr, socklen_t len)
{
	static const char *const text[LINES] = {
		[LINE_LOCAL] =
			"UDP port %u is bound without DTLS: nothing is sent or received (--listen, --plain)",
		[LINE_REMOTE] =
			"UDP to port %u has no DTLS: not sent (--connect, --plain)",
		[LINE_SECOND] =
			"UDP to port %u: the socket has DTLS with another peer: not sent",
	};
	unsigned int port = settings_port(addr, len);
	int error = errno;
	char line[256];

	snprintf(line, sizeof(line), text[kind], port);
	if (is_first_time(kind, port))
		dprintf(STDERR_FILENO, "dtlswrap: %s\n", line);
	errno = error;
}

/* Attached, without a peer, and not listening. */
static bool is_idle(int fd)
{
	struct dtls_status status;
	int error = errno;
	bool idle = !kdtls_status(fd, &status) &&
		    status.state == DTLS_STATE_NONE;

	errno = error;
	return idle;
}

/* Records above the path MTU fail with EMSGSIZE unless IP may fragment them. */
static void allow_fragments(int fd)
{
	int v4 = IP_PMTUDISC_DONT, v6 = IPV6_PMTUDISC_DONT, error = errno;

	if (!settings_fragment())
		return;
	setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &v4, sizeof(v4));
	setsockopt(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, &v6, sizeof(v6));
	errno = error;
}

static int bind_server(int fd, const struct sockaddr *addr, socklen_t len)
{
	struct kdtls_options options;

	settings_options(&options);
	if (kdtls_enable(fd))
		return report_failure("bind");
	if (REAL(bind)(fd, addr, len))
		return -1;
	if (kdtls_listen(fd, &options))
		return report_failure("bind");
	allow_fragments(fd);
	return 0;
}

HOOK
int bind(int fd, __CONST_SOCKADDR_ARG address, socklen_t len)
{
	const struct sockaddr *addr = address.__sockaddr__;

	if (!settings_port(addr, len) || !socket_is_udp(fd))
		return REAL(bind)(fd, addr, len);
	if (settings_listen(addr, len))
		return bind_server(fd, addr, len);
	if (REAL(bind)(fd, addr, len))
		return -1;
	/* with --connect this may be the local port of a client */
	if (!settings_any_connect() && is_idle(fd))
		explain_refusal(LINE_LOCAL, addr, len);
	return 0;
}

/* Replaces fd by other, with fd's flags. */
static int replace_fd(int fd, int other)
{
	int flags = fcntl(fd, F_GETFD);
	int ret = dup3(other, fd, flags & FD_CLOEXEC ? O_CLOEXEC : 0);
	int error = errno;

	close(other);
	errno = error;
	return ret < 0 ? -1 : 0;
}

/* connect() on a listening socket: fd becomes the socket of this peer alone. */
static int peel_off(int fd, const struct sockaddr *addr, socklen_t len)
{
	struct sockaddr_storage peer;
	socklen_t size = sizeof(peer);
	int flags = fcntl(fd, F_GETFL), other;
	__u64 assoc;

	if (!getpeername(fd, (struct sockaddr *)&peer, &size)) {
		errno = EISCONN;
		return -1;
	}
	assoc = kdtls_assoc_find(fd, addr, len);
	if (!assoc) {
		errno = ENOTCONN;
		return report_failure("connect: there is no association with this client");
	}
	other = kdtls_peeloff(fd, assoc,
			      flags & O_NONBLOCK ? SOCK_NONBLOCK : 0);
	if (other < 0 && errno == EOPNOTSUPP)
		return report_failure("connect: no DTLS_PEELOFF on a socket with SO_REUSEPORT");
	if (other < 0 || replace_fd(fd, other))
		return report_failure("connect");
	allow_fragments(fd);
	return 0;
}

static int connect_udp(int fd, const struct sockaddr *addr, socklen_t len)
{
	int ret = REAL(connect)(fd, addr, len);

	return ret && errno == EISCONN ? peel_off(fd, addr, len) : ret;
}

/* The kernel times a handshake out; a signal does not end it. */
static int await_handshake(int fd)
{
	int ret;

	do {
		ret = kdtls_wait(fd, -1);
	} while (ret && errno == EINTR);
	return ret;
}

static int connect_client(int fd, const struct sockaddr *addr, socklen_t len)
{
	struct kdtls_options options;

	settings_options(&options);
	if (kdtls_enable(fd))
		return report_failure("connect");
	if (connect_udp(fd, addr, len))
		return -1;
	allow_fragments(fd);
	/* EALREADY: connected again to the same peer */
	if (kdtls_connect(fd, &options) && errno != EALREADY)
		return report_failure("connect");
	return await_handshake(fd) ? report_failure("connect") : 0;
}

HOOK
int connect(int fd, __CONST_SOCKADDR_ARG address, socklen_t len)
{
	const struct sockaddr *addr = address.__sockaddr__;

	if (!settings_port(addr, len) || !socket_is_udp(fd))
		return REAL(connect)(fd, addr, len);
	if (settings_connect(addr, len))
		return connect_client(fd, addr, len);
	if (connect_udp(fd, addr, len))
		return -1;
	if (is_idle(fd))
		explain_refusal(LINE_REMOTE, addr, len);
	return 0;
}

/*
 * Before a message: a socket that is not attached (because of --plain, or received from
 * another process) may only send to ports of --plain. 0, or -1 with errno.
 */
static int check_plain(int fd, const struct sockaddr *addr, socklen_t len)
{
	if (!settings_port(addr, len) || socket_attached(fd) ||
	    !socket_is_udp(fd))
		return 0;
	if (settings_connect(addr, len))
		return connect_client(fd, addr, len);
	if (settings_plain(addr, len) || socket_plain_port(fd))
		return 0;
	explain_refusal(LINE_REMOTE, addr, len);
	errno = EACCES;
	return -1;
}

/* On connect() to a port of --plain the supervisor replaces the socket. */
static bool make_plain(int fd, const struct sockaddr *addr, socklen_t len)
{
	static const struct sockaddr nowhere = { .sa_family = AF_UNSPEC };

	return !REAL(connect)(fd, addr, len) &&
	       !REAL(connect)(fd, &nowhere, sizeof(nowhere)) &&
	       !socket_attached(fd);
}

/* After the kernel refused a message; true: it can be sent now. */
static bool prepare_retry(int fd, const struct sockaddr *addr, socklen_t len)
{
	struct dtls_status status;
	int error = errno;

	if ((error != ENOTCONN && error != EISCONN) ||
	    !settings_port(addr, len))
		return false;
	/* not attached, or a server's socket without this peer */
	if (kdtls_status(fd, &status)) {
		errno = error;
		return false;
	}
	errno = error;
	if (error == EISCONN) {
		explain_refusal(LINE_SECOND, addr, len);
		return false;
	}
	if (status.state != DTLS_STATE_NONE)
		return false;
	if (settings_connect(addr, len))
		return !connect_client(fd, addr, len);
	if (settings_plain(addr, len) && make_plain(fd, addr, len))
		return true;
	explain_refusal(LINE_REMOTE, addr, len);
	errno = error;
	return false;
}

HOOK
ssize_t sendto(int fd, const void *buf, size_t size, int flags,
	       __CONST_SOCKADDR_ARG address, socklen_t len)
{
	const struct sockaddr *addr = address.__sockaddr__;
	ssize_t ret;

	if (check_plain(fd, addr, len))
		return -1;
	ret = REAL(sendto)(fd, buf, size, flags, addr, len);
	if (ret < 0 && prepare_retry(fd, addr, len))
		ret = REAL(sendto)(fd, buf, size, flags, addr, len);
	return ret;
}

HOOK
ssize_t sendmsg(int fd, const struct msghdr *msg, int flags)
{
	ssize_t ret;

	if (msg && check_plain(fd, msg->msg_name, msg->msg_namelen))
		return -1;
	ret = REAL(sendmsg)(fd, msg, flags);
	if (ret < 0 && msg && prepare_retry(fd, msg->msg_name, msg->msg_namelen))
		ret = REAL(sendmsg)(fd, msg, flags);
	return ret;
}

/* A failed call has sent nothing; otherwise the result is the number sent. */
HOOK
int sendmmsg(int fd, struct mmsghdr *msgs, unsigned int n, int flags)
{
	int ret;

	for (unsigned int i = 0; msgs && i < n; i++)
		if (check_plain(fd, msgs[i].msg_hdr.msg_name,
				msgs[i].msg_hdr.msg_namelen))
			return -1;
	ret = REAL(sendmmsg)(fd, msgs, n, flags);
	if (ret < 0 && msgs && n &&
	    prepare_retry(fd, msgs->msg_hdr.msg_name, msgs->msg_hdr.msg_namelen))
		ret = REAL(sendmmsg)(fd, msgs, n, flags);
	return ret;
}

/*
 * An attached socket is not writable before it has a peer, but sendto() here creates
 * one. So a program that polls before its first message need not wait.
 */
static bool awaits_message(const struct pollfd *p)
{
	return p->events & POLLOUT && socket_attached(p->fd) && is_idle(p->fd);
}

HOOK
int poll(struct pollfd *fds, nfds_t n, int timeout)
{
	bool writable = false;
	int ready;

	for (nfds_t i = 0; fds && i < n && !writable; i++)
		writable = awaits_message(&fds[i]);
	ready = REAL(poll)(fds, n, writable ? 0 : timeout);
	for (nfds_t i = 0; writable && ready >= 0 && i < n; i++) {
		if (!awaits_message(&fds[i]))
			continue;
		ready += !fds[i].revents;
		fds[i].revents |= POLLOUT;
	}
	return ready;
}

/* The C library's resolver does not call the functions above, so no line explains it. */
HOOK
int getaddrinfo(const char *node, const char *service,
		const struct addrinfo *hints, struct addrinfo **list)
{
	const struct sockaddr_in dns = {
		.sin_family = AF_INET, .sin_port = htons(53),
	};
	int error, ret;

	ret = REAL(getaddrinfo)(node, service, hints, list);
	error = errno;
	if (ret == EAI_AGAIN &&
	    !settings_plain((const struct sockaddr *)&dns, sizeof(dns)) &&
	    is_first_time(LINE_DNS, 53))
		dprintf(STDERR_FILENO,
			"dtlswrap: a name was not resolved; DNS over UDP needs --plain 53\n");
	errno = error;
	return ret;
}
