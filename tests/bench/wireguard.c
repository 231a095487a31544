// SPDX-License-Identifier: GPL-2.0
/*
 * Plain UDP through WireGuard, from one network namespace to another
 * (tests/bench/tunnel makes them). Its cipher is ChaCha20-Poly1305, always.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <unistd.h>

#include "bench.h"
#include "tap.h"

#define NETNS	"/run/netns/bench-"
#define PORT	7000

static int fds[2];

static void tunnel(void)
{
	char command[4096];

	if (!access(NETNS "a", F_OK))
		return;
	snprintf(command, sizeof(command), "%s/tests/bench/tunnel",
		 getenv("KDTLS_TOP") ?: ".");
	need(!system(command), command);
}

static int socket_in(const char *netns)
{
	int home = open("/proc/self/ns/net", O_RDONLY);
	int there = open(netns, O_RDONLY);
	int fd;

	need(home >= 0 && there >= 0 && !setns(there, CLONE_NEWNET), netns);
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	need(fd >= 0 && !setns(home, CLONE_NEWNET), "socket");
	close(home);
	close(there);
	return fd;
}

static struct sockaddr_in address(const char *text)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
				  .sin_port = htons(PORT) };

	need(inet_pton(AF_INET, text, &in.sin_addr) == 1, text);
	return in;
}

static void wireguard_open(const struct load *load)
{
	struct sockaddr_in a = address("10.99.0.1"), b = address("10.99.0.2");

	tunnel();
	fds[0] = socket_in(NETNS "a");
	fds[1] = socket_in(NETNS "b");
	need(!bind(fds[0], (void *)&a, sizeof(a)) &&
	     !bind(fds[1], (void *)&b, sizeof(b)), "bind");
	need(!connect(fds[0], (void *)&b, sizeof(b)) &&
	     !connect(fds[1], (void *)&a, sizeof(a)), "connect");
	sockets_prepare(fds, load);
}

static void wireguard_round(const struct load *load)
{
	sockets_round(fds, load);
}

static void wireguard_put(const struct load *load, int end, const void *data)
{
	sockets_put(fds[end], load, data);
}

static void wireguard_get(const struct load *load, int end, void *data)
{
	sockets_get(fds[end], load, data);
}

const struct path path_wireguard = {
	.name = "wireguard",
	.ways = { true, true, true, true },
	/* its work items depend on the scheduler */
	.spread = 0.05,
	.fixed = "ChaCha20-Poly1305",
	.open = wireguard_open,
	.round = wireguard_round,
	.put = wireguard_put,
	.get = wireguard_get,
};
