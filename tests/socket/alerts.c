// SPDX-License-Identifier: GPL-2.0
/*
 * Datagrams that the kernel sends by itself do not consume the application's
 * pending error, and are sent again if sending failed.
 */
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "capture.h"
#include "figure.h"
#include "pair.h"
#include "tap.h"

#define ALERT		21
#define ALERT_RECORD	(13 + 8 + 2 + 16)	/* AES-GCM */

static char out[200], in[400];

static int pending_error(int fd)
{
	socklen_t len = sizeof(int);
	int error = -1;

	need(!getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len), "SO_ERROR");
	return error;
}

/* Before the lookup in the table of local addresses. */
static void rules(void)
{
	need(!system("ip rule add pref 10 lookup local && ip rule del pref 0"),
	     "ip rule");
}

static void route_gone(void)
{
	need(!system("ip rule add pref 5 to 127.0.0.0/8 unreachable"),
	     "ip rule add");
}

static void route_back(void)
{
	need(!system("ip rule del pref 5"), "ip rule del");
}

/* a is attached and keyed, b is plain; a has an unread ICMP error. */
static void refused(struct pair *p, int family)
{
	struct dtls_keys keys;

	pair_plain(p, family);
	need(!setsockopt(p->a, SOL_IP, DTLS_ULP, "dtls", 4), "attach");
	pair_keys(&keys, DTLS_CIPHER_AES_128_GCM, true);
	need(!pair_set_keys(p->a, &keys), "keys");
	close(p->b);
	need(send(p->a, out, 100, 0) == 100, "send");
	need(pair_poll(p->a, POLLERR, 5000), "an ICMP error");
	p->b = socket(family, SOCK_DGRAM, 0);
	need(!bind(p->b, (void *)&p->addr_b, p->addr_len), "bind");
}

static bool alert_comes(const struct pair *p)
{
	return pair_poll(p->b, POLLIN, 5000) &&
	       recv(p->b, in, sizeof(in), MSG_DONTWAIT) == ALERT_RECORD &&
	       in[0] == ALERT;
}

static void after_an_error(int family)
{
	struct pair p;

	refused(&p, family);
	need(!shutdown(p.a, SHUT_WR), "shutdown");
	ok(alert_comes(&p), "shutdown() sends close_notify, error or not");
	is_int(pending_error(p.a), ECONNREFUSED,
	       "and leaves the error to the application");
	pair_close(&p);

	refused(&p, family);
	close(p.a);
	ok(alert_comes(&p), "close() sends it, error or not");
	close(p.b);
}

static void say_close(int fd, int wanted, const char *what)
{
	char control[CMSG_SPACE(1)] = { 0 }, alert[2] = { 1, 0 };
	struct iovec iov = { alert, sizeof(alert) };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	cmsg->cmsg_level = SOL_DTLS;
	cmsg->cmsg_type = DTLS_RECORD_TYPE;
	cmsg->cmsg_len = CMSG_LEN(1);
	*CMSG_DATA(cmsg) = ALERT;
	is_int(sendmsg(fd, &msg, 0) < 0 ? errno : 0, wanted, "%s", what);
}

static enum dtls_state state_of(int fd)
{
	struct dtls_status status;
	socklen_t len = sizeof(status);

	need(!getsockopt(fd, SOL_DTLS, DTLS_STATUS, &status, &len), "status");
	return status.state;
}

static long unsent(void)
{
	return figure(KDTLS_STAT, "KdtlsAlertUnsent");
}

/* Not sent without a route; sent when there is one again. */
static void without_a_route(void)
{
	struct pair p;
	long before;

	rules();
	pair_open(&p, AF_INET, DTLS_CIPHER_AES_128_GCM);
	route_gone();
	say_close(p.a, ENETUNREACH, "the application's close_notify fails");
	route_back();
	is_int(send(p.a, out, 100, 0), 100, "and does not end what it can say");
	ok(pair_poll(p.b, POLLIN, 5000) &&
	   recv(p.b, in, sizeof(in), 0) == 100, "which arrives");

	before = unsent();
	route_gone();
	shutdown(p.a, SHUT_WR);
	is_int(unsent() - before, 1, "the kernel counts the unsent alert");
	route_back();
	close(p.a);
	ok(pair_poll(p.b, POLLIN, 5000) && !recv(p.b, in, sizeof(in), 0),
	   "close() sends the alert that shutdown() could not");
	is_int(state_of(p.b), DTLS_STATE_CLOSED, "the peer gets the end");
	is_int(unsent() - before, 1, "nothing more was left unsaid");
	close(p.b);
}

int main(void)
{
	struct capture *tap = capture_start(NULL, NULL);

	canary_fill(out, sizeof(out), 1);
	after_an_error(AF_INET);
	after_an_error(AF_INET6);
	capture_check(tap, "alerts");
	without_a_route();
	return done_testing();
}
