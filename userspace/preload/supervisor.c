// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Creates the UDP sockets of a wrapped program. Each is attached to kdtls before the
 * program has its descriptor, and cannot be detached: at no time can the program,
 * whatever system calls it makes, send a datagram in plaintext.
 *
 * With --plain, bind() and connect() are passed to the supervisor too. For a port of
 * the list it replaces the socket by a plain one; then the call continues in the
 * program. Nothing else creates a plain socket.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <poll.h>
#include <seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <kdtls/kdtls.h>

#include "process.h"
#include "say.h"
#include "settings.h"
#include "socket.h"
#include "supervisor.h"

typedef struct seccomp_notif call;

static void send_response(int listener, const call *c, int error,
			  unsigned int flags)
{
	struct seccomp_notif_resp *resp;

	if (seccomp_notify_alloc(NULL, &resp))
		return;		/* the call waits, and fails with ENOSYS when this process ends */
	memset(resp, 0, sizeof(*resp));
	resp->id = c->id;
	resp->error = -error;
	resp->flags = flags;
	seccomp_notify_respond(listener, resp);
	seccomp_notify_free(NULL, resp);
}

static void fail_call(int listener, const call *c, int error)
{
	send_response(listener, c, error, 0);
}

static void let_continue(int listener, const call *c)
{
	send_response(listener, c, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE);
}

/* A new UDP socket, attached to kdtls; -1 with errno. */
static int create_protected(const call *c)
{
	int fd, error;

	if (!process_enter(c->pid)) {
		say("%s: it is in a network namespace that dtlswrap cannot enter",
		    process_name(c->pid));
		errno = EPERM;
		return -1;
	}
	fd = socket(c->data.args[0], c->data.args[1], c->data.args[2]);
	if (fd < 0 || !kdtls_enable(fd))
		return fd;
	error = errno;
	say("%s: cannot create a UDP socket: %s", process_name(c->pid),
	    kdtls_strerror(error));
	close(fd);
	errno = error;
	return -1;
}

static void give_socket(int listener, const call *c)
{
	int fd = create_protected(c);
	struct seccomp_notif_addfd add = {
		.id = c->id,
		.flags = SECCOMP_ADDFD_FLAG_SEND,
		.srcfd = fd,
		.newfd_flags = c->data.args[1] & SOCK_CLOEXEC ? O_CLOEXEC : 0,
	};

	if (fd < 0) {
		fail_call(listener, c, errno);
		return;
	}
	/* while it waits for its call, so that it exists */
	process_check(c->pid);
	/* adds the descriptor and returns it from the call in one step */
	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_ADDFD, &add) < 0)
		fail_call(listener, c, errno);
	close(fd);
}

/* Replaces the socket at the program's descriptor by a plain one. 0, or an errno. */
static int replace_by_plain(int listener, const call *c, int old)
{
	int number = c->data.args[0], error = 0;
	struct seccomp_notif_addfd add = {
		.id = c->id,
		.flags = SECCOMP_ADDFD_FLAG_SETFD,
		.newfd = number,
		.newfd_flags = process_fd_flags(c->pid, number),
	};

	if (!process_enter(c->pid))
		return EPERM;
	add.srcfd = socket_plain_like(old);
	if ((int)add.srcfd < 0)
		return errno;
	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_ADDFD, &add) < 0)
		error = errno;
	close(add.srcfd);
	return error;
}

/* bind() or connect() to addr; fd: a duplicate of its socket. 0: it may continue. */
static int decide_call(int listener, const call *c, int fd,
		       const struct sockaddr *addr, socklen_t len)
{
	bool plain = settings_plain(addr, len);

	if (!socket_is_udp(fd))
		return 0;
	if (socket_attached(fd))
		return plain ? replace_by_plain(listener, c, fd) : 0;
	if (plain || socket_plain_port(fd))
		return 0;
	say("%s: refused a plain socket with a port that is not in --plain",
	    process_name(c->pid));
	return EACCES;
}

static void report_unreadable(pid_t thread)
{
	static bool said;

	if (!said)
		say("%s: dtlswrap may not read its memory: --plain has no effect",
		    process_name(thread));
	said = true;
}

static void check_address(int listener, const call *c)
{
	struct sockaddr_storage addr = { 0 };
	ssize_t len = c->data.args[2] & 0xffffffff;
	int fd, error = 0;

	if (len > (ssize_t)sizeof(struct sockaddr_in6))
		len = sizeof(struct sockaddr_in6);
	len = process_read(c->pid, c->data.args[1], &addr, len);
	if (len < 0 && errno == EPERM)
		report_unreadable(c->pid);
	if (len > 0 && settings_port((struct sockaddr *)&addr, len)) {
		fd = process_fd(c->pid, c->data.args[0]);
		if (fd >= 0) {
			error = decide_call(listener, c, fd,
					    (struct sockaddr *)&addr, len);
			close(fd);
		}
	}
	if (error)
		fail_call(listener, c, error);
	else
		let_continue(listener, c);
}

/* A signal may end a call before it is answered; the answer then fails. */
static void serve_call(int listener, call *c)
{
	memset(c, 0, sizeof(*c));
	if (seccomp_notify_receive(listener, c))
		return;
	if (c->data.nr == SCMP_SYS(socket))
		give_socket(listener, c);
	else
		check_address(listener, c);
}

static int receive_listener(int channel)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	char byte;
	struct iovec one = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &one, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *c;
	int listener = -1;

	if (recvmsg(channel, &msg, MSG_CMSG_CLOEXEC) != 1)
		return -1;
	c = CMSG_FIRSTHDR(&msg);
	if (c && c->cmsg_type == SCM_RIGHTS)
		memcpy(&listener, CMSG_DATA(c), sizeof(int));
	return listener;
}

/* Closes every descriptor of the program but standard error. */
static void leave_program(int channel)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	setsid();
	(void)!chdir("/");
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	close_range(STDERR_FILENO + 1, channel - 1, 0);
	close_range(channel + 1, ~0U, 0);
	/* the supervisor must outlive every process with the filter */
	for (int s = 1; s < NSIG; s++)
		if (s != SIGSEGV && s != SIGBUS && s != SIGABRT &&
		    s != SIGILL && s != SIGFPE)
			signal(s, SIG_IGN);
}

static void serve_calls(int listener, int program)
{
	struct pollfd p[] = {
		{ .fd = listener, .events = POLLIN },
		/* readable when the program has ended */
		{ .fd = program, .events = POLLIN },
	};
	call *c;

	if (seccomp_notify_alloc(&c, NULL))
		return;
	while (!(p[0].revents & POLLHUP)) {
		if (poll(p, 2, -1) < 0)
			continue;	/* after SIGCONT */
		if (p[1].revents) {
			say_in_background();
			p[1].fd = -1;
		}
		if (p[0].revents & POLLIN)
			serve_call(listener, c);
	}
}

void supervise(int channel, pid_t program)
{
	int pidfd = -1, listener;
	pid_t own = getpid();

	/* leave_program() needs a channel above standard error */
	if (channel <= STDERR_FILENO)
		channel = fcntl(channel, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	leave_program(channel);
	pidfd = syscall(SYS_pidfd_open, program, 0);
	if (write(channel, &own, sizeof(own)) != sizeof(own))
		_exit(1);
	listener = receive_listener(channel);
	if (listener < 0 || write(channel, "", 1) != 1)
		_exit(1);
	close(channel);
	serve_calls(listener, pidfd);
	_exit(0);
}
