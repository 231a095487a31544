// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include "ends.h"
#include "tap.h"

static const char *variable(const char *name)
{
	const char *value = getenv(name);

	need(value, name);
	return value;
}

void ends_enter(const char *name)
{
	char path[100];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s", variable(name));
	fd = open(path, O_RDONLY);
	need(fd >= 0 && !setns(fd, CLONE_NEWNET), path);
	close(fd);
}

/* In the current namespace, at an address of this end. */
static int bound(struct pair *p, const char *end, struct sockaddr_storage *addr)
{
	struct sockaddr_in *in = (struct sockaddr_in *)addr;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)addr;
	char name[] = { end[0], p->family == AF_INET ? '4' : '6', '\0' };
	int fd = socket(p->family, SOCK_DGRAM, 0);

	memset(addr, 0, sizeof(*addr));
	addr->ss_family = p->family;
	p->addr_len = p->family == AF_INET ? sizeof(*in) : sizeof(*in6);
	need(inet_pton(p->family, variable(name), p->family == AF_INET ?
		       (void *)&in->sin_addr : (void *)&in6->sin6_addr) == 1,
	     name);
	need(fd >= 0 && !bind(fd, (void *)addr, p->addr_len) &&
	     !getsockname(fd, (void *)addr, &p->addr_len), "bind");
	return fd;
}

void ends_plain(struct pair *p, int family)
{
	p->family = family;
	ends_enter("END_B");
	p->b = bound(p, "B", &p->addr_b);
	ends_enter("END_A");
	p->a = bound(p, "A", &p->addr_a);
	need(!connect(p->a, (void *)&p->addr_b, p->addr_len) &&
	     !connect(p->b, (void *)&p->addr_a, p->addr_len), "connect");
}

void ends_keys(struct pair *p, int cipher)
{
	struct dtls_keys keys;

	pair_keys(&keys, cipher, true);
	need(!pair_set_keys(p->a, &keys), "keys of a");
	pair_keys(&keys, cipher, false);
	need(!pair_set_keys(p->b, &keys), "keys of b");
}

void ends_open(struct pair *p, int family, int cipher)
{
	ends_plain(p, family);
	pair_attach(p);
	ends_keys(p, cipher);
}
