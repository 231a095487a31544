// SPDX-License-Identifier: GPL-2.0
/*
 * Instructions a packet of 1,400 bytes through a tunnel, both ends, for a TCP
 * stream and for UDP at a fixed rate (tests/bench/vpn). In a virtual machine with
 * --icount a nanosecond in which the CPU is not idle is an instruction.
 */
#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "ends.h"
#include "tap.h"

#define MTU		1400
#define SEGMENT		(MTU - 52)	/* TCP with timestamps */
#define DATAGRAM	(MTU - 28)

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

/* Nanoseconds, to 10 ms: of 20,000 packets that is 500 instructions each. */
static double idle(void)
{
	FILE *f = fopen("/proc/uptime", "r");
	double up, none;

	need(f && fscanf(f, "%lf %lf", &up, &none) == 2, "/proc/uptime");
	fclose(f);
	return none * 1e9;
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
	send_stream(fd, len);
	pthread_join(thread, NULL);
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
	send_paced(fd, n, interval);
	pthread_join(thread, NULL);
	begin = now() - begin;
	rest = idle() - rest;
	*lost = n - sink.got / DATAGRAM;
	close(sink.fd);
	close(fd);
	return (begin - rest) / n;
}

static size_t bytes = 16 << 20;
static unsigned int packets = 20000;

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

int main(int argc, char *argv[])
{
	struct tunnel_end a = { .ns = "END_A" }, b = { .ns = "END_B" };
	unsigned int lost;
	double tcp, udp;

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
	tcp = stream(&a, &b, bytes);
	udp = datagrams(&a, &b, packets, 200000, &lost);
	printf("| %s | %s | %.0f | %.0f | %u |\n", argv[1], argv[2], tcp, udp,
	       lost);
	return 0;
}
