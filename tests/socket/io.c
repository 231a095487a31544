// SPDX-License-Identifier: GPL-2.0
/* All forms of recv() and send(), as documented for UDP. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/errqueue.h>
#include <linux/sockios.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "capture.h"
#include "pair.h"
#include "tap.h"

static char out[4096], in[4096];

static void give(int fd, size_t len, unsigned int seed)
{
	canary_fill(out, len, seed);
	need(send(fd, out, len, 0) == (ssize_t)len, "send");
}

static bool took(int fd, size_t len, unsigned int seed, int flags)
{
	ssize_t got = recv(fd, in, sizeof(in), flags);

	canary_fill(out, len, seed);
	if (got != (ssize_t)len)
		diag("recv: %zd (%s), wanted %zu", got, strerror(errno), len);
	return got == (ssize_t)len && !memcmp(in, out, len);
}

static void *later(void *arg)
{
	struct pair *p = arg;

	usleep(200000);
	give(p->a, 100, 9);
	return NULL;
}

static void blocking(struct pair *p)
{
	pthread_t thread;
	long begin = pair_ms();

	need(!pthread_create(&thread, NULL, later, p), "thread");
	ok(took(p->b, 100, 9, 0) && pair_ms() - begin >= 150,
	   "a blocking recv waits for a message");
	pthread_join(thread, NULL);
	ok(recv(p->b, in, sizeof(in), MSG_DONTWAIT) == -1 && errno == EAGAIN,
	   "MSG_DONTWAIT on nothing is EAGAIN");
	fcntl(p->b, F_SETFL, O_NONBLOCK);
	ok(recv(p->b, in, sizeof(in), 0) == -1 && errno == EAGAIN,
	   "O_NONBLOCK on nothing is EAGAIN");
	give(p->a, 33, 1);
	ok(took(p->b, 33, 1, 0), "O_NONBLOCK reads the queued record");
	fcntl(p->b, F_SETFL, 0);
}

static void peek(struct pair *p)
{
	unsigned long long replays = pair_drops(p->b, DTLS_DROP_REPLAY);

	give(p->a, 50, 2);
	give(p->a, 60, 3);
	ok(took(p->b, 50, 2, MSG_PEEK) && took(p->b, 50, 2, MSG_PEEK),
	   "MSG_PEEK shows the first message, twice");
	ok(recv(p->b, in, 10, MSG_PEEK) == 10 &&
	   recv(p->b, in, 10, MSG_PEEK | MSG_TRUNC) == 50,
	   "a peek with a short buffer; MSG_TRUNC returns the whole size");
	ok(took(p->b, 50, 2, 0) && took(p->b, 60, 3, 0),
	   "then both are read, in order");
	ok(pair_drops(p->b, DTLS_DROP_REPLAY) == replays,
	   "a peeked record is no replay");
	ok(recv(p->b, in, 10, MSG_PEEK | MSG_DONTWAIT) == -1 &&
	   errno == EAGAIN, "a peek at nothing is EAGAIN");
}

static void truncated(struct pair *p)
{
	struct iovec iov = { in, 10 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	give(p->a, 70, 4);
	ok(recv(p->b, in, 10, MSG_TRUNC) == 70,
	   "MSG_TRUNC as a flag: the real size");
	give(p->a, 70, 4);
	ok(recvmsg(p->b, &msg, 0) == 10 && msg.msg_flags & MSG_TRUNC,
	   "MSG_TRUNC in msg_flags: the buffer was short");
	give(p->a, 10, 4);
	ok(recvmsg(p->b, &msg, 0) == 10 && !(msg.msg_flags & MSG_TRUNC),
	   "and not when it was not");
	give(p->a, 20, 5);
	give(p->a, 30, 6);
	ok(recv(p->b, in, 5, 0) == 5 && took(p->b, 30, 6, 0),
	   "the rest of a truncated message is gone");
	give(p->a, 20, 5);
	ok(recv(p->b, in, 0, 0) == 0 && recv(p->b, in, 9, MSG_DONTWAIT) == -1,
	   "a buffer of no bytes takes a message away");
}

static void zero(struct pair *p)
{
	__u32 info = DTLS_RECVINFO_EMPTY;

	need(send(p->a, out, 0, 0) == 0, "empty message");
	give(p->a, 11, 7);
	ok(took(p->b, 11, 7, 0), "an empty message is skipped by default");
	need(!setsockopt(p->b, SOL_DTLS, DTLS_RECVINFO, &info, sizeof(info)),
	     "DTLS_RECVINFO");
	need(send(p->a, out, 0, 0) == 0, "empty message");
	give(p->a, 11, 8);
	ok(recv(p->b, in, sizeof(in), 0) == 0 && took(p->b, 11, 8, 0),
	   "with DTLS_RECVINFO_EMPTY it reads as 0");
	info = 0;
	need(!setsockopt(p->b, SOL_DTLS, DTLS_RECVINFO, &info, sizeof(info)),
	     "DTLS_RECVINFO");
}

static void many(struct pair *p)
{
	struct mmsghdr msgs[8] = { 0 };
	struct iovec iov[8];
	static char bufs[8][64];
	struct timespec ts = { .tv_sec = 2 };
	bool good = true;
	int i;

	for (i = 0; i < 8; i++) {
		canary_fill(bufs[i], 20 + i, i);
		iov[i] = (struct iovec){ bufs[i], 20 + i };
		msgs[i].msg_hdr.msg_iov = &iov[i];
		msgs[i].msg_hdr.msg_iovlen = 1;
	}
	ok(sendmmsg(p->a, msgs, 8, 0) == 8 && msgs[7].msg_len == 27,
	   "sendmmsg sends eight");
	memset(bufs, 0, sizeof(bufs));
	for (i = 0; i < 8; i++)
		iov[i].iov_len = 64;
	ok(recvmmsg(p->b, msgs, 8, 0, &ts) == 8, "recvmmsg takes eight");
	for (i = 0; i < 8; i++) {
		canary_fill(out, 20 + i, i);
		good = good && msgs[i].msg_len == 20u + i &&
		       !memcmp(bufs[i], out, 20 + i);
	}
	ok(good, "each whole and in order");
	give(p->a, 20, 0);
	ok(recvmmsg(p->b, msgs, 8, MSG_WAITFORONE, NULL) == 1,
	   "MSG_WAITFORONE does not wait for more");
}

static void vectors(struct pair *p)
{
	char a[10], b[20], c[30];
	struct iovec iov[3] = { { a, 10 }, { b, 20 }, { c, 30 } };

	canary_fill(out, 60, 3);
	memcpy(a, out, 10);
	memcpy(b, out + 10, 20);
	memcpy(c, out + 30, 30);
	ok(writev(p->a, iov, 3) == 60 && took(p->b, 60, 3, 0),
	   "writev of three pieces is one message");
	give(p->a, 60, 4);
	ok(readv(p->b, iov, 3) == 60 && !memcmp(c, out + 30, 30) &&
	   !memcmp(a, out, 10), "readv into three pieces");
	ok(write(p->a, out, 60) == 60 && read(p->b, in, 100) == 60,
	   "write and read");
	ok(send(p->a, (void *)8, 100, 0) == -1 && errno == EFAULT,
	   "a send from nowhere is EFAULT");
	give(p->a, 60, 5);
	ok(took(p->b, 60, 5, 0), "and the next one is fine");
}

static void inq(struct pair *p)
{
	int n = -1;

	ok(!ioctl(p->b, SIOCINQ, &n) && n == 0, "SIOCINQ of nothing is 0");
	give(p->a, 123, 1);
	give(p->a, 45, 2);
	need(pair_poll(p->b, POLLIN, 2000), "poll");
	ok(!ioctl(p->b, SIOCINQ, &n) && n == 123,
	   "SIOCINQ is the size of the next message, not of its record");
	ok(took(p->b, 123, 1, 0) && !ioctl(p->b, SIOCINQ, &n) && n == 45,
	   "and then of the one behind it");
	took(p->b, 45, 2, 0);
	ok(!ioctl(p->a, SIOCOUTQ, &n) && n >= 0, "SIOCOUTQ answers");
}

static void timeouts(void)
{
	struct timeval tv = { .tv_usec = 500000 };
	struct pair p;
	char junk[60] = "\x17\xfe\xfd\0\1\0\0\0\0\0\1\0\x2f";
	long begin, took_ms;
	pid_t pid;

	pair_victim(&p, AF_INET, DTLS_CIPHER_AES_128_GCM);
	need(!setsockopt(p.b, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)),
	     "SO_RCVTIMEO");
	begin = pair_ms();
	ok(recv(p.b, in, sizeof(in), 0) == -1 && errno == EAGAIN &&
	   pair_ms() - begin >= 450, "SO_RCVTIMEO ends a wait for nothing");
	pid = fork();
	if (!pid) {
		for (int i = 0; i < 15; i++) {
			usleep(200000);
			send(p.a, junk, sizeof(junk), 0);
		}
		_exit(0);
	}
	begin = pair_ms();
	ok(recv(p.b, in, sizeof(in), 0) == -1 && errno == EAGAIN,
	   "SO_RCVTIMEO ends although forgeries keep coming");
	took_ms = pair_ms() - begin;
	ok(took_ms >= 450 && took_ms < 1100, "at its one deadline (%ld ms)",
	   took_ms);
	kill(pid, SIGKILL);
	pair_close(&p);
}

static bool recv_control(int fd, struct msghdr *msg, struct sockaddr_storage *a)
{
	static char control[512];
	static struct iovec iov;

	iov = (struct iovec){ in, sizeof(in) };
	*msg = (struct msghdr){
		.msg_name = a, .msg_namelen = sizeof(*a),
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	return recvmsg(fd, msg, 0) == 40;
}

static void option(int fd, int level, int name, int value)
{
	need(!setsockopt(fd, level, name, &value, sizeof(value)), "option");
}

static void ancillary4(void)
{
	struct sockaddr_storage from;
	struct in_pktinfo *info;
	struct msghdr msg;
	struct pair p;

	pair_open(&p, AF_INET, DTLS_CIPHER_AES_128_GCM);
	option(p.b, SOL_IP, IP_PKTINFO, 1);
	option(p.b, SOL_SOCKET, SO_TIMESTAMP, 1);
	option(p.b, SOL_IP, IP_RECVTTL, 1);
	give(p.a, 40, 1);
	need(recv_control(p.b, &msg, &from), "recvmsg");
	ok(msg.msg_namelen == sizeof(struct sockaddr_in) &&
	   !memcmp(&from, &p.addr_a, 8), "IPv4: the sender's address");
	info = cmsg_of(&msg, SOL_IP, IP_PKTINFO);
	ok(info && info->ipi_addr.s_addr == htonl(INADDR_LOOPBACK) &&
	   info->ipi_ifindex == 1, "IPv4: IP_PKTINFO");
	ok(cmsg_of(&msg, SOL_SOCKET, SCM_TIMESTAMP), "SO_TIMESTAMP");
	ok(cmsg_of(&msg, SOL_IP, IP_TTL), "IP_RECVTTL");
	ok(!(msg.msg_flags & MSG_CTRUNC), "nothing of it cut off");
	pair_close(&p);
}

static void ancillary6(void)
{
	struct sockaddr_storage from;
	struct in6_pktinfo *info;
	struct msghdr msg;
	struct pair p;

	pair_open(&p, AF_INET6, DTLS_CIPHER_AES_128_GCM);
	option(p.b, SOL_IPV6, IPV6_RECVPKTINFO, 1);
	option(p.b, SOL_IPV6, IPV6_RECVHOPLIMIT, 1);
	give(p.a, 40, 1);
	need(recv_control(p.b, &msg, &from), "recvmsg");
	ok(msg.msg_namelen == sizeof(struct sockaddr_in6) &&
	   !memcmp(&from, &p.addr_a, sizeof(struct sockaddr_in6)),
	   "IPv6: the sender's address");
	info = cmsg_of(&msg, SOL_IPV6, IPV6_PKTINFO);
	ok(info && !memcmp(&info->ipi6_addr, &in6addr_loopback, 16) &&
	   info->ipi6_ifindex == 1, "IPv6: IPV6_RECVPKTINFO");
	ok(cmsg_of(&msg, SOL_IPV6, IPV6_HOPLIMIT), "IPV6_RECVHOPLIMIT");
	pair_close(&p);
}

/* An AF_INET6 socket with an IPv4 peer, connected to p->a. */
static void mapped(struct pair *p)
{
	struct sockaddr_in6 any = { .sin6_family = AF_INET6 };
	struct sockaddr_in6 peer = { .sin6_family = AF_INET6 };
	struct sockaddr_in *a = (struct sockaddr_in *)&p->addr_a;
	struct sockaddr_in *b = (struct sockaddr_in *)&p->addr_b;
	socklen_t len = sizeof(any);

	pair_plain(p, AF_INET);
	close(p->b);
	p->b = socket(AF_INET6, SOCK_DGRAM, 0);
	any.sin6_port = b->sin_port;
	need(!bind(p->b, (void *)&any, len), "bind");
	peer.sin6_port = a->sin_port;
	inet_pton(AF_INET6, "::ffff:127.0.0.1", &peer.sin6_addr);
	need(!connect(p->b, (void *)&peer, sizeof(peer)), "connect");
}

static void ancillary_mapped(void)
{
	struct sockaddr_storage from;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&from;
	struct in6_pktinfo *info;
	struct dtls_keys keys;
	struct msghdr msg;
	struct pair p;

	mapped(&p);
	pair_attach(&p);
	pair_keys(&keys, DTLS_CIPHER_AES_128_GCM, true);
	need(!pair_set_keys(p.a, &keys), "keys");
	pair_keys(&keys, DTLS_CIPHER_AES_128_GCM, false);
	need(!pair_set_keys(p.b, &keys), "keys");
	option(p.b, SOL_IPV6, IPV6_RECVPKTINFO, 1);
	option(p.b, SOL_IPV6, IPV6_RECVHOPLIMIT, 1);
	give(p.a, 40, 1);
	need(recv_control(p.b, &msg, &from), "recvmsg");
	ok(msg.msg_namelen == sizeof(*in6) &&
	   IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr) &&
	   in6->sin6_port == ((struct sockaddr_in *)&p.addr_a)->sin_port,
	   "v4-mapped: the sender's address");
	info = cmsg_of(&msg, SOL_IPV6, IPV6_PKTINFO);
	ok(info && IN6_IS_ADDR_V4MAPPED(&info->ipi6_addr) &&
	   info->ipi6_ifindex == 1, "v4-mapped: IPV6_RECVPKTINFO");
	ok(!cmsg_of(&msg, SOL_IPV6, IPV6_HOPLIMIT),
	   "v4-mapped: nothing read from an IPv6 header that is not there");
	give(p.b, 41, 1);
	ok(took(p.a, 41, 1, 0), "v4-mapped: the way back");
	pair_close(&p);
}

/* ICMP port unreachable: first the queue, then the pending error. */
static void errors(int family, int level, int name)
{
	const char *v = family == AF_INET ? "IPv4" : "IPv6";
	struct sockaddr_storage from;
	static char control[512];
	struct iovec iov = { in, sizeof(in) };
	struct msghdr msg = {
		.msg_name = &from, .msg_namelen = sizeof(from),
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct sock_extended_err *ee;
	socklen_t len = sizeof(int);
	struct pair p;
	int err = 0;
	ssize_t got;

	pair_open(&p, family, DTLS_CIPHER_AES_128_GCM);
	option(p.a, level, name, 1);
	close(p.b);
	need(pair_poll(p.a, POLLIN, 2000), "close_notify");
	ok(send(p.a, out, 10, 0) == -1 && errno == EPIPE,
	   "%s: after close_notify a send is EPIPE", v);
	close(p.a);

	pair_victim(&p, family, DTLS_CIPHER_AES_128_GCM);
	option(p.b, level, name, 1);
	close(p.a);
	give(p.b, 10, 1);
	ok(pair_poll(p.b, POLLERR, 2000), "%s: poll reports the error", v);
	ok(pair_poll(p.b, POLLERR, 0), "%s: and reports it again", v);
	got = recvmsg(p.b, &msg, MSG_ERRQUEUE);
	ee = cmsg_of(&msg, level, name);
	ok(got >= 0 && ee && ee->ee_errno == ECONNREFUSED,
	   "%s: MSG_ERRQUEUE has ICMP port unreachable", v);
	ok(got >= 0 && !memmem(in, got, CANARY, CANARY_LEN),
	   "%s: and no plaintext in what it quotes", v);
	give(p.b, 10, 1);
	usleep(50000);
	need(pair_poll(p.b, POLLERR, 2000), "poll");
	ok(!getsockopt(p.b, SOL_SOCKET, SO_ERROR, &err, &len) &&
	   err == ECONNREFUSED, "%s: SO_ERROR survives poll()", v);
	close(p.b);
}

static void sender(struct pair *p)
{
	struct sockaddr_storage from;
	socklen_t len = sizeof(from);

	give(p->a, 40, 1);
	ok(recvfrom(p->b, in, sizeof(in), 0, (void *)&from, &len) == 40 &&
	   len == p->addr_len && !memcmp(&from, &p->addr_a, len),
	   "recvfrom returns the sender");
	ok(sendto(p->a, out, 40, 0, (void *)&p->addr_b, p->addr_len) == 40 &&
	   took(p->b, 40, 1, 0), "sendto the peer itself works");
}

static void on_alarm(int sig)
{
}

static void interrupted(struct pair *p)
{
	struct sigaction sa = { .sa_handler = on_alarm };
	struct itimerval it = { .it_value.tv_usec = 100000 };

	sigaction(SIGALRM, &sa, NULL);
	setitimer(ITIMER_REAL, &it, NULL);
	ok(recv(p->b, in, sizeof(in), 0) == -1 && errno == EINTR,
	   "a signal interrupts a blocking recv");
	give(p->a, 40, 1);
	ok(took(p->b, 40, 1, 0), "and nothing is lost by it");
}

int main(void)
{
	struct capture *tap = capture_start(NULL, NULL);
	struct pair p;

	pair_open(&p, AF_INET, DTLS_CIPHER_AES_128_GCM);
	blocking(&p);
	peek(&p);
	truncated(&p);
	zero(&p);
	many(&p);
	vectors(&p);
	inq(&p);
	sender(&p);
	interrupted(&p);
	pair_close(&p);
	timeouts();
	ancillary4();
	ancillary6();
	ancillary_mapped();
	errors(AF_INET, SOL_IP, IP_RECVERR);
	errors(AF_INET6, SOL_IPV6, IPV6_RECVERR);
	capture_check(tap, "all of this");
	return done_testing();
}
