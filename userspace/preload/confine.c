// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The seccomp filter of the program, and the start of its supervisor.
 *
 * The filter decides by the integer arguments of socket(2) alone, which the program
 * cannot change after the decision, unlike memory. What it does with its sockets
 * afterwards (send, receive) is not filtered.
 *
 * The supervisor is an orphan in a session of its own: the program keeps its process
 * id, its parent and its children, and signals to the terminal's process group do not
 * reach the supervisor.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "confine.h"
#include "settings.h"
#include "supervisor.h"

/* The kernel uses 32 bits of each argument; the type has flags too. */
#define INT(n, value)	SCMP_CMP(n, SCMP_CMP_MASKED_EQ, 0xffffffff, value)
#define TYPE(value)	SCMP_CMP(1, SCMP_CMP_MASKED_EQ, 0xf, value)

static const struct rule {
	unsigned int action;
	int type;
	int protocol;
} rules[] = {
	{ SCMP_ACT_NOTIFY, SOCK_DGRAM, 0 },
	{ SCMP_ACT_NOTIFY, SOCK_DGRAM, IPPROTO_UDP },
	{ SCMP_ACT_ERRNO(EPROTONOSUPPORT), SOCK_DGRAM, IPPROTO_UDPLITE },
	/* raw sockets can send a hand-made UDP header */
	{ SCMP_ACT_ERRNO(EPERM), SOCK_RAW, IPPROTO_UDP },
	{ SCMP_ACT_ERRNO(EPERM), SOCK_RAW, IPPROTO_RAW },
};

static int add_socket_rules(scmp_filter_ctx ctx, int family)
{
	int err = 0;

	for (size_t i = 0; !err && i < sizeof(rules) / sizeof(*rules); i++)
		err = seccomp_rule_add(ctx, rules[i].action, SCMP_SYS(socket),
				       3, INT(0, family), TYPE(rules[i].type),
				       INT(2, rules[i].protocol));
	return err;
}

static int add_rules(scmp_filter_ctx ctx)
{
	int err = add_socket_rules(ctx, AF_INET) ?:
		  add_socket_rules(ctx, AF_INET6) ?:
		  /* io_uring creates sockets past the filter; programs have fallbacks */
		  seccomp_rule_add(ctx, SCMP_ACT_ERRNO(ENOSYS),
				   SCMP_SYS(io_uring_setup), 0);

	if (err || !settings_any_plain())
		return err;
	return seccomp_rule_add(ctx, SCMP_ACT_NOTIFY, SCMP_SYS(bind), 0) ?:
	       seccomp_rule_add(ctx, SCMP_ACT_NOTIFY, SCMP_SYS(connect), 0);
}

/* Without no_new_privs if that is permitted: sudo in the program still works. */
static int load_filter(scmp_filter_ctx ctx)
{
	int err = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_NNP, 0) ?:
		  seccomp_load(ctx);

	if (err != -EACCES && err != -EPERM)
		return err;
	return seccomp_attr_set(ctx, SCMP_FLTATR_CTL_NNP, 1) ?:
	       seccomp_load(ctx);
}

/* The supervisor's descriptor of the filter, or -errno. */
static int install_filter(void)
{
	/* another architecture's calls (SCMP_FLTATR_ACT_BADARCH) kill */
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
	int ret;

	if (!ctx)
		return -ENOMEM;
	/* the kernel's errno, not a generic one */
	ret = seccomp_attr_set(ctx, SCMP_FLTATR_API_SYSRAWRC, 1) ?:
	      add_rules(ctx) ?: load_filter(ctx) ?: seccomp_notify_fd(ctx);
	seccomp_release(ctx);
	return ret;
}

static int send_listener(int channel, int listener)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct iovec one = { "", 1 };
	struct msghdr msg = {
		.msg_iov = &one, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &listener, sizeof(int));
	return sendmsg(channel, &msg, MSG_NOSIGNAL) == 1 ? 0 : -1;
}

/* False: it did not start. Its process id arrives through the channel. */
static bool start_supervisor(int channel, int other)
{
	pid_t program = getpid(), child = fork();

	if (!child) {
		close(channel);
		/* the supervisor must not be a child of the program */
		if (!fork())
			supervise(other, program);
		_exit(0);
	}
	close(other);
	return child > 0 && waitpid(child, NULL, 0) == child;
}

static const char *connect_supervisor(int channel)
{
	pid_t supervisor;
	int listener;
	char ready;

	if (read(channel, &supervisor, sizeof(supervisor)) !=
	    sizeof(supervisor))
		return "the supervisor did not start";
	/* needed where Yama lets only ancestors access a process */
	prctl(PR_SET_PTRACER, supervisor);
	listener = install_filter();
	/* libseccomp 2.5 returns EFAULT for EBUSY */
	if (listener == -EBUSY || listener == -EFAULT)
		return "runs in another dtlswrap, or in a sandbox that uses seccomp notification";
	if (listener < 0) {
		static char why[128];

		snprintf(why, sizeof(why), "no seccomp filter with notification: %s",
			 strerror(-listener));
		return why;
	}
	if (send_listener(channel, listener) ||
	    read(channel, &ready, sizeof(ready)) != sizeof(ready))
		return "the supervisor ended";
	close(listener);
	return NULL;
}

const char *confine(void)
{
	const char *why = "no supervisor: too many processes or open files";
	int channel[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channel))
		return why;
	if (start_supervisor(channel[0], channel[1]))
		why = connect_supervisor(channel[0]);
	close(channel[0]);
	return why;
}
