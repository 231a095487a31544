// SPDX-License-Identifier: GPL-2.0
/*
 * One socket with many peers: instructions a record with traffic spread over
 * all of them beside the same with one; then how long other threads wait while as
 * many (behind a device that drops datagrams to them) are added, listed and
 * closed. tests/bench/peers runs it.
 */
#include <arpa/inet.h>
#include <getopt.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "crowd.h"
#include "stats.h"
#include "tap.h"

#define BYTES		256
#define PORTS		100	/* clients of an address */
#define REPS		5
#define NAP_NS		1000000
#define AWAY_HOME	0x0a090001	/* an address of the device: 10.9.0.1/8 */
#define AWAY_FIRST	0x0a100000
#define MOST_RATIO	1.15
#define MOST_STALL_MS	10.0

struct peer {
	int fd;
	struct sockaddr_storage addr;	/* its address at the server */
};

static struct crowd server;
static struct peer *peers;
static unsigned int n_peers = 100000, records = 20000;
static char out[BYTES], in[BYTES + 1];

static double ms(void)
{
	return now_ns() / 1e6;
}

/* Another thread on this CPU, runnable every millisecond. */
static volatile double worst;
static volatile int watching = 1;

static void *watch(void *arg)
{
	const struct timespec nap = { 0, NAP_NS };

	while (watching) {
		double begin = ms(), late;

		nanosleep(&nap, NULL);
		late = ms() - begin - NAP_NS / 1e6;
		if (late > worst)
			worst = late;
	}
	return NULL;
}

static void stalls(const char *what, double begin)
{
	double took = ms() - begin;

	ok(worst <= MOST_STALL_MS,
	   "%s: %.0f ms, in which no thread waited longer than %.1f ms", what,
	   took, worst);
	worst = 0;
}

static void set_addr(struct sockaddr_storage *addr, unsigned int host, int port)
{
	struct sockaddr_in *in4 = (void *)addr;

	memset(addr, 0, sizeof(*addr));
	in4->sin_family = AF_INET;
	in4->sin_addr.s_addr = htonl(host);
	in4->sin_port = htons(port);
}

/* A socket each, read when readable. */
static void client_socket(struct peer *p, unsigned int n)
{
	struct dtls_keys keys;

	set_addr(&p->addr, 0x7f010000 + n / PORTS, 10000 + n % PORTS);
	p->fd = socket(AF_INET, SOCK_DGRAM, 0);
	need(p->fd >= 0 && !bind(p->fd, (void *)&p->addr, server.addr_len) &&
	     !connect(p->fd, (void *)&server.addr, server.addr_len) &&
	     !setsockopt(p->fd, SOL_IP, DTLS_ULP, "dtls", 4), "a client");
	crowd_keys(&keys, n, true);
	need(!pair_set_keys(p->fd, &keys), "keys of a client");
}

static void clients(void)
{
	struct rlimit files = { 200000, 200000 };

	need(!setrlimit(RLIMIT_NOFILE, &files), "RLIMIT_NOFILE");
	peers = calloc(n_peers, sizeof(*peers));
	need(peers, "memory");
	for (unsigned int i = 0; i < n_peers; i++)
		client_socket(peers + i, i);
}

static void know_clients(void)
{
	for (unsigned int i = 0; i < n_peers; i++)
		need(!crowd_add(&server, i, &peers[i].addr, NULL),
		     "keys on the server");
}

/* One record each way. */
static void talk(struct peer *p)
{
	need(send(p->fd, out, BYTES, 0) == BYTES, "to the server");
	need(crowd_recv(&server, in, sizeof(in), NULL, NULL, NULL) == BYTES &&
	     !memcmp(in, out, BYTES), "at the server");
	need(crowd_send(&server, &p->addr, 0, out, BYTES) == BYTES,
	     "to a client");
	need(recv(p->fd, in, sizeof(in), 0) == BYTES && !memcmp(in, out, BYTES),
	     "at the client");
}

/* Instructions a record, with n of them, in no order. */
static double cost(unsigned int n)
{
	double samples[REPS];
	unsigned int k = 0;

	for (int rep = 0; rep < REPS; rep++) {
		double begin = now_ns();

		for (unsigned int i = 0; i < records / 2; i++) {
			/* a step that shares no factor with 100000 */
			k = (k + 61803) % n;
			talk(&peers[k]);
		}
		samples[rep] = (now_ns() - begin) / records;
	}
	return summarise(samples, REPS).median;
}

static void list(void)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		if (freopen("/dev/null", "w", stdout))
			execlp("dtlsctl", "dtlsctl", "show", NULL);
		_exit(127);
	}
	ok(pid > 0 && waitpid(pid, &status, 0) == pid && !status,
	   "dtlsctl show lists them");
}

static void cost_of_many(void)
{
	double one, all;

	crowd_open(&server, AF_INET, false);
	clients();
	know_clients();
	one = cost(1);
	all = cost(n_peers);
	diag("instructions a record of %d bytes: %.0f with one peer, %.0f with %u",
	     BYTES, one, all, n_peers);
	ok(all / one <= MOST_RATIO, "%.3f of one peer's, at most %.2f",
	   all / one, MOST_RATIO);
	close(server.server);
	for (unsigned int i = 0; i < n_peers; i++)
		close(peers[i].fd);
}

/* Unreachable peers: datagrams to them are dropped. */
static unsigned int add_away(struct crowd *c)
{
	struct sockaddr_storage addr;
	unsigned int i;

	for (i = 0; i < n_peers; i++) {
		set_addr(&addr, AWAY_FIRST + i / PORTS,
			 10000 + i % PORTS);
		if (crowd_add(c, i, &addr, NULL))
			break;
	}
	return i;
}

static void crowd_away(struct crowd *c)
{
	c->family = AF_INET;
	c->server = socket(AF_INET, SOCK_DGRAM, 0);
	set_addr(&c->addr, AWAY_HOME, 4433);
	need(!bind(c->server, (void *)&c->addr, sizeof(struct sockaddr_in)) &&
	     !setsockopt(c->server, SOL_IP, DTLS_ULP, "dtls", 4),
	     "a socket on 10.9.0.1: tests/bench/peers makes the address");
}

static void waiting_of_others(void)
{
	pthread_t watcher;
	struct crowd c;
	double begin;

	sleep(2);		/* leftovers of cost_of_many() are freed */
	crowd_away(&c);
	need(!pthread_create(&watcher, NULL, watch, NULL), "a watcher");
	usleep(20000);
	worst = 0;
	begin = ms();
	is_int(add_away(&c), n_peers, "%u associations on one socket", n_peers);
	stalls("adding them", begin);
	begin = ms();
	list();
	stalls("listing them", begin);
	begin = ms();
	close(c.server);
	stalls("close()", begin);
	begin = ms();
	sleep(2);
	stalls("the time after it", begin);
	watching = 0;
	pthread_join(watcher, NULL);
}

static void arguments(int argc, char **argv)
{
	int opt;

	while ((opt = getopt(argc, argv, "n:r:")) != -1) {
		switch (opt) {
		case 'n':
			n_peers = atoi(optarg);
			break;
		case 'r':
			records = atoi(optarg);
			break;
		default:
			fprintf(stderr, "bench-peers [-n PEERS] [-r RECORDS]\n");
			exit(64);
		}
	}
}

int main(int argc, char **argv)
{
	arguments(argc, argv);
	memset(out, 0x5a, BYTES);
	sleep(5);		/* before that, figures double */
	ok(calibrated("before"), "a nanosecond is an instruction");
	cost_of_many();
	waiting_of_others();
	ok(calibrated("after"), "and still is");
	return done_testing();
}
