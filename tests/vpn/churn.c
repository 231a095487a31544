// SPDX-License-Identifier: GPL-2.0
/*
 * Packets move through DTLS_TUN in both directions while connections are undone,
 * replaced (rekey), closed, closed by another process, and the device goes down or
 * is deleted. Nothing but UDP's losses may come of it, and on the wire nothing
 * but DTLS.
 */
#include <arpa/inet.h>
#include <netinet/udp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <linux/if_tun.h>

#include "capture.h"
#include "device.h"
#include "ends.h"
#include "pair.h"
#include "tap.h"
#include "wire.h"

#define PREFIX		"\0"
#define PACKETS		3000		/* KDTLS_CHURN */
#define BULK_SECONDS	4800		/* KDTLS_CHURN_SECONDS */
#define MOST		1400
#define LONG		(MOST - 28)	/* of UDP, in a packet of MOST bytes */
#define SHORT		200
#define WINDOW		150
#define BULK_WINDOW	400
/* Seconds: in bulk it is behind a device's queue of bursts. */
#define PING_PATIENCE	(bulk ? 120 : 20)
#define FIRST_PORT	10000

static struct device a = { .ns = "END_A", .address = "10.99.0.1" };
static struct device b = { .ns = "END_B", .address = "10.99.0.2" };
static atomic_bool done;
#define BURST		16
static unsigned int pause_us;	/* after each BURST */
/*
 * Time counts: without pauses, each BURST is one call with UDP_SEGMENT, and of
 * 16 only one is of LONG datagrams, for the bytes cost more than the packets.
 */
static bool bulk;

/* Datagrams of one direction: a number, then the canary. */
struct flow {
	const struct device *from, *to;
	unsigned long most;
	unsigned char *seen;
	atomic_ulong sent, received;
	unsigned long altered, twice;
	pthread_t sender, receiver;
};

static struct flow flows[2] = {
	{ .from = &a, .to = &b },
	{ .from = &b, .to = &a },
};

static struct sockaddr_in address(const char *text, int port)
{
	struct sockaddr_in in = {
		.sin_family = AF_INET, .sin_port = htons(port),
	};

	need(inet_pton(AF_INET, text, &in.sin_addr) == 1, "address");
	return in;
}

static size_t bulk_len(unsigned long number)
{
	return number / BURST % 16 ? SHORT : LONG;
}

static size_t fill(unsigned char *buf, unsigned long number)
{
	size_t len = number % 5 ? LONG : 64 + number % 1300;

	if (bulk)
		len = bulk_len(number);
	memcpy(buf, &number, sizeof(number));
	canary_fill(buf + sizeof(number), len - sizeof(number), number);
	return len;
}

static void send_some(struct flow *flow, int fd, const struct sockaddr_in *to)
{
	unsigned char buf[BURST * LONG];
	unsigned int i, n = bulk ? BURST : 1;
	size_t len = 0;
	int size = bulk ? bulk_len(flow->sent) : 0;

	setsockopt(fd, SOL_UDP, UDP_SEGMENT, &size, sizeof(size));
	for (i = 0; i < n; i++)
		len += fill(buf + len, flow->sent + i);
	sendto(fd, buf, len, 0, (const void *)to, sizeof(*to));
	flow->sent += n;
	if (flow->sent % BURST == 0 && pause_us)
		usleep(pause_us);
}

/* Not more than WINDOW ahead, but losses are given up. */
static void *send_all(void *arg)
{
	struct flow *flow = arg;
	struct sockaddr_in to = address(flow->to->address, 5000);
	unsigned long base = 0, before = 0, window = bulk ? BULK_WINDOW : WINDOW;
	int fd, idle = 0;

	ends_enter(flow->from->ns);
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	need(fd >= 0, "socket");
	while (!done && flow->sent < flow->most) {
		unsigned long received = flow->received;

		if (flow->sent - base - received > window) {
			usleep(1000);
			idle = received == before ? idle + 1 : 0;
			if (idle > (bulk ? 500 : 100))
				base = flow->sent - received;
			before = received;
			continue;
		}
		send_some(flow, fd, &to);
	}
	close(fd);
	return NULL;
}

static void see_datagram(struct flow *flow, const unsigned char *buf, size_t len)
{
	unsigned char want[MOST];
	unsigned long number = -1UL;

	if (len >= sizeof(number))
		memcpy(&number, buf, sizeof(number));
	if (number >= flow->most || fill(want, number) != len ||
	    memcmp(buf, want, len)) {
		flow->altered++;
		return;
	}
	if (flow->seen[number]++)
		flow->twice++;
	flow->received++;
}

static void *receive_all(void *arg)
{
	struct flow *flow = arg;
	struct sockaddr_in at = address("0.0.0.0", 5000);
	struct timeval tv = { .tv_usec = 50000 };
	int fd, room = 1 << 20;
	unsigned char buf[MOST];
	ssize_t len;

	ends_enter(flow->to->ns);
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	need(fd >= 0 && !bind(fd, (void *)&at, sizeof(at)) &&
	     !setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)) &&
	     !setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)), "bind");
	while (!done) {
		len = recv(fd, buf, sizeof(buf), 0);
		if (len > 0)
			see_datagram(flow, buf, len);
	}
	close(fd);
	return NULL;
}

static void flow_start(struct flow *flow, unsigned long most)
{
	flow->most = most;
	flow->seen = calloc(most, 1);
	need(flow->seen, "memory");
	need(!pthread_create(&flow->receiver, NULL, receive_all, flow) &&
	     !pthread_create(&flow->sender, NULL, send_all, flow), "threads");
}

static void flows_stop(void)
{
	unsigned int i;

	done = true;
	for (i = 0; i < 2; i++) {
		pthread_join(flows[i].sender, NULL);
		pthread_join(flows[i].receiver, NULL);
	}
}

static unsigned long moved(void)
{
	return flows[0].received + flows[1].received;
}

/* A session, with ports that no other had: the keys are always the same. */
static int end_open(const char *ns, const char *mine, const char *other,
		    int port, int to_port, bool client)
{
	struct sockaddr_in at = address(getenv(mine), port);
	struct sockaddr_in to = address(getenv(other), to_port);
	struct dtls_keys keys;
	int fd;

	ends_enter(ns);
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	need(fd >= 0 && !bind(fd, (void *)&at, sizeof(at)) &&
	     !connect(fd, (void *)&to, sizeof(to)) &&
	     !setsockopt(fd, SOL_IP, DTLS_ULP, "dtls", 4), "socket");
	pair_keys(&keys, DTLS_CIPHER_AES_128_GCM, client);
	need(!pair_set_keys(fd, &keys), "keys");
	return fd;
}

struct session {
	int a, b;
};

static struct session session_open(void)
{
	static int port = FIRST_PORT;
	struct session s;

	s.b = end_open("END_B", "B4", "A4", port + 1, port, false);
	s.a = end_open("END_A", "A4", "B4", port, port + 1, true);
	port += 2;
	return s;
}

static void session_connect(const struct session *s)
{
	need(!tun_connect(s->b, &b, PREFIX, 1) &&
	     !tun_connect(s->a, &a, PREFIX, 1), "DTLS_TUN");
}

static void session_close(const struct session *s)
{
	close(s->a);
	close(s->b);
}

static void only_receive(int fd, const struct device *dev)
{
	struct dtls_tun tun = {
		.fd = dev->fd, .flags = DTLS_TUN_RECEIVE, .prefix_len = 1,
		.header_len = dev->header_len,
	};

	need(!tun_disconnect(fd) &&
	     !setsockopt(fd, SOL_DTLS, DTLS_TUN, &tun, sizeof(tun)),
	     "DTLS_TUN_RECEIVE");
}

static struct session now, old = { -1, -1 };

static void connect_again(void)
{
	need(!tun_disconnect(now.a) && !tun_disconnect(now.b), "disconnect");
	session_connect(&now);
}

/* As kdtls(7) says it: the new one first, the old one receives for a while. */
static void rekey(void)
{
	struct session next = session_open();

	session_connect(&next);
	only_receive(now.a, &a);
	only_receive(now.b, &b);
	old = now;
	now = next;
}

static void replace(void)
{
	now = session_open();
	session_connect(&now);
}

static void close_and_replace(void)
{
	session_close(&now);
	replace();
}

static void alert_and_replace(void)
{
	shutdown(now.b, SHUT_WR);
	usleep(2000);
	session_close(&now);
	replace();
}

/* Its last reference goes in another process. */
static void closed_elsewhere(void)
{
	pid_t pid = fork();

	if (!pid) {
		usleep(20000);
		_exit(0);
	}
	need(pid > 0, "fork");
	session_close(&now);
	need(waitpid(pid, NULL, 0) == pid, "wait");
	replace();
}

static void link_down(void)
{
	ends_enter("END_A");
	need(!system("ip link set tun0 down && ip link set tun0 up"), "link");
}

static void delete_device(void)
{
	ends_enter("END_A");
	need(!system("ip link del tun0"), "ip link del");
	close(a.fd);
	session_close(&now);
	device_open(&a, MOST, a.header_len ? IFF_VNET_HDR : 0);
	replace();
}

/* Between two steps. */
static void some_packets(unsigned long packets)
{
	unsigned long before = moved();
	int ms, most = bulk ? 30000 : 300;

	for (ms = 0; ms < most && moved() < before + packets; ms++)
		usleep(1000);
}

static const struct step {
	const char *name;
	void (*run)(void);
} steps[] = {
	{ "connected again", connect_again },
	{ "rekeyed", rekey },
	{ "closed", close_and_replace },
	{ "closed by the peer", alert_and_replace },
	{ "closed by another process", closed_elsewhere },
	{ "link down", link_down },
	{ "device deleted", delete_device },
};

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define STEPS		ARRAY_SIZE(steps)

static unsigned int runs[STEPS];

/* Until so many packets were moved; each step at least once. */
static void churn(unsigned long packets)
{
	unsigned long some = bulk ? packets / STEPS / 30 + 150 : 150;
	const char *wish = getenv("KDTLS_CHURN_SECONDS");
	time_t end = time(NULL) + (wish ? atol(wish) : BULK_SECONDS);
	unsigned int i;

	for (i = 0; i < STEPS || (moved() < packets && time(NULL) < end); i++) {
		const struct step *step = &steps[i % STEPS];

		if (bulk && i % STEPS == 0)
			diag("%u rounds, %lu packets", i / (unsigned int)STEPS,
			     moved());
		some_packets(some);
		step->run();
		runs[i % STEPS]++;
		if (old.a >= 0 && step->run != rekey) {
			session_close(&old);
			old.a = -1;
		}
	}
}

static void report(struct flow *flow)
{
	diag("%lu of %lu from %s arrived", flow->received, flow->sent,
	     flow->from->address);
	ok(flow->received, "from %s", flow->from->address);
	is_int(flow->altered, 0, "none altered");
	is_int(flow->twice, 0, "none twice");
}

int main(void)
{
	const char *wish = getenv("KDTLS_CHURN");
	unsigned long packets = on_debug_kernel() ? PACKETS / 3 : PACKETS;
	unsigned int i;

	bulk = wish;
	if (bulk)
		packets = strtoul(wish, NULL, 10);
	else
		pause_us = on_debug_kernel() ? 50000 : 10000;
	wire_start();
	device_open(&a, MOST, IFF_VNET_HDR);
	device_open(&b, MOST, IFF_VNET_HDR);
	replace();
	ok(device_stream(&a, &b, 128 * 1024), "TCP before");
	for (i = 0; i < 2; i++)
		flow_start(&flows[i], 20 * packets / BURST * BURST);
	churn(packets);
	for (i = 0; i < STEPS; i++)
		diag("%s: %u", steps[i].name, runs[i]);
	/* in bulk the device's queues are full */
	if (bulk)
		flows_stop();
	for (i = 0; i < PING_PATIENCE && !device_ping(&a, &b, 1000); i++)
		;
	ok(i < PING_PATIENCE, "ping after it");
	ok(device_stream(&b, &a, 128 * 1024), "TCP after it");
	if (!bulk)
		flows_stop();
	for (i = 0; i < 2; i++)
		report(&flows[i]);
	/* in bulk the time may end first */
	if (bulk)
		diag("%lu of %lu packets", moved(), packets);
	else
		ok(moved() >= packets, "%lu packets", moved());
	session_close(&now);
	wire_check("churn");
	return done_testing();
}
