// SPDX-License-Identifier: GPL-2.0
/*
 * DTLS_TUN at its edges: a full send buffer, a held lock, a detached queue,
 * other namespaces, ends of sockets and processes, IPv6, UDP segments.
 */
#include <net/if.h>
#include <netinet/udp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/if_tun.h>

#include "capture.h"
#include "crowd.h"
#include "device.h"
#include "ends.h"
#include "hold.h"
#include "order.h"
#include "pair.h"
#include "tap.h"
#include "wire.h"

#define PREFIX		"\0"
#define PORT		5000

static struct pair p;
static struct device a, b;

static void devices_open(bool ipv6, int mtu, int flags_a, int flags_b)
{
	a = (struct device){
		.ns = "END_A", .address = ipv6 ? "fd99::1" : "10.99.0.1",
	};
	b = (struct device){
		.ns = "END_B", .address = ipv6 ? "fd99::2" : "10.99.0.2",
	};
	device_open(&a, mtu, flags_a);
	device_open(&b, mtu, flags_b);
}

static void connect_all(void)
{
	need(!tun_connect(p.a, &a, PREFIX, 1), "DTLS_TUN of a");
	need(!tun_connect(p.b, &b, PREFIX, 1), "DTLS_TUN of b");
}

static void close_all(void)
{
	close(p.a);
	close(p.b);
	close(a.fd);
	close(b.fd);
}

static struct dtls_tun_stats stats_of(int fd)
{
	struct dtls_tun_stats stats;

	tun_stats(fd, &stats);
	return stats;
}

static int error_within(int fd, int ms)
{
	for (; !stats_of(fd).error && ms > 0; ms -= 20)
		usleep(20000);
	return stats_of(fd).error;
}

/* Packets that a has sent, as soon as there are so many, or at last. */
static unsigned long long sent_within(unsigned long long packets, int ms)
{
	for (; stats_of(p.a).tx_packets < packets && ms > 0; ms -= 20)
		usleep(20000);
	return stats_of(p.a).tx_packets;
}

/* Until b has received what a has sent, or this time is over. */
static void all_received(int ms)
{
	for (; stats_of(p.b).rx_packets < stats_of(p.a).tx_packets && ms > 0;
	     ms -= 20)
		usleep(20000);
}

static void run(const char *command)
{
	need(!system(command), command);
}

/* Packets that the device has sent, as the stack counts. */
static unsigned long device_sent(const struct device *dev)
{
	unsigned long n = 0;
	char line[500];
	FILE *f;

	ends_enter(dev->ns);
	f = fopen("/proc/thread-self/net/dev", "r");
	need(f, "/proc/net/dev");
	while (fgets(line, sizeof(line), f))
		sscanf(line, " tun0: %*u %*u %*u %*u %*u %*u %*u %*u %*u %lu",
		       &n);
	fclose(f);
	return n;
}

static void fill(unsigned char *buf, size_t len, unsigned int i)
{
	canary_fill(buf, len, i);
	buf[0] = i;
}

/* How many datagrams arrive, whole and once: until one does not. */
static unsigned int hear(int fd, size_t len, unsigned int n, bool in_order)
{
	unsigned char want[2000], got[2000];
	bool seen[256] = { 0 };
	unsigned int i;

	for (i = 0; i < n; i++) {
		if (pair_recv(fd, got, sizeof(got), 20000) != (ssize_t)len)
			break;
		fill(want, len, in_order ? i : got[0]);
		if (memcmp(want, got, len) || seen[got[0]])
			break;
		seen[got[0]] = true;
	}
	return i;
}

static void say(int fd, size_t len, unsigned int n)
{
	unsigned char buf[2000];
	unsigned int i;

	for (i = 0; i < n; i++) {
		fill(buf, len, i);
		need(send(fd, buf, len, 0) == (ssize_t)len, "send");
	}
}

/* A datagram of n * 1000 bytes, which the stack leaves in one. */
static void say_segments(int fd, unsigned int n)
{
	unsigned char buf[20000];
	int size = 1000;
	unsigned int i;

	for (i = 0; i < n; i++)
		fill(buf + i * size, size, i);
	need(!setsockopt(fd, SOL_UDP, UDP_SEGMENT, &size, sizeof(size)) &&
	     send(fd, buf, n * size, 0) == (ssize_t)(n * size), "UDP_SEGMENT");
}

static void test_segments(void)
{
	int to = device_listen(&b, PORT), from = device_say(&a, &b, PORT);
	struct dtls_tun_stats before, after;
	unsigned long sent;

	tun_stats_at_rest(p.a, &before);
	sent = device_sent(&a);
	say_segments(from, 10);
	is_int(hear(to, 1000, 10, true), 10, "UDP segments arrive");
	tun_stats_at_rest(p.a, &after);
	is_int(after.tx_packets - before.tx_packets, 10, "a record each");
	is_int(device_sent(&a) - sent, a.uso ? 1 : 10,
	       "the device counts packets");
	close(to);
	close(from);
}

/* What the sender of such datagrams gets, once the ICMP message has come. */
static int too_large(const struct device *dev, size_t len)
{
	int err = 0, i;

	for (i = 0; i < 100 && !err; i++) {
		err = device_datagram(dev, len);
		usleep(20000);
	}
	return err;
}

static void test_ipv6(void)
{
	ends_open(&p, AF_INET6, DTLS_CIPHER_CHACHA20_POLY1305);
	devices_open(true, 1500, IFF_VNET_HDR, IFF_VNET_HDR);
	connect_all();
	is_int(too_large(&a, 1440), EMSGSIZE,
	       "IPv6: packet too big is reported");
	ok(stats_of(p.a).tx_too_large, "IPv6: counted");
	ok(device_ping(&a, &b, 5000), "IPv6: ping");
	ok(device_ping(&b, &a, 5000), "IPv6: ping from the other end");
	ok(device_stream(&a, &b, 100000), "IPv6: TCP");
	ok(device_stream(&b, &a, 100000), "IPv6: TCP from the other end");
	test_segments();
	close_all();
}

#define MANY	100	/* more than two batches */
#define RING	600	/* more than the queue of a device */

/*
 * The router's address is not resolved: what is sent is the socket's until it
 * is. Then all of it arrives; not in order, for what waited for the address is
 * sent by the CPU that learns it, while another sends what follows.
 */
static void test_full(void)
{
	int to = device_listen(&b, PORT), from = device_say(&a, &b, PORT);
	int unread = device_listen(&b, PORT + 1);
	int flood = device_say(&a, &b, PORT + 1);
	struct dtls_tun_stats before, after;
	int small = 1, large = 1 << 20;
	unsigned long long sent;

	need(!setsockopt(p.a, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small)) &&
	     !setsockopt(to, SOL_SOCKET, SO_RCVBUFFORCE, &large, sizeof(large)) &&
	     !setsockopt(p.b, SOL_SOCKET, SO_RCVBUFFORCE, &large, sizeof(large)),
	     "buffers");
	ends_enter("ROUTER");
	run("echo 8 >/proc/sys/net/ipv4/conf/all/arp_ignore");
	ends_enter("END_A");
	/* after three seconds what waits for the address would be dropped */
	run("echo 100 >/proc/sys/net/ipv4/neigh/veth0/mcast_solicit");
	run("ip neigh flush dev veth0");
	tun_stats_at_rest(p.a, &before);
	say(from, 1300, MANY);
	tun_stats_at_rest(p.a, &after);
	ok(after.tx_packets - before.tx_packets < MANY,
	   "SO_SNDBUF is full: %llu of %d leave",
	   after.tx_packets - before.tx_packets, MANY);
	say(flood, 30, RING);
	ends_enter("ROUTER");
	run("echo 0 >/proc/sys/net/ipv4/conf/all/arp_ignore");
	is_int(hear(to, 1300, MANY, false), MANY, "then all arrive, once");
	tun_stats_at_rest(p.a, &after);
	sent = after.tx_packets - before.tx_packets;
	ok(sent > MANY && sent < MANY + RING,
	   "each once; %llu of %d beyond that fill the device's queue",
	   sent - MANY, RING);
	is_int(after.tx_dropped - before.tx_dropped, 0, "none dropped");
	/* what comes after unread was closed would be answered */
	all_received(10000);
	close(to);
	close(from);
	close(unread);
	close(flood);
}

static void detach(int fd, bool off)
{
	struct ifreq ifr = {
		.ifr_flags = off ? IFF_DETACH_QUEUE : IFF_ATTACH_QUEUE,
	};

	ends_enter(a.ns);
	need(!ioctl(fd, TUNSETQUEUE, &ifr), "TUNSETQUEUE");
}

static void test_queues(void)
{
	unsigned long long before;
	char buf[2000];
	int other;

	ends_enter(a.ns);
	other = device_queue(IFF_MULTI_QUEUE);
	detach(a.fd, true);
	ok(!device_ping(&a, &b, 200), "a detached queue has no packets");
	ok(read(other, buf, sizeof(buf)) == 28, "they are another's");
	before = stats_of(p.a).rx_packets;
	ok(!device_ping(&b, &a, 200), "nor an answer");
	is_int(stats_of(p.a).rx_packets - before, 1,
	       "it still writes what is received");
	is_int(stats_of(p.a).error, 0, "and has not ended");
	detach(other, true);
	detach(a.fd, false);
	ok(device_ping(&a, &b, 5000), "attached again: ping");
	ok(device_ping(&b, &a, 5000), "from the other end, too");
	close(other);
}

/* The device moves, the socket stays where it is. */
static void test_namespace(void)
{
	ends_enter(a.ns);
	run("ip link set tun0 netns \"$ELSEWHERE\"");
	a.ns = "ELSEWHERE";
	device_up(&a, 1500);
	ok(device_ping(&a, &b, 5000), "another namespace: ping");
	ok(device_ping(&b, &a, 5000), "another namespace: from the other end");
	ok(device_stream(&a, &b, 20000), "another namespace: TCP");
	is_int(too_large(&a, 1460), EMSGSIZE, "another namespace: too large");
	ends_enter("END_A");
	run("ip netns del \"$ELSEWHERE\"");
	is_int(error_within(p.a, 10000), ENODEV, "its namespace is deleted");
	ok(send(p.b, "\1x", 2, 0) == 2 && pair_poll(p.a, POLLIN, 5000),
	   "the socket goes on");
}

/* As ss -K does it. */
static void test_destroyed(void)
{
	struct sockaddr_in name;
	socklen_t len = sizeof(name);
	char command[100];

	need(!getsockname(p.b, (void *)&name, &len), "getsockname");
	snprintf(command, sizeof(command), "ss -uK sport = :%d >/dev/null",
		 ntohs(name.sin_port));
	ends_enter("END_B");
	run(command);
	is_int(error_within(p.b, 5000), EPIPE, "ss -K: it has ended");
	is_int(tun_disconnect(p.b), 0, "ss -K: it can be undone");
}

/* One of many peers, which gets a socket of its own first. */
static void test_peeloff(void)
{
	struct dtls_status status;
	struct dtls_keys keys;
	struct crowd many;
	int own;

	ends_plain(&p, AF_INET);
	ends_enter("END_B");
	close(p.b);
	p.b = socket(AF_INET, SOCK_DGRAM, 0);
	need(!bind(p.b, (void *)&p.addr_b, p.addr_len), "bind");
	pair_attach(&p);
	many = (struct crowd){ .family = AF_INET, .server = p.b };
	crowd_keys(&keys, 1, true);
	need(!pair_set_keys(p.a, &keys) &&
	     !crowd_add(&many, 1, &p.addr_a, NULL) &&
	     !crowd_status(&many, 0, &p.addr_a, &status), "keys");
	devices_open(false, 1400, 0, 0);
	ok(tun_connect(p.b, &b, PREFIX, 1) == -1 && errno == EOPNOTSUPP,
	   "a socket with many peers");
	own = crowd_peeloff(p.b, status.assoc, 0);
	need(own >= 0, "DTLS_PEELOFF");
	need(!tun_connect(own, &b, PREFIX, 1) &&
	     !tun_connect(p.a, &a, PREFIX, 1), "DTLS_TUN");
	ok(device_ping(&a, &b, 5000), "a socket of one of them: ping");
	ok(crowd_peeloff(own, status.assoc, 0) == -1 && errno == EOPNOTSUPP,
	   "it is not taken off again");
	close(p.b);
	ok(device_stream(&b, &a, 20000), "the first socket is closed: TCP");
	p.b = own;
	close_all();
}

/* Both ends are another process's alone, which is killed. */
static void test_killed(void)
{
	int ready[2], i;
	char c;
	pid_t pid;

	need(!pipe(ready), "pipe");
	pid = fork();
	need(pid >= 0, "fork");
	if (!pid) {
		ends_open(&p, AF_INET, DTLS_CIPHER_AES_128_GCM);
		devices_open(false, 1400, 0, 0);
		connect_all();
		need(device_stream(&a, &b, 20000), "TCP");
		need(write(ready[1], "", 1) == 1, "write");
		pause();
	}
	need(read(ready[0], &c, 1) == 1, "read");
	need(!kill(pid, SIGKILL) && waitpid(pid, NULL, 0) == pid, "kill");
	a.ns = "END_A";
	b.ns = "END_B";
	for (i = 0; i < 200 && (device_exists(&a) || device_exists(&b)); i++)
		usleep(20000);
	ok(!device_exists(&a) && !device_exists(&b),
	   "kill -9: the devices are gone");
	close(ready[0]);
	close(ready[1]);
}

/*
 * Three calls that wait for the lock of p.a, which the first holds: attach, then
 * send(MSG_MORE), which will hold it in a page fault with frames pending.
 */
static struct hold *first, *data;
static int attached;
static ssize_t left;

static void *keep_lock(void *arg)
{
	setsockopt(p.a, IPPROTO_IP, IP_OPTIONS, hold_page(first), 4);
	return NULL;
}

static void *attach(void *arg)
{
	attached = !setsockopt(p.a, SOL_IP, DTLS_ULP, "dtls", 4);
	return NULL;
}

static void *leave(void *arg)
{
	left = send(p.a, hold_page(data), 100, MSG_MORE);
	return NULL;
}

static pthread_t leaver;

/* It waits for the lock if the send had it first. */
static bool ends_soon(pthread_t thread)
{
	struct timespec end;

	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += 3;
	return !pthread_timedjoin_np(thread, NULL, &end);
}

/* False: they came in another order. */
static bool lock_is_held(unsigned int pause)
{
	pthread_t locker, attacher;
	bool joined;

	attached = 0;
	ends_plain(&p, AF_INET);
	first = hold_new("\0\0\0", 4);
	data = hold_new("0123456789abcdef", 16);
	need(!pthread_create(&locker, NULL, keep_lock, NULL), "thread");
	hold_wait(first);
	order_first(&attacher, attach);
	usleep(pause);
	order_second(&leaver, leave);
	usleep(pause);
	hold_go(first);
	pthread_join(locker, NULL);
	hold_free(first);
	joined = ends_soon(attacher);
	hold_wait(data);
	if (joined && attached)
		return true;
	hold_go(data);
	pthread_join(leaver, NULL);
	if (!joined)
		pthread_join(attacher, NULL);
	hold_free(data);
	close(p.a);
	close(p.b);
	return false;
}

/* To receive sets UDP_GRO, for which some kernels take the lock (7.x). */
static int connect_sending(void)
{
	struct dtls_tun tun = {
		.fd = a.fd, .flags = DTLS_TUN_SEND, .prefix_len = 1,
	};

	return setsockopt(p.a, SOL_DTLS, DTLS_TUN, &tun, sizeof(tun));
}

/*
 * Sends a packet into the device: the worker takes it, and it goes no further. A
 * connection of an earlier device may repeat its end there, too.
 */
static void packet_waits(const char *name)
{
	unsigned long before = device_sent(&a);
	int ms;

	ok(!device_ping(&a, &b, 300), name);
	for (ms = 10000; device_sent(&a) == before && ms > 0; ms -= 20)
		usleep(20000);
	need(device_sent(&a) > before, "the packet is taken");
}

static void test_lock(void)
{
	unsigned int pause = 100000, tries = 5;
	unsigned long long sent;
	int from;

	while (!lock_is_held(pause) && --tries)
		pause *= 2;
	need(tries, "an attached socket");
	need(!setsockopt(p.b, SOL_IP, DTLS_ULP, "dtls", 4), "attach");
	ends_keys(&p, DTLS_CIPHER_AES_128_GCM);
	devices_open(false, 1400, 0, 0);
	from = device_say(&a, &b, PORT);
	need(!connect_sending() && !tun_connect(p.b, &b, PREFIX, 1), "DTLS_TUN");
	sent = stats_of(p.a).tx_packets;
	packet_waits("a held lock: a packet waits");
	is_int(stats_of(p.a).tx_packets - sent, 0, "it has not left");
	is_int(tun_disconnect(p.a), 0, "to undo it does not wait for the lock");
	need(!connect_sending(), "DTLS_TUN");
	packet_waits("connected again: a packet waits");
	say(from, 30, MANY);
	hold_go(data);
	ok(sent_within(1 + MANY, 10000) > MANY, "all leave with the lock");
	pthread_join(leaver, NULL);
	hold_free(data);
	is_int(left, 100, "so ends the call that held it");
	need(!tun_disconnect(p.a) && !tun_connect(p.a, &a, PREFIX, 1), "DTLS_TUN");
	ok(device_ping(&a, &b, 5000), "then ping");
	ok(device_ping(&b, &a, 5000), "from the other end, too");
	close(from);
	close_all();
}

int main(void)
{
	ends_enter("END_A");
	wire_start();
	test_ipv6();
	ends_open(&p, AF_INET, DTLS_CIPHER_AES_128_GCM);
	devices_open(false, 1400, IFF_MULTI_QUEUE, 0);
	connect_all();
	test_full();
	test_queues();
	test_namespace();
	test_destroyed();
	close_all();
	test_peeloff();
	test_killed();
	test_lock();
	wire_check("edges");
	return done_testing();
}
