// SPDX-License-Identifier: GPL-2.0
/* One of many peers gets its own socket; its queued records move with it. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/in6.h>
#include <linux/net_tstamp.h>
#include <netinet/udp.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "capture.h"
#include "crowd.h"
#include "figure.h"
#include "tap.h"

#define PEERS	4
#define PLENTY	13
#define ORDERS		100

static char out[2000], in[2000];

static bool said(int fd, size_t len, unsigned int seed)
{
	canary_fill(out, len, seed);
	return send(fd, out, len, 0) == (ssize_t)len;
}

static bool silent(int fd)
{
	return !pair_poll(fd, POLLIN, 50);
}

/* At its own socket; the other gets nothing. */
static bool talks_own(struct crowd *c, struct client *cl, int fd)
{
	return said(cl->fd, 300, cl->n) && canary_heard(fd, 300, cl->n) &&
	       said(fd, 301, cl->n) && canary_heard(cl->fd, 301, cl->n) &&
	       silent(c->server);
}

static bool refused(int fd, __u64 id, __u32 flags, int err)
{
	return crowd_peeloff(fd, id, flags) == -1 && errno == err;
}

static bool is_at(int fd, const struct sockaddr_storage *peer)
{
	struct sockaddr_storage addr;
	socklen_t len = sizeof(addr);

	memset(&addr, 0, sizeof(addr));
	return !getpeername(fd, (void *)&addr, &len) && same_addr(&addr, peer);
}

static int port(int fd)
{
	struct sockaddr_in6 addr;
	socklen_t len = sizeof(addr);

	/* at the same offset in both families */
	return getsockname(fd, (void *)&addr, &len) ? -1 : addr.sin6_port;
}

/* With this socket's addresses. */
static bool has_status(int fd, __u64 id)
{
	struct sockaddr_storage addr;
	struct dtls_status status;
	socklen_t len = sizeof(status);

	if (getsockopt(fd, SOL_DTLS, DTLS_STATUS, &status, &len))
		return false;
	len = sizeof(addr);
	return status.assoc == id && status.state == DTLS_STATE_ESTABLISHED &&
	       is_at(fd, (void *)&status.peer) &&
	       !getsockname(fd, (void *)&addr, &len) &&
	       same_addr(&addr, (void *)&status.local);
}

/* The state at the first socket afterwards. */
static bool left(struct crowd *c, struct client *cl)
{
	struct dtls_status status;

	return crowd_status(c, cl->id, NULL, &status) == ENOENT &&
	       crowd_status(c, 0, &cl->addr, &status) == ENOENT &&
	       crowd_send(c, &cl->addr, 0, out, 9) == -1 &&
	       errno == ENOTCONN &&
	       crowd_send(c, NULL, cl->id, out, 9) == -1 &&
	       errno == ENOTCONN &&
	       setsockopt(c->server, SOL_DTLS, DTLS_CLOSE, &cl->id,
			  sizeof(cl->id)) == -1 && errno == ENOENT &&
	       refused(c->server, cl->id, 0, ENOENT);
}

static bool says_goodbye(int fd)
{
	return pair_poll(fd, POLLIN, 5000) && recv(fd, in, sizeof(in), 0) == 0;
}

/* The same address with new keys. */
static void comes_back(struct crowd *c, struct client *cl, int family)
{
	struct sockaddr_storage from, to;
	socklen_t len = sizeof(from), to_len = sizeof(to);
	struct dtls_keys keys;
	struct dtls_status status;

	need(!getsockname(cl->fd, (void *)&from, &len) &&
	     !getpeername(cl->fd, (void *)&to, &to_len), "addresses");
	close(cl->fd);
	cl->fd = socket(family, SOCK_DGRAM, 0);
	need(!bind(cl->fd, (void *)&from, len) &&
	     !connect(cl->fd, (void *)&to, to_len) &&
	     !setsockopt(cl->fd, SOL_IP, DTLS_ULP, "dtls", 4), "again");
	cl->n += 100;
	crowd_keys(&keys, cl->n, true);
	need(!pair_set_keys(cl->fd, &keys), "keys of a client");
	errno = crowd_add(c, cl->n, &cl->addr, NULL);
	need(!errno, "its keys on the server");
	errno = crowd_status(c, 0, &cl->addr, &status);
	need(!errno, "status");
	cl->id = status.assoc;
}

static void each_family(int family, int client_family, bool any,
			const char *what)
{
	struct client cl[PEERS];
	int fd[PEERS], i, good = 0;
	struct crowd c;

	crowd_open(&c, family, any);
	for (i = 0; i < PEERS; i++)
		client_open(&cl[i], &c, client_family, i);
	for (i = 0; i < PEERS; i++)
		good += crowd_talks(&c, &cl[i]);
	is_int(good, PEERS, "%s: %d peers talk", what, PEERS);
	fd[0] = crowd_peeloff(c.server, cl[0].id, 0);
	ok(fd[0] >= 0 && is_at(fd[0], &cl[0].addr) &&
	   port(fd[0]) == port(c.server) && has_status(fd[0], cl[0].id),
	   "%s: one has a socket of its own", what);
	ok(talks_own(&c, &cl[0], fd[0]), "%s: and talks by it", what);
	ok(left(&c, &cl[0]), "%s: unknown at the other", what);
	is_int(crowd_add(&c, 99, &cl[0].addr, NULL), EEXIST,
	       "%s: but that its place is taken", what);
	ok(crowd_talks(&c, &cl[1]) && crowd_talks(&c, &cl[2]), "%s: the rest talk", what);

	for (good = 0, i = 1; i < PEERS; i++) {
		fd[i] = crowd_peeloff(c.server, cl[i].id, 0);
		good += fd[i] >= 0;
	}
	for (i = 0; i < PEERS; i++)
		good += talks_own(&c, &cl[i], fd[i]);
	is_int(good, 2 * PEERS - 1, "%s: all have", what);

	close(fd[0]);
	ok(says_goodbye(cl[0].fd), "%s: close() sends close_notify", what);
	comes_back(&c, &cl[0], client_family);
	ok(crowd_talks(&c, &cl[0]), "%s: then it may return with new keys", what);
	fd[0] = crowd_peeloff(c.server, cl[0].id, 0);
	ok(talks_own(&c, &cl[0], fd[0]), "%s: and leave again", what);

	close(cl[1].fd);
	ok(says_goodbye(fd[1]) && silent(c.server) &&
	   send(fd[1], out, 9, 0) == -1 && errno == EPIPE,
	   "%s: close_notify of a peer is for its own socket", what);
	close(fd[1]);
	close(c.server);
	for (good = 0, i = 2; i < PEERS; i++) {
		good += said(cl[i].fd, 50, i) && canary_heard(fd[i], 50, i);
		close(cl[i].fd);
		good += says_goodbye(fd[i]);
		close(fd[i]);
	}
	close(fd[0]);
	close(cl[0].fd);
	is_int(good, 2 * (PEERS - 2),
	       "%s: they outlive the socket that they come from", what);
}

static void errors(struct crowd *c, struct client *cl)
{
	struct rlimit was, none = { 0 };
	struct dtls_peeloff p = { .assoc = cl->id };
	socklen_t len = sizeof(p) - 1;

	ok(refused(c->server, 0, 0, ENOENT) &&
	   refused(c->server, 1ULL << 60, 0, ENOENT), "no such association");
	ok(refused(c->server, cl->id, 1, EINVAL), "an unknown flag");
	ok(getsockopt(c->server, SOL_DTLS, DTLS_PEELOFF, &p, &len) == -1 &&
	   errno == EINVAL, "too short");
	len = sizeof(p);
	ok(getsockopt(c->server, SOL_DTLS, DTLS_PEELOFF, (void *)8, &len) ==
	   -1 && errno == EFAULT, "a bad address");
	ok(refused(cl->fd, cl->id, 0, EOPNOTSUPP), "a connected socket");
	ok(setsockopt(c->server, SOL_DTLS, DTLS_PEELOFF, &p, sizeof(p)) == -1 &&
	   errno == ENOPROTOOPT, "it is not to be set");
	need(!getrlimit(RLIMIT_NOFILE, &was), "getrlimit");
	none.rlim_max = was.rlim_max;
	need(!setrlimit(RLIMIT_NOFILE, &none), "setrlimit");
	ok(refused(c->server, cl->id, 0, EMFILE), "no file descriptor left");
	need(!setrlimit(RLIMIT_NOFILE, &was), "setrlimit");
	ok(crowd_talks(c, cl), "after all that it talks as before");
}

static void set(int fd, int option, int value)
{
	need(!setsockopt(fd, SOL_SOCKET, option, &value, sizeof(value)),
	     "setsockopt");
}

static int get(int fd, int level, int option)
{
	socklen_t len = sizeof(int);
	int value = -1;

	getsockopt(fd, level, option, &value, &len);
	return value;
}

/* Unrelated sockets at the port, and groups. */
static void ports(struct crowd *c, struct client *cl)
{
	int other = socket(AF_INET, SOCK_DGRAM, 0), fd;

	set(c->server, SO_REUSEADDR, 1);
	set(other, SO_REUSEADDR, 1);
	need(!bind(other, (void *)&c->addr, c->addr_len), "bind");
	set(other, SO_REUSEADDR, 0);
	ok(refused(c->server, cl->id, 0, EADDRINUSE),
	   "the port is another socket's too");
	close(other);
	set(c->server, SO_REUSEADDR, 0);
	ok(crowd_talks(c, cl), "it talks as before");
	set(c->server, SO_REUSEPORT, 1);
	ok(refused(c->server, cl->id, 0, EOPNOTSUPP), "SO_REUSEPORT");
	set(c->server, SO_REUSEPORT, 0);

	fd = crowd_peeloff(c->server, cl->id, 0);
	other = socket(AF_INET, SOCK_DGRAM, 0);
	set(other, SO_REUSEADDR, 1);
	ok(!get(c->server, SOL_SOCKET, SO_REUSEADDR) &&
	   bind(other, (void *)&c->addr, c->addr_len) == -1 &&
	   errno == EADDRINUSE, "afterwards no other socket can bind the port");
	ok(talks_own(c, cl, fd), "the peer talks by its own");
	close(other);
	close(fd);
}

/* Flags, and inherited options. */
static void inherits(struct crowd *c, struct client *cl)
{
	int fd, one = 1, plain = socket(AF_INET, SOCK_DGRAM, 0);
	__u32 info = 0;
	socklen_t len = sizeof(info);

	set(c->server, SO_RCVBUF, 54321);
	set(c->server, SO_PRIORITY, 3);
	set(c->server, SO_MARK, 7);
	need(!setsockopt(c->server, SOL_UDP, UDP_GRO, &one, sizeof(one)),
	     "UDP_GRO");
	fd = crowd_peeloff(c->server, cl[0].id, 0);
	ok(!(fcntl(fd, F_GETFD) & FD_CLOEXEC) &&
	   !(fcntl(fd, F_GETFL) & O_NONBLOCK), "no flags");
	ok(get(fd, SOL_SOCKET, SO_RCVBUF) == 2 * 54321 &&
	   get(fd, SOL_SOCKET, SO_SNDBUF) ==
	   get(plain, SOL_SOCKET, SO_SNDBUF) &&
	   get(fd, SOL_SOCKET, SO_PRIORITY) == 3 &&
	   get(fd, SOL_SOCKET, SO_MARK) == 7 &&
	   get(fd, SOL_UDP, UDP_GRO) == 1 &&
	   !getsockopt(fd, SOL_DTLS, DTLS_RECVINFO, &info, &len) &&
	   info == DTLS_RECVINFO_ASSOC, "options are inherited");
	close(fd);
	fd = crowd_peeloff(c->server, cl[1].id, SOCK_CLOEXEC | SOCK_NONBLOCK);
	ok(fcntl(fd, F_GETFD) & FD_CLOEXEC && fcntl(fd, F_GETFL) & O_NONBLOCK,
	   "both flags");
	close(fd);
	close(plain);
}

/* kernel/inherit.c; design.md has the list. */
struct option {
	int		level, name, value;
	const char	*what;
};

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define OPTION(level, name, value)	{ level, name, value, #name }

static const struct option of_sockets[] = {
	OPTION(SOL_SOCKET, SO_MARK, 7),
	OPTION(SOL_SOCKET, SO_RCVBUF, 54321),
	OPTION(SOL_SOCKET, SO_SNDBUF, 65432),
	OPTION(SOL_SOCKET, SO_TIMESTAMP, 1),
	OPTION(SOL_SOCKET, SO_TIMESTAMPING, SOF_TIMESTAMPING_RX_SOFTWARE |
	       SOF_TIMESTAMPING_SOFTWARE),
	OPTION(SOL_SOCKET, SO_BUSY_POLL, 50),
	OPTION(SOL_SOCKET, SO_PREFER_BUSY_POLL, 1),
	OPTION(SOL_SOCKET, SO_RXQ_OVFL, 1),
	OPTION(SOL_SOCKET, SO_SELECT_ERR_QUEUE, 1),
	OPTION(SOL_SOCKET, SO_MAX_PACING_RATE, 1000000),
	OPTION(SOL_SOCKET, SO_NO_CHECK, 1),
	OPTION(SOL_IP, IP_TTL, 33),
	OPTION(SOL_IP, IP_TOS, 0x28),
	/* after IP_TOS, which changes it */
	OPTION(SOL_SOCKET, SO_PRIORITY, 3),
	OPTION(SOL_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE),
	OPTION(SOL_IP, IP_PKTINFO, 1),
	OPTION(SOL_IP, IP_RECVTTL, 1),
	OPTION(SOL_IP, IP_RECVTOS, 1),
	OPTION(SOL_IP, IP_RECVERR, 1),
	OPTION(SOL_IP, IP_FREEBIND, 1),
	OPTION(SOL_IP, IP_TRANSPARENT, 1),
};

static const struct option of_ipv6[] = {
	OPTION(SOL_IPV6, IPV6_UNICAST_HOPS, 44),
	OPTION(SOL_IPV6, IPV6_TCLASS, 0x28),
	OPTION(SOL_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_PROBE),
	OPTION(SOL_IPV6, IPV6_RECVPKTINFO, 1),
	OPTION(SOL_IPV6, IPV6_RECVHOPLIMIT, 1),
	OPTION(SOL_IPV6, IPV6_RECVTCLASS, 1),
	OPTION(SOL_IPV6, IPV6_RECVERR, 1),
	OPTION(SOL_IPV6, IPV6_DONTFRAG, 1),
	OPTION(SOL_IPV6, IPV6_AUTOFLOWLABEL, 0),
	OPTION(SOL_IPV6, IPV6_FREEBIND, 1),
	OPTION(SOL_IPV6, IPV6_TRANSPARENT, 1),
	OPTION(SOL_UDP, UDP_NO_CHECK6_TX, 1),
	OPTION(SOL_UDP, UDP_NO_CHECK6_RX, 1),
};

static void set_all(int fd, const struct option *o, int n)
{
	for (int i = 0; i < n; i++)
		need(!setsockopt(fd, o[i].level, o[i].name, &o[i].value,
				 sizeof(int)), o[i].what);
}

static bool same_option(int fd, int other, const struct option *o)
{
	return get(fd, o->level, o->name) == get(other, o->level, o->name);
}

/* The first socket's value differs from the default, and the new one has it. */
static void have_all(int parent, int child, int plain, const struct option *o,
		     int n)
{
	for (int i = 0; i < n; i++)
		ok(!same_option(parent, plain, &o[i]) &&
		   same_option(child, parent, &o[i]), "inherited: %s",
		   o[i].what);
}

static void have_none(int child, int plain, const struct option *o, int n)
{
	int good = 0;

	for (int i = 0; i < n; i++)
		good += same_option(child, plain, &o[i]);
	/* attaching turns IP fragmentation off */
	is_int(good, n - 1, "and nothing that was not set");
}

/* As a user without the privilege for most of them. */
static int peeloff_as_nobody(int server, __u64 id)
{
	int fd;

	need(!setresuid(65534, 65534, 0), "setresuid");
	fd = crowd_peeloff(server, id, 0);
	need(!setresuid(0, 0, 0), "setresuid");
	return fd;
}

static void inherits_each(int family, const struct option *o, int n)
{
	int plain = socket(family, SOCK_DGRAM, 0), fd[2], one = 1;
	struct client cl[2];
	struct crowd c;

	crowd_open(&c, family, false);
	for (int i = 0; i < 2; i++)
		client_open(&cl[i], &c, family, 600 + i);
	fd[0] = peeloff_as_nobody(c.server, cl[0].id);
	set_all(c.server, o, n);
	fd[1] = peeloff_as_nobody(c.server, cl[1].id);
	have_all(c.server, fd[1], plain, o, n);
	have_none(fd[0], plain, o, n);
	/* the server's datagrams have no checksum any more */
	if (family == AF_INET6)
		need(!setsockopt(cl[1].fd, SOL_UDP, UDP_NO_CHECK6_RX, &one,
				 sizeof(one)), "UDP_NO_CHECK6_RX");
	ok(said(fd[1], 300, 1) && canary_heard(cl[1].fd, 300, 1),
	   "with all of them it talks");
	for (int i = 0; i < 2; i++) {
		close(fd[i]);
		close(cl[i].fd);
	}
	close(plain);
	close(c.server);
}

/* TPROXY: an address that is not this host's. */
static void inherits_transparency(void)
{
	struct sockaddr_storage peer, here;
	struct sockaddr_in *p = (void *)&peer, *h = (void *)&here;
	int plain = socket(AF_INET, SOCK_DGRAM, 0), fd, one = 1;
	socklen_t len = sizeof(here);
	struct dtls_status status;
	struct crowd c;

	memset(&here, 0, sizeof(here));
	memset(&peer, 0, sizeof(peer));
	crowd_open(&c, AF_INET, true);
	need(!setsockopt(c.server, SOL_IP, IP_TRANSPARENT, &one, sizeof(one)),
	     "IP_TRANSPARENT");
	p->sin_family = AF_INET;
	p->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	need(!bind(plain, (void *)p, sizeof(*p)) &&
	     !getsockname(plain, (void *)p, &len), "bind");
	*h = *(struct sockaddr_in *)&c.addr;
	inet_pton(AF_INET, "198.51.100.7", &h->sin_addr);
	errno = crowd_add(&c, 700, &peer, &here);
	need(!errno, "keys");
	need(!crowd_status(&c, 0, &peer, &status), "status");
	fd = peeloff_as_nobody(c.server, status.assoc);
	ok(fd >= 0 && has_status(fd, status.assoc),
	   "IP_TRANSPARENT: a socket at a foreign address");
	len = sizeof(peer);
	ok(said(fd, 100, 1) && pair_poll(plain, POLLIN, 2000) &&
	   recvfrom(plain, in, sizeof(in), 0, (void *)&peer, &len) > 100 &&
	   same_addr(&peer, &here), "it sends from there");
	close(fd);
	close(plain);
	close(c.server);
}

/* Neither socket gets datagrams that a filter drops. */
static void inherits_filter(void)
{
	struct sock_filter nothing = { BPF_RET | BPF_K, 0, 0, 0 };
	struct sock_fprog prog = { 1, &nothing };
	struct client cl;
	struct crowd c;
	int fd, one = 1;

	crowd_open(&c, AF_INET, false);
	client_open(&cl, &c, AF_INET, 710);
	need(!setsockopt(c.server, SOL_SOCKET, SO_ATTACH_FILTER, &prog,
			 sizeof(prog)), "SO_ATTACH_FILTER");
	need(!setsockopt(c.server, SOL_SOCKET, SO_LOCK_FILTER, &one,
			 sizeof(one)), "SO_LOCK_FILTER");
	fd = crowd_peeloff(c.server, cl.id, 0);
	ok(said(cl.fd, 100, 1) && silent(fd), "a filter is inherited");
	ok(setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &one, sizeof(one)) &&
	   errno == EPERM, "and that it is locked");
	close(fd);
	close(cl.fd);
	close(c.server);
}

/* Opened by the work item, between those of others. */
static void records_move(struct crowd *c, struct client *cl)
{
	int fd, i, good = 0;

	for (i = 0; i < 10; i++)
		good += said(cl[i % 2].fd, 200 + i, i);
	usleep(300000);		/* no reader: all are opened */
	good += said(cl[0].fd, 210, 10);
	fd = crowd_peeloff(c->server, cl[0].id, 0);
	good += said(cl[0].fd, 212, 12);
	for (i = 0; i <= 12 && canary_heard(fd, 200 + i, i); i += 2)
		good++;
	is_int(good, 19, "what was opened moves, in order");
	ok(silent(fd), "and comes once");
	for (good = 0, i = 1;
	     i < 10 && canary_heard(c->server, 200 + i, i); i += 2)
		good++;
	is_int(good, 5, "records of others stay");
	ok(silent(c->server), "and nothing else");
	close(fd);
}

/* The work item opens beside the call: some before it, some in it. */
static void order_stays(struct crowd *c)
{
	int fd, i, n, good = 0;
	struct client cl;

	for (n = 0; n < ORDERS; n++) {
		client_open(&cl, c, AF_INET, PLENTY + n);
		for (i = 0; i < 8; i++)
			said(cl.fd, 200 + i, i);
		fd = crowd_peeloff(c->server, cl.id, 0);
		said(cl.fd, 208, 8);
		for (i = 0; i <= 8 && canary_heard(fd, 200 + i, i); i++)
			;
		good += i == 9;
		close(fd);
		close(cl.fd);
	}
	is_int(good, ORDERS, "what is opened meanwhile keeps its order");
}

/*
 * A full inbox, and in UDP's queue the rest of one peer's records and all of
 * the other's. While the socket is polled the work item waits: it opens when
 * SO_RCVBUF, which bounds both, is below what is queued.
 */
static int fill(struct crowd *c, struct client *cl, struct client *last)
{
	int i, good = 0;

	set(c->server, SO_RCVBUF, 100000);
	for (i = 0; i < 16; i++) {
		pair_poll(c->server, POLLIN, 0);
		said(cl->fd, 1000, i);
	}
	for (i = 0; i < 5; i++)
		good += said(last->fd, 200 + i, i);
	set(c->server, SO_RCVBUF, 6000);
	usleep(300000);
	return good;
}

/* Reads the records of fill(), without poll(), which would open more. */
static int drain(struct crowd *c)
{
	const struct timeval patience = { .tv_usec = 200000 }, none = { 0 };
	int n = 0;

	setsockopt(c->server, SOL_SOCKET, SO_RCVTIMEO, &patience,
		   sizeof(patience));
	while (recv(c->server, in, sizeof(in), 0) == 1000)
		n++;
	setsockopt(c->server, SOL_SOCKET, SO_RCVTIMEO, &none, sizeof(none));
	return n;
}

static int in_order(int fd, int n)
{
	int i = 0;

	while (i < n && canary_heard(fd, 200 + i, i))
		i++;
	return i;
}

static void datagrams_move(struct crowd *c, struct client *cl)
{
	int fd, good = fill(c, &cl[1], &cl[0]);

	set(c->server, SO_RCVBUF, 100000);
	fd = crowd_peeloff(c->server, cl[0].id, SOCK_NONBLOCK);
	is_int(good + in_order(fd, 5), 10,
	       "what UDP's queue held moves, in order");
	ok(silent(fd), "and comes once");
	is_int(drain(c), 16, "the other socket has the records of others");
	close(fd);
}

/* No space to open earlier records: they follow when the other is read. */
static void datagrams_follow(struct crowd *c, struct client *cl)
{
	int fd, good = fill(c, &cl[1], &cl[0]);

	fd = crowd_peeloff(c->server, cl[0].id, SOCK_NONBLOCK);
	ok(silent(fd), "behind a full inbox nothing moves");
	is_int(drain(c), 16, "others are read");
	is_int(good + in_order(fd, 5), 10, "then it follows, in order");
	ok(silent(fd), "and comes once");
	set(c->server, SO_RCVBUF, 100000);
	close(fd);
}

struct reading {
	int	fd;
	ssize_t	len;
};

static void *reads(void *arg)
{
	struct reading *r = arg;
	char buf[2000];

	r->len = recv(r->fd, buf, sizeof(buf), 0);
	return NULL;
}

/* A thread sleeps in recv() on the first socket throughout. */
static void reader_inside(struct crowd *c, struct client *cl)
{
	struct reading r = { c->server, 0 };
	pthread_t thread;
	int fd;

	need(!pthread_create(&thread, NULL, reads, &r), "thread");
	usleep(100000);
	fd = crowd_peeloff(c->server, cl[0].id, 0);
	ok(said(cl[0].fd, 500, 1) && canary_heard(fd, 500, 1),
	   "a reader inside of recv() does not get it");
	need(said(cl[1].fd, 400, 2), "send");
	pthread_join(thread, NULL);
	is_int(r.len, 400, "but what is for it");
	close(fd);
}

static void copies(struct crowd *c, struct client *cl)
{
	int fd = crowd_peeloff(c->server, cl->id, 0), again = dup(fd), status = -1;
	pid_t child;

	close(fd);
	ok(talks_own(c, cl, again), "a copy of the descriptor is as good");
	child = fork();
	if (!child)
		_exit(!said(again, 60, 3));
	ok(waitpid(child, &status, 0) == child && !status &&
	   canary_heard(cl->fd, 60, 3), "a child process sends by it");
	ok(talks_own(c, cl, again), "and leaves it open");
	shutdown(c->server, SHUT_WR);
	ok(silent(cl->fd) && said(again, 70, 4) && canary_heard(cl->fd, 70, 4),
	   "shutdown() of the other socket is not for it");
	close(again);
	ok(says_goodbye(cl->fd), "the last close() sends close_notify");
}

struct taking {
	int	server, fd;
	__u64	id;
};

static void *takes(void *arg)
{
	struct taking *t = arg;

	t->fd = crowd_peeloff(t->server, t->id, 0);
	if (t->fd < 0)
		t->fd = -errno;
	return NULL;
}

/* Two threads call it for the same association. */
static void two_at_once(void)
{
	struct taking t[2];
	pthread_t thread[2];
	struct client cl[20];
	struct crowd c;
	int good = 0;

	crowd_open(&c, AF_INET, true);
	for (int i = 0; i < 20; i++) {
		client_open(&cl[i], &c, AF_INET, i);
		for (int j = 0; j < 2; j++) {
			t[j] = (struct taking){ c.server, -1, cl[i].id };
			need(!pthread_create(&thread[j], NULL, takes, &t[j]),
			     "thread");
		}
		pthread_join(thread[0], NULL);
		pthread_join(thread[1], NULL);
		good += (t[0].fd >= 0 && t[1].fd == -ENOENT) ||
			(t[1].fd >= 0 && t[0].fd == -ENOENT);
		close(t[0].fd >= 0 ? t[0].fd : t[1].fd);
		close(cl[i].fd);
	}
	is_int(good, 20, "of two threads one takes it, the other finds none");
	close(c.server);
}

/* Two addresses of the server, one of the client. */
static void several_homes(void)
{
	struct sockaddr_in from = { .sin_family = AF_INET }, to, local;
	socklen_t len = sizeof(from);
	struct dtls_status status;
	struct dtls_keys keys;
	int fd[2], own[2], one = 1, good = 0;
	struct crowd c;

	crowd_open(&c, AF_INET, true);
	from.sin_addr.s_addr = htonl(0x7f000009);
	for (int i = 0; i < 2; i++) {
		to = *(struct sockaddr_in *)&c.addr;
		to.sin_addr.s_addr = htonl(0x7f000001 + i);
		fd[i] = socket(AF_INET, SOCK_DGRAM, 0);
		setsockopt(fd[i], SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
		need(!bind(fd[i], (void *)&from, len) &&
		     !getsockname(fd[i], (void *)&from, &len) &&
		     !connect(fd[i], (void *)&to, len) &&
		     !setsockopt(fd[i], SOL_IP, DTLS_ULP, "dtls", 4), "client");
		crowd_keys(&keys, 800 + i, true);
		need(!pair_set_keys(fd[i], &keys), "keys of a client");
		memset(&keys, 0, sizeof(keys));
		memcpy(&keys.peer, &from, len);
		memcpy(&keys.local, &to, len);
		errno = crowd_add(&c, 800 + i, &keys.peer, &keys.local);
		need(!errno, "keys of the server");
	}
	for (int i = 0; i < 2; i++) {
		struct client cl = { .fd = fd[i], .n = 800 + i };

		need(said(fd[i], 100, 1) &&
		     crowd_recv(&c, in, sizeof(in), NULL, &cl.id, NULL) == 100,
		     "its id");
		own[i] = crowd_peeloff(c.server, cl.id, 0);
		len = sizeof(local);
		good += !getsockname(own[i], (void *)&local, &len) &&
			local.sin_addr.s_addr == htonl(0x7f000001 + i) &&
			has_status(own[i], cl.id) &&
			crowd_status(&c, cl.id, NULL, &status) == ENOENT;
		good += talks_own(&c, &cl, own[i]);
	}
	is_int(good, 4, "one peer of two of our addresses: two sockets");
	close(own[0]);
	ok(says_goodbye(fd[0]) && said(own[1], 80, 5) &&
	   canary_heard(fd[1], 80, 5),
	   "one of them ends alone");
	close(own[1]);
	close(fd[0]);
	close(fd[1]);
	close(c.server);
}

static void sockets_gone(void)
{
	int n;

	for (int i = 0; i < 100; i++) {
		n = figure(KDTLS_STAT, "KdtlsCurr");
		if (!n)
			break;
		usleep(100000);
	}
	is_int(n, 0, "no socket and no association is left over");
}

int main(void)
{
	struct capture *tap = capture_start(NULL, NULL);
	struct client cl[PLENTY];
	struct crowd c;

	each_family(AF_INET, AF_INET, false, "IPv4");
	each_family(AF_INET, AF_INET, true, "IPv4, any address");
	each_family(AF_INET6, AF_INET6, false, "IPv6");
	each_family(AF_INET6, AF_INET6, true, "IPv6, any address");
	each_family(AF_INET6, AF_INET, true, "IPv4 on IPv6");
	several_homes();
	two_at_once();
	inherits_each(AF_INET, of_sockets, ARRAY_SIZE(of_sockets));
	inherits_each(AF_INET6, of_ipv6, ARRAY_SIZE(of_ipv6));
	inherits_transparency();
	inherits_filter();

	crowd_open(&c, AF_INET, false);
	for (int i = 0; i < PLENTY; i++)
		client_open(&cl[i], &c, AF_INET, i);
	errors(&c, &cl[0]);
	ports(&c, &cl[0]);
	records_move(&c, &cl[1]);
	order_stays(&c);
	datagrams_move(&c, &cl[3]);
	reader_inside(&c, &cl[5]);
	datagrams_follow(&c, &cl[7]);
	inherits(&c, &cl[9]);
	copies(&c, &cl[11]);
	close(c.server);
	for (int i = 0; i < PLENTY; i++)
		close(cl[i].fd);
	sockets_gone();
	capture_check(tap, "all of this");
	return done_testing();
}
