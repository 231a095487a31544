// SPDX-License-Identifier: GPL-2.0
/*
 * Workers join a group and leave it while its peers send numbered records
 * without pause, and UDP delivers each to any of them: it arrives once, at the
 * worker that has its peer's keys. None is lost, except those in the queue of
 * a worker when that was closed.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#include "capture.h"
#include "crowd.h"
#include "figure.h"
#include "tap.h"

#define STEADY		2		/* workers that stay */
#define PEERS		20		/* of them */
#define GUESTS		2		/* peers of one that joins and leaves */
#define BURST		5		/* records of a guest */
#define BUFFER		(4 << 20)	/* UDP drops nothing */
#define UNREAD		100		/* records in flight */
#define NUMBERS		30000		/* of one peer */
#define TWINS		300		/* adds of the same ends at once */

struct message {
	unsigned int peer, number;
	char rest[152];
};

struct peer {
	struct client	cl;
	unsigned int	next;			/* number */
	atomic_uchar	seen[NUMBERS];
};

static struct crowd where, steady[STEADY], guest;
static struct peer peers[PEERS];
static unsigned int seconds = 4;
static atomic_uint sent, received, misplaced, broken;
static atomic_uint pause_wanted, paused;	/* by number */
static atomic_int stop;

static void got(long worker, const struct message *m, ssize_t len)
{
	if (len != sizeof(*m) || m->peer >= PEERS || m->number >= NUMBERS) {
		broken++;
		return;
	}
	if (m->peer % STEADY != worker)
		misplaced++;
	peers[m->peer].seen[m->number]++;
	received++;
}

/* The first sleeps in recv(), the second polls, which opens for both. */
static void *reads(void *arg)
{
	long worker = (long)arg;
	struct pollfd pfd = { .fd = steady[worker].server, .events = POLLIN };
	struct message m;
	ssize_t len;

	while (!stop) {
		if (worker && poll(&pfd, 1, 50) != 1)
			continue;
		len = recv(pfd.fd, &m, sizeof(m), worker ? MSG_DONTWAIT : 0);
		if (len >= 0)
			got(worker, &m, len);
	}
	return NULL;
}

static void say(unsigned int n)
{
	struct message m = { .peer = n, .number = peers[n].next };

	if (m.number == NUMBERS ||
	    send(peers[n].cl.fd, &m, sizeof(m), MSG_DONTWAIT) != sizeof(m))
		return;
	peers[n].next++;
	sent++;
}

static void *sends(void *arg)
{
	unsigned int n = 0;

	while (!stop) {
		if (pause_wanted != paused)
			paused = pause_wanted;
		if (paused & 1)
			sched_yield();
		else if (sent - received > UNREAD)
			usleep(500);
		else
			say(n++ % PEERS);
	}
	return NULL;
}

/* Senders pause until all is read, or nothing more arrives for this time. */
static void settle(unsigned int ms)
{
	unsigned int last = received;

	pause_wanted++;
	while (paused != pause_wanted)
		sched_yield();
	for (unsigned int i = 0; i < ms && received < sent; i++) {
		usleep(1000);
		if (received != last)
			i = 0;
		last = received;
	}
}

static void go_on(void)
{
	pause_wanted++;
}

/* UDP chooses among the first n at random. */
static void scatter(unsigned int n)
{
	struct sock_filter code[] = {
		{ BPF_LD | BPF_W | BPF_ABS, 0, 0, SKF_AD_OFF + SKF_AD_RANDOM },
		{ BPF_ALU | BPF_MOD | BPF_K, 0, 0, n },
		{ BPF_RET | BPF_A, 0, 0, 0 },
	};
	struct sock_fprog prog = { 3, code };

	need(!setsockopt(steady[0].server, SOL_SOCKET,
			 SO_ATTACH_REUSEPORT_CBPF, &prog, sizeof(prog)),
	     "SO_ATTACH_REUSEPORT_CBPF");
}

static void joins(struct crowd *c)
{
	int size = BUFFER;

	crowd_share(c, &where, SO_REUSEPORT);
	need(!setsockopt(c->server, SOL_SOCKET, SO_RCVBUFFORCE, &size,
			 sizeof(size)), "SO_RCVBUFFORCE");
}

/* A guest with its own sending peers: how many of their records it gets. */
static unsigned int visits(struct client *cl)
{
	struct pollfd pfd = { .events = POLLIN };
	unsigned int n = 0;
	ssize_t len;
	char buf[400];

	joins(&guest);
	pfd.fd = guest.server;
	for (int i = 0; i < GUESTS; i++)
		client_open(&cl[i], &guest, AF_INET, 1000 + i);
	scatter(STEADY + 1);
	for (int i = 0; i < GUESTS * BURST; i++) {
		canary_fill(buf, 50, i);
		need(send(cl[i % GUESTS].fd, buf, 50, 0) == 50, "send");
	}
	while (n < GUESTS * BURST && poll(&pfd, 1, 5000) == 1) {
		len = recv(guest.server, buf, sizeof(buf), MSG_DONTWAIT);
		if (len == 50)
			n++;
		else if (len >= 0 || errno != EAGAIN)
			misplaced++;
		/* else the budget of a call is spent, poll() says so: again */
	}
	return n;
}

static time_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

static void part(struct client *cl)
{
	close(guest.server);
	for (int i = 0; i < GUESTS; i++)
		close(cl[i].fd);
}

/* The answer of a guest's peer to its close_notify has no association. */
static unsigned long dropped(void)
{
	return figure(KDTLS_STAT, "KdtlsDrop") -
	       figure(KDTLS_STAT, "KdtlsDropNoAssoc");
}

/*
 * Guests that leave when their queues are empty. No peer sends at that time:
 * during close UDP may still deliver the group's datagrams to the socket.
 */
static void polite(void)
{
	unsigned long drops = dropped();
	unsigned int rounds = 0, bad = 0, lost;
	struct client cl[GUESTS];
	time_t end = now() + seconds;

	while (now() < end) {
		bad += visits(cl) != GUESTS * BURST;
		scatter(STEADY);
		settle(5000);
		part(cl);
		go_on();
		rounds++;
	}
	settle(5000);
	lost = sent - received;
	go_on();
	diag("%u workers came and went, %u records", rounds, sent);
	is_int(bad, 0, "workers come and go, and have what is theirs");
	is_int(lost, 0, "of the others' records none is lost");
	is_int(dropped() - drops, 0, "nothing was dropped");
}

/* Guests closed while their peers send. */
static void rude(void)
{
	unsigned int rounds = 0, before = sent, lost = sent - received;
	struct client cl[GUESTS];
	time_t end = now() + seconds;
	char buf[50];

	canary_fill(buf, sizeof(buf), 1);
	while (now() < end) {
		visits(cl);
		for (int i = 0; i < GUESTS * BURST; i++)
			send(cl[i % GUESTS].fd, buf, sizeof(buf), MSG_DONTWAIT);
		part(cl);
		rounds++;
		/* lost with its queue: no longer in flight */
		settle(100);
		lost += sent - received;
		received = (unsigned int)sent;
		go_on();
	}
	scatter(STEADY);
	settle(100);
	go_on();
	diag("%u workers were closed, %u of %u records with them", rounds,
	     lost, sent - before);
	ok(lost < rounds * 2 * UNREAD, "closed at once: their queued records are lost");
}

static void once(void)
{
	unsigned int twice = 0;

	for (int i = 0; i < PEERS; i++)
		for (unsigned int n = 0; n < peers[i].next; n++)
			twice += peers[i].seen[n] > 1;
	is_int(twice, 0, "none comes twice");
	is_int(misplaced, 0, "none comes to another worker");
	is_int(broken, 0, "none is broken");
}

/* Both are awake when they continue. */
static void meet(unsigned int round)
{
	static atomic_uint arrived;

	arrived++;
	while (arrived < 2 * (round + 1))
		;
}

static void *adds(void *arg)
{
	struct crowd *c = arg;
	long added = 0;

	for (unsigned int i = 0; i < TWINS; i++) {
		struct sockaddr_storage peer = { .ss_family = AF_INET };
		struct sockaddr_in *in4 = (void *)&peer;

		in4->sin_addr.s_addr = htonl(0x7f020000 + i);
		in4->sin_port = htons(4433);
		meet(i);
		added += !crowd_add(c, 2000, &peer, NULL);
	}
	return (void *)added;
}

static void twins(void)
{
	pthread_t thread[2];
	void *added[2];

	settle(100);
	for (int k = 0; k < 2; k++)
		need(!pthread_create(&thread[k], NULL, adds, &steady[k]),
		     "thread");
	for (int k = 0; k < 2; k++)
		pthread_join(thread[k], &added[k]);
	go_on();
	is_int((long)added[0] + (long)added[1], TWINS,
	       "two workers key the same peer: one of them has it");
	diag("%ld by one, %ld by the other", (long)added[0], (long)added[1]);
}

static void prepare(void)
{
	struct timeval patience = { .tv_usec = 100000 };
	const char *s = getenv("KDTLS_GROUP_SECONDS");

	if (s)
		seconds = atoi(s);
	crowd_open(&where, AF_INET, false);
	close(where.server);
	for (int k = 0; k < STEADY; k++)
		joins(&steady[k]);
	setsockopt(steady[0].server, SOL_SOCKET, SO_RCVTIMEO, &patience,
		   sizeof(patience));
	for (int i = 0; i < PEERS; i++)
		client_open(&peers[i].cl, &steady[i % STEADY], AF_INET, i);
	scatter(STEADY);
}

int main(void)
{
	struct capture *tap = capture_start(NULL, NULL);
	pthread_t thread[STEADY + 1];

	prepare();
	for (long k = 0; k < STEADY; k++)
		need(!pthread_create(&thread[k], NULL, reads, (void *)k),
		     "thread");
	need(!pthread_create(&thread[STEADY], NULL, sends, NULL), "thread");
	polite();
	rude();
	twins();
	stop = 1;
	for (int k = 0; k <= STEADY; k++)
		pthread_join(thread[k], NULL);
	once();
	for (int k = 0; k < STEADY; k++)
		close(steady[k].server);
	capture_check(tap, "all of this");
	return done_testing();
}
