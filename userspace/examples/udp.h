/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Plain UDP, common to the examples. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static inline void check(int failed, const char *what)
{
	if (!failed)
		return;
	perror(what);
	exit(1);
}

static inline struct sockaddr_in udp_address(const char *host, const char *port)
{
	struct sockaddr_in a = {
		.sin_family = AF_INET,
		.sin_port = htons(atoi(port)),
	};

	if (inet_pton(AF_INET, host, &a.sin_addr) != 1) {
		fprintf(stderr, "%s: not an IPv4 address\n", host);
		exit(2);
	}
	return a;
}

/* A socket connected to a server. */
static inline int udp_connect(const char *host, const char *port)
{
	struct sockaddr_in a = udp_address(host, port);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	check(fd < 0, "socket");
	check(connect(fd, (struct sockaddr *)&a, sizeof(a)), "connect");
	return fd;
}

/* A socket connected to the first client that sends; its datagram stays queued. */
static inline int udp_accept(const char *host, const char *port)
{
	struct sockaddr_in a = udp_address(host, port), peer;
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	socklen_t len = sizeof(peer);
	char byte;

	check(fd < 0, "socket");
	check(bind(fd, (struct sockaddr *)&a, sizeof(a)), "bind");
	check(recvfrom(fd, &byte, 1, MSG_PEEK, (struct sockaddr *)&peer,
		       &len) < 0, "recvfrom");
	check(connect(fd, (struct sockaddr *)&peer, len), "connect");
	return fd;
}

/* Sends a line, prints the answer and closes. */
static inline void udp_exchange(int fd)
{
	char buf[2048];
	ssize_t n;

	check(send(fd, "hello\n", 6, 0) < 0, "send");
	n = recv(fd, buf, sizeof(buf), 0);
	check(n < 0, "recv");
	fwrite(buf, 1, n, stdout);
	shutdown(fd, SHUT_WR);	/* with DTLS it sends close_notify */
	close(fd);
}
