// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The environment is parsed on each call: it is short, calls are rare, and the program
 * may call before a constructor of this library has run.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "settings.h"

#define MAX_ADDRESS	64	/* an IPv6 address and a port */

/* The program must not run with less protection than was requested. */
__attribute__((noreturn))
static void reject_variable(const char *what)
{
	dprintf(STDERR_FILENO,
		"dtlswrap: invalid value of %s in the environment\n", what);
	_exit(127);
}

unsigned int settings_port(const struct sockaddr *addr, socklen_t len)
{
	if (!addr)
		return 0;
	if (len >= sizeof(struct sockaddr_in) && addr->sa_family == AF_INET)
		return ntohs(((const struct sockaddr_in *)addr)->sin_port);
	if (len >= sizeof(struct sockaddr_in6) && addr->sa_family == AF_INET6)
		return ntohs(((const struct sockaddr_in6 *)addr)->sin6_port);
	return 0;
}

/* IPv4 addresses are v4-mapped: a program may use either form. */
static struct in6_addr to_ip6(const struct sockaddr *addr)
{
	struct in6_addr ip = { .s6_addr = { [10] = 0xff, [11] = 0xff } };

	if (addr->sa_family == AF_INET6)
		return ((const struct sockaddr_in6 *)addr)->sin6_addr;
	memcpy(ip.s6_addr + 12, &((const struct sockaddr_in *)addr)->sin_addr,
	       4);
	return ip;
}

/* Copies one item and advances *list. False: the list is at its end. */
static bool next_item(const char **list, char *item, size_t size, const char *what)
{
	size_t len;

	if (!*list || !**list)
		return false;
	len = strcspn(*list, ",");
	if (!len || len >= size)
		reject_variable(what);
	memcpy(item, *list, len);
	item[len] = 0;
	*list += len + ((*list)[len] == ',');
	return true;
}

static unsigned int read_number(const char *text, unsigned int most,
				const char *what)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || !n || n > most)
		reject_variable(what);
	return n;
}

static bool has_port(const char *name, const struct sockaddr *addr,
		     socklen_t len)
{
	unsigned int port = settings_port(addr, len);
	const char *list = getenv(name);
	char item[MAX_ADDRESS];

	while (port && next_item(&list, item, sizeof(item), name))
		if (read_number(item, 65535, name) == port)
			return true;
	return false;
}

bool settings_listen(const struct sockaddr *addr, socklen_t len)
{
	return has_port(WRAP_LISTEN, addr, len);
}

bool settings_plain(const struct sockaddr *addr, socklen_t len)
{
	return has_port(WRAP_PLAIN, addr, len);
}

bool settings_any_plain(void)
{
	return getenv(WRAP_PLAIN);
}

bool settings_any_connect(void)
{
	return getenv(WRAP_CONNECT);
}

bool settings_fragment(void)
{
	return getenv(WRAP_FRAGMENT);
}

static bool matches_ip(const char *text, const struct in6_addr *ip)
{
	struct in6_addr other = { .s6_addr = { [10] = 0xff, [11] = 0xff } };

	if (!strcmp(text, "*"))
		return true;
	if (inet_pton(AF_INET6, text, &other) != 1 &&
	    inet_pton(AF_INET, text, other.s6_addr + 12) != 1)
		reject_variable(WRAP_CONNECT);
	return IN6_ARE_ADDR_EQUAL(ip, &other);
}

bool settings_connect(const struct sockaddr *addr, socklen_t len)
{
	const char *list = getenv(WRAP_CONNECT);
	unsigned int port = settings_port(addr, len);
	char item[MAX_ADDRESS], *space;
	struct in6_addr ip;

	if (!port || !list)
		return false;
	ip = to_ip6(addr);
	while (next_item(&list, item, sizeof(item), WRAP_CONNECT)) {
		space = strchr(item, ' ');
		if (!space)
			reject_variable(WRAP_CONNECT);
		*space = 0;
		if (read_number(space + 1, 65535, WRAP_CONNECT) == port &&
		    matches_ip(item, &ip))
			return true;
	}
	return false;
}

void settings_options(struct kdtls_options *options)
{
	const char *timeout = getenv(WRAP_TIMEOUT);

	*options = (struct kdtls_options){
		.profile = getenv(WRAP_PROFILE),
		.server_name = getenv(WRAP_NAME),
		.alpn = getenv(WRAP_ALPN),
	};
	if (timeout)
		options->timeout_ms = read_number(timeout, 3600000, WRAP_TIMEOUT);
}
