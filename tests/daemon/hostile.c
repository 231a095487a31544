// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * daemon-hostile UID WHAT [SECONDS]: a user without privilege that loads
 * dtls-handshaked as fast as it can:
 *	datagrams	the smallest ones, in 200 handshakes
 *	requests	sockets that request a handshake and are closed
 *	hellos		ClientHellos to two listening sockets of its own
 * Prints "begun", and at the end the number.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <grp.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <linux/kdtls.h>

#include "tap.h"

#define SOCKETS 200

/* An address that does not answer. */
static struct sockaddr_in sink;
static int fds[SOCKETS];

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static void become(unsigned int uid)
{
	const struct rlimit files = { 1024, 1024 };

	setrlimit(RLIMIT_NOFILE, &files);
	need(!setgroups(0, NULL) && !setresgid(uid, uid, uid) &&
	     !setresuid(uid, uid, uid), "another user");
}

static int bound(struct sockaddr_in *name)
{
	struct sockaddr_in any = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t len = sizeof(*name);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	need(fd >= 0 && !bind(fd, (void *)&any, sizeof(any)) &&
	     !getsockname(fd, (void *)name, &len), "a socket");
	return fd;
}

static int asking(void)
{
	const struct dtls_request r = { .timeout_ms = 600000 };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	need(fd >= 0 && !connect(fd, (void *)&sink, sizeof(sink)) &&
	     !setsockopt(fd, SOL_IP, DTLS_ULP, "dtls", 4), "a socket of its own");
	/* refused when too many run: continue with the others */
	setsockopt(fd, SOL_DTLS, DTLS_CONNECT, &r, sizeof(r));
	return fd;
}

static void ask_with_all(void)
{
	for (int i = 0; i < SOCKETS; i++)
		fds[i] = asking();
	/* let the daemon accept them */
	sleep(2);
}

static bool datagrams(unsigned int n)
{
	static const unsigned char tiny[14] = "\x16\xfe\xfd\0\0\0\0\0\0\0\1\0\1\1";

	return !setsockopt(fds[n % SOCKETS], SOL_DTLS, DTLS_INJECT, tiny,
			   sizeof(tiny));
}

/* Some stay until the daemon has accepted them. */
static bool requests(unsigned int n)
{
	int *fd = &fds[n % 100];

	if (*fd > 0)
		close(*fd);
	*fd = asking();
	return true;
}

static struct sockaddr_in listeners[2];

static void listen_twice(void)
{
	const struct dtls_request r = { .profile = "psk" };

	for (int i = 0; i < 2; i++) {
		fds[i] = bound(&listeners[i]);
		need(!setsockopt(fds[i], SOL_IP, DTLS_ULP, "dtls", 4) &&
		     !setsockopt(fds[i], SOL_DTLS, DTLS_LISTEN, &r, sizeof(r)),
		     "a listening socket");
	}
	fds[2] = socket(AF_INET, SOCK_DGRAM, 0);
}

/* Without a cookie: version, random, no session, one suite. */
static bool hellos(unsigned int n)
{
	static unsigned char hello[13 + 12 + 42] =
		"\x16\xfe\xff\0\0\0\0\0\0\0\0\0\x36"
		"\1\0\0\x2a\0\0\0\0\0\0\0\x2a\xfe\xfd";

	memcpy(hello + 13 + 12 + 36, "\0\2\0\xa8\1\0", 6);
	return sendto(fds[2], hello, sizeof(hello), MSG_DONTWAIT,
		      (void *)&listeners[n % 2], sizeof(*listeners)) > 0;
}

static void nothing(void)
{
}

static const struct {
	const char *name;
	void (*begin)(void);
	bool (*again)(unsigned int n);
} ways[] = {
	{ "datagrams", ask_with_all, datagrams },
	{ "requests", nothing, requests },
	{ "hellos", listen_twice, hellos },
};

int main(int argc, char **argv)
{
	double end = now() + (argc > 3 ? atof(argv[3]) : 60);
	unsigned int n = 0, done = 0, way = 0;

	need(argc > 2, "UID WHAT");
	while (way < 3 && strcmp(argv[2], ways[way].name))
		way++;
	need(way < 3, "one of three ways");
	become(atoi(argv[1]));
	bound(&sink);
	ways[way].begin();
	puts("begun");
	fflush(stdout);
	while (now() < end)
		done += ways[way].again(n++);
	printf("%s: %u of %u\n", argv[2], done, n);
	return 0;
}
