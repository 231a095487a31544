// SPDX-License-Identifier: GPL-2.0
/*
 * Numbered messages over one association, both ways at once:
 *	stream client|server LOCAL PEER PORT COUNT
 * Handshake by the daemon (profile psk). The server has keys first, and begins
 * when it has received from the client: messages sent while its last flight is lost
 * and not yet repeated would count as lost. Every message has its number and is
 * filled from it; each that arrives must be correct, and arrive once.
 * Prints "received N wrong N twice N"; exit status 0 when there was an
 * association.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <kdtls/kdtls.h>

#define QUIET_MS	5000	/* nothing for this time: the peer is done */

static unsigned long received, wrong, twice;

static void die(const char *what)
{
	fprintf(stderr, "stream: %s: %s\n", what, strerror(errno));
	exit(1);
}

static struct sockaddr_in address(const char *text, int port)
{
	struct sockaddr_in in = {
		.sin_family = AF_INET, .sin_port = htons(port),
	};

	if (inet_pton(AF_INET, text, &in.sin_addr) != 1)
		die(text);
	return in;
}

/* Both ends know each other's address: no race of bind and connect. */
static int connected(const char *local, const char *peer, int port)
{
	struct sockaddr_in l = address(local, port), p = address(peer, port);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	int room = 4 << 20;

	if (fd < 0 || bind(fd, (void *)&l, sizeof(l)) ||
	    connect(fd, (void *)&p, sizeof(p)))
		die("socket");
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	return fd;
}

static size_t make(uint8_t *msg, uint32_t n)
{
	size_t len = 16 + n * 37 % 1200;

	memcpy(msg, &n, sizeof(n));
	for (size_t i = sizeof(n); i < len; i++)
		msg[i] = n * 13 + i * 7;
	return len;
}

static void take(const uint8_t *msg, size_t len, uint8_t *seen, uint32_t count)
{
	uint8_t wanted[2048];
	uint32_t n = count;

	if (len >= sizeof(n))
		memcpy(&n, msg, sizeof(n));
	if (n >= count || make(wanted, n) != len || memcmp(msg, wanted, len)) {
		wrong++;
		return;
	}
	twice += seen[n];
	received += !seen[n];
	seen[n] = 1;
}

static int heard(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	return poll(&pfd, 1, 60000) == 1;
}

/* Reads queued messages; waits this long for the first. False: none. */
static int drain(int fd, uint8_t *seen, uint32_t count, int ms)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	uint8_t msg[2048];
	int any = 0;
	ssize_t len;

	poll(&pfd, 1, ms);
	while ((len = recv(fd, msg, sizeof(msg), MSG_DONTWAIT)) > 0) {
		take(msg, len, seen, count);
		any = 1;
	}
	return any;
}

int main(int argc, char **argv)
{
	struct kdtls_options options = { .profile = "psk" };
	uint8_t *seen, msg[2048];
	uint32_t count;
	int fd, err, server;

	if (argc != 6)
		return 2;
	server = !strcmp(argv[1], "server");
	fd = connected(argv[2], argv[3], atoi(argv[4]));
	count = atoi(argv[5]);
	seen = calloc(count, 1);
	err = server ? kdtls_listen(fd, &options) : kdtls_connect(fd, &options);
	if (!seen || err || kdtls_wait(fd, 60000) || (server && !heard(fd)))
		die("handshake");
	for (uint32_t n = 0; n < count; n++) {
		if (send(fd, msg, make(msg, n), 0) < 0)
			die("send");
		if (n % 8 == 7)
			drain(fd, seen, count, 1);
	}
	while (drain(fd, seen, count, QUIET_MS))
		;
	printf("received %lu wrong %lu twice %lu\n", received, wrong, twice);
	close(fd);
	return 0;
}
