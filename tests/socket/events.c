// SPDX-License-Identifier: GPL-2.0
/*
 * DTLS_EVENTS: events of an association are queued in the error queue of its
 * socket, if that has enabled them, and nowhere else.
 */
#include <arpa/inet.h>
#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "capture.h"
#include "crowd.h"
#include "tap.h"

#define ALL	(DTLS_EVENT_ESTABLISHED | DTLS_EVENT_REPLACED | \
		 DTLS_EVENT_CLOSED | DTLS_EVENT_FAILED | DTLS_EVENT_LIMIT | \
		 DTLS_EVENT_UPDATED | DTLS_EVENT_MOVED)
#define CLIENTS	4
#define GROUPED	16
#define MANY	40
#define HASTE	20

static const char fatal[2] = { 2, 40 };	/* handshake_failure */
static const char goodbye[2] = { 1, 0 };	/* close_notify */
static char out[2000], in[2000];

/* A message of the error queue. */
struct told {
	struct dtls_event	event;
	ssize_t			len;
	struct sockaddr_storage	name;
	struct sock_extended_err ee;
	int			flags;
	bool			stamped;
};

static int asks(int fd, __u32 mask)
{
	return setsockopt(fd, SOL_DTLS, DTLS_EVENTS, &mask, sizeof(mask)) ?
	       errno : 0;
}

static __u32 asked(int fd)
{
	__u32 mask = 99;
	socklen_t len = sizeof(mask);

	need(!getsockopt(fd, SOL_DTLS, DTLS_EVENTS, &mask, &len), "getsockopt");
	return mask;
}

static bool no_error(int fd)
{
	socklen_t len = sizeof(int);
	int err = 99;

	return !getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len) && !err;
}

/* The next message now, into a buffer of this size. */
static bool read_queue(int fd, struct told *t, size_t room)
{
	char control[512];
	struct iovec iov = { &t->event, room };
	struct msghdr msg = {
		.msg_name = &t->name, .msg_namelen = sizeof(t->name),
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	void *ee;

	memset(t, 0, sizeof(*t));
	t->len = recvmsg(fd, &msg, MSG_ERRQUEUE | MSG_DONTWAIT);
	if (t->len < 0)
		return false;
	ee = cmsg_of(&msg, SOL_IP, IP_RECVERR);
	if (!ee)
		ee = cmsg_of(&msg, SOL_IPV6, IPV6_RECVERR);
	need(ee, "a control message");
	memcpy(&t->ee, ee, sizeof(t->ee));
	t->flags = msg.msg_flags;
	t->stamped = cmsg_of(&msg, SOL_SOCKET, SCM_TIMESTAMPING);
	return true;
}

static bool nothing(int fd)
{
	struct told t;

	return !pair_poll(fd, POLLERR, 0) && !read_queue(fd, &t, 8) &&
	       errno == EAGAIN;
}

/* The next message is an event, whole. */
static bool next(int fd, struct told *t)
{
	return pair_poll(fd, POLLERR, 5000) &&
	       read_queue(fd, t, sizeof(t->event)) &&
	       t->len == sizeof(t->event) && t->flags == MSG_ERRQUEUE &&
	       t->ee.ee_origin == DTLS_EE_ORIGIN &&
	       t->ee.ee_errno == t->event.error;
}

/* ... of this kind, for this client. */
static bool tells(int fd, const struct client *cl, __u32 kind, __u32 reason,
		  struct told *t)
{
	if (next(fd, t) && t->event.kind == kind &&
	    t->event.reason == reason && t->event.assoc == cl->id &&
	    !t->event.other && !t->event.lost &&
	    same_addr((void *)&t->event.peer, &cl->addr) &&
	    same_addr(&t->name, &cl->addr))
		return true;
	diag("%zd bytes, kind %#x, reason %u, assoc %llu of %llu, lost %u",
	     t->len, t->event.kind, t->event.reason, t->event.assoc, cl->id,
	     t->event.lost);
	return false;
}

static bool closes(int fd, const struct client *cl, __u32 reason, int alert,
		   int error)
{
	struct told t;

	return tells(fd, cl, DTLS_EVENT_CLOSED, reason, &t) &&
	       t.event.alert == alert && t.event.error == (__u32)error;
}

static bool begins(int fd, const struct client *cl)
{
	struct told t;

	return tells(fd, cl, DTLS_EVENT_ESTABLISHED, DTLS_REASON_NONE, &t) &&
	       !t.event.alert && !t.event.error;
}

static void close_one(struct crowd *c, const struct client *cl)
{
	need(!setsockopt(c->server, SOL_DTLS, DTLS_CLOSE, &cl->id,
			 sizeof(cl->id)), "DTLS_CLOSE");
}

/* A peer without a socket, at the server's address. */
static void ghost(struct crowd *c, struct client *cl, unsigned int n)
{
	struct dtls_status status;

	memset(cl, 0, sizeof(*cl));
	cl->n = n;
	memcpy(&cl->addr, &c->addr, sizeof(cl->addr));
	/* at the same offset in both families */
	((struct sockaddr_in *)&cl->addr)->sin_port = htons(2000 + n);
	errno = crowd_add(c, n, &cl->addr, NULL);
	need(!errno, "keys");
	errno = crowd_status(c, 0, &cl->addr, &status);
	need(!errno, "status");
	cl->id = status.assoc;
}

static void option(struct crowd *c)
{
	char two[2] = { 1 };

	is_int(asked(c->server), 0, "none enabled by default");
	is_int(asks(c->server, ALL + 1), EINVAL, "an unknown event");
	is_int(asks(c->server, DTLS_EVENT_LOST), EINVAL, "one that comes unasked");
	ok(setsockopt(c->server, SOL_DTLS, DTLS_EVENTS, two, 2) &&
	   errno == EINVAL, "two bytes");
	is_int(asked(c->server), 0, "it is not set");
	is_int(asks(c->server, DTLS_EVENT_LIMIT), 0, "limits");
	is_int(asked(c->server), DTLS_EVENT_LIMIT, "reads back");
	is_int(asks(c->server, 0), 0, "nothing again");
}

/*
 * The first poll() opens the datagram before the work item, which waits
 * 50 ms after the last poll, that of begin. If this thread slept longer, the
 * work item may be opening it at this moment.
 */
static bool first_poll_tells(int fd, long begin)
{
	return pair_poll(fd, POLLERR, 0) ||
	       (pair_ms() - begin >= 50 && pair_poll(fd, POLLERR, 5000));
}

/* The same ends, with events enabled and without. */
static void all_ends(struct crowd *c, struct client *cl, bool told,
		     const char *what)
{
	int fd = c->server;
	long begin = pair_ms();

	need(nothing(fd), "an empty queue");
	close(cl[0].fd);
	ok(told ? first_poll_tells(fd, begin) &&
		  closes(fd, &cl[0], DTLS_REASON_PEER, 1 << 8, 0) :
		  nothing(fd), "%s: close_notify", what);
	pair_send_typed(cl[1].fd, DTLS_TYPE_ALERT, fatal, sizeof(fatal));
	ok(told ? closes(fd, &cl[1], DTLS_REASON_PEER, 2 << 8 | 40, 0) :
		  nothing(fd), "%s: a fatal alert", what);
	close_one(c, &cl[2]);
	ok(told ? closes(fd, &cl[2], DTLS_REASON_CLOSE, 0, 0) : nothing(fd),
	   "%s: DTLS_CLOSE", what);
	ok(nothing(fd) && no_error(fd), "%s: that is all", what);
	ok(crowd_talks(c, &cl[3]), "%s: the others have nothing to do with it", what);
	for (int i = 1; i < CLIENTS; i++)
		close(cl[i].fd);
}

static void each_family(int family, int client_family, bool any,
			const char *what)
{
	struct client cl[CLIENTS], other[CLIENTS];
	struct crowd c, quiet;
	int good = 0;

	crowd_open(&c, family, any);
	crowd_open(&quiet, family, any);
	need(!asks(c.server, ALL), "DTLS_EVENTS");
	for (int i = 0; i < CLIENTS; i++)
		client_open(&other[i], &quiet, client_family, i);
	for (int i = 0; i < CLIENTS; i++)
		client_open(&cl[i], &c, client_family, 100 + i);
	for (int i = 0; i < CLIENTS; i++)
		good += begins(c.server, &cl[i]);
	is_int(good, CLIENTS, "%s: established, in their order", what);
	ok(nothing(c.server), "%s: and nothing else", what);
	all_ends(&quiet, other, false, "events not enabled");
	all_ends(&c, cl, true, what);
	close(c.server);
	close(quiet.server);
}

/* A socket that enabled ends gets only ends. */
static void some_kinds(void)
{
	struct client cl[2];
	struct crowd c;
	struct told t;

	crowd_open(&c, AF_INET, false);
	need(!asks(c.server, DTLS_EVENT_CLOSED), "DTLS_EVENTS");
	for (int i = 0; i < 2; i++)
		ghost(&c, &cl[i], i);
	ok(nothing(c.server), "ends only: no beginning");
	close_one(&c, &cl[0]);
	ok(closes(c.server, &cl[0], DTLS_REASON_CLOSE, 0, 0),
	   "ends only: an end");
	need(!asks(c.server, 0), "DTLS_EVENTS");
	close_one(&c, &cl[1]);
	ok(nothing(c.server), "nothing any more");

	need(!asks(c.server, ALL), "DTLS_EVENTS");
	ghost(&c, &cl[0], 3);
	ok(pair_poll(c.server, POLLERR, 0) && read_queue(c.server, &t, 16) &&
	   t.len == 16 && t.flags == (MSG_ERRQUEUE | MSG_TRUNC) &&
	   t.event.kind == DTLS_EVENT_ESTABLISHED && t.event.assoc == cl[0].id,
	   "a small buffer gets the beginning");
	close(c.server);
}

static void idle(void)
{
	struct client cl;
	__u32 one = 1;
	struct crowd c;

	crowd_open(&c, AF_INET, false);
	need(!asks(c.server, DTLS_EVENT_CLOSED) &&
	     !setsockopt(c.server, SOL_DTLS, DTLS_IDLE_TIMEOUT, &one,
			 sizeof(one)), "options");
	ghost(&c, &cl, 1);
	ok(closes(c.server, &cl, DTLS_REASON_IDLE, 0, ETIMEDOUT),
	   "a peer is silent for too long");
	close(c.server);
}

/* 7/8 of the records that RFC 9147 section 4.5.3 allows for AES-GCM. */
static void limit(void)
{
	const unsigned long long most = 23726566;
	struct client cl = { .n = 1 };
	struct dtls_status status;
	struct dtls_keys keys;
	struct crowd c;
	struct told t;

	crowd_open(&c, AF_INET, false);
	need(!asks(c.server, DTLS_EVENT_LIMIT), "DTLS_EVENTS");
	crowd_keys(&keys, cl.n, false);
	keys.tx.seq = most - most / 8;
	memcpy(&cl.addr, &c.addr, sizeof(cl.addr));
	((struct sockaddr_in *)&cl.addr)->sin_port = htons(2000);
	memcpy(&keys.peer, &cl.addr, sizeof(keys.peer));
	need(!pair_set_keys(c.server, &keys), "keys");
	need(!crowd_status(&c, 0, &cl.addr, &status), "status");
	cl.id = status.assoc;
	ok(crowd_send(&c, NULL, cl.id, out, 9) == 9 && nothing(c.server),
	   "seven eighths of the limit: not yet");
	ok(crowd_send(&c, NULL, cl.id, out, 9) == 9 &&
	   tells(c.server, &cl, DTLS_EVENT_LIMIT, DTLS_REASON_SEALED, &t),
	   "the next record is over it");
	ok(crowd_send(&c, NULL, cl.id, out, 9) == 9 && nothing(c.server),
	   "the event is queued once");
	close(c.server);
}

/* How many events arrive or are counted as lost, in order. */
static int counted(int fd, const struct client *cl, unsigned int *lost)
{
	struct told t;
	int n = 0;

	*lost = 0;
	while (pair_poll(fd, POLLERR, 100) && next(fd, &t)) {
		n += t.event.lost;
		*lost += t.event.lost;
		if (t.event.kind == DTLS_EVENT_LOST && t.event.lost &&
		    !t.event.assoc && !t.event.peer.ss_family)
			continue;
		if (n >= MANY || t.event.kind != DTLS_EVENT_ESTABLISHED ||
		    t.event.assoc != cl[n].id)
			return -1;
		n++;
	}
	return n;
}

static void small_buffer(int fd)
{
	int one = 1;

	need(!setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &one, sizeof(one)),
	     "SO_RCVBUF");
}

static void full_queue(void)
{
	struct client cl[MANY + 1];
	unsigned int lost;
	struct crowd c;

	crowd_open(&c, AF_INET, false);
	small_buffer(c.server);
	need(!asks(c.server, ALL), "DTLS_EVENTS");
	for (int i = 0; i < MANY; i++)
		ghost(&c, &cl[i], i);
	is_int(counted(c.server, cl, &lost), MANY,
	       "a full queue: lost events are reported in their place");
	ok(lost && lost < MANY, "... %u of %d", lost, MANY);
	ghost(&c, &cl[MANY], MANY);
	ok(begins(c.server, &cl[MANY]), "then it has space again");
	ok(nothing(c.server), "and no event is left");
	close(c.server);
}

/* No space, and no message in the error queue to read. */
static void full_of_data(void)
{
	struct client cl[2];
	struct crowd c;
	struct told t;
	int got = 0;

	crowd_open(&c, AF_INET, false);
	small_buffer(c.server);
	for (int i = 0; i < 2; i++)
		client_open(&cl[i], &c, AF_INET, i);
	need(!asks(c.server, ALL), "DTLS_EVENTS");
	canary_fill(out, 1000, 1);
	for (int i = 0; i < 200; i++) {
		need(send(cl[0].fd, out, 1000, 0) == 1000, "send");
		if (i == 100)
			usleep(300000);	/* the work item has run */
	}
	close_one(&c, &cl[1]);
	ok(nothing(c.server), "full of data: an event is lost");
	while (recv(c.server, in, sizeof(in), MSG_DONTWAIT) == 1000)
		got++;
	ok(got && next(c.server, &t) && t.event.kind == DTLS_EVENT_LOST &&
	   t.event.lost == 1, "... reported after that was read");
	ok(nothing(c.server), "... once");
	for (int i = 0; i < 2; i++)
		close(cl[i].fd);
	close(c.server);
}

static void own_socket(void)
{
	struct client cl[2];
	struct crowd c;
	int fd;

	crowd_open(&c, AF_INET, false);
	for (int i = 0; i < 2; i++)
		client_open(&cl[i], &c, AF_INET, i);
	need(!asks(c.server, DTLS_EVENT_CLOSED), "DTLS_EVENTS");
	fd = crowd_peeloff(c.server, cl[0].id, 0);
	need(fd >= 0, "peeloff");
	is_int(asked(fd), DTLS_EVENT_CLOSED, "a socket of its own asks as well");
	/* a closed peer would answer the close_notify with ICMP */
	pair_send_typed(cl[0].fd, DTLS_TYPE_ALERT, goodbye, sizeof(goodbye));
	ok(closes(fd, &cl[0], DTLS_REASON_PEER, 1 << 8, 0),
	   "... and gets the event of its end");
	ok(nothing(c.server) && nothing(fd) && no_error(fd),
	   "... and no other socket");
	close(cl[1].fd);
	ok(closes(c.server, &cl[1], DTLS_REASON_PEER, 1 << 8, 0) &&
	   nothing(fd), "the other gets the events of its own");
	close(cl[0].fd);
	close(fd);
	close(c.server);
}

static void connected(void)
{
	struct client a = { 0 };
	struct dtls_status status;
	socklen_t len = sizeof(status);
	struct pair p;

	pair_open(&p, AF_INET, DTLS_CIPHER_AES_128_GCM);
	need(!asks(p.a, ALL), "DTLS_EVENTS");
	need(!getsockopt(p.a, SOL_DTLS, DTLS_STATUS, &status, &len), "status");
	a.id = status.assoc;
	a.addr = p.addr_b;
	pair_send_typed(p.b, DTLS_TYPE_ALERT, goodbye, sizeof(goodbye));
	ok(closes(p.a, &a, DTLS_REASON_PEER, 1 << 8, 0) && nothing(p.a),
	   "a connected socket: close_notify");
	ok(no_error(p.a) && recv(p.a, in, sizeof(in), 0) == 0,
	   "... and reads its end");
	pair_close(&p);
}

/* Workers that share a port: UDP delivers some datagrams to another. */
static void group(void)
{
	struct crowd where, w[2];
	struct client cl[GROUPED];
	int got = 0;

	crowd_open(&where, AF_INET, false);
	close(where.server);
	for (int k = 0; k < 2; k++) {
		crowd_share(&w[k], &where, SO_REUSEPORT);
		need(!asks(w[k].server, DTLS_EVENT_CLOSED), "DTLS_EVENTS");
	}
	for (int i = 0; i < GROUPED; i++)
		client_open(&cl[i], &w[!i], AF_INET, i);
	for (int i = 1; i < GROUPED; i++) {
		close(cl[i].fd);
		pair_poll(w[1].server, POLLERR, 0);
		got += closes(w[0].server, &cl[i], DTLS_REASON_PEER, 1 << 8,
			      0);
	}
	is_int(got, GROUPED - 1, "workers: the one with the peers gets the events");
	ok(nothing(w[1].server), "... whoever got the datagrams");
	close(cl[0].fd);
	pair_poll(w[0].server, POLLERR, 0);
	ok(closes(w[1].server, &cl[0], DTLS_REASON_PEER, 1 << 8, 0) &&
	   nothing(w[0].server), "... and the other those of its own");
	for (int k = 0; k < 2; k++)
		close(w[k].server);
}

/* The end comes with the keys: other threads read it at once. */
static struct {
	volatile bool	over;
	int		fd, server;
	size_t		len;
	unsigned char	record[PAIR_MAX_RECORD];
} haste;

static void *says_goodbye(void *arg)
{
	while (!haste.over) {
		send(haste.fd, haste.record, haste.len, 0);
		usleep(500);
	}
	return arg;
}

static void *looks(void *arg)
{
	while (!haste.over)
		pair_poll(haste.server, POLLIN, 1);
	return arg;
}

static void order(void)
{
	pthread_t talker, looker;
	struct dtls_keys keys;
	struct told t[2];
	struct pair p;
	int good = 0;

	haste.len = pair_record_typed(DTLS_CIPHER_AES_128_GCM, 1, 7,
				      DTLS_TYPE_ALERT, goodbye,
				      sizeof(goodbye), haste.record);
	pair_plain(&p, AF_INET);
	haste.fd = p.a;
	haste.server = socket(AF_INET, SOCK_DGRAM, 0);
	close(p.b);
	need(!bind(haste.server, (void *)&p.addr_b, p.addr_len) &&
	     !setsockopt(haste.server, SOL_IP, DTLS_ULP, "dtls", 4) &&
	     !asks(haste.server, ALL), "a server");
	pair_keys(&keys, DTLS_CIPHER_AES_128_GCM, false);
	memcpy(&keys.peer, &p.addr_a, sizeof(keys.peer));
	need(!pthread_create(&talker, NULL, says_goodbye, NULL) &&
	     !pthread_create(&looker, NULL, looks, NULL), "threads");
	for (int i = 0; i < HASTE; i++) {
		need(!pair_set_keys(haste.server, &keys), "keys");
		good += next(haste.server, &t[0]) && next(haste.server, &t[1]) &&
			t[0].event.kind == DTLS_EVENT_ESTABLISHED &&
			t[1].event.kind == DTLS_EVENT_CLOSED &&
			t[0].event.assoc == t[1].event.assoc;
	}
	haste.over = true;
	pthread_join(talker, NULL);
	pthread_join(looker, NULL);
	is_int(good, HASTE, "established is queued before closed");
	close(haste.server);
	close(p.a);
}

static int edges(int ep, int ms)
{
	struct epoll_event e;

	return epoll_wait(ep, &e, 1, ms);
}

static void by_edge(void)
{
	struct epoll_event e = { .events = EPOLLET };
	int ep = epoll_create1(0);
	struct client cl[3];
	struct crowd c;

	crowd_open(&c, AF_INET, false);
	need(!asks(c.server, DTLS_EVENT_CLOSED), "DTLS_EVENTS");
	for (int i = 0; i < 2; i++)
		ghost(&c, &cl[i], i);
	client_open(&cl[2], &c, AF_INET, 2);
	need(!epoll_ctl(ep, EPOLL_CTL_ADD, c.server, &e), "epoll_ctl");
	is_int(edges(ep, 50), 0, "by edge: idle");
	close_one(&c, &cl[0]);
	is_int(edges(ep, 2000), 1, "by edge: an event");
	is_int(edges(ep, 50), 0, "by edge: unread, it is no new one");
	close_one(&c, &cl[1]);
	is_int(edges(ep, 2000), 1, "by edge: another");
	ok(closes(c.server, &cl[0], DTLS_REASON_CLOSE, 0, 0) &&
	   closes(c.server, &cl[1], DTLS_REASON_CLOSE, 0, 0),
	   "by edge: both are read");
	while (edges(ep, 50) == 1)
		;
	close(cl[2].fd);
	is_int(edges(ep, 2000), 1, "by edge: an alert that epoll itself opens");
	ok(closes(c.server, &cl[2], DTLS_REASON_PEER, 1 << 8, 0),
	   "by edge: is read");
	close(ep);
	close(c.server);
}

/* One message that is not an event. */
static bool others(int fd, int origin, const struct client *cl)
{
	struct told t;

	return pair_poll(fd, POLLERR, 5000) &&
	       read_queue(fd, &t, sizeof(t.event)) &&
	       t.ee.ee_origin == origin &&
	       (!cl || (t.ee.ee_errno == ECONNREFUSED &&
			same_addr(&t.name, &cl->addr)));
}

/*
 * In one queue with UDP's messages, each with its own address: ICMP errors of a
 * record, and of the close_notify, whose destination port is closed. That is not
 * a datagram of the application and has no time stamp.
 */
static void beside_udp(int family, int level, int name, int origin)
{
	const char *v = family == AF_INET ? "IPv4" : "IPv6";
	const int stamps = SOF_TIMESTAMPING_TX_SOFTWARE |
			   SOF_TIMESTAMPING_SOFTWARE |
			   SOF_TIMESTAMPING_OPT_TSONLY;
	struct client cl[2];
	struct crowd c;
	struct told t;
	int one = 1;

	crowd_open(&c, family, false);
	need(!asks(c.server, DTLS_EVENT_CLOSED) &&
	     !setsockopt(c.server, level, name, &one, sizeof(one)) &&
	     !setsockopt(c.server, SOL_SOCKET, SO_TIMESTAMPING, &stamps,
			 sizeof(stamps)), "options");
	for (int i = 0; i < 2; i++)
		ghost(&c, &cl[i], i);
	for (int i = 0; i < 2; i++) {
		need(crowd_send(&c, &cl[i].addr, 0, out, 100) == 100, "send");
		ok(others(c.server, SO_EE_ORIGIN_TIMESTAMPING, NULL),
		   "%s: a time stamp", v);
		ok(others(c.server, origin, &cl[i]), "%s: an ICMP error", v);
		close_one(&c, &cl[i]);
		ok(others(c.server, origin, &cl[i]), "%s: another", v);
		ok(tells(c.server, &cl[i], DTLS_EVENT_CLOSED,
			 DTLS_REASON_CLOSE, &t) && !t.stamped,
		   "%s: an event, without a time stamp", v);
		ok(nothing(c.server) && no_error(c.server),
		   "%s: that is all", v);
	}
	close(c.server);
}

/* An address that can be sent to has its scope id. */
static void link_local(void)
{
	struct sockaddr_in6 peer = {
		.sin6_family = AF_INET6, .sin6_port = htons(2000),
		.sin6_scope_id = 1,
	};
	const struct sockaddr_in6 *name;
	struct client cl = { .n = 1 };
	struct dtls_status status;
	struct crowd c;
	struct told t;
	int one = 1;

	inet_pton(AF_INET6, "fe80::d715", &peer.sin6_addr);
	memcpy(&cl.addr, &peer, sizeof(peer));
	crowd_open(&c, AF_INET6, true);
	need(!asks(c.server, ALL) &&
	     !setsockopt(c.server, SOL_IPV6, IPV6_RECVPKTINFO, &one,
			 sizeof(one)), "options");
	need(!crowd_add(&c, 1, &cl.addr, NULL) &&
	     !crowd_status(&c, 0, &cl.addr, &status), "a peer on a link");
	cl.id = status.assoc;
	name = (void *)&t.name;
	ok(tells(c.server, &cl, DTLS_EVENT_ESTABLISHED, DTLS_REASON_NONE, &t) &&
	   name->sin6_scope_id == 1, "a link-local peer");
	close(c.server);
}

int main(void)
{
	struct capture *tap = capture_start(NULL, NULL);
	struct crowd c;

	canary_fill(out, sizeof(out), 1);
	crowd_open(&c, AF_INET, false);
	option(&c);
	close(c.server);
	each_family(AF_INET, AF_INET, false, "IPv4");
	each_family(AF_INET6, AF_INET6, false, "IPv6");
	each_family(AF_INET6, AF_INET, true, "v4-mapped");
	some_kinds();
	idle();
	limit();
	full_queue();
	full_of_data();
	own_socket();
	connected();
	group();
	order();
	by_edge();
	beside_udp(AF_INET, SOL_IP, IP_RECVERR, SO_EE_ORIGIN_ICMP);
	beside_udp(AF_INET6, SOL_IPV6, IPV6_RECVERR, SO_EE_ORIGIN_ICMP6);
	link_local();
	capture_check(tap, "all of this");
	return done_testing();
}
