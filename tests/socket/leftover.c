// SPDX-License-Identifier: GPL-2.0
/*
 * Calls inside UDP when the socket was attached: their leftovers
 * neither reach the wire, nor consume or split a record, nor delay
 * the datagrams that the kernel sends by itself.
 */
#include <netinet/udp.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "capture.h"
#include "crowd.h"
#include "hold.h"
#include "order.h"
#include "pair.h"
#include "tap.h"

#define RECORDS	10

static char out[200], in[2000];

/* A setsockopt call that is held in its page fault. */
struct held {
	int fd, level, option;
	struct hold *hold;
	pthread_t thread;
};

static void *call(void *arg)
{
	const struct held *h = arg;

	setsockopt(h->fd, h->level, h->option, hold_page(h->hold), sizeof(int));
	return NULL;
}

static void held_begin(struct held *h, int fd, int level, int option, int value)
{
	h->fd = fd;
	h->level = level;
	h->option = option;
	h->hold = hold_new(&value, sizeof(value));
	need(!pthread_create(&h->thread, NULL, call, h), "thread");
	hold_wait(h->hold);
}

static void held_end(struct held *h)
{
	hold_go(h->hold);
	pthread_join(h->thread, NULL);
	hold_free(h->hold);
}

/* setsockopt(IP_OPTIONS) holds the socket's lock. */
static void lock_begin(struct held *h, int fd)
{
	held_begin(h, fd, IPPROTO_IP, IP_OPTIONS, 0);
}

static void set_keys(struct pair *p)
{
	struct dtls_keys keys;

	pair_keys(&keys, DTLS_CIPHER_AES_128_GCM, true);
	need(!pair_set_keys(p->a, &keys), "keys");
	pair_keys(&keys, DTLS_CIPHER_AES_128_GCM, false);
	need(!pair_set_keys(p->b, &keys), "keys");
}

/* How many of n records arrive whole. */
static int arrive(int from, int to)
{
	int n = 0;

	for (int i = 0; i < RECORDS; i++)
		need(send(from, out, 100, 0) == 100, "send");
	while (n < RECORDS && pair_recv(to, in, sizeof(in), 5000) == 100 &&
	       !memcmp(in, out, 100))
		n++;
	return n;
}

/* The option is set when the socket is attached and keyed. */
static void option(int family, int option, int value, const char *name)
{
	struct held h;
	struct pair p;
	int set = -1;
	socklen_t len = sizeof(set);

	pair_plain(&p, family);
	held_begin(&h, p.a, SOL_UDP, option, value);
	pair_attach(&p);
	set_keys(&p);
	held_end(&h);
	is_int(arrive(p.a, p.b), RECORDS, "%s in flight: sent records arrive",
	       name);
	is_int(arrive(p.b, p.a), RECORDS, "%s in flight: it receives", name);
	need(!getsockopt(p.a, SOL_UDP, option, &set, &len), "getsockopt");
	is_int(set, 0, "%s is not set", name);
	pair_close(&p);
}

/* Two calls that wait for the socket's lock, in this order. */
static struct pair two;
static int attached;
static ssize_t left;

static void *attach(void *arg)
{
	attached = !setsockopt(two.a, SOL_IP, DTLS_ULP, "dtls", 4);
	return NULL;
}

static void *leave(void *arg)
{
	left = send(two.a, out, 100, MSG_MORE);
	return NULL;
}

/* False: the other call was first, and the socket could not be attached. */
static bool in_order(int family, unsigned int pause)
{
	pthread_t attacher, sender;
	struct held h;

	pair_plain(&two, family);
	lock_begin(&h, two.a);
	order_first(&attacher, attach);
	usleep(pause);
	order_second(&sender, leave);
	usleep(pause);
	held_end(&h);
	pthread_join(attacher, NULL);
	pthread_join(sender, NULL);
	if (!attached)
		pair_close(&two);
	return attached;
}

static void pending(int family)
{
	unsigned int pause = 200000, tries = 5;
	struct dtls_keys keys;

	while (!in_order(family, pause) && --tries)
		pause *= 2;
	ok(attached && left == 100,
	   "send(MSG_MORE) that began before the attach ends after it");
	need(attached, "an attached socket");
	pair_keys(&keys, DTLS_CIPHER_AES_128_GCM, true);
	need(!pair_set_keys(two.a, &keys), "keys");
	is_int(send(two.a, out, 60, 0), 60, "a record");
	is_int(pair_recv(two.b, in, sizeof(in), 5000), 60 + 37,
	       "leaves alone, in a datagram of its own");
	ok(recv(two.b, in, sizeof(in), MSG_DONTWAIT) < 0, "and nothing else");
	pair_close(&two);
}

/* A peer of a bound socket, which a held call of UDP will cork. */
static void corked(struct crowd *c, struct client *cl, struct held *cork)
{
	struct sockaddr_in any = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};

	c->family = AF_INET;
	c->server = socket(AF_INET, SOCK_DGRAM, 0);
	c->addr_len = sizeof(any);
	need(!bind(c->server, (void *)&any, sizeof(any)) &&
	     !getsockname(c->server, (void *)&c->addr, &c->addr_len), "bind");
	held_begin(cork, c->server, SOL_UDP, UDP_CORK, 1);
	need(!setsockopt(c->server, SOL_IP, DTLS_ULP, "dtls", 4), "attach");
	client_open(cl, c, AF_INET, 1);
}

static void idle(const struct crowd *c)
{
	__u32 second = 1;

	need(!setsockopt(c->server, SOL_DTLS, DTLS_IDLE_TIMEOUT, &second,
			 sizeof(second)), "idle timeout");
}

static bool hears_the_end(const struct client *cl)
{
	return !pair_recv(cl->fd, in, sizeof(in), 8000);
}

/*
 * One work item ends the silent peers of all sockets: also of a corked
 * socket with a held lock, and then of another socket.
 */
static void own_words(void)
{
	struct client bad, good;
	struct held cork, lock;
	struct crowd c, other;

	corked(&c, &bad, &cork);
	crowd_open(&other, AF_INET, false);
	client_open(&good, &other, AF_INET, 2);
	idle(&c);
	lock_begin(&lock, c.server);
	held_end(&cork);
	ok(hears_the_end(&bad), "an alert does not wait for the socket's lock");
	idle(&other);
	ok(hears_the_end(&good), "and so keeps no other socket waiting");
	held_end(&lock);
	close(bad.fd);
	close(good.fd);
	close(c.server);
	close(other.server);
}

int main(void)
{
	struct capture *tap = capture_start(NULL, NULL);

	canary_fill(out, sizeof(out), 1);
	option(AF_INET, UDP_CORK, 1, "UDP_CORK");
	option(AF_INET6, UDP_CORK, 1, "UDP_CORK (IPv6)");
	option(AF_INET, UDP_SEGMENT, 30, "UDP_SEGMENT");
	option(AF_INET, UDP_ENCAP, UDP_ENCAP_ESPINUDP, "UDP_ENCAP");
	pending(AF_INET);
	pending(AF_INET6);
	own_words();
	capture_check(tap, "calls in flight");
	return done_testing();
}
