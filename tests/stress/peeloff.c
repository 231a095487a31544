// SPDX-License-Identifier: GPL-2.0
/*
 * Peers get their own sockets while they send numbered records without
 * pause and threads read the first socket: each record arrives
 * once, and not there by a call that began after the peer moved.
 */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include "capture.h"
#include "crowd.h"
#include "figure.h"
#include "tap.h"

#define BUFFER		(4 << 20)	/* of each socket: UDP drops nothing */
#define UNREAD		150		/* maximum of records in flight */
#define NUMBERS		4000		/* of one peer */
#define NEAR		6		/* peers that send most */
#define PACE		6		/* records sent for each that moves */

struct message {
	unsigned int peer, number;
	char rest[152];
};

struct peer {
	struct client	cl;
	int		own;			/* socket of the server */
	unsigned int	next;			/* number */
	atomic_uchar	seen[NUMBERS];
};

static struct crowd c;
static struct peer *peers;
static unsigned int n_peers;
static atomic_uint left;	/* peers below have their own sockets */
static atomic_uint sent, received, misplaced, broken, by_old;
static atomic_int stop_sending, stop_reading, stop_reading_old;
static int ep;

static void got(const struct message *m, ssize_t len)
{
	if (len != sizeof(*m) || m->peer >= n_peers || m->number >= NUMBERS) {
		broken++;
		return;
	}
	peers[m->peer].seen[m->number]++;
	received++;
}

/* One reader sleeps in recv(), the other polls, which opens into the inbox. */
static void *reads_old(void *polls)
{
	struct pollfd pfd = { .fd = c.server, .events = POLLIN };
	struct message m;

	while (!stop_reading_old) {
		unsigned int before;
		ssize_t len;

		if (polls && poll(&pfd, 1, 50) != 1)
			continue;
		before = left;
		len = recv(c.server, &m, sizeof(m), polls ? MSG_DONTWAIT : 0);
		if (len < 0)
			continue;
		if (m.peer < before)
			misplaced++;
		by_old++;
		got(&m, len);
	}
	return NULL;
}

static void *reads_own(void *arg)
{
	struct epoll_event events[32];
	struct message m;
	ssize_t len;

	while (!stop_reading) {
		int n = epoll_wait(ep, events, 32, 50);

		for (int i = 0; i < n; i++) {
			struct peer *p = &peers[events[i].data.u32];

			while ((len = recv(p->own, &m, sizeof(m),
					   MSG_DONTWAIT)) >= 0) {
				if (m.peer != events[i].data.u32)
					misplaced++;
				got(&m, len);
			}
		}
	}
	return NULL;
}

static void say(unsigned int n)
{
	struct message m = { .peer = n };
	struct peer *p;

	if (n >= n_peers)
		return;
	p = &peers[n];
	m.number = p->next;
	if (p->next == NUMBERS ||
	    send(p->cl.fd, &m, sizeof(m), MSG_DONTWAIT) != sizeof(m))
		return;
	p->next++;
	sent++;
}

/* Most of it from peers that are about to move or have just moved. */
static void *sends(void *arg)
{
	unsigned int all = 0;

	while (!stop_sending) {
		for (int i = 0; i < NEAR; i++) {
			while (sent - received > UNREAD && !stop_sending)
				sched_yield();
			say(left + i - 2);
		}
		say(all++ % n_peers);
	}
	return NULL;
}

static void grow(int fd)
{
	int size = BUFFER;

	need(!setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)),
	     "SO_RCVBUFFORCE");
}

static void peel(unsigned int n)
{
	struct epoll_event event = { .events = EPOLLIN, .data.u32 = n };
	struct peer *p = &peers[n];
	char byte = 1;

	need(crowd_send(&c, NULL, p->cl.id, &byte, 1) == 1, "send by the old");
	p->own = crowd_peeloff(c.server, p->cl.id,
			       SOCK_NONBLOCK | SOCK_CLOEXEC);
	need(p->own >= 0, "DTLS_PEELOFF");
	left = n + 1;
	byte = 2;
	need(send(p->own, &byte, 1, 0) == 1, "send by its own");
	need(!epoll_ctl(ep, EPOLL_CTL_ADD, p->own, &event), "epoll_ctl");
}

/* Each has one byte from either socket, and nothing else. */
static unsigned int answered(void)
{
	unsigned int good = 0;
	char byte[2];

	for (unsigned int i = 0; i < n_peers; i++) {
		int fd = peers[i].cl.fd;

		good += pair_recv(fd, &byte[0], 1, 5000) == 1 &&
			pair_recv(fd, &byte[1], 1, 5000) == 1 &&
			byte[0] + byte[1] == 3 &&
			recv(fd, &byte[0], 1, MSG_DONTWAIT) == -1;
	}
	return good;
}

/* For any reason, by any socket. */
static unsigned long long dropped(void)
{
	return figure(KDTLS_STAT, "KdtlsDrop");
}

static void results(unsigned long long drops)
{
	unsigned int lost = 0, twice = 0;

	for (int i = 0; i < 200 && received < sent; i++)
		usleep(100000);
	stop_reading = 1;
	for (unsigned int i = 0; i < n_peers; i++)
		for (unsigned int n = 0; n < peers[i].next; n++) {
			lost += !peers[i].seen[n];
			twice += peers[i].seen[n] > 1;
		}
	diag("%u records of %u peers, %u read by the old socket", sent,
	     n_peers, by_old);
	ok(sent > n_peers, "records were sent all the time");
	is_int(lost, 0, "none is lost");
	is_int(twice, 0, "none comes twice");
	is_int(misplaced, 0, "none comes to a wrong socket");
	is_int(broken, 0, "none is broken");
	is_int(dropped() - drops, 0, "nothing was dropped");
	is_int(answered(), n_peers, "each peer received from both sockets once");
}

static void prepare(void)
{
	struct timeval patience = { .tv_usec = 200000 };
	struct rlimit files = { 1 << 20, 1 << 20 };
	const char *n = getenv("KDTLS_PEELOFF_PEERS");

	n_peers = n ? atoi(n) : on_debug_kernel() ? 400 : 1000;
	need(!setrlimit(RLIMIT_NOFILE, &files), "setrlimit");
	peers = calloc(n_peers, sizeof(*peers));
	need(peers, "memory");
	crowd_open(&c, AF_INET, false);
	grow(c.server);
	setsockopt(c.server, SOL_SOCKET, SO_RCVTIMEO, &patience,
		   sizeof(patience));
	for (unsigned int i = 0; i < n_peers; i++)
		client_open(&peers[i].cl, &c, AF_INET, i);
	ep = epoll_create1(0);
}

int main(void)
{
	struct capture *tap = capture_start(NULL, NULL);
	pthread_t thread[4];
	unsigned long long drops;
	char *polls = "";

	prepare();
	drops = dropped();
	need(!pthread_create(&thread[0], NULL, reads_old, NULL) &&
	     !pthread_create(&thread[1], NULL, reads_old, polls) &&
	     !pthread_create(&thread[2], NULL, reads_own, NULL) &&
	     !pthread_create(&thread[3], NULL, sends, NULL), "threads");
	/* the last third leaves a socket read only by the work item */
	for (unsigned int i = 0; i < n_peers; i++) {
		if (i == n_peers * 2 / 3) {
			stop_reading_old = 1;
			pthread_join(thread[0], NULL);
			pthread_join(thread[1], NULL);
		}
		while (sent < i * PACE)
			sched_yield();
		peel(i);
	}
	stop_sending = 1;
	pthread_join(thread[3], NULL);
	results(drops);
	pthread_join(thread[2], NULL);
	close(c.server);
	capture_check(tap, "all of this");
	return done_testing();
}
