// SPDX-License-Identifier: GPL-2.0
/*
 * One server socket with many peers under a load, for tests/bench/metal. A client
 * process has a socket for each peer and sends at fixed times, whether or not
 * answers have come: its latencies are from the time a record was due until its
 * echo was read, so that a wait counts for every record behind it. It does not sleep.
 * The server process takes up to MMSG_RECORDS datagrams a call, and sends as many
 * echoes a call; for a library it finds the session by the sender's port.
 *
 * Keys of path kdtls are made from the number of the peer: the data is not secret.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cputime.h"
#include "library.h"
#include "pair.h"
#include "stats.h"
#include "tap.h"

#define MAX_PEERS	(LIBRARY_ENDS / 2)
#define MAX_RECORD	1500
#define MAX_SAMPLES	(4 << 20)
#define ROOM		(8 << 20)
#define WARM_UP_MS	5000
#define DRAIN_MS	200
#define LATE_NS		1e6

/* What a record begins with. */
struct stamp {
	double due;
	unsigned int peer, filler;
};

struct place {
	const char *netns;
	int cpu;
};

static struct {
	const struct library *library;	/* NULL: the plain calls */
	const struct cipher *cipher;
	bool kdtls;
	unsigned int bytes, peers;
	double rate, seconds;
	struct place client, server;
	struct sockaddr_in addr;
} job;

/* What the server process says. */
static struct {
	int cpu;
} *shared;

static int server, epoll;
static int clients[MAX_PEERS];
static unsigned short peer_of[65536];	/* by its port */
static struct gathered to[2];
static double *samples;
static size_t n_samples;

static void enter(const char *netns)
{
	int fd = open(netns, O_RDONLY | O_CLOEXEC);

	need(fd >= 0 && !setns(fd, CLONE_NEWNET), netns);
	close(fd);
}

static void run_on(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	need(!sched_setaffinity(0, sizeof(set), &set), "such a CPU");
}

static void attach(int fd)
{
	need(!setsockopt(fd, SOL_IP, DTLS_ULP, "dtls", 4),
	     "attach (is kdtls loaded?)");
}

static void set_keys(int fd, unsigned int peer, const struct sockaddr_in *addr)
{
	struct dtls_keys keys;

	pair_keys(&keys, job.cipher->kdtls, !addr);
	memcpy(keys.tx.key, &peer, sizeof(peer));
	memcpy(keys.rx.key, &peer, sizeof(peer));
	if (addr)
		memcpy(&keys.peer, addr, sizeof(*addr));
	need(!pair_set_keys(fd, &keys), "keys");
}

static void open_server(void)
{
	int room = ROOM;

	enter(job.server.netns);
	server = socket(AF_INET, SOCK_DGRAM, 0);
	need(server >= 0 &&
	     !bind(server, (void *)&job.addr, sizeof(job.addr)), "bind");
	need(!setsockopt(server, SOL_SOCKET, SO_RCVBUFFORCE, &room,
			 sizeof(room)) &&
	     !setsockopt(server, SOL_SOCKET, SO_SNDBUFFORCE, &room,
			 sizeof(room)), "buffers");
	if (job.kdtls)
		attach(server);
}

/* A client, and its keys at both ends. */
static void open_peer(unsigned int i)
{
	struct epoll_event event = { .events = EPOLLIN, .data.u32 = i };
	struct sockaddr_in addr;
	socklen_t len = sizeof(addr);

	clients[i] = socket(AF_INET, SOCK_DGRAM, 0);
	need(clients[i] >= 0 &&
	     !connect(clients[i], (void *)&job.addr, sizeof(job.addr)) &&
	     !getsockname(clients[i], (void *)&addr, &len), "a client");
	peer_of[ntohs(addr.sin_port)] = i;
	if (job.library)
		handshake_both(job.library, job.cipher, i, NULL, to);
	if (job.kdtls) {
		attach(clients[i]);
		set_keys(clients[i], i, NULL);
		set_keys(server, i, &addr);
	}
	need(!epoll_ctl(epoll, EPOLL_CTL_ADD, clients[i], &event), "epoll");
}

static void open_peers(void)
{
	struct rlimit files = { MAX_PEERS + 100, MAX_PEERS + 100 };
	unsigned int i;

	need(!setrlimit(RLIMIT_NOFILE, &files), "RLIMIT_NOFILE");
	epoll = epoll_create1(0);
	enter(job.client.netns);
	for (i = 0; i < job.peers; i++)
		open_peer(i);
}

/* The server's. */

static unsigned char inbox[MMSG_RECORDS][MAX_RECORD + MAX_OVERHEAD];
static struct sockaddr_in senders[MMSG_RECORDS];
static struct iovec vec[MMSG_RECORDS];
static struct mmsghdr msgs[MMSG_RECORDS];

static int receive(void)
{
	int i;

	for (i = 0; i < MMSG_RECORDS; i++) {
		vec[i].iov_base = inbox[i];
		vec[i].iov_len = sizeof(inbox[i]);
		msgs[i].msg_hdr = (struct msghdr){
			.msg_name = &senders[i],
			.msg_namelen = sizeof(senders[i]),
			.msg_iov = &vec[i], .msg_iovlen = 1,
		};
	}
	return recvmmsg(server, msgs, MMSG_RECORDS, MSG_WAITFORONE, NULL);
}

/* Opens datagram i and seals its echo; false: it had no record. */
static bool turn(int i)
{
	int end = 2 * peer_of[ntohs(senders[i].sin_port)] + 1;
	unsigned char text[MAX_RECORD];

	gather_reset(&to[1]);
	gather_put(&to[1], inbox[i], msgs[i].msg_len);
	if (!job.library->read(end, text, job.bytes))
		return false;
	job.library->write(end, text, job.bytes);
	return true;
}

/* The echoes' addresses and pieces of memory; returns how many. */
static int seal(int n)
{
	struct gathered *g = &to[0];
	int i, sealed = 0;

	gather_reset(g);
	for (i = 0; i < n; i++) {
		size_t from = g->len;

		if (!turn(i))
			continue;
		msgs[sealed].msg_hdr.msg_name = &senders[i];
		vec[sealed].iov_base = g->data + from;
		vec[sealed++].iov_len = g->len - from;
	}
	return sealed;
}

static void serve(void)
{
	int i, n;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	run_on(job.server.cpu);
	shared->cpu = pinned_cpu();
	for (;;) {
		n = receive();
		if (n > 0 && job.library)
			n = seal(n);
		else
			for (i = 0; i < n; i++)
				vec[i].iov_len = msgs[i].msg_len;
		if (n > 0)
			sendmmsg(server, msgs, n, 0);
	}
}

/* The client's. */

static void send_record(unsigned int peer, double due)
{
	unsigned char text[MAX_RECORD] = { };
	struct stamp stamp = { .due = due, .peer = peer };
	const void *data = text;
	size_t len = job.bytes;

	memcpy(text, &stamp, sizeof(stamp));
	if (job.library) {
		gather_reset(&to[1]);
		job.library->write(2 * peer, text, len);
		data = to[1].data;
		len = to[1].len;
	}
	/* refused while a queue is full: lost */
	send(clients[peer], data, len, MSG_DONTWAIT);
}

/* One record of this peer; false: there is none. */
static bool take_record(unsigned int peer, struct stamp *stamp)
{
	unsigned char data[MAX_RECORD + MAX_OVERHEAD], text[MAX_RECORD];
	const void *got = data;
	ssize_t len = recv(clients[peer], data, sizeof(data), MSG_DONTWAIT);

	if (len < 0)
		return false;
	if (job.library) {
		gather_reset(&to[0]);
		gather_put(&to[0], data, len);
		need(job.library->read(2 * peer, text, job.bytes), "a record");
		got = text;
		len = job.bytes;
	}
	memcpy(stamp, got, sizeof(*stamp));
	need(len == (ssize_t)job.bytes && stamp->peer == peer,
	     "the echo of a record of this peer");
	return true;
}

/* Reads what is there, waits so long for it; returns how many sockets had something. */
static int take(int ms)
{
	struct epoll_event events[MMSG_RECORDS];
	int i, n = epoll_wait(epoll, events, MMSG_RECORDS, ms);
	struct stamp stamp;

	for (i = 0; i < n; i++) {
		if (!take_record(events[i].data.u32, &stamp))
			continue;
		need(n_samples < MAX_SAMPLES, "a lower rate, or less time");
		samples[n_samples++] = now_ns() - stamp.due;
	}
	return n;
}

/* Each peer has its echo: addresses are resolved, all keys fit. */
static void warm_up(void)
{
	unsigned int i;

	for (i = 0; i < job.peers; i++) {
		size_t before = n_samples;

		send_record(i, now_ns());
		while (n_samples == before)
			need(take(WARM_UP_MS) > 0, "an echo of each peer");
	}
	n_samples = 0;
}

/* Returns how many were sent; *late: more than LATE_NS after they were due. */
static unsigned long pace(unsigned long *late)
{
	double begin = now_ns(), now = begin, gap = 1e9 / job.rate;
	unsigned long sent = 0;

	for (; now < begin + job.seconds * 1e9; now = now_ns()) {
		double due = begin + sent * gap;

		if (due <= now) {
			*late += now - due > LATE_NS;
			send_record(sent++ % job.peers, due);
		}
		take(0);
	}
	while (take(DRAIN_MS) > 0)
		;
	return sent;
}

static void measure(pid_t pid)
{
	double own, busy, begin;
	unsigned long sent, late = 0;

	run_on(job.client.cpu);
	warm_up();
	begin = now_ns();
	own = cputime_of(pid);
	busy = cputime_busy(job.server.cpu);
	sent = pace(&late);
	own = cputime_of(pid) - own;
	busy = cputime_busy(job.server.cpu) - busy;
	need(n_samples, "an echo");
	printf("{\"sent\": %lu, \"records\": %zu, \"late\": %lu, \"ns\": %.0f, \"cpu\": [%d, %d], \"own_ns\": %.0f, \"busy_ns\": %.0f",
	       sent, n_samples, late, now_ns() - begin, pinned_cpu(),
	       shared->cpu, own, busy);
	print_percentiles(stdout, samples, n_samples);
	printf("}\n");
}

static void usage(void)
{
	fprintf(stderr,
"Usage: bench-many PATH CIPHER BYTES PEERS RATE SECONDS HOST PORT\n"
"                  CLIENT-NETNS CPU SERVER-NETNS CPU\n"
"  PATH    udp, kdtls, openssl, gnutls\n"
"  BYTES   16 to 1500     PEERS  up to %d\n"
"  RATE    records a second, of all peers together\n"
"HOST is an address in the server's namespace; a namespace is a file, and CPU\n"
"the number of the one that this end runs on. Prints JSON: times in ns, of the\n"
"server: own_ns its process, busy_ns all of its CPU.\n", MAX_PEERS);
	exit(2);
}

static void arguments(char **arg)
{
	job.kdtls = !strcmp(arg[0], "kdtls");
	if (!strcmp(arg[0], "openssl"))
		job.library = &library_openssl;
	else if (!strcmp(arg[0], "gnutls"))
		job.library = &library_gnutls;
	else if (!job.kdtls && strcmp(arg[0], "udp"))
		usage();
	job.cipher = cipher_by_name(arg[1]);
	job.bytes = atoi(arg[2]);
	job.peers = atoi(arg[3]);
	job.rate = atof(arg[4]);
	job.seconds = atof(arg[5]);
	job.addr.sin_family = AF_INET;
	job.addr.sin_port = htons(atoi(arg[7]));
	job.client = (struct place){ arg[8], atoi(arg[9]) };
	job.server = (struct place){ arg[10], atoi(arg[11]) };
	if (!job.cipher || job.bytes < sizeof(struct stamp) ||
	    job.bytes > MAX_RECORD || !job.peers || job.peers > MAX_PEERS ||
	    job.rate <= 0 || job.seconds <= 0 ||
	    inet_pton(AF_INET, arg[6], &job.addr.sin_addr) != 1)
		usage();
}

int main(int argc, char **argv)
{
	pid_t pid;

	if (argc != 13)
		usage();
	arguments(argv + 1);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	samples = malloc(MAX_SAMPLES * sizeof(*samples));
	need(shared != MAP_FAILED && samples, "memory");
	open_server();
	open_peers();
	pid = fork();
	need(pid >= 0, "fork");
	if (!pid)
		serve();
	measure(pid);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return 0;
}
