// SPDX-License-Identifier: GPL-2.0
/*
 * Instructions a packet of 1,400 bytes through a tunnel, both ends, for a TCP
 * stream and for UDP at a fixed rate (tests/bench/vpn), and system calls of the
 * tunnel's programs. In a virtual machine with --icount a nanosecond in which the
 * CPU is not idle is an instruction. What is measured has marks around it, for a
 * plugin of QEMU.
 */
#include <arpa/inet.h>
#include <linux/perf_event.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "ends.h"
#include "mark.h"
#include "tap.h"

#define MTU		1400
#define SEGMENT		(MTU - 52)	/* TCP with timestamps */
#define DATAGRAM	(MTU - 28)
#define INTERVAL	200000	/* ns from one datagram to the next */

/* An end of a tunnel. */
struct tunnel_end {
	const char *ns;		/* END_A or END_B: ends_enter() */
	const char *address;
};

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1e9 + ts.tv_nsec;
}

/* Nanoseconds, exactly: /proc/uptime is to 10 ms. */
static double idle(void)
{
	FILE *f = fopen("/proc/timer_list", "r");
	double none, sum = 0;
	bool found = false;
	char line[256];

	need(f, "/proc/timer_list");
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, " .idle_sleeptime : %lf", &none) == 1) {
			sum += none;
			found = true;
		}
	}
	fclose(f);
	need(found, "idle_sleeptime");
	return sum;
}

static int socket_in(const struct tunnel_end *dev, int type, int port,
		     struct sockaddr_in *at)
{
	int fd;

	ends_enter(dev->ns);
	fd = socket(AF_INET, type, 0);
	*at = (struct sockaddr_in){ .sin_family = AF_INET,
				    .sin_port = htons(port) };
	need(fd >= 0 && inet_pton(AF_INET, dev->address, &at->sin_addr) == 1,
	     "socket");
	return fd;
}

struct sink {
	int fd;
	size_t most, got;	/* bytes */
};

static void *swallow(void *arg)
{
	static char buf[256 * 1024];
	struct sink *sink = arg;
	ssize_t n;

	while (sink->got < sink->most) {
		n = recv(sink->fd, buf, sizeof(buf), 0);
		if (n <= 0)
			break;
		sink->got += n;
	}
	return NULL;
}

static void send_stream(int fd, size_t len)
{
	static char buf[64 * 1024];
	ssize_t n;

	for (; len; len -= n) {
		n = send(fd, buf, len < sizeof(buf) ? len : sizeof(buf), 0);
		need(n > 0, "send");
	}
}

/* Instructions a segment. */
static double stream(const struct tunnel_end *from, const struct tunnel_end *to,
		     size_t len)
{
	static int port = 6000;
	struct sockaddr_in dest, src;
	int listener = socket_in(to, SOCK_STREAM, ++port, &dest);
	int fd = socket_in(from, SOCK_STREAM, 0, &src);
	struct sink sink = { .most = len };
	double begin, rest;
	pthread_t thread;
	int on = 1;

	need(!setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) &&
	     !bind(listener, (void *)&dest, sizeof(dest)) &&
	     !listen(listener, 1) &&
	     !connect(fd, (void *)&dest, sizeof(dest)), "connect");
	sink.fd = accept(listener, NULL, NULL);
	need(!pthread_create(&thread, NULL, swallow, &sink), "thread");
	begin = now();
	rest = idle();
	mark_begin();
	send_stream(fd, len);
	pthread_join(thread, NULL);
	mark_end();
	begin = now() - begin;
	rest = idle() - rest;
	need(sink.got == len, "all of it");
	close(sink.fd);
	close(fd);
	close(listener);
	return (begin - rest) / ((double)len / SEGMENT);
}

static void send_paced(int fd, unsigned int n, long interval)
{
	static char buf[DATAGRAM];
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	while (n--) {
		send(fd, buf, sizeof(buf), 0);
		at.tv_nsec += interval;
		if (at.tv_nsec >= 1000000000) {
			at.tv_nsec -= 1000000000;
			at.tv_sec++;
		}
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
	}
}

/* Instructions a datagram; *lost of them. */
static double datagrams(const struct tunnel_end *from, const struct tunnel_end *to,
			unsigned int n, long interval, unsigned int *lost)
{
	struct timeval tv = { .tv_sec = 1 };
	struct sockaddr_in dest, src;
	struct sink sink = { .most = (size_t)n * DATAGRAM };
	int fd = socket_in(from, SOCK_DGRAM, 0, &src);
	double begin, rest;
	pthread_t thread;

	sink.fd = socket_in(to, SOCK_DGRAM, 6000, &dest);
	need(!bind(sink.fd, (void *)&dest, sizeof(dest)) &&
	     !setsockopt(sink.fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)) &&
	     !connect(fd, (void *)&dest, sizeof(dest)), "connect");
	need(!pthread_create(&thread, NULL, swallow, &sink), "thread");
	begin = now();
	rest = idle();
	mark_begin();
	send_paced(fd, n, interval);
	pthread_join(thread, NULL);
	mark_end();
	begin = now() - begin;
	rest = idle() - rest;
	*lost = n - sink.got / DATAGRAM;
	close(sink.fd);
	close(fd);
	return (begin - rest) / n;
}

static size_t bytes = 16 << 20;
static unsigned int packets = 5000;

static void ping(const struct tunnel_end *from, const struct tunnel_end *to)
{
	struct timeval tv = { .tv_sec = 1 };
	struct sockaddr_in dest, src;
	int fd = socket_in(from, SOCK_DGRAM, 0, &src);
	int other = socket_in(to, SOCK_DGRAM, 5999, &dest);
	char byte;
	int i;

	need(!bind(other, (void *)&dest, sizeof(dest)) &&
	     !setsockopt(other, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)),
	     "bind");
	for (i = 0; i < 20; i++) {
		sendto(fd, "", 1, 0, (void *)&dest, sizeof(dest));
		if (recv(other, &byte, 1, 0) == 1)
			break;
	}
	need(i < 20, "the tunnel works");
	close(fd);
	close(other);
}

#define RUNS		3
#define MAX_PROGRAMS	16

/* Counters of system calls, one a process. */
static int counters[MAX_PROGRAMS];
static unsigned int programs;

/*
 * Of the processes in $VPN_PROGRAMS. After what is measured: with the first counter
 * each system call of each process takes longer.
 */
static void count_calls(void)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_TRACEPOINT, .size = sizeof(attr),
	};
	FILE *f = fopen("/sys/kernel/tracing/events/raw_syscalls/sys_enter/id",
			"r");
	char *list = getenv("VPN_PROGRAMS"), *end;

	need(f && fscanf(f, "%llu", &attr.config) == 1, "raw_syscalls");
	fclose(f);
	for (; list && *list && programs < MAX_PROGRAMS; list = end) {
		long pid = strtol(list, &end, 10);

		if (end == list)
			break;
		counters[programs] = syscall(SYS_perf_event_open, &attr, pid, -1,
					     -1, 0);
		need(counters[programs++] >= 0, "perf_event_open");
	}
}

static double calls(void)
{
	unsigned long long n, sum = 0;
	unsigned int i;

	for (i = 0; i < programs; i++) {
		need(read(counters[i], &n, sizeof(n)) == sizeof(n), "counter");
		sum += n;
	}
	return sum;
}

struct range {
	double least, most;
};

static void range_add(struct range *range, double value)
{
	if (!range->most || value < range->least)
		range->least = value;
	if (value > range->most)
		range->most = value;
}

/* Measured in turn, so that what changes in time changes both. */
static unsigned int measure(const struct tunnel_end *a,
			    const struct tunnel_end *b, struct range *tcp,
			    struct range *udp)
{
	unsigned int i, lost, all = 0;

	for (i = 0; i < RUNS; i++) {
		if (bytes)
			range_add(tcp, stream(a, b, bytes));
		if (!packets)
			continue;
		range_add(udp, datagrams(a, b, packets, INTERVAL, &lost));
		all += lost;
	}
	return all;
}

int main(int argc, char *argv[])
{
	struct tunnel_end a = { .ns = "END_A" }, b = { .ns = "END_B" };
	struct range tcp = {}, udp = {};
	double before, tcp_calls, udp_calls;
	unsigned int lost, more;

	if (argc < 5) {
		fprintf(stderr, "bench-vpn NAME CIPHER ADDRESS-A ADDRESS-B [MEGABYTES [PACKETS]]\n");
		return 2;
	}
	a.address = argv[3];
	b.address = argv[4];
	if (argc > 5)
		bytes = strtoul(argv[5], NULL, 0) << 20;
	if (argc > 6)
		packets = strtoul(argv[6], NULL, 0);
	ping(&a, &b);
	stream(&a, &b, bytes / 8);
	lost = measure(&a, &b, &tcp, &udp);
	printf("| %s | %s | %.0f-%.0f | %.0f-%.0f | %u |", argv[1], argv[2],
	       tcp.least, tcp.most, udp.least, udp.most, lost);
	if (!bytes || !packets) {
		puts("");
		return 0;
	}
	count_calls();
	before = calls();
	stream(&a, &b, bytes);
	tcp_calls = (calls() - before) / ((double)bytes / SEGMENT);
	before = calls();
	datagrams(&a, &b, packets, INTERVAL, &more);
	udp_calls = (calls() - before) / packets;
	printf(" %.4f | %.4f |\n", tcp_calls, udp_calls);
	return 0;
}
