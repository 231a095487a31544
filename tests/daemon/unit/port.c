// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The netlink port with a kernel that fails on demand: this file answers the
 * calls of libnl and the C library. tests/daemon/upgrade.sh tests failures of
 * a real one.
 */
#include "unit/unit.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <time.h>

#include <linux/kdtls_netlink.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>

#include "fate.h"
#include "log.h"
#include "port.h"

#define FAMILY	30
#define GROUP	70
#define EVENTS	100
#define REQUESTS 101

static struct {
	int seconds;
	int send_error;		/* of every request */
	int read_error[2];	/* of events, requests */
	bool once;		/* ... then it is over */
	int answer;		/* positive errno, to every request */
	bool silent;		/* no answer comes */
	bool gone;		/* the family */
	bool news;		/* of a family waits at events */
	unsigned int seq;	/* of a request that is not answered */
	bool old;		/* knows nothing of tickets: EINVAL, and else 0 */
	unsigned int sent;
	struct nl_sock *events;
} kernel;

static unsigned int lines, wanted, waiting;

void say(int level, const char *fmt, ...)
{
	lines++;
}

/* The kernel */

int __wrap_genl_connect(struct nl_sock *sk);
int __wrap_genl_connect(struct nl_sock *sk)
{
	if (!kernel.events)
		kernel.events = sk;
	return 0;
}

int __wrap_nl_socket_get_fd(const struct nl_sock *sk);
int __wrap_nl_socket_get_fd(const struct nl_sock *sk)
{
	return sk == kernel.events ? EVENTS : REQUESTS;
}

int __wrap_genl_ctrl_resolve(struct nl_sock *sk, const char *name);
int __wrap_genl_ctrl_resolve(struct nl_sock *sk, const char *name)
{
	return kernel.gone ? -NLE_OBJ_NOTFOUND : FAMILY;
}

int __wrap_genl_ctrl_resolve_grp(struct nl_sock *sk, const char *family, const char *group);
int __wrap_genl_ctrl_resolve_grp(struct nl_sock *sk, const char *family, const char *group)
{
	return strcmp(family, "nlctrl") ? GROUP : 16;
}

int __wrap_nl_socket_add_membership(struct nl_sock *sk, int group);
int __wrap_nl_socket_add_membership(struct nl_sock *sk, int group)
{
	return 0;
}

int __wrap_nl_socket_set_nonblocking(const struct nl_sock *sk);
int __wrap_nl_socket_set_nonblocking(const struct nl_sock *sk)
{
	return 0;
}

int __wrap_setsockopt(int fd, int level, int name, const void *val, socklen_t len);
int __wrap_setsockopt(int fd, int level, int name, const void *val, socklen_t len)
{
	return 0;
}

int __wrap_getsockopt(int fd, int level, int name, void *val, socklen_t *len);
int __wrap_getsockopt(int fd, int level, int name, void *val, socklen_t *len)
{
	uint32_t *groups = val;

	assert_int_equal(fd, EVENTS);
	assert_int_equal(name, NETLINK_LIST_MEMBERSHIPS);
	groups[(GROUP - 1) / 32] = kernel.gone ? 0 : 1u << (GROUP - 1) % 32;
	return 0;
}

int __wrap_clock_gettime(clockid_t clock, struct timespec *ts);
int __wrap_clock_gettime(clockid_t clock, struct timespec *ts)
{
	*ts = (struct timespec){ .tv_sec = kernel.seconds };
	return 0;
}

int __wrap_poll(struct pollfd *fds, nfds_t n, int ms);
int __wrap_poll(struct pollfd *fds, nfds_t n, int ms)
{
	return 0;
}

ssize_t __wrap_sendto(int fd, const void *data, size_t len, int flags,
		      const struct sockaddr *to, socklen_t to_len);
ssize_t __wrap_sendto(int fd, const void *data, size_t len, int flags,
		      const struct sockaddr *to, socklen_t to_len)
{
	const struct nlmsghdr *nlh = data;

	assert_int_equal(fd, REQUESTS);
	kernel.sent++;
	if (kernel.old)
		kernel.answer = nlmsg_find_attr((struct nlmsghdr *)nlh, GENL_HDRLEN,
						KDTLS_A_HANDSHAKE_TICKETS) ? EINVAL : 0;
	if (kernel.send_error) {
		errno = kernel.send_error;
		return -1;
	}
	kernel.seq = nlh->nlmsg_seq;
	return len;
}

static ssize_t message(void *to, int type, unsigned int seq, int error)
{
	struct {
		struct nlmsghdr head;
		struct nlmsgerr body;
	} m = {
		.head = {
			.nlmsg_len = sizeof(m), .nlmsg_type = type, .nlmsg_seq = seq,
		},
		.body.error = -error,
	};

	memcpy(to, &m, sizeof(m));
	return sizeof(m);
}

ssize_t __wrap_recv(int fd, void *to, size_t room, int flags);
ssize_t __wrap_recv(int fd, void *to, size_t room, int flags)
{
	int *error = &kernel.read_error[fd - EVENTS];
	unsigned int seq = kernel.seq;

	if (*error) {
		errno = *error;
		if (kernel.once)
			*error = 0;
		return -1;
	}
	if (fd == EVENTS && kernel.news) {
		kernel.news = false;
		return message(to, GENL_ID_CTRL, 0, 0);
	}
	if (fd == EVENTS || !seq || kernel.silent) {
		errno = EAGAIN;
		return -1;
	}
	kernel.seq = 0;
	return message(to, NLMSG_ERROR, seq, kernel.answer);
}

/* The daemon */

static void on_wanted(void *ctx)
{
	wanted++;
}

static void on_waiting(void *ctx)
{
	waiting++;
}

static const struct port_handler handler = {
	.wanted = on_wanted,
	.waiting = on_waiting,
};

static struct port *port;

static int open_port(void **state)
{
	int status;

	memset(&kernel, 0, sizeof(kernel));
	lines = 0;
	wanted = 0;
	waiting = 0;
	port = port_netlink_open(&status);
	if (!port)
		return -1;
	port->handler = &handler;
	return 0;
}

static int close_port(void **state)
{
	port->ops->close(port);
	return 0;
}

static int ask(void)
{
	struct handshake_request q = { 0 };

	return port->ops->accept(port, &q);
}

static int tell(void)
{
	const struct cid none = { 0 };

	return port->ops->send(port, 7, &none, "x", 1);
}

static int finish(void)
{
	struct handshake_result r = { .status = EPROTO };

	return port->ops->done(port, 7, &r);
}

/* As the daemon's clock: the result of the last request. */
static int second(void)
{
	kernel.seconds++;
	port->ops->tick(port);
	port->ops->ready(port, EVENTS);
	port->ops->dispatch(port);
	return port->status ? 0 : ask();
}

static void seconds(int n)
{
	while (n--)
		second();
}

static void nothing_waits(void **state)
{
	kernel.answer = EAGAIN;
	seconds(100);
	assert_int_equal(ask(), -EAGAIN);
	assert_int_equal(port->status, 0);
	assert_int_equal(lines, 0);
}

/* Each of them may concern one handshake; the next one works. */
static void of_one_request(void **state)
{
	static const int errors[] = {
		ENOENT, EPERM, EACCES, EINVAL, EOPNOTSUPP, ENOMEM, ENOBUFS, EMSGSIZE,
		EALREADY, EPIPE, ENOTCONN, ENETUNREACH, EBUSY, ENOKEY, ERANGE, EAGAIN,
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(errors); i++) {
		kernel.answer = errors[i];
		assert_int_equal(tell(), -errors[i]);
		assert_int_equal(finish(), -errors[i]);
		assert_int_equal(port->status, 0);
	}
	kernel.answer = 0;
	assert_int_equal(tell(), 0);
}

static void family_gone(void **state)
{
	kernel.answer = EAGAIN;
	seconds(3);
	kernel.gone = true;
	second();
	assert_int_equal(port->status, EX_UNAVAILABLE);
	assert_int_equal(lines, 1);
}

static void family_gone_in_a_request(void **state)
{
	kernel.gone = true;
	kernel.answer = ENOENT;
	assert_int_equal(tell(), -ENOENT);
	assert_int_equal(port->status, EX_UNAVAILABLE);
	/* requests in flight are given up without another one */
	kernel.sent = 0;
	assert_int_equal(finish(), -ENODEV);
	assert_int_equal(ask(), -ENODEV);
	assert_int_equal(kernel.sent, 0);
	assert_int_equal(lines, 1);
}

static void family_gone_in_the_news(void **state)
{
	kernel.news = true;
	port->ops->ready(port, EVENTS);
	assert_int_equal(port->status, 0);
	kernel.news = true;
	kernel.gone = true;
	port->ops->ready(port, EVENTS);
	assert_int_equal(port->status, EX_UNAVAILABLE);
}

static void at_the_end(int error, int status)
{
	kernel.answer = error;
	assert_int_equal(ask(), -error);
	assert_int_equal(port->status, status);
}

static void no_right(void **state)
{
	at_the_end(EPERM, EX_NOPERM);
}

static void another_protocol(void **state)
{
	at_the_end(EOPNOTSUPP, EX_UNAVAILABLE);
}

/* Messages are lost, and others arrive: for any time. */
static void overrun_for_a_minute(void **state)
{
	kernel.answer = EAGAIN;
	kernel.once = true;
	for (int i = 0; i < 60; i++) {
		kernel.read_error[i % 2] = ENOBUFS;
		second();
		assert_int_equal(port->status, 0);
	}
	assert_true(wanted >= 30);
	assert_true(waiting >= 30);
}

static void nothing_but_overrun(void **state)
{
	kernel.read_error[0] = ENOBUFS;
	kernel.read_error[1] = ENOBUFS;
	seconds(FATE_PATIENCE / 1000 - 1);
	assert_int_equal(port->status, 0);
	seconds(3);
	assert_int_equal(port->status, EX_UNAVAILABLE);
	assert_int_equal(lines, 2);	/* trouble, and the end */
}

/* A lost answer ends the request, not the daemon. */
static void answer_lost(void **state)
{
	kernel.silent = true;
	assert_int_equal(tell(), -ETIMEDOUT);
	assert_int_equal(port->status, 0);
	kernel.silent = false;
	assert_int_equal(tell(), 0);
	kernel.read_error[1] = ENOBUFS;
	kernel.once = true;
	kernel.answer = EAGAIN;
	assert_int_equal(ask(), -EAGAIN);
	assert_int_equal(port->status, 0);
}

/* A transient error that returns: a new period each time. */
static void passes(int *what, int with)
{
	for (int i = 0; i < 3; i++) {
		*what = with;
		seconds(FATE_PATIENCE / 1000 - 2);
		assert_int_equal(port->status, 0);
		*what = 0;
		second();
	}
	*what = with;
	seconds(FATE_PATIENCE / 1000 + 2);
	assert_int_equal(port->status, EX_UNAVAILABLE);
	assert_int_equal(lines, 5);
}

static void no_room_to_send(void **state)
{
	passes(&kernel.send_error, ENOBUFS);
}

static void no_memory(void **state)
{
	passes(&kernel.answer, ENOMEM);
}

static void what_nobody_knows(void **state)
{
	passes(&kernel.answer, EHWPOISON);
}

static void socket_broken(void **state)
{
	kernel.read_error[0] = EBADF;
	port->ops->ready(port, EVENTS);
	assert_int_equal(port->status, EX_UNAVAILABLE);
}

static void kernel_without_netlink(void **state)
{
	kernel.send_error = ECONNREFUSED;
	assert_int_equal(tell(), -ECONNREFUSED);
	assert_int_equal(port->status, EX_UNAVAILABLE);
}

static void never_there(void **state)
{
	int status = 0;

	memset(&kernel, 0, sizeof(kernel));
	kernel.gone = true;
	assert_null(port_netlink_open(&status));
	assert_int_equal(status, EX_UNAVAILABLE);
}

/* A module of before: the handshake succeeds, without a ticket behind it. */
static void no_tickets(void **state)
{
	struct handshake_result r = { .tickets = 1 };

	kernel.old = true;
	assert_int_equal(port->ops->done(port, 7, &r), 0);
	assert_int_equal(kernel.sent, 2);
	assert_int_equal(r.tickets, 1);
	kernel.old = false;
	kernel.answer = EINVAL;
	assert_int_equal(port->ops->done(port, 7, &r), -EINVAL);
	assert_int_equal(kernel.sent, 4);
	r.tickets = 0;
	assert_int_equal(port->ops->done(port, 7, &r), -EINVAL);
	assert_int_equal(kernel.sent, 5);
}

#define WITH_PORT(fn) cmocka_unit_test_setup_teardown(fn, open_port, close_port)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_PORT(nothing_waits),
		WITH_PORT(of_one_request),
		WITH_PORT(family_gone),
		WITH_PORT(family_gone_in_a_request),
		WITH_PORT(family_gone_in_the_news),
		WITH_PORT(no_right),
		WITH_PORT(another_protocol),
		WITH_PORT(overrun_for_a_minute),
		WITH_PORT(nothing_but_overrun),
		WITH_PORT(answer_lost),
		WITH_PORT(no_room_to_send),
		WITH_PORT(no_memory),
		WITH_PORT(what_nobody_knows),
		WITH_PORT(socket_broken),
		WITH_PORT(kernel_without_netlink),
		WITH_PORT(no_tickets),
		cmocka_unit_test(never_there),
	};

	return run_tap("port", tests);
}
