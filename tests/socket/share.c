// SPDX-License-Identifier: GPL-2.0
/* One socket with many descriptors, and all forms of shutdown(). */
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "capture.h"
#include "pair.h"
#include "tap.h"

static char out[100], in[400];

static bool sent(int from, int to)
{
	return send(from, out, 100, 0) == 100 && pair_poll(to, POLLIN, 2000) &&
	       recv(to, in, sizeof(in), 0) == 100 && !memcmp(in, out, 100);
}

static bool child_says(pid_t pid)
{
	int status = -1;

	waitpid(pid, &status, 0);
	return status == 0;
}

static void duped(void)
{
	struct pair p;
	int fd;

	pair_open(&p, AF_INET, DTLS_CIPHER_AES_128_GCM);
	fd = dup(p.a);
	close(p.a);
	ok(!pair_poll(p.b, POLLIN, 50), "close of one of two is no close");
	ok(sent(fd, p.b) && sent(p.b, fd), "the other one still talks");
	close(fd);
	ok(pair_poll(p.b, POLLIN, 2000) && recv(p.b, in, 9, 0) == 0,
	   "close of the last one sends close_notify");
	close(p.b);
}

static void forked(void)
{
	struct pair p;
	pid_t pid;

	pair_open(&p, AF_INET, DTLS_CIPHER_AES_128_GCM);
	pid = fork();
	if (!pid)
		_exit(!(send(p.a, out, 100, 0) == 100));
	ok(child_says(pid) && pair_poll(p.b, POLLIN, 2000) &&
	   recv(p.b, in, sizeof(in), 0) == 100, "a child sends");
	ok(sent(p.a, p.b), "and its parent, with the next number");
	pid = fork();
	if (!pid) {
		close(p.a);
		_exit(!(recv(p.b, in, sizeof(in), 0) == 100));
	}
	send(p.a, out, 100, 0);
	ok(child_says(pid), "a child receives");
	pid = fork();
	if (!pid)
		for (;;)
			recv(p.b, in, sizeof(in), 0);
	usleep(100000);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	ok(sent(p.a, p.b), "a reader killed: the others continue");
	pair_close(&p);
}

static void pass(int sock, int fd)
{
	char control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec iov = { "x", 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(int));
	need(sendmsg(sock, &msg, 0) == 1, "SCM_RIGHTS");
}

static int passed(int sock)
{
	char control[CMSG_SPACE(sizeof(int))], c;
	struct iovec iov = { &c, 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	int fd = -1;

	if (recvmsg(sock, &msg, 0) == 1 && CMSG_FIRSTHDR(&msg))
		memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(int));
	return fd;
}

static void rights(void)
{
	struct pair p;
	int unx[2], fd;
	pid_t pid;

	pair_open(&p, AF_INET, DTLS_CIPHER_AES_128_GCM);
	need(!socketpair(AF_UNIX, SOCK_DGRAM, 0, unx), "socketpair");
	pid = fork();
	if (!pid) {
		close(p.a);
		close(p.b);
		fd = passed(unx[1]);
		usleep(100000);
		_exit(!(send(fd, out, 100, 0) == 100));
	}
	pass(unx[0], p.a);
	close(p.a);
	ok(child_says(pid) && pair_poll(p.b, POLLIN, 2000) &&
	   recv(p.b, in, sizeof(in), 0) == 100,
	   "SCM_RIGHTS: the receiver sends after the giver closed");
	close(unx[0]);
	close(unx[1]);
	close(p.b);
}

static void reuseport(void)
{
	struct dtls_keys keys;
	struct pair p;
	int one = 1, fd;

	pair_plain(&p, AF_INET);
	close(p.b);
	p.b = socket(AF_INET, SOCK_DGRAM, 0);
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	setsockopt(p.b, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one));
	setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one));
	need(!bind(p.b, (void *)&p.addr_b, p.addr_len), "bind");
	need(!bind(fd, (void *)&p.addr_b, p.addr_len), "bind the second");
	need(!connect(p.b, (void *)&p.addr_a, p.addr_len), "connect");
	pair_attach(&p);
	pair_keys(&keys, 1, true);
	need(!pair_set_keys(p.a, &keys), "keys");
	pair_keys(&keys, 1, false);
	need(!pair_set_keys(p.b, &keys), "keys");
	ok(sent(p.a, p.b) && sent(p.b, p.a),
	   "SO_REUSEPORT: the connected socket of the group talks");
	ok(recv(fd, in, 9, MSG_DONTWAIT) == -1, "the other one receives nothing");
	close(fd);
	pair_close(&p);
}

static void shutdowns(void)
{
	struct pair p;

	pair_open(&p, AF_INET, DTLS_CIPHER_AES_128_GCM);
	need(send(p.b, out, 100, 0) == 100, "send");
	usleep(50000);
	ok(!shutdown(p.a, SHUT_WR), "shutdown for writing");
	ok(send(p.a, out, 9, MSG_NOSIGNAL) == -1 && errno == EPIPE,
	   "then a send is EPIPE");
	ok(recv(p.a, in, sizeof(in), 0) == 100, "what was queued is read");
	ok(pair_poll(p.b, POLLRDHUP, 2000) && recv(p.b, in, 9, 0) == 0,
	   "the peer reads the end");
	ok(send(p.b, out, 9, MSG_NOSIGNAL) == -1 && errno == EPIPE,
	   "and cannot send either");
	pair_close(&p);

	pair_open(&p, AF_INET, DTLS_CIPHER_AES_128_GCM);
	ok(!shutdown(p.a, SHUT_RD) && recv(p.a, in, 9, 0) == 0,
	   "shutdown for reading: recv is 0");
	ok(sent(p.a, p.b), "sending still works");
	ok(!shutdown(p.a, SHUT_RDWR) && pair_poll(p.a, POLLHUP, 0),
	   "shutdown for both: POLLHUP");
	ok(send(p.a, out, 9, MSG_NOSIGNAL) == -1 && errno == EPIPE &&
	   recv(p.a, in, 9, 0) == 0, "neither sends nor receives");
	pair_close(&p);
}

static void *shut(void *arg)
{
	usleep(100000);
	shutdown(*(int *)arg, SHUT_RD);
	return NULL;
}

static void blocked(void)
{
	struct pair p;
	pthread_t thread;

	pair_open(&p, AF_INET, DTLS_CIPHER_AES_128_GCM);
	pthread_create(&thread, NULL, shut, &p.b);
	ok(recv(p.b, in, sizeof(in), 0) == 0,
	   "shutdown wakes a thread blocked in recv");
	pthread_join(thread, NULL);
	pair_close(&p);
}

int main(void)
{
	struct capture *tap = capture_start(NULL, NULL);

	canary_fill(out, sizeof(out), 1);
	duped();
	forked();
	rights();
	reuseport();
	shutdowns();
	blocked();
	capture_check(tap, "all of this");
	return done_testing();
}
