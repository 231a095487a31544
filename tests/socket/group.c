// SPDX-License-Identifier: GPL-2.0
/*
 * Workers that share a port (SO_REUSEPORT): each peer stays with the one that
 * has its keys, wherever UDP delivers.
 */
#include <linux/filter.h>
#include <netinet/udp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "capture.h"
#include "crowd.h"
#include "figure.h"
#include "tap.h"

#define WORKERS	5
#define PEERS	64

struct group {
	struct crowd	where;
	struct crowd	w[WORKERS];	/* server: -1, it is not there */
	struct client	cl[PEERS];	/* n: its place here */
	int		of[PEERS];	/* worker, or -1: gone */
};

static struct group g;
static char out[20000], in[20000];

static void joins(int k)
{
	crowd_share(&g.w[k], &g.where, SO_REUSEPORT);
}

static void leaves(int k)
{
	close(g.w[k].server);
	g.w[k].server = -1;
}

static void peer_open(int i, int k, int family)
{
	client_open(&g.cl[i], &g.w[k], family, i);
	g.of[i] = k;
}

static void peer_close(int i)
{
	close(g.cl[i].fd);
	g.of[i] = -1;
}

/* n workers, and peers assigned in turn, not by UDP's choice. */
static void begin(int family, int client_family, bool any, int n, int peers)
{
	crowd_open(&g.where, family, any);
	close(g.where.server);
	for (int k = 0; k < WORKERS; k++)
		g.w[k].server = -1;
	for (int k = 0; k < n; k++)
		joins(k);
	for (int i = 0; i < PEERS; i++)
		g.of[i] = -1;
	for (int i = 0; i < peers; i++)
		peer_open(i, i % n, client_family);
}

static void end(void)
{
	for (int k = 0; k < WORKERS; k++)
		if (g.w[k].server >= 0)
			leaves(k);
	for (int i = 0; i < PEERS; i++)
		if (g.of[i] >= 0)
			peer_close(i);
}

/* UDP delivers everything to the n-th of the group, in order of joining. */
static void steer(unsigned int n)
{
	struct sock_filter code = { BPF_RET | BPF_K, 0, 0, n };
	struct sock_fprog prog = { 1, &code };

	need(!setsockopt(g.w[0].server, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF,
			 &prog, sizeof(prog)), "SO_ATTACH_REUSEPORT_CBPF");
}

/* Sends its number as the length. */
static void says(int i)
{
	canary_fill(out, 100 + i, i);
	need(send(g.cl[i].fd, out, 100 + i, 0) == 100 + i, "send");
}

static bool is_of(int i, int k, const struct sockaddr_storage *from, __u64 id)
{
	if (i < 0 || i >= PEERS || g.of[i] != k || id != g.cl[i].id ||
	    !same_addr(from, &g.cl[i].addr))
		return false;
	canary_fill(out, 100 + i, i);
	return !memcmp(in, out, 100 + i);
}

/* One message at worker k, and its answer: the peer, or -1: not its peer. */
static int serve(int k)
{
	struct sockaddr_storage from;
	__u64 id = 0;
	int i;

	i = crowd_recv(&g.w[k], in, sizeof(in), &from, &id, NULL) - 100;
	if (!is_of(i, k, &from, id)) {
		diag("worker %d: message %d, %s", k, i, strerror(errno));
		return -1;
	}
	need(crowd_send(&g.w[k], &from, 0, in, 99) == 99, "answer");
	return i;
}

/* Waits until a worker is readable: how many are. */
static int serve_any(int *count, int ms)
{
	struct pollfd pfd[WORKERS];
	int n, i;

	for (int k = 0; k < WORKERS; k++)
		pfd[k] = (struct pollfd){ g.w[k].server, POLLIN, 0 };
	n = poll(pfd, WORKERS, ms);
	for (int k = 0; k < WORKERS; k++)
		if (pfd[k].revents) {
			i = serve(k);
			if (i >= 0)
				count[i]++;
		}
	return n;
}

/* How many messages arrive once, at their worker, and are answered. */
static int heard_of(int spoke)
{
	int count[PEERS] = { 0 }, good = 0, n;

	for (; spoke > 0; spoke -= n) {
		n = serve_any(count, 5000);
		if (n <= 0)
			break;
	}
	while (serve_any(count, 60) > 0)
		;
	for (int i = 0; i < PEERS; i++)
		good += g.of[i] >= 0 && count[i] == 1 &&
			canary_heard(g.cl[i].fd, 99, i);
	return good;
}

/* All send a message. */
static int exchange(void)
{
	int spoke = 0;

	for (int i = 0; i < PEERS; i++)
		if (g.of[i] >= 0) {
			says(i);
			spoke++;
		}
	return heard_of(spoke);
}

static int alive(void)
{
	int n = 0;

	for (int i = 0; i < PEERS; i++)
		n += g.of[i] >= 0;
	return n;
}

#define all_talk(...)	is_int(exchange(), alive(), __VA_ARGS__)

/* A peer that is ended gets close_notify; no other does. */
static bool only_of_hears(int k)
{
	for (int i = 0; i < PEERS; i++)
		if (g.of[i] >= 0 && g.of[i] != k &&
		    pair_poll(g.cl[i].fd, POLLIN, 0))
			return false;
	for (int i = 0; i < PEERS; i++) {
		if (g.of[i] != k)
			continue;
		if (!pair_poll(g.cl[i].fd, POLLIN, 5000) ||
		    recv(g.cl[i].fd, in, sizeof(in), 0))
			return false;
		peer_close(i);
	}
	return true;
}

static void come_and_go(void)
{
	begin(AF_INET, AF_INET, false, 3, 60);
	all_talk("three workers, 60 peers: each at its worker");
	joins(3);
	peer_open(60, 3, AF_INET);
	all_talk("a fourth joins: all stay where they are");
	joins(4);
	steer(4);
	for (int i = 0; i < 20; i++)
		says(i);
	ok(!pair_poll(g.w[0].server, POLLIN, 100),
	   "one without peers yet is given what is of others: it waits there");
	peer_open(61, 4, AF_INET);
	is_int(heard_of(20), 20, "... and is theirs when it has its first");
	all_talk("... as what comes afterwards");
	leaves(1);
	ok(only_of_hears(1), "one leaves: its peers have a close_notify");
	all_talk("... and all others work");
	joins(1);
	for (int i = 1; i < 20; i += 3)
		peer_open(i, 1, AF_INET);
	all_talk("it joins again, with new peers");
	leaves(0);
	ok(only_of_hears(0), "the first leaves");
	all_talk("... and the others keep its table");
	end();
}

static void families(void)
{
	begin(AF_INET, AF_INET, true, 3, 12);
	all_talk("IPv4, wildcard");
	end();
	begin(AF_INET6, AF_INET6, false, 3, 12);
	all_talk("IPv6");
	end();
	begin(AF_INET6, AF_INET6, true, 3, 12);
	all_talk("IPv6, wildcard");
	end();
	begin(AF_INET6, AF_INET, true, 3, 12);
	all_talk("IPv4 on IPv6");
	end();
}

static int option(int k, int name, __u32 value)
{
	return setsockopt(g.w[k].server, SOL_DTLS, name, &value,
			  sizeof(value)) ? errno : 0;
}

static bool shut(int k, __u64 id)
{
	return !setsockopt(g.w[k].server, SOL_DTLS, DTLS_CLOSE, &id,
			   sizeof(id));
}

/* Operations of a worker on the peers of another. */
static void others(void)
{
	struct client *a = &g.cl[0], *b = &g.cl[1];
	struct dtls_peeloff p = { .fd = -1 };
	socklen_t len = sizeof(p);
	struct dtls_status status;

	begin(AF_INET, AF_INET, false, 3, 12);
	p.assoc = b->id;
	is_int(crowd_add(&g.w[1], 0, &a->addr, NULL), EEXIST,
	       "a peer of one cannot be keyed at another");
	ok(crowd_send(&g.w[1], &a->addr, 0, out, 9) == -1 && errno == ENOTCONN,
	   "nor is it sent to by address");
	ok(crowd_send(&g.w[1], NULL, a->id, out, 9) == -1 && errno == ENOTCONN,
	   "nor by id");
	ok(crowd_status(&g.w[1], 0, &a->addr, &status) == ENOENT &&
	   crowd_status(&g.w[1], a->id, NULL, &status) == ENOENT,
	   "nor asked about");
	ok(!shut(1, a->id) && errno == ENOENT, "nor closed");
	ok(getsockopt(g.w[1].server, SOL_DTLS, DTLS_PEELOFF, &p, &len) == -1 &&
	   errno == EOPNOTSUPP, "DTLS_PEELOFF is refused");
	all_talk("after all that");

	ok(shut(0, a->id) && pair_poll(a->fd, POLLIN, 5000) &&
	   recv(a->fd, in, sizeof(in), 0) == 0, "its own worker closes it");
	peer_close(0);
	peer_open(0, 1, AF_INET);
	all_talk("its place is free for another worker");
	end();
}

static void limits(void)
{
	struct sockaddr_storage peer = { .ss_family = AF_INET };
	struct sockaddr_in *in4 = (void *)&peer;

	begin(AF_INET, AF_INET, false, 3, 12);
	in4->sin_addr.s_addr = htonl(0x7f000077);
	in4->sin_port = htons(77);
	is_int(option(0, DTLS_PEER_LIMIT, 4), 0, "a limit of four");
	is_int(crowd_add(&g.w[0], 1, &peer, NULL), ENOSPC, "... and it has four");
	is_int(option(1, DTLS_PEER_LIMIT, 5), 0, "another has one of five");
	is_int(crowd_add(&g.w[1], 1, &peer, NULL), 0, "... and space");
	in4->sin_port = htons(78);
	is_int(crowd_add(&g.w[1], 1, &peer, NULL), ENOSPC, "... for one");
	is_int(crowd_add(&g.w[2], 1, &peer, NULL), 0,
	       "a third has no limit, whatever the others have");
	peer_close(3);
	ok(!pair_poll(g.w[0].server, POLLIN, 100) && alive() == 11,
	   "a peer of the first sends close_notify");
	peer_open(3, 0, AF_INET);
	all_talk("... and another has its place");
	end();
}

/* Operations on all peers of a socket exclude those of others. */
static void ends(void)
{
	begin(AF_INET, AF_INET, false, 3, 12);
	steer(0);
	is_int(option(2, DTLS_IDLE_TIMEOUT, 1), 0, "DTLS_IDLE_TIMEOUT of one");
	usleep(1800000);
	ok(only_of_hears(2), "its silent peers are ended");
	all_talk("... and no others");
	/* ENOTCONN, as for any UDP socket, but it takes effect */
	shutdown(g.w[1].server, SHUT_WR);
	ok(only_of_hears(1), "shutdown() of another sends close_notify to its own");
	all_talk("... and to no others");
	end();
}

struct reader {
	pthread_t	thread;
	int		fd, want, got;
};

static void *reads(void *arg)
{
	struct reader *r = arg;
	char buf[400];

	while (r->got < r->want && recv(r->fd, buf, sizeof(buf), 0) > 0)
		r->got++;
	return NULL;
}

static void read_start(struct reader *r, int k, int want, int ms)
{
	struct timeval patience = { ms / 1000, ms % 1000 * 1000 };

	*r = (struct reader){ .fd = g.w[k].server, .want = want };
	setsockopt(r->fd, SOL_SOCKET, SO_RCVTIMEO, &patience,
		   sizeof(patience));
	need(!pthread_create(&r->thread, NULL, reads, r), "thread");
}

/* Readers asleep in recv() at the worker chosen by UDP and at the owner. */
static void wakes_readers(void)
{
	struct reader r[2];

	begin(AF_INET, AF_INET, false, 3, 30);
	steer(0);
	read_start(&r[0], 0, 1, 1000);
	read_start(&r[1], 1, 10, 5000);
	usleep(50000);
	for (int i = 1; i < 30; i += 3) {
		says(i);
		usleep(5000);
	}
	pthread_join(r[1].thread, NULL);
	pthread_join(r[0].thread, NULL);
	is_int(r[1].got, 10, "a reader in recv() gets what came elsewhere");
	is_int(r[0].got, 0, "... where one sleeps on");

	read_start(&r[1], 1, 10, 5000);
	for (int i = 1; i < 30; i += 3)
		says(i);
	pthread_join(r[1].thread, NULL);
	is_int(r[1].got, 10, "the same without a reader");
	end();
}

/* Which of them epoll reports as ready; -1: none, -2: several. */
static int ready(int ep)
{
	struct epoll_event event[WORKERS];
	int n = epoll_wait(ep, event, WORKERS, 5000);

	return n > 1 ? -2 : n == 1 ? (int)event[0].data.u32 : -1;
}

static void wakes_epoll(__u32 flags, const char *what)
{
	int ep = epoll_create1(0), good = 0;
	char byte;

	begin(AF_INET, AF_INET, false, 3, 30);
	steer(2);
	for (int k = 0; k < 3; k++) {
		struct epoll_event event = {
			.events = EPOLLIN | flags, .data.u32 = k,
		};

		need(!epoll_ctl(ep, EPOLL_CTL_ADD, g.w[k].server, &event),
		     "epoll_ctl");
	}
	for (int i = 0; i < 30; i++) {
		says(i);
		good += ready(ep) == i % 3 && serve(i % 3) == i &&
			recv(g.w[i % 3].server, &byte, 1, MSG_DONTWAIT) == -1 &&
			canary_heard(g.cl[i].fd, 99, i);
	}
	is_int(good, 30, "%s: the right worker is ready, no other", what);
	close(ep);
	end();
}

static void gro(int k, int on)
{
	need(!setsockopt(g.w[k].server, SOL_UDP, UDP_GRO, &on, sizeof(on)),
	     "UDP_GRO");
}

static void send_batch(int i)
{
	int size = 1000;

	need(!setsockopt(g.cl[i].fd, SOL_UDP, UDP_SEGMENT, &size,
			 sizeof(size)), "UDP_SEGMENT");
	canary_fill(out, 10000, i);
	need(send(g.cl[i].fd, out, 10000, 0) == 10000, "send segments");
}

/* Reads all of them at worker k; the number of calls. */
static int calls_for_batch(int k, int i)
{
	struct sockaddr_storage from;
	ssize_t len, got = 0;
	int calls = 0;
	__u64 id = 0;

	while (got < 10000) {
		len = crowd_recv(&g.w[k], in, sizeof(in), &from, &id, NULL);
		if (len <= 0 || len > 10000 - got || id != g.cl[i].id ||
		    memcmp(in, out + got, len))
			return -1;
		got += len;
		calls++;
	}
	return calls;
}

static void batches(void)
{
	begin(AF_INET, AF_INET, false, 3, 3);
	steer(0);
	for (int k = 0; k < 3; k++)
		gro(k, 1);
	send_batch(1);
	is_int(calls_for_batch(1, 1), 1, "a batch is handed on as one");
	gro(2, 0);
	send_batch(2);
	is_int(calls_for_batch(2, 2), 10, "... to one that wants none, singly");
	gro(0, 0);
	send_batch(1);
	is_int(calls_for_batch(1, 1), 10,
	       "... from one that wants none: it came singly");
	end();
}

/* A worker that does not read: bounded, and no other worker suffers. */
static void asleep(void)
{
	unsigned long drops = figure(KDTLS_STAT, "KdtlsDropQueue");
	int size = 10000;
	struct reader r;

	begin(AF_INET, AF_INET, false, 2, 10);
	steer(0);
	need(!setsockopt(g.w[1].server, SOL_SOCKET, SO_RCVBUF, &size,
			 sizeof(size)), "SO_RCVBUF");
	canary_fill(out, 1000, 1);
	for (int n = 0; n < 100; n++) {
		send(g.cl[1].fd, out, 1000, 0);
		if (n % 20 == 0)
			pair_poll(g.w[0].server, POLLIN, 0);
	}
	ok(figure(KDTLS_STAT, "KdtlsDropQueue") > drops,
	   "one does not read: what is over SO_RCVBUF is dropped");
	for (int i = 0; i < 10; i += 2)
		says(i);
	for (int i = 0; i < 10; i += 2)
		ok(pair_poll(g.w[0].server, POLLIN, 5000) &&
		   serve(0) % 2 == 0, "... and the other serves peer %d", i);
	read_start(&r, 1, 100, 300);
	pthread_join(r.thread, NULL);
	ok(r.got > 4 && r.got < 100, "... the rest can be read");
	for (int i = 0; i < 10; i += 2)
		need(canary_heard(g.cl[i].fd, 99, i), "answer");
	all_talk("... and all talk again");
	end();
}

static void strangers(void)
{
	unsigned long drops = figure(KDTLS_STAT, "KdtlsDropNoAssoc");
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	begin(AF_INET, AF_INET, false, 3, 3);
	for (int n = 0; n < 30; n++)
		sendto(fd, "\x17\xfe\xfd\0\1", 5, 0, (void *)&g.where.addr,
		       g.where.addr_len);
	all_talk("strangers");
	is_int(figure(KDTLS_STAT, "KdtlsDropNoAssoc") - drops, 30,
	       "... are dropped, and counted once");
	close(fd);
	end();
}

/* One peer with two local addresses, of two workers. */
static void several_homes(void)
{
	struct sockaddr_storage from = { .ss_family = AF_INET }, to, local;
	struct sockaddr_in *to4 = (void *)&to;
	struct dtls_keys keys;
	int fd[2], one = 1, good = 0;
	socklen_t len;

	begin(AF_INET, AF_INET, true, 2, 0);
	steer(0);
	((struct sockaddr_in *)&from)->sin_addr.s_addr = htonl(0x7f000009);
	for (int k = 0; k < 2; k++) {
		to = g.where.addr;
		to4->sin_addr.s_addr = htonl(0x7f000001 + k);
		local = to;
		fd[k] = socket(AF_INET, SOCK_DGRAM, 0);
		len = sizeof(from);
		need(!setsockopt(fd[k], SOL_SOCKET, SO_REUSEADDR, &one,
				 sizeof(one)) &&
		     !bind(fd[k], (void *)&from, g.where.addr_len) &&
		     !getsockname(fd[k], (void *)&from, &len) &&
		     !connect(fd[k], (void *)&to, g.where.addr_len) &&
		     !setsockopt(fd[k], SOL_IP, DTLS_ULP, "dtls", 4), "peer");
		crowd_keys(&keys, 70 + k, true);
		need(!pair_set_keys(fd[k], &keys), "keys of a peer");
		good += !crowd_add(&g.w[k], 70 + k, &from, &local);
	}
	is_int(good, 2, "a wildcard: one peer, two addresses, two workers");
	is_int(crowd_add(&g.w[0], 1, &from, &local), EEXIST,
	       "... each address once");
	for (int k = 1; k >= 0; k--) {
		canary_fill(out, 100, k);
		need(send(fd[k], out, 100, 0) == 100, "send");
		ok(crowd_recv(&g.w[k], in, sizeof(in), NULL, NULL, NULL) == 100 &&
		   !memcmp(in, out, 100), "... each is found at its own");
	}
	close(fd[0]);
	close(fd[1]);
	end();
}

/*
 * Outside the group: has its own table, may have the same peers
 * as the group, and gets none of their records.
 */
static void outside(struct crowd *c, const char *what)
{
	int count[PEERS] = { 0 };

	is_int(crowd_add(c, 99, &g.cl[0].addr, NULL), 0,
	       "%s: has a table of its own", what);
	for (int i = 0; i < 3; i++)
		says(i);
	/* UDP chooses either */
	while (serve_any(count, 100) > 0)
		;
	for (int i = 0; i < 3; i++)
		need(!count[i] || canary_heard(g.cl[i].fd, 99, i), "answer");
	ok(!pair_poll(c->server, POLLIN, 0), "... and nothing of the group's");
	close(c->server);
	all_talk("... which works");
}

static void other_user(struct crowd *c)
{
	need(!seteuid(65534), "seteuid");
	crowd_share(c, &g.where, SO_REUSEPORT);
	need(!seteuid(0), "seteuid");
}

static void other_address(struct crowd *c)
{
	struct crowd where = g.where;

	((struct sockaddr_in *)&where.addr)->sin_addr.s_addr =
		htonl(INADDR_ANY);
	crowd_share(c, &where, SO_REUSEPORT);
}

static void late_reuseport(struct crowd *c)
{
	int one = 1;

	crowd_share(c, &g.where, SO_REUSEADDR);
	need(!setsockopt(c->server, SOL_SOCKET, SO_REUSEPORT, &one,
			 sizeof(one)), "SO_REUSEPORT");
}

/* In a separate process: an errno. */
static int other_namespace(void)
{
	struct crowd c;
	int status = -1;
	pid_t pid = fork();

	if (!pid) {
		need(!unshare(CLONE_NEWNET) && !system("ip link set lo up"),
		     "a namespace");
		crowd_share(&c, &g.where, SO_REUSEPORT);
		_exit(crowd_add(&c, 99, &g.cl[0].addr, NULL));
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void outsiders(void)
{
	struct crowd c;

	begin(AF_INET, AF_INET, false, 3, 3);
	other_user(&c);
	outside(&c, "a socket of another user");
	other_address(&c);
	outside(&c, "a socket of another address");
	crowd_share(&c, &g.where, SO_REUSEADDR);
	outside(&c, "a socket without SO_REUSEPORT");
	late_reuseport(&c);
	outside(&c, "a socket with SO_REUSEPORT too late");
	/* both have this address; only keyed, nothing is sent there */
	is_int(other_namespace(), 0, "a socket of another network namespace");
	end();
}

static void bind_to(int k, const char *device)
{
	need(!setsockopt(g.w[k].server, SOL_SOCKET, SO_BINDTODEVICE, device,
			 strlen(device)), "SO_BINDTODEVICE");
}

/*
 * SO_BINDTODEVICE takes a socket out of its group, but not out of the table: a
 * peer of another device is another peer.
 */
static void other_device(void)
{
	struct sockaddr_storage peer;

	need(!system("ip link add far type veth peer name near"), "a device");
	begin(AF_INET, AF_INET, true, 3, 6);
	steer(0);
	bind_to(1, "near");
	peer = g.cl[0].addr;
	is_int(crowd_add(&g.w[1], 99, &peer, NULL), 0,
	       "one leaves for a device: a peer has a place there too");
	is_int(crowd_add(&g.w[1], 99, &peer, NULL), EEXIST, "... once");
	peer = g.cl[2].addr;
	is_int(crowd_add(&g.w[0], 99, &peer, NULL), EEXIST,
	       "... the rest stay a group");
	for (int i = 0; i < 6; i++)
		says(i);
	is_int(heard_of(4), 4,
	       "... and its own peers are not received by another device");
	bind_to(1, "lo");
	all_talk("bound to the device of its peers: they talk");
	peer = g.cl[0].addr;
	is_int(crowd_add(&g.w[1], 98, &peer, NULL), 0,
	       "a third device, a third peer");
	end();
	need(!system("ip link del near"), "a device less");
}

int main(void)
{
	struct capture *tap = capture_start(NULL, NULL);

	come_and_go();
	families();
	others();
	limits();
	ends();
	wakes_readers();
	wakes_epoll(0, "epoll");
	wakes_epoll(EPOLLET, "epoll, edges");
	batches();
	asleep();
	strangers();
	several_homes();
	outsiders();
	other_device();
	capture_check(tap, "all of this");
	return done_testing();
}
