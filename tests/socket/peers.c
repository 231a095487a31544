// SPDX-License-Identifier: GPL-2.0
/* One socket, many peers: senders, destinations, ends. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/udp.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "capture.h"
#include "crowd.h"
#include "figure.h"
#include "tap.h"

#define MANY	8

static char out[20000], in[20000];

static bool silent(int fd)
{
	return !pair_poll(fd, POLLIN, 50);
}

static bool no_error(struct crowd *c)
{
	int err = -1;
	socklen_t len = sizeof(err);

	return !getsockopt(c->server, SOL_SOCKET, SO_ERROR, &err, &len) &&
	       !err && !pair_poll(c->server, POLLERR | POLLHUP | POLLRDHUP, 0);
}

static void set_v4(struct sockaddr_storage *addr, const char *host, int port)
{
	struct sockaddr_in *in4 = (void *)addr;

	memset(addr, 0, sizeof(*addr));
	in4->sin_family = AF_INET;
	in4->sin_port = htons(port);
	inet_pton(AF_INET, host, &in4->sin_addr);
}

static bool same_host(const struct __kernel_sockaddr_storage *a,
		      const struct sockaddr_storage *b)
{
	return ((const struct sockaddr_in *)a)->sin_addr.s_addr ==
	       ((const struct sockaddr_in *)b)->sin_addr.s_addr;
}

static void refused_addresses(struct crowd *c)
{
	struct sockaddr_storage peer, local;

	set_v4(&peer, "127.0.0.1", 0);
	is_int(crowd_add(c, 1, &peer, NULL), EINVAL, "a peer without a port");
	set_v4(&peer, "0.0.0.0", 9);
	is_int(crowd_add(c, 1, &peer, NULL), EINVAL, "a peer without address");
	set_v4(&peer, "224.0.0.1", 9);
	is_int(crowd_add(c, 1, &peer, NULL), EINVAL, "a multicast group");
	set_v4(&peer, "255.255.255.255", 9);
	is_int(crowd_add(c, 1, &peer, NULL), EINVAL, "the broadcast address");
	set_v4(&peer, "127.0.0.1", 9);
	peer.ss_family = AF_INET6;
	is_int(crowd_add(c, 1, &peer, NULL), EAFNOSUPPORT, "another family");
	set_v4(&local, "127.0.0.1", 0);
	is_int(crowd_add(c, 1, NULL, &local), EINVAL, "only a local address");
	set_v4(&peer, "127.0.0.1", 9);
	set_v4(&local, "127.0.0.2", 0);
	is_int(crowd_add(c, 1, &peer, &local), EADDRNOTAVAIL,
	       "a local address that the socket is not bound to");
	set_v4(&local, "127.0.0.1", 1);
	is_int(crowd_add(c, 1, &peer, &local), EADDRNOTAVAIL,
	       "a port that the socket is not bound to");
	is_int(crowd_add(c, 1, NULL, NULL), ENOTCONN, "no address at all");
	ok(send(c->server, out, 9, MSG_DONTWAIT) == -1 && errno == ENOTCONN,
	   "after all that the socket has asked for nothing");
}

static void refused_sockets(void)
{
	struct sockaddr_storage peer;
	struct crowd c;

	c.server = socket(AF_INET, SOCK_DGRAM, 0);
	need(!setsockopt(c.server, SOL_IP, DTLS_ULP, "dtls", 4), "attach");
	set_v4(&peer, "127.0.0.1", 9);
	is_int(crowd_add(&c, 1, &peer, NULL), EADDRNOTAVAIL,
	       "a socket that is not bound");
	need(!connect(c.server, (void *)&peer, sizeof(struct sockaddr_in)),
	     "connect");
	is_int(crowd_add(&c, 1, &peer, NULL), EISCONN, "a connected socket");
	close(c.server);
}

static void stays_unconnected(struct crowd *c, struct client *cl)
{
	struct sockaddr none = { .sa_family = AF_UNSPEC };

	ok(connect(c->server, (void *)&cl->addr, c->addr_len) == -1 &&
	   errno == EISCONN, "connect to a peer");
	ok(connect(c->server, &none, sizeof(none)) == -1 && errno == EISCONN,
	   "connect to AF_UNSPEC");
	ok(pair_poll(c->server, POLLOUT, 0), "it polls writable");
	is_int(crowd_add(c, 99, &cl->addr, NULL), EEXIST,
	       "a second association with the same peer");
}

static void addressees(struct crowd *c, struct client *a, struct client *b)
{
	struct sockaddr_storage other;

	set_v4(&other, "127.0.0.66", 66);
	ok(send(c->server, out, 9, 0) == -1 && errno == EDESTADDRREQ,
	   "send without an address");
	ok(crowd_send(c, &other, 0, out, 9) == -1 && errno == ENOTCONN,
	   "to an address without an association");
	ok(sendto(c->server, out, 9, 0, (void *)&a->addr, 3) == -1 &&
	   errno == EINVAL, "to an address that is too short");
	canary_fill(out, 77, 5);
	ok(crowd_send(c, NULL, b->id, out, 77) == 77 &&
	   canary_heard(b->fd, 77, 5),
	   "to an association by its id");
	ok(crowd_send(c, &b->addr, b->id, out, 77) == 77 &&
	   canary_heard(b->fd, 77, 5), "by both");
	ok(crowd_send(c, &a->addr, b->id, out, 77) == -1 && errno == ENOTCONN,
	   "by id and another's address");
	ok(crowd_send(c, NULL, 1ULL << 60, out, 77) == -1 && errno == ENOTCONN,
	   "to an id that there is not");
	ok(silent(a->fd) && silent(b->fd), "nothing else was sent");
}

static int option(int fd, int name, __u64 id, void *buf, socklen_t len)
{
	memcpy(buf, &id, len < sizeof(id) ? len : sizeof(id));
	return getsockopt(fd, SOL_DTLS, name, buf, &len) ? errno : 0;
}

static void options(struct crowd *c, struct client *a, struct client *b)
{
	struct dtls_status status;
	struct dtls_stats stats;
	__u32 mtu[2];

	ok(!crowd_status(c, a->id, NULL, &status) && status.assoc == a->id &&
	   status.state == DTLS_STATE_ESTABLISHED && status.rx_seq == 1 &&
	   same_addr((void *)&status.peer, &a->addr) &&
	   same_addr((void *)&status.local, &c->addr),
	   "DTLS_STATUS by id returns its addresses");
	ok(!crowd_status(c, 0, &b->addr, &status) && status.assoc == b->id &&
	   same_addr((void *)&status.peer, &b->addr),
	   "DTLS_STATUS by address returns its id");
	is_int(crowd_status(c, 1ULL << 60, NULL, &status), ENOENT,
	       "DTLS_STATUS of an id that there is not");
	is_int(crowd_status(c, 0, &c->addr, &status), ENOENT,
	       "DTLS_STATUS of an address that there is not");
	ok(!option(c->server, DTLS_STATS, a->id, &stats, sizeof(stats)) &&
	   stats.rx_records == 1 && stats.rx_bytes == 100 &&
	   stats.tx_records == 1 && stats.tx_bytes == 99,
	   "DTLS_STATS of one");
	ok(!option(c->server, DTLS_MTU, a->id, mtu, sizeof(mtu)) &&
	   mtu[0] == DTLS_MAX_CONTENT, "DTLS_MTU of one");
	is_int(option(c->server, DTLS_MTU, a->id, mtu, 4), EINVAL,
	       "DTLS_MTU: a buffer too short to name one");
	is_int(option(c->server, DTLS_PEER, a->id, in, 2000), ENODATA,
	       "DTLS_PEER of one");
	is_int(option(c->server, DTLS_EXPORTER, a->id, in, 100), ENODATA,
	       "DTLS_EXPORTER of one");
	is_int(option(c->server, DTLS_STATS, 1ULL << 60, in, 2000), ENOENT,
	       "DTLS_STATS of an id that there is not");
	is_int(crowd_status(&(struct crowd){ .server = a->fd }, 12345, NULL,
			    &status), 0, "a connected socket reads no id");
}

/* sendmmsg to all, recvmmsg from all. */
static void at_once(struct crowd *c, struct client *cl)
{
	struct sockaddr_storage from[MANY];
	const struct timeval patience = { .tv_sec = 10 }, none = { 0 };
	struct mmsghdr msgs[MANY] = { 0 };
	struct iovec iov[MANY];
	int i, j, good = 0, got;

	for (i = 0; i < MANY; i++) {
		canary_fill(out + i * 200, 100 + i, i);
		iov[i] = (struct iovec){ out + i * 200, 100 + i };
		msgs[i].msg_hdr.msg_name = &cl[i].addr;
		msgs[i].msg_hdr.msg_namelen = c->addr_len;
		msgs[i].msg_hdr.msg_iov = &iov[i];
		msgs[i].msg_hdr.msg_iovlen = 1;
	}
	is_int(sendmmsg(c->server, msgs, MANY, 0), MANY, "sendmmsg to %d peers",
	       MANY);
	for (i = 0; i < MANY; i++)
		good += canary_heard(cl[i].fd, 100 + i, i) && silent(cl[i].fd);
	is_int(good, MANY, "each has its own message");

	for (i = 0; i < MANY; i++) {
		canary_fill(out, 300 + i, cl[i].n);
		need(send(cl[i].fd, out, 300 + i, 0) == 300 + i, "send");
		iov[i] = (struct iovec){ in + i * 1000, 1000 };
		msgs[i].msg_hdr.msg_name = &from[i];
		msgs[i].msg_hdr.msg_namelen = sizeof(from[i]);
	}
	/* the work item may be opening one: wait for it */
	setsockopt(c->server, SOL_SOCKET, SO_RCVTIMEO, &patience,
		   sizeof(patience));
	got = recvmmsg(c->server, msgs, MANY, 0, NULL);
	setsockopt(c->server, SOL_SOCKET, SO_RCVTIMEO, &none, sizeof(none));
	is_int(got, MANY, "recvmmsg from %d peers", MANY);
	for (good = i = 0; i < got; i++)
		for (j = 0; j < MANY; j++) {
			canary_fill(out, 300 + j, cl[j].n);
			good += same_addr(&from[i], &cl[j].addr) &&
				msgs[i].msg_len == 300U + j &&
				!memcmp(in + i * 1000, out, 300 + j);
		}
	is_int(good, MANY, "each with its sender");
}

static ssize_t send_segments(int fd, size_t len, __u16 size)
{
	int value = size;
	ssize_t ret;

	need(!setsockopt(fd, SOL_UDP, UDP_SEGMENT, &value, sizeof(value)),
	     "UDP_SEGMENT");
	ret = send(fd, out, len, 0);
	value = 0;
	need(!setsockopt(fd, SOL_UDP, UDP_SEGMENT, &value, sizeof(value)),
	     "UDP_SEGMENT");
	return ret;
}

/* Batches of two peers, one after the other. */
static void batches(struct crowd *c, struct client *a, struct client *b)
{
	struct sockaddr_storage from;
	struct client *who[2] = { a, b };
	int on = 1, good = 0;
	size_t got[2] = { 0 };

	need(!setsockopt(c->server, SOL_UDP, UDP_GRO, &on, sizeof(on)), "GRO");
	canary_fill(out, 10000, 3);
	for (int i = 0; i < 2; i++)
		good += send_segments(who[i]->fd, 10000, 1000) == 10000;
	is_int(good, 2, "two peers send ten segments each");
	while (got[0] + got[1] < 20000) {
		ssize_t len = crowd_recv(c, in, sizeof(in), &from, NULL, NULL);
		int i = same_addr(&from, &b->addr);

		if (len <= 0 || len > (ssize_t)(10000 - got[i]) ||
		    memcmp(in, out + got[i], len) ||
		    !same_addr(&from, &who[i]->addr))
			break;
		got[i] += len;
	}
	ok(got[0] == 10000 && got[1] == 10000,
	   "UDP_GRO: a batch has one sender, and is complete");
	on = 0;
	need(!setsockopt(c->server, SOL_UDP, UDP_GRO, &on, sizeof(on)), "GRO");
	on = 1000;
	need(!setsockopt(c->server, SOL_UDP, UDP_SEGMENT, &on, sizeof(on)),
	     "UDP_SEGMENT");
	ok(crowd_send(c, &a->addr, 0, out, 3500) == 3500 &&
	   recv(a->fd, in, sizeof(in), 0) == 1000 &&
	   recv(a->fd, in, sizeof(in), 0) == 1000 &&
	   recv(a->fd, in, sizeof(in), 0) == 1000 &&
	   recv(a->fd, in, sizeof(in), 0) == 500 && silent(b->fd),
	   "UDP_SEGMENT to one of many");
	on = 0;
	need(!setsockopt(c->server, SOL_UDP, UDP_SEGMENT, &on, sizeof(on)),
	     "UDP_SEGMENT");
}

/* An unknown sender; and a known one with another peer's keys. */
static void strangers(struct crowd *c, struct client *a)
{
	unsigned long long drops = figure(KDTLS_STAT, "KdtlsDropNoAssoc");
	__u64 all[DTLS_DROP_COUNT];
	struct client odd;

	client_open(&odd, c, AF_INET, 500);
	need(!setsockopt(c->server, SOL_DTLS, DTLS_CLOSE, &odd.id,
			 sizeof(odd.id)), "DTLS_CLOSE");
	need(recv(odd.fd, in, sizeof(in), 0) == 0, "close_notify");
	close(odd.fd);

	odd.fd = socket(AF_INET, SOCK_DGRAM, 0);
	memset(in, 'x', 100);
	need(sendto(odd.fd, in, 100, 0, (void *)&c->addr, c->addr_len) == 100,
	     "plain");
	ok(silent(c->server) && figure(KDTLS_STAT, "KdtlsDropNoAssoc") > drops,
	   "a datagram of an unknown peer is dropped and counted");
	close(odd.fd);

	ok(crowd_talks(c, a), "the known peer still works");
	ok(!option(c->server, DTLS_DROPS, a->id, all, sizeof(all)) &&
	   !all[DTLS_DROP_NO_ASSOC],
	   "and has nothing to do with it");
}

static bool gone(struct crowd *c, struct client *cl)
{
	struct dtls_status status;

	return crowd_status(c, cl->id, NULL, &status) == ENOENT &&
	       crowd_status(c, 0, &cl->addr, &status) == ENOENT &&
	       crowd_send(c, &cl->addr, 0, out, 9) == -1 && errno == ENOTCONN;
}

/* One peer ends in each possible way; no other is affected. */
static void ends(struct crowd *c, struct client *cl)
{
	__u32 types = DTLS_RECVINFO_ASSOC | DTLS_RECVINFO_TYPE;
	__u32 info = DTLS_RECVINFO_ASSOC;
	struct sockaddr_storage from;
	__u8 type = 0;
	__u64 id = 0;

	close(cl[1].fd);
	ok(silent(c->server) && gone(c, &cl[1]) && no_error(c),
	   "close_notify of one: it is gone, and that is all");
	pair_send_typed(cl[2].fd, DTLS_TYPE_ALERT, "\2\50", 2);
	ok(silent(c->server) && gone(c, &cl[2]) && no_error(c),
	   "a fatal alert of one: it is gone, and that is all");
	close(cl[2].fd);
	need(!setsockopt(c->server, SOL_DTLS, DTLS_RECVINFO, &types,
			 sizeof(types)), "DTLS_RECVINFO");
	close(cl[3].fd);
	ok(crowd_recv(c, in, sizeof(in), &from, &id, &type) == 2 &&
	   type == DTLS_TYPE_ALERT && id == cl[3].id &&
	   same_addr(&from, &cl[3].addr) && gone(c, &cl[3]),
	   "with alerts enabled recvmsg returns its sender");
	need(!setsockopt(c->server, SOL_DTLS, DTLS_RECVINFO, &info,
			 sizeof(info)), "DTLS_RECVINFO");
	is_int(setsockopt(c->server, SOL_DTLS, DTLS_CLOSE, &cl[4].id,
			  sizeof(__u64)), 0, "DTLS_CLOSE of one");
	ok(pair_poll(cl[4].fd, POLLIN, 5000) &&
	   recv(cl[4].fd, in, sizeof(in), 0) == 0 && gone(c, &cl[4]),
	   "it has a close_notify and is gone");
	ok(setsockopt(c->server, SOL_DTLS, DTLS_CLOSE, &cl[4].id,
		      sizeof(__u64)) == -1 && errno == ENOENT,
	   "DTLS_CLOSE of one that is gone");
	ok(setsockopt(cl[5].fd, SOL_DTLS, DTLS_CLOSE, &cl[5].id,
		      sizeof(__u64)) == -1 && errno == EOPNOTSUPP,
	   "DTLS_CLOSE on a connected socket");
	ok(no_error(c) && crowd_talks(c, &cl[0]) && crowd_talks(c, &cl[5]) &&
	   crowd_talks(c, &cl[6]), "all others talk");
}

/* The same address, new keys, another id. */
static void again(struct crowd *c, struct client *cl)
{
	struct dtls_keys keys;
	struct dtls_status status;
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	close(cl->fd);
	ok(silent(c->server) && gone(c, cl), "another one sends close_notify");
	need(!bind(fd, (void *)&cl->addr, c->addr_len) &&
	     !connect(fd, (void *)&c->addr, c->addr_len) &&
	     !setsockopt(fd, SOL_IP, DTLS_ULP, "dtls", 4), "the address again");
	crowd_keys(&keys, 600, true);
	need(!pair_set_keys(fd, &keys), "keys");
	is_int(crowd_add(c, 600, &cl->addr, NULL), 0,
	       "an address can be keyed again");
	need(!crowd_status(c, 0, &cl->addr, &status), "status");
	ok(status.assoc > cl->id, "its id is new");
	*cl = (struct client){ fd, 600, cl->addr, status.assoc };
	ok(crowd_talks(c, cl), "and it talks");
}

/* An ICMP error of one peer is not an error of the socket. */
static void vanishes(struct crowd *c, struct client *cl)
{
	struct sockaddr_storage peer;
	socklen_t len = sizeof(peer);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	set_v4(&peer, "127.0.0.1", 0);
	need(!bind(fd, (void *)&peer, sizeof(struct sockaddr_in)) &&
	     !getsockname(fd, (void *)&peer, &len), "a plain socket");
	close(fd);
	is_int(crowd_add(c, 700, &peer, NULL), 0, "a peer that is not there");
	for (int i = 0; i < 3; i++)
		crowd_send(c, &peer, 0, out, 50);
	ok(no_error(c) && crowd_send(c, &peer, 0, out, 50) == 50 &&
	   crowd_talks(c, cl), "what is sent to it makes no error");
}

static int limit(struct crowd *c, __u32 value)
{
	return setsockopt(c->server, SOL_DTLS, DTLS_PEER_LIMIT, &value,
			  sizeof(value)) ? errno : 0;
}

static void parameter(const char *name, const char *value)
{
	char path[200];
	FILE *f;

	snprintf(path, sizeof(path), "/sys/module/kdtls/parameters/%s", name);
	f = fopen(path, "w");
	need(f && fputs(value, f) >= 0 && !fclose(f), path);
}

static void limits(struct crowd *c)
{
	struct sockaddr_storage peer;
	__u32 value = 0;
	socklen_t len = sizeof(value);

	set_v4(&peer, "127.0.0.77", 77);
	is_int(limit(c, 1), 0, "DTLS_PEER_LIMIT");
	ok(!getsockopt(c->server, SOL_DTLS, DTLS_PEER_LIMIT, &value, &len) &&
	   value == 1, "reads back");
	is_int(crowd_add(c, 1, &peer, NULL), ENOSPC, "no more than that");
	is_int(limit(c, 1000000000), 0, "a limit above the module's");
	ok(!getsockopt(c->server, SOL_DTLS, DTLS_PEER_LIMIT, &value, &len) &&
	   value == 131072, "is the module's");
	parameter("peers_per_net", "1");
	is_int(crowd_add(c, 1, &peer, NULL), EUSERS,
	       "no more than the network namespace may have");
	parameter("peers_per_net", "1048576");
	is_int(crowd_add(c, 1, &peer, NULL), 0, "then it may again");
}

static void all(int family, int client_family, const char *what)
{
	struct client cl[MANY];
	struct crowd c;
	int i, good = 0;

	crowd_open(&c, family, family != client_family);
	for (i = 0; i < MANY; i++)
		client_open(&cl[i], &c, client_family, i);
	for (i = 0; i < MANY; i++)
		good += crowd_talks(&c, &cl[i]);
	is_int(good, MANY, "%s: %d peers talk", what, MANY);
	at_once(&c, cl);
	close(c.server);
	for (good = i = 0; i < MANY; i++) {
		good += pair_poll(cl[i].fd, POLLIN, 5000) &&
			recv(cl[i].fd, in, sizeof(in), 0) == 0;
		close(cl[i].fd);
	}
	is_int(good, MANY, "%s: close() sends each a close_notify", what);
}

/* Two addresses of the server, one of the client: two associations. */
static void several_homes(void)
{
	struct sockaddr_storage from, to, local;
	struct dtls_status status;
	struct dtls_keys keys;
	struct crowd c;
	int fd[2], one = 1, good = 0;
	__u64 id[2] = { 0 };

	crowd_open(&c, AF_INET, true);
	set_v4(&from, "127.0.0.9", 0);
	for (int i = 0; i < 2; i++) {
		socklen_t len = sizeof(from);

		set_v4(&to, i ? "127.0.0.2" : "127.0.0.1", 0);
		local = to;
		((struct sockaddr_in *)&to)->sin_port =
			((struct sockaddr_in *)&c.addr)->sin_port;
		fd[i] = socket(AF_INET, SOCK_DGRAM, 0);
		setsockopt(fd[i], SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
		need(!bind(fd[i], (void *)&from, c.addr_len) &&
		     !getsockname(fd[i], (void *)&from, &len) &&
		     !connect(fd[i], (void *)&to, c.addr_len) &&
		     !setsockopt(fd[i], SOL_IP, DTLS_ULP, "dtls", 4), "client");
		crowd_keys(&keys, 800 + i, true);
		need(!pair_set_keys(fd[i], &keys), "keys of a client");
		good += !crowd_add(&c, 800 + i, &from, &local);
	}
	is_int(good, 2, "one peer, two of our addresses, two associations");
	is_int(crowd_add(&c, 1, &from, &local), EEXIST, "but not three");
	for (int i = 0; i < 2; i++) {
		struct client cl = { fd[i], 800 + i, from, 0 };

		canary_fill(out, 100, 1);
		need(send(fd[i], out, 100, 0) == 100, "send");
		good += crowd_recv(&c, in, sizeof(in), NULL, &id[i], NULL) ==
			100 && !memcmp(in, out, 100);
		cl.id = id[i];
		good += crowd_send(&c, NULL, cl.id, out, 44) == 44 &&
			canary_heard(fd[i], 44, 1);
		good += !crowd_status(&c, cl.id, NULL, &status) &&
			status.assoc == cl.id;
	}
	ok(good == 8 && id[0] != id[1],
	   "each is identified by its local address, and answered from there");
	close(fd[0]);
	ok(silent(c.server) && crowd_status(&c, id[0], NULL, &status) == ENOENT &&
	   !crowd_status(&c, id[1], NULL, &status), "one of them ends alone");
	close(fd[1]);
	close(c.server);
}

/* The maximum for one peer, each at another local address. */
#define HOMES	64

static void home(struct sockaddr_storage *local, unsigned int n)
{
	set_v4(local, "127.1.0.0", 0);
	((struct sockaddr_in *)local)->sin_addr.s_addr += htonl(n);
}

/* Microseconds of a message to the peer's address, minimum of several. */
static double send_time(struct crowd *c, struct client *cl)
{
	struct timespec from, to;
	double us, least = 1e9;

	for (int i = 0; i < 100; i++) {
		clock_gettime(CLOCK_MONOTONIC, &from);
		need(crowd_send(c, &cl->addr, 0, out, 50) == 50, "send");
		clock_gettime(CLOCK_MONOTONIC, &to);
		us = (to.tv_sec - from.tv_sec) * 1e6 +
		     (to.tv_nsec - from.tv_nsec) / 1e3;
		least = us < least ? us : least;
		while (recv(cl->fd, in, sizeof(in), MSG_DONTWAIT) > 0)
			;
	}
	return least;
}

static void many_homes(void)
{
	struct sockaddr_storage local, other;
	struct dtls_status status;
	struct client cl;
	struct crowd c;
	double one, all;
	int n, err = 0;

	crowd_open(&c, AF_INET, true);
	client_open(&cl, &c, AF_INET, 1);
	one = send_time(&c, &cl);
	for (n = 1; n < 2000 && !err; n++) {
		home(&local, n);
		err = crowd_add(&c, 2000 + n, &cl.addr, &local);
	}
	is_int(err, EMLINK, "one peer, more and more local addresses");
	is_int(n - 1, HOMES, "... it has as many associations as one may");
	other = cl.addr;
	((struct sockaddr_in *)&other)->sin_port ^= htons(1);
	is_int(crowd_add(&c, 1, &other, NULL), 0, "... another has none of them");
	need(!setsockopt(c.server, SOL_DTLS, DTLS_CLOSE, &cl.id,
			 sizeof(cl.id)), "DTLS_CLOSE");
	is_int(crowd_add(&c, 1, &cl.addr, &local), 0, "... one less, one more");
	is_int(crowd_add(&c, 1, &cl.addr, &local), EEXIST, "... but not twice");
	all = send_time(&c, &cl);
	diag("to the address of one of %d: %.1f us, of one: %.1f us", HOMES,
	     all, one);
	ok(!crowd_status(&c, 0, &cl.addr, &status) &&
	   same_host(&status.local, &local), "... which is the newest");
	close(cl.fd);
	close(c.server);
}

static int foreign(struct crowd *c, const char *host)
{
	struct sockaddr_storage peer = { 0 }, local = { 0 };
	struct sockaddr_in6 *peer6 = (void *)&peer, *local6 = (void *)&local;

	if (c->family == AF_INET) {
		set_v4(&peer, "127.0.0.88", 88);
		set_v4(&local, host, 0);
		return crowd_add(c, 1, &peer, &local);
	}
	peer6->sin6_family = AF_INET6;
	peer6->sin6_port = htons(88);
	inet_pton(AF_INET6, host[2] == 'f' ? "::ffff:127.0.0.88" : "::1",
		  &peer6->sin6_addr);
	local6->sin6_family = AF_INET6;
	inet_pton(AF_INET6, host, &local6->sin6_addr);
	return crowd_add(c, 1, &peer, &local);
}

/* As for bind(): local addresses only, unless an option permits others. */
static void foreign_homes(int family, const char *host, int level, int option)
{
	struct crowd c;
	int one = 1;

	crowd_open(&c, family, true);
	is_int(foreign(&c, host), EADDRNOTAVAIL, "%s is not local", host);
	need(!setsockopt(c.server, level, option, &one, sizeof(one)),
	     "an option");
	is_int(foreign(&c, host), 0, "... unless an option permits it");
	close(c.server);
}

/* Sets it and returns the old value. */
static char nonlocal_bind(char value)
{
	int fd = open("/proc/sys/net/ipv4/ip_nonlocal_bind", O_RDWR);
	char old = 0;

	need(fd >= 0 && pread(fd, &old, 1, 0) == 1 &&
	     pwrite(fd, &value, 1, 0) == 1, "ip_nonlocal_bind");
	close(fd);
	return old;
}

static void foreigners(void)
{
	char old = nonlocal_bind('0');
	struct crowd c;

	foreign_homes(AF_INET, "192.0.2.1", SOL_IP, IP_FREEBIND);
	foreign_homes(AF_INET, "192.0.2.1", SOL_IP, IP_TRANSPARENT);
	foreign_homes(AF_INET6, "2001:db8::1", SOL_IPV6, IPV6_FREEBIND);
	foreign_homes(AF_INET6, "::ffff:192.0.2.1", SOL_IPV6, IPV6_FREEBIND);
	crowd_open(&c, AF_INET, true);
	nonlocal_bind('1');
	is_int(foreign(&c, "192.0.2.1"), 0, "... or net.ipv4.ip_nonlocal_bind");
	close(c.server);
	nonlocal_bind(old);
}

/* ::ffff:0.0.0.0 is all addresses of IPv4, as 0.0.0.0 is. */
static void mapped_wildcard(void)
{
	struct sockaddr_storage peer = { 0 }, local = { 0 };
	struct sockaddr_in6 *peer6 = (void *)&peer, *local6 = (void *)&local;
	struct sockaddr_storage from;
	socklen_t len = sizeof(from);
	struct crowd c = { .family = AF_INET6, .addr_len = sizeof(*peer6) };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	c.server = socket(AF_INET6, SOCK_DGRAM, 0);
	peer6->sin6_family = AF_INET6;
	inet_pton(AF_INET6, "::ffff:0.0.0.0", &peer6->sin6_addr);
	need(!bind(c.server, (void *)&peer, c.addr_len) &&
	     !setsockopt(c.server, SOL_IP, DTLS_ULP, "dtls", 4), "a server");
	set_v4(&from, "127.0.0.1", 0);
	need(!bind(fd, (void *)&from, sizeof(struct sockaddr_in)) &&
	     !getsockname(fd, (void *)&from, &len), "a plain socket");
	peer6->sin6_port = ((struct sockaddr_in *)&from)->sin_port;
	inet_pton(AF_INET6, "::ffff:127.0.0.1", &peer6->sin6_addr);
	local6->sin6_family = AF_INET6;
	inet_pton(AF_INET6, "::ffff:127.0.0.2", &local6->sin6_addr);
	is_int(crowd_add(&c, 900, &peer, &local), 0,
	       "on ::ffff:0.0.0.0 a peer of one address");
	len = sizeof(from);
	ok(crowd_send(&c, &peer, 0, out, 50) == 50 &&
	   pair_poll(fd, POLLIN, 5000) &&
	   recvfrom(fd, in, sizeof(in), 0, (void *)&from, &len) > 50 &&
	   ((struct sockaddr_in *)&from)->sin_addr.s_addr ==
	   htonl(INADDR_LOOPBACK + 1), "the peer is answered from that");
	close(fd);
	close(c.server);
}

int main(void)
{
	struct capture *tap = capture_start(NULL, NULL);
	struct client cl[MANY];
	struct crowd c;

	canary_fill(out, sizeof(out), 1);
	refused_sockets();
	crowd_open(&c, AF_INET, false);
	refused_addresses(&c);
	for (int i = 0; i < MANY; i++)
		client_open(&cl[i], &c, AF_INET, i);
	ok(crowd_talks(&c, &cl[0]) && crowd_talks(&c, &cl[1]), "two peers talk");
	stays_unconnected(&c, &cl[0]);
	options(&c, &cl[0], &cl[1]);
	addressees(&c, &cl[0], &cl[1]);
	at_once(&c, cl);
	batches(&c, &cl[0], &cl[1]);
	strangers(&c, &cl[0]);
	ends(&c, cl);
	again(&c, &cl[5]);
	vanishes(&c, &cl[0]);
	limits(&c);
	close(c.server);
	for (int i = 0; i < MANY; i++)
		if (i == 0 || i > 3)
			close(cl[i].fd);
	all(AF_INET6, AF_INET6, "IPv6");
	all(AF_INET6, AF_INET, "IPv4 on IPv6");
	several_homes();
	many_homes();
	foreigners();
	mapped_wildcard();
	capture_check(tap, "all of this");
	return done_testing();
}
