// SPDX-License-Identifier: GPL-2.0
/*
 * A socket with DTLS never sends or delivers plaintext: before keys,
 * after the end, and by every call that could bypass a hook.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <poll.h>
#include <pthread.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

#include "capture.h"
#include "pair.h"
#include "tap.h"

static char out[200], in[400];

/* All ways of sending; how many of them sent something. */
static int all_ways(struct pair *p, int fd)
{
	struct iovec iov = { out, 200 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct mmsghdr mmsg = { .msg_hdr = msg };
	int sent = 0;

	sent += send(fd, out, 200, MSG_DONTWAIT | MSG_NOSIGNAL) > 0;
	sent += sendto(fd, out, 200, MSG_DONTWAIT | MSG_NOSIGNAL,
		       (void *)&p->addr_b, p->addr_len) > 0;
	sent += sendmsg(fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL) > 0;
	sent += sendmmsg(fd, &mmsg, 1, MSG_DONTWAIT | MSG_NOSIGNAL) > 0;
	sent += send(fd, out, 200, MSG_DONTWAIT | MSG_NOSIGNAL | MSG_CONFIRM) >
		0;
	fcntl(fd, F_SETFL, O_NONBLOCK);
	sent += write(fd, out, 200) > 0;
	sent += writev(fd, &iov, 1) > 0;
	fcntl(fd, F_SETFL, 0);
	return sent;
}

static void before_keys(int family)
{
	const char *v = family == AF_INET ? "IPv4" : "IPv6";
	struct dtls_keys keys;
	struct pair p;

	pair_plain(&p, family);
	need(send(p.b, "early plain text", 16, 0) == 16, "plain send");
	pair_attach(&p);
	errno = 0;
	ok(!all_ways(&p, p.a), "%s: no way to send before the keys (%s)", v,
	   strerror(errno));
	ok(recv(p.a, in, sizeof(in), MSG_DONTWAIT) == -1 && errno == EAGAIN,
	   "%s: what was queued as plaintext is not delivered", v);
	pair_keys(&keys, 1, true);
	need(!pair_set_keys(p.a, &keys), "keys");
	ok(recv(p.a, in, sizeof(in), MSG_DONTWAIT) == -1 && errno == EAGAIN,
	   "%s: nor with keys", v);
	ok(pair_drops(p.a, DTLS_DROP_NOT_DTLS) == 1, "%s: it is dropped", v);
	ok(recv(p.b, in, sizeof(in), MSG_DONTWAIT) == -1,
	   "%s: and nothing reached the other side", v);
	pair_close(&p);
}

static void after_close(void)
{
	struct pair p;

	pair_open(&p, AF_INET, 1);
	close(p.b);
	need(pair_poll(p.a, POLLIN, 2000), "close_notify");
	ok(!all_ways(&p, p.a), "no way to send after close_notify");
	ok(send(p.a, out, 9, MSG_NOSIGNAL) == -1 && errno == EPIPE, "EPIPE");
	close(p.a);
}

static int destroy(struct pair *p)
{
	struct sockaddr_in *a = (struct sockaddr_in *)&p->addr_a;
	struct sockaddr_in *b = (struct sockaddr_in *)&p->addr_b;
	struct {
		struct nlmsghdr h;
		struct inet_diag_req_v2 r;
	} req = {
		.h = { sizeof(req), SOCK_DESTROY, NLM_F_REQUEST | NLM_F_ACK },
		.r = {
			.sdiag_family = AF_INET,
			.sdiag_protocol = IPPROTO_UDP,
			.idiag_states = -1,
			.id = {
				.idiag_sport = a->sin_port,
				.idiag_dport = b->sin_port,
				.idiag_src = { a->sin_addr.s_addr },
				.idiag_dst = { b->sin_addr.s_addr },
				.idiag_cookie = { -1, -1 },
			},
		},
	};
	struct {
		struct nlmsghdr h;
		struct nlmsgerr e;
		char rest[200];
	} answer = { 0 };
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG);

	need(send(fd, &req, sizeof(req), 0) == sizeof(req), "sock_diag");
	recv(fd, &answer, sizeof(answer), 0);
	close(fd);
	return -answer.e.error;
}

static void destroyed(void)
{
	struct timeval tv = { .tv_sec = 2 };
	struct pair p;
	int err;

	pair_open(&p, AF_INET, 1);
	err = destroy(&p);
	if (err) {
		skip(strerror(err), "ss -K: no plaintext after it");
	} else {
		setsockopt(p.a, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
		ok(recv(p.a, in, 9, 0) == -1 && errno == ECONNABORTED,
		   "ss -K: a reader gets the error");
		ok(recv(p.a, in, 9, 0) == -1 && errno == ECONNABORTED,
		   "ss -K: and so does the next");
		ok(!all_ways(&p, p.a), "ss -K: no way to send after it");
		ok(connect(p.a, (void *)&p.addr_b, p.addr_len) == -1 ||
		   !all_ways(&p, p.a), "ss -K: nor by connecting again");
	}
	pair_close(&p);
}

/* Threads: attach and keys in one, calls in the other. */
static struct pair race;
static volatile int go, stop;

static void *sends(void *arg)
{
	while (!go)
		;
	while (!stop)
		send(race.a, out, 200, MSG_DONTWAIT | MSG_NOSIGNAL);
	return NULL;
}

/* Calls that begin after the attach: send in a loop, through close_notify. */
static void under_load(void)
{
	struct dtls_keys keys;
	pthread_t thread;

	for (int i = 0; i < 50; i++) {
		pair_plain(&race, AF_INET);
		pair_attach(&race);
		go = stop = 0;
		need(!pthread_create(&thread, NULL, sends, NULL), "thread");
		go = 1;
		pair_keys(&keys, 1, true);
		pair_set_keys(race.a, &keys);
		pair_keys(&keys, 1, false);
		pair_set_keys(race.b, &keys);
		usleep(2000);
		shutdown(race.a, SHUT_WR);
		usleep(1000);
		stop = 1;
		pthread_join(thread, NULL);
		pair_close(&race);
	}
	ok(1, "sends while keys come and go");
}

int main(void)
{
	struct capture *tap = capture_start(NULL, NULL);

	canary_fill(out, sizeof(out), 1);
	before_keys(AF_INET);
	before_keys(AF_INET6);
	after_close();
	destroyed();
	under_load();
	capture_check(tap, "all of this");
	return done_testing();
}
