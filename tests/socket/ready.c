// SPDX-License-Identifier: GPL-2.0
/* poll, select, epoll by level and by edge; readers beside pollers. */
#include <fcntl.h>
#include <linux/sockios.h>
#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <unistd.h>

#include "capture.h"
#include "crowd.h"
#include "pair.h"
#include "tap.h"

static char out[200], in[4096];
static const unsigned char forged[60] = {
	23, 254, 253, 0, 1, 0, 0, 0, 0, 0, 77, 0, 47, 1, 2, 3
};

static void give(int fd)
{
	need(send(fd, out, sizeof(out), 0) == sizeof(out), "send");
}

static bool take(int fd)
{
	return recv(fd, in, sizeof(in), MSG_DONTWAIT) == sizeof(out);
}

static bool selected(int fd)
{
	struct timeval tv = { .tv_usec = 300000 };
	fd_set set;

	FD_ZERO(&set);
	FD_SET(fd, &set);
	return select(fd + 1, &set, NULL, NULL, &tv) == 1;
}

static void keyless(void)
{
	struct pollfd pfd;
	struct pair p;

	pair_plain(&p, AF_INET);
	ok(pair_poll(p.a, POLLOUT, 0), "a plain socket is writable");
	pair_attach(&p);
	pfd = (struct pollfd){ .fd = p.a, .events = POLLOUT | POLLIN };
	ok(poll(&pfd, 1, 50) == 0, "attached, without keys: nothing to poll");
	pair_close(&p);
}

static void levels(struct pair *p)
{
	ok(!pair_poll(p->b, POLLIN, 50) && pair_poll(p->b, POLLOUT, 0),
	   "idle: writable, not readable");
	give(p->a);
	give(p->a);
	ok(pair_poll(p->b, POLLIN, 2000) && pair_poll(p->b, POLLIN, 0),
	   "poll: readable, and still readable");
	ok(take(p->b) && pair_poll(p->b, POLLIN, 0) && take(p->b) &&
	   !pair_poll(p->b, POLLIN, 0), "poll: until the last one is read");
	give(p->a);
	ok(selected(p->b) && take(p->b) && !selected(p->b), "select");
}

/* A call gives up after some of them; no wake-up follows for the rest. */
static void forgeries_by_edge(void)
{
	struct epoll_event ev = { .events = EPOLLIN | EPOLLET };
	unsigned char rec[PAIR_MAX_RECORD];
	int ep = epoll_create1(0), got = 0;
	struct pair p;
	size_t len;

	pair_victim(&p, AF_INET, DTLS_CIPHER_AES_128_GCM);
	need(!epoll_ctl(ep, EPOLL_CTL_ADD, p.b, &ev), "epoll");
	for (int i = 0; i < 150; i++)
		send(p.a, forged, sizeof(forged), 0);
	len = pair_record(DTLS_CIPHER_AES_128_GCM, 1, 5, out, sizeof(out), rec);
	need(send(p.a, rec, len, 0) == (ssize_t)len, "send");
	while (!got && epoll_wait(ep, &ev, 1, 1000) == 1)
		while (recv(p.b, in, sizeof(in), MSG_DONTWAIT) >= 0)
			got++;
	is_int(got, 1, "by edge: a record behind 150 forgeries is read");
	close(ep);
	pair_close(&p);
}

static void forgeries(void)
{
	struct pair p;

	pair_victim(&p, AF_INET, DTLS_CIPHER_AES_128_GCM);
	for (int i = 0; i < 10; i++)
		send(p.a, forged, sizeof(forged), 0);
	/* poll() opens for 4 ms, then it asks to be called again */
	for (int i = 0; i < 10 && pair_drops(p.b, DTLS_DROP_TAG) < 10; i++)
		pair_poll(p.b, POLLIN, 200);
	ok(!pair_poll(p.b, POLLIN, 200), "forgeries do not make it readable");
	ok(pair_drops(p.b, DTLS_DROP_TAG) == 10, "poll() counted them");
	send(p.a, forged, sizeof(forged), 0);
	ok(!selected(p.b), "nor for select(): a blocking recv would hang");
	pair_close(&p);
}

static int events(int ep, int ms)
{
	struct epoll_event e[4];

	return epoll_wait(ep, e, 4, ms);
}

static void epolls(struct pair *p, unsigned int how)
{
	const char *what = how & EPOLLET ? "edge" : "level";
	struct epoll_event e = { .events = EPOLLIN | EPOLLRDHUP | how };
	int ep = epoll_create1(0);

	need(!epoll_ctl(ep, EPOLL_CTL_ADD, p->b, &e), "epoll_ctl");
	ok(events(ep, 50) == 0, "%s: idle", what);
	give(p->a);
	ok(events(ep, 2000) == 1, "%s: a message is an event", what);
	ok(events(ep, 50) == !(how & EPOLLET),
	   "%s: unread, %s", what, how & EPOLLET ? "it is no new one" :
						   "it stays one");
	give(p->a);
	ok(events(ep, 2000) == 1, "%s: another message", what);
	ok(take(p->b) && take(p->b) && !take(p->b), "%s: both are read", what);
	ok(events(ep, 50) == 0, "%s: idle again", what);
	give(p->a);
	ok(events(ep, 2000) == 1 && take(p->b), "%s: and continues", what);
	close(ep);
}

static void end(struct pair *p)
{
	struct epoll_event e = { .events = EPOLLIN | EPOLLRDHUP | EPOLLET };
	int ep = epoll_create1(0);

	need(!epoll_ctl(ep, EPOLL_CTL_ADD, p->b, &e), "epoll_ctl");
	events(ep, 0);
	close(p->a);
	ok(events(ep, 2000) == 1, "close_notify is an event");
	ok(pair_poll(p->b, POLLRDHUP, 0), "POLLRDHUP");
	ok(recv(p->b, in, sizeof(in), 0) == 0 &&
	   recv(p->b, in, sizeof(in), 0) == 0, "the end, at every call");
	close(ep);
	close(p->b);
}

/*
 * One thread polls, one asks SIOCINQ, one peeks, and one reads, blocking: the
 * reader must get every message, whichever thread opened it.
 */
#define MESSAGES	500
static volatile int stop;
static struct pair race;

static void *poller(void *arg)
{
	while (!stop)
		pair_poll(race.b, POLLIN, 1);
	return NULL;
}

static void *asker(void *arg)
{
	int n;

	while (!stop)
		ioctl(race.b, SIOCINQ, &n);
	return NULL;
}

static void *peeker(void *arg)
{
	char buf[300];

	while (!stop)
		recv(race.b, buf, sizeof(buf), MSG_PEEK | MSG_DONTWAIT);
	return NULL;
}

static void *reader(void *arg)
{
	long n = 0;

	while (n < MESSAGES && recv(race.b, in, sizeof(in), 0) > 0) {
		n++;
		if (write(*(int *)arg, "x", 1) != 1)
			break;
	}
	return (void *)n;
}

static void no_wakeup_lost(void *(*other)(void *), const char *what)
{
	pthread_t r, o;
	int pipes[2], done = 0;
	char c;

	pair_open(&race, AF_INET, DTLS_CIPHER_AES_128_GCM);
	need(!pipe(pipes), "pipe");
	stop = 0;
	need(!pthread_create(&r, NULL, reader, &pipes[1]) &&
	     !pthread_create(&o, NULL, other, NULL), "threads");
	/* one in flight at a time: a lost wake-up stops everything */
	for (done = 0; done < MESSAGES; done++) {
		give(race.a);
		if (!pair_poll(pipes[0], POLLIN, 5000) ||
		    read(pipes[0], &c, 1) != 1)
			break;
	}
	ok(done == MESSAGES, "a blocked reader beside %s gets all messages",
	   what);
	if (done < MESSAGES)
		diag("stopped after %d", done);
	stop = 1;
	pthread_join(o, NULL);
	if (done < MESSAGES)
		close(race.a);
	else
		pthread_join(r, NULL);
	pair_close(&race);
	close(pipes[0]);
	close(pipes[1]);
}

struct once {
	int fd, say;		/* writes a byte when it has read from fd */
};

static void *reads_once(void *arg)
{
	const struct once *once = arg;
	char buf[300];

	if (recv(once->fd, buf, sizeof(buf), 0) == sizeof(out) &&
	    write(once->say, "x", 1) != 1)
		return NULL;
	return NULL;
}

/* How many bytes arrive, until a timeout. */
static int heard(int fd, int most)
{
	int n = 0;
	char c;

	while (n < most && pair_poll(fd, POLLIN, 3000) && read(fd, &c, 1) == 1)
		n++;
	return n;
}

/* One datagram wakes one reader; a reader that takes a record wakes the next. */
#define RECORDS	4
static void readers_of_one_datagram(void)
{
	unsigned char datagram[RECORDS * 300];
	pthread_t reader[RECORDS];
	struct once once;
	size_t len = 0;
	int pipes[2];
	struct pair p;

	pair_victim(&p, AF_INET, DTLS_CIPHER_AES_128_GCM);
	need(!pipe(pipes), "pipe");
	once = (struct once){ p.b, pipes[1] };
	for (int i = 0; i < RECORDS; i++)
		len += pair_record(DTLS_CIPHER_AES_128_GCM, 1, i, out,
				   sizeof(out), datagram + len);
	for (int i = 0; i < RECORDS; i++)
		need(!pthread_create(&reader[i], NULL, reads_once, &once),
		     "thread");
	usleep(300000);
	need(send(p.a, datagram, len, 0) == (ssize_t)len, "send");
	is_int(heard(pipes[0], RECORDS), RECORDS,
	       "%d records of one datagram, %d blocked readers", RECORDS,
	       RECORDS);
	shutdown(p.b, SHUT_RD);
	for (int i = 0; i < RECORDS; i++)
		pthread_join(reader[i], NULL);
	pair_close(&p);
	close(pipes[0]);
	close(pipes[1]);
}

/* Keyed like a peer of the crowd, but not yet known to its server. */
static int early_peer(struct crowd *c, struct sockaddr_storage *addr)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	socklen_t len = sizeof(*addr);
	struct dtls_keys keys;

	memset(addr, 0, sizeof(*addr));
	crowd_keys(&keys, 1, true);
	need(!connect(fd, (void *)&c->addr, c->addr_len) &&
	     !getsockname(fd, (void *)addr, &len) &&
	     !setsockopt(fd, SOL_IP, DTLS_ULP, "dtls", 4) &&
	     !pair_set_keys(fd, &keys), "a peer");
	give(fd);
	usleep(100000);
	return fd;
}

/* Records from before the first keys by address are read after them. */
static void first_keys(void)
{
	struct epoll_event ev = { .events = EPOLLIN | EPOLLET };
	int ep = epoll_create1(0), pipes[2], fd;
	struct sockaddr_storage addr;
	struct once once;
	pthread_t reader;
	struct crowd c;

	crowd_open(&c, AF_INET, false);
	need(!epoll_ctl(ep, EPOLL_CTL_ADD, c.server, &ev), "epoll_ctl");
	fd = early_peer(&c, &addr);
	ok(events(ep, 0) == 0, "a record before the first keys is no event");
	need(!crowd_add(&c, 1, &addr, NULL), "keys");
	ok(events(ep, 3000) == 1 && take(c.server), "by edge: with them it is");
	close(fd);
	close(c.server);
	close(ep);

	crowd_open(&c, AF_INET, false);
	need(!pipe(pipes), "pipe");
	once = (struct once){ c.server, pipes[1] };
	need(!pthread_create(&reader, NULL, reads_once, &once), "thread");
	fd = early_peer(&c, &addr);
	need(!crowd_add(&c, 1, &addr, NULL), "keys");
	is_int(heard(pipes[0], 1), 1, "and a blocked reader has it");
	shutdown(c.server, SHUT_RD);
	pthread_join(reader, NULL);
	close(fd);
	close(c.server);
	close(pipes[0]);
	close(pipes[1]);
}

int main(void)
{
	struct capture *tap = capture_start(NULL, NULL);
	struct pair p;

	canary_fill(out, sizeof(out), 1);
	keyless();
	pair_open(&p, AF_INET, DTLS_CIPHER_AES_128_GCM);
	levels(&p);
	forgeries();
	forgeries_by_edge();
	epolls(&p, 0);
	epolls(&p, EPOLLET);
	end(&p);
	readers_of_one_datagram();
	first_keys();
	no_wakeup_lost(poller, "poll()");
	no_wakeup_lost(asker, "SIOCINQ");
	no_wakeup_lost(peeker, "MSG_PEEK");
	capture_check(tap, "all of this");
	return done_testing();
}
