// SPDX-License-Identifier: GPL-2.0
/* Associations of one socket begin and end while others use the socket. */
#include <arpa/inet.h>
#include <linux/sock_diag.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <unistd.h>

#include "capture.h"
#include "crowd.h"
#include "tap.h"

#define STEADY	20	/* peers that stay */
/* associations that begin and end */
#define ROUNDS	(on_debug_kernel() ? 200u : 500u)
/* at once, so that the table grows and shrinks */
#define TABLE	(on_debug_kernel() ? 600u : 1500u)

static struct client cl[STEADY];
static struct crowd c;
static volatile int stop;
static char payload[200];

static void port_addr(struct sockaddr_storage *addr, unsigned int n)
{
	struct sockaddr_in *in = (void *)addr;

	memset(addr, 0, sizeof(*addr));
	in->sin_family = AF_INET;
	in->sin_addr.s_addr = htonl(0x7f010000 + n);
	in->sin_port = htons(4433);
}

/* UDP drops datagrams at a full queue, the peers' too: not checked here. */
static bool half_full(void)
{
	__u32 info[SK_MEMINFO_VARS];
	socklen_t len = sizeof(info);

	need(!getsockopt(c.server, SOL_SOCKET, SO_MEMINFO, info, &len),
	     "SO_MEMINFO");
	return info[SK_MEMINFO_RMEM_ALLOC] > info[SK_MEMINFO_RCVBUF] / 2;
}

/* Forged records, from an address with keys and from one without. */
static void *forger(void *arg)
{
	char forged[60] = "\x17\xfe\xfd\0\1\0\0\0\0\0\1\0\x2f";
	int fd[2], i;

	for (i = 0; i < 2; i++) {
		struct sockaddr_storage addr;

		port_addr(&addr, 1 + i);
		fd[i] = socket(AF_INET, SOCK_DGRAM, 0);
		need(!bind(fd[i], (void *)&addr, sizeof(struct sockaddr_in)),
		     "bind");
	}
	while (!stop) {
		for (i = 0; i < 2 && !half_full(); i++)
			sendto(fd[i], forged, sizeof(forged), MSG_DONTWAIT,
			       (void *)&c.addr, c.addr_len);
		sched_yield();
	}
	close(fd[0]);
	close(fd[1]);
	return NULL;
}

/* Echoes each message to its sender. */
static void *echo(void *arg)
{
	struct sockaddr_storage from;
	unsigned char buf[400];
	ssize_t len;

	while (!stop) {
		struct pollfd pfd = { .fd = c.server, .events = POLLIN };
		socklen_t size = sizeof(from);

		if (poll(&pfd, 1, 100) != 1)
			continue;
		len = recvfrom(c.server, buf, sizeof(buf), MSG_DONTWAIT,
			       (void *)&from, &size);
		if (len > 0)
			sendto(c.server, buf, len, 0, (void *)&from, size);
	}
	return NULL;
}

static void *churn(void *arg)
{
	long first = (long)arg, bad = 0;
	struct sockaddr_storage peer;
	struct dtls_status status;

	for (unsigned int i = 0; i < ROUNDS; i++) {
		port_addr(&peer, first + i % 16);
		if (crowd_add(&c, i, &peer, NULL))
			bad++;
		crowd_send(&c, &peer, 0, payload, sizeof(payload));
		if (crowd_status(&c, 0, &peer, &status) ||
		    setsockopt(c.server, SOL_DTLS, DTLS_CLOSE, &status.assoc,
			       sizeof(status.assoc)))
			bad++;
	}
	return (void *)bad;
}

static unsigned int talked(void)
{
	unsigned int good = 0;
	char buf[100], got[100];

	for (int i = 0; i < STEADY; i++) {
		canary_fill(buf, 100, i);
		send(cl[i].fd, buf, 100, 0);
		if (pair_poll(cl[i].fd, POLLIN, 10000) &&
		    recv(cl[i].fd, got, sizeof(got), 0) == 100)
			good += !memcmp(buf, got, 100);
	}
	return good;
}

/* The table is resized under its readers. */
static void grow(void)
{
	struct sockaddr_storage peer;
	struct dtls_status status;
	int bad = 0;

	for (unsigned int i = 0; i < TABLE; i++) {
		port_addr(&peer, 0x8000 + i);
		bad += !!crowd_add(&c, i, &peer, NULL);
		if (i % 100 == 0)
			bad += talked() != STEADY;
	}
	is_int(bad, 0, "%u associations beside them, and they talk", TABLE);
	for (unsigned int i = 0; i < TABLE; i++) {
		port_addr(&peer, 0x8000 + i);
		bad += crowd_status(&c, 0, &peer, &status) ||
		       setsockopt(c.server, SOL_DTLS, DTLS_CLOSE,
				  &status.assoc, sizeof(status.assoc));
	}
	is_int(bad, 0, "each is found and ended");
}

int main(void)
{
	struct capture *tap = capture_start(NULL, NULL);
	pthread_t threads[5];
	void *bad[2];

	canary_fill(payload, sizeof(payload), 1);
	crowd_open(&c, AF_INET, true);
	for (int i = 0; i < STEADY; i++)
		client_open(&cl[i], &c, AF_INET, 5000 + i);
	need(!pthread_create(&threads[0], NULL, echo, NULL) &&
	     !pthread_create(&threads[1], NULL, echo, NULL) &&
	     !pthread_create(&threads[2], NULL, forger, NULL), "threads");
	is_int(talked(), STEADY, "%d peers and an echo", STEADY);
	grow();
	need(!pthread_create(&threads[3], NULL, churn, (void *)1) &&
	     !pthread_create(&threads[4], NULL, churn, (void *)0x100),
	     "threads");
	is_int(talked(), STEADY, "while others come and go they talk");
	pthread_join(threads[3], &bad[0]);
	pthread_join(threads[4], &bad[1]);
	ok(!bad[0] && !bad[1], "%u associations came and went", 2 * ROUNDS);
	is_int(talked(), STEADY, "and they talk after that");
	stop = 1;
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	close(c.server);
	capture_check(tap, "all of this");
	return done_testing();
}
