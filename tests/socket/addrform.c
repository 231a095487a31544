// SPDX-License-Identifier: GPL-2.0
/*
 * IPV6_ADDRFORM restores UDP's functions on an AF_INET6 socket with an IPv4
 * peer. An attached socket refuses it; tested here: calls begun before the attach.
 */
#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "capture.h"
#include "hold.h"
#include "pair.h"
#include "tap.h"

static char out[200], in[400];
static const int v4 = AF_INET;

/* a: AF_INET6, bound to local, may connect to b, which is AF_INET. */
struct six {
	struct pair p;
	struct sockaddr_in6 peer;	/* b, v4-mapped */
};

static void six_open(struct six *s, const char *local)
{
	struct sockaddr_in6 addr = { .sin6_family = AF_INET6 };

	pair_plain(&s->p, AF_INET);
	close(s->p.a);
	s->p.a = socket(AF_INET6, SOCK_DGRAM, 0);
	inet_pton(AF_INET6, local, &addr.sin6_addr);
	need(!bind(s->p.a, (void *)&addr, sizeof(addr)), "bind");
	s->peer = addr;
	s->peer.sin6_port = ((struct sockaddr_in *)&s->p.addr_b)->sin_port;
	inet_pton(AF_INET6, "::ffff:127.0.0.1", &s->peer.sin6_addr);
}

static void six_connect(struct six *s)
{
	need(!connect(s->p.a, (void *)&s->peer, sizeof(s->peer)), "connect");
}

/* Connects b to a. */
static void six_answer(struct six *s)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	struct sockaddr_in6 name;
	socklen_t len = sizeof(name);

	need(!getsockname(s->p.a, (void *)&name, &len), "getsockname");
	a.sin_port = name.sin6_port;
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	need(!connect(s->p.b, (void *)&a, sizeof(a)), "connect");
}

static void key(int fd, bool client)
{
	struct dtls_keys keys;

	pair_keys(&keys, DTLS_CIPHER_AES_128_GCM, client);
	need(!pair_set_keys(fd, &keys), "keys");
}

static bool goes(int from, int to)
{
	memset(in, 0, sizeof(in));
	return send(from, out, 200, 0) == 200 && pair_poll(to, POLLIN, 5000) &&
	       recv(to, in, sizeof(in), 0) == 200 && !memcmp(in, out, 200);
}

static bool named(const struct six *s)
{
	struct sockaddr_in6 name = { 0 };
	socklen_t len = sizeof(name);

	return !getpeername(s->p.a, (void *)&name, &len) &&
	       len == sizeof(name) && name.sin6_family == AF_INET6 &&
	       name.sin6_port == s->peer.sin6_port &&
	       !memcmp(&name.sin6_addr, &s->peer.sin6_addr, 16);
}

/* IPV6_ADDRFORM in a thread, held inside UDP. */
static struct form {
	struct hold *hold;
	pthread_t thread;
	int fd, result;
} form;

static void *form_call(void *arg)
{
	form.result = setsockopt(form.fd, IPPROTO_IPV6, IPV6_ADDRFORM,
				 hold_page(form.hold), sizeof(v4)) ? errno : 0;
	return NULL;
}

static void form_begin(int fd)
{
	form.fd = fd;
	form.hold = hold_new(&v4, sizeof(v4));
	need(!pthread_create(&form.thread, NULL, form_call, NULL), "thread");
	hold_wait(form.hold);
}

static int form_end(void)
{
	hold_go(form.hold);
	pthread_join(form.thread, NULL);
	hold_free(form.hold);
	return form.result;
}

/* Without kdtls the call succeeds: the cases below prove something. */
static void unattached(void)
{
	struct six s;

	six_open(&s, "::");
	six_connect(&s);
	form_begin(s.p.a);
	is_int(form_end(), 0, "not attached: it becomes an AF_INET socket");
	ok(setsockopt(s.p.a, SOL_IP, DTLS_ULP, "dtls", 4) == -1 &&
	   errno == EBUSY, "which no longer can be attached");
	pair_close(&s.p);
}

enum when { BEFORE_CONNECT, BEFORE_KEYS, AFTER_KEYS };

static void held(enum when when, const char *local)
{
	static const char * const names[] = {
		[BEFORE_CONNECT] = "before connect",
		[BEFORE_KEYS] = "before the keys",
		[AFTER_KEYS] = "after the keys",
	};
	struct six s;
	int err = 0;

	six_open(&s, local);
	if (when != BEFORE_CONNECT)
		six_connect(&s);
	form_begin(s.p.a);
	pair_attach(&s.p);
	if (when == BEFORE_CONNECT) {
		err = form_end();
		six_connect(&s);
	}
	six_answer(&s);
	if (when == BEFORE_KEYS)
		err = form_end();
	ok(send(s.p.a, out, 200, MSG_DONTWAIT) == -1,
	   "%s: held until %s: nothing sends without keys", local,
	   names[when]);
	key(s.p.a, true);
	key(s.p.b, false);
	if (when == AFTER_KEYS)
		err = form_end();
	is_int(err, when == BEFORE_CONNECT ? ENOTCONN : EADDRNOTAVAIL,
	       "... it fails");
	ok(goes(s.p.a, s.p.b) && goes(s.p.b, s.p.a), "... keys protect");
	ok(named(&s), "... getpeername() returns the peer");
	pair_close(&s.p);
}

/* Attached first, connected and keyed later. */
static void connected_later(void)
{
	struct six s;

	six_open(&s, "::");
	form_begin(s.p.a);
	pair_attach(&s.p);
	six_connect(&s);
	six_answer(&s);
	key(s.p.a, true);
	key(s.p.b, false);
	is_int(form_end(), EADDRNOTAVAIL, "attach, connect, keys: it fails");
	ok(goes(s.p.a, s.p.b) && goes(s.p.b, s.p.a), "... keys protect");
	pair_close(&s.p);
}

/* The peer is hidden from IPV6_ADDRFORM only. */
static void peers(void)
{
	struct sockaddr off = { .sa_family = AF_UNSPEC };
	struct in6_addr mapped;
	struct six s;

	six_open(&s, "::");
	close(s.p.a);		/* so that the IPv6 peer may give it an address */
	s.p.a = socket(AF_INET6, SOCK_DGRAM, 0);
	need(!setsockopt(s.p.a, SOL_IP, DTLS_ULP, "dtls", 4), "attach");
	six_connect(&s);
	mapped = s.peer.sin6_addr;
	ok(named(&s), "an IPv4 peer");
	s.peer.sin6_addr.s6_addr[15] = 2;
	six_connect(&s);
	ok(named(&s), "another");
	need(!connect(s.p.a, &off, sizeof(off)), "connect to AF_UNSPEC");
	ok(!named(&s), "none");
	s.peer.sin6_addr = in6addr_loopback;
	six_connect(&s);
	ok(named(&s), "an IPv6 peer");
	s.peer.sin6_addr = mapped;
	six_connect(&s);
	ok(named(&s), "and back");
	key(s.p.a, true);
	six_answer(&s);
	ok(send(s.p.a, out, 200, 0) == 200 && pair_poll(s.p.b, POLLIN, 5000) &&
	   recv(s.p.b, in, sizeof(in), 0) > 213, "which gets records");
	pair_close(&s.p);
}

static void refused(void)
{
	struct timeval tv = { .tv_sec = 5 };
	struct six s;

	six_open(&s, "::");
	six_connect(&s);
	need(!setsockopt(s.p.a, SOL_IP, DTLS_ULP, "dtls", 4), "attach");
	key(s.p.a, true);
	close(s.p.b);
	setsockopt(s.p.a, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	need(send(s.p.a, out, 200, 0) == 200, "send");
	ok(recv(s.p.a, in, sizeof(in), 0) == -1 && errno == ECONNREFUSED,
	   "port unreachable: IPv4's error finds the socket");
	close(s.p.a);
}

static int racer;
static volatile int go;
static volatile unsigned int turns;	/* before that */

static void *form_loop(void *arg)
{
	while (!go)
		;
	while (turns)
		turns--;
	for (int i = 0; i < 20; i++)
		setsockopt(racer, IPPROTO_IPV6, IPV6_ADDRFORM, &v4,
			   sizeof(v4));
	return NULL;
}

/* A race: attach and keys in one thread, IPV6_ADDRFORM, later each time, in another. */
static bool race(unsigned int later)
{
	pthread_t thread;
	bool attached;
	struct six s;

	six_open(&s, "::");
	six_connect(&s);
	racer = s.p.a;
	go = 0;
	turns = later;
	need(!pthread_create(&thread, NULL, form_loop, NULL), "thread");
	go = 1;
	attached = !setsockopt(s.p.a, SOL_IP, DTLS_ULP, "dtls", 4);
	if (attached) {
		key(s.p.a, true);
		send(s.p.a, out, 200, 0);
	}
	pthread_join(thread, NULL);
	if (attached)
		send(s.p.a, out, 200, 0);
	pair_close(&s.p);
	return attached;
}

int main(void)
{
	struct capture *tap = capture_start(NULL, NULL);
	int races = on_debug_kernel() ? 60 : 300;
	int attached = 0;

	canary_fill(out, sizeof(out), 1);
	unattached();
	for (enum when when = BEFORE_CONNECT; when <= AFTER_KEYS; when++) {
		held(when, "::");
		held(when, "::ffff:127.0.0.1");
	}
	connected_later();
	peers();
	refused();
	for (int i = 0; i < races; i++)
		attached += race(i * 6000 / races);
	ok(attached, "a race with the attach, which it does not always win");
	diag("%d of %d attached", attached, races);
	capture_check(tap, "all of this");
	return done_testing();
}
