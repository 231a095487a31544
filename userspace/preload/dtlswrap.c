// SPDX-License-Identifier: GPL-2.0-or-later
/* dtlswrap: runs a program that uses UDP, with DTLS on its sockets; see dtlswrap(1). */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <netdb.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <kdtls/kdtls.h>

#include "confine.h"
#include "inherited.h"
#include "program.h"
#include "settings.h"

#define LIBRARY		"libkdtls-preload.so.0"
#define MAX_LIST	4096

enum { EXIT_USAGE = 2, EXIT_CANNOT = 126 };

static char listens[MAX_LIST], connects[MAX_LIST], plains[MAX_LIST];
static const char *server_name;

__attribute__((format(printf, 2, 3), noreturn))
static void die(int status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fprintf(stderr, "dtlswrap: ");
	vfprintf(stderr, fmt, ap);
	fprintf(stderr, "\n");
	exit(status);
}

static void usage(FILE *out)
{
	fprintf(out,
		"Usage: dtlswrap [OPTION...] [--] PROGRAM [ARGUMENT...]\n"
		"Runs a program that uses UDP, with DTLS on its sockets.\n"
		"\n"
		"  -l, --listen PORT[,PORT...]  UDP sockets bound to it are DTLS servers\n"
		"  -c, --connect HOST:PORT      UDP sockets connected to it are DTLS clients;\n"
		"                               an IPv6 address in brackets, * for any host\n"
		"  -p, --profile NAME           of dtls-handshaked.conf(5); default \"default\"\n"
		"  -n, --server-name NAME       name of the server; default HOST, if it is a name\n"
		"  -a, --alpn PROTOCOLS         comma-separated, in order of preference\n"
		"  -w, --wait SECONDS           timeout of a handshake; default 60\n"
		"  -P, --plain PORT[,PORT...]   UDP from or to it may be in plaintext\n"
		"  -f, --fragment               let IP fragment datagrams above the MTU\n"
		"  -h, --help                   this text\n"
		"  -V, --version\n"
		"\n"
		"-l, -c and -P may be repeated. The program can send no other UDP: dtlswrap(1).\n");
}

static unsigned int parse_number(const char *text, unsigned int most)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || !n || n > most)
		die(EXIT_USAGE, "'%s' is not a number from 1 to %u", text, most);
	return n;
}

static void append_item(char *list, const char *item)
{
	size_t len = strlen(list);

	if (len + strlen(item) + 2 > MAX_LIST)
		die(EXIT_USAGE, "too many addresses");
	sprintf(list + len, "%s%s", len ? "," : "", item);
}

static void add_ports(char *list, char *ports, const char *option)
{
	char item[16];

	for (char *p = strtok(ports, ","); p; p = strtok(NULL, ",")) {
		sprintf(item, "%u", parse_number(p, 65535));
		append_item(list, item);
	}
	if (!*list)
		die(EXIT_USAGE, "%s needs a port", option);
}

/* All addresses of the host, for the program resolves the name again. */
static void add_host(const char *host, unsigned int port)
{
	struct addrinfo hints = { .ai_socktype = SOCK_DGRAM }, *list, *a;
	char address[INET6_ADDRSTRLEN], item[INET6_ADDRSTRLEN + 8];
	int err = getaddrinfo(host, NULL, &hints, &list);

	if (err)
		die(EXIT_CANNOT, "%s: %s", host, gai_strerror(err));
	for (a = list; a; a = a->ai_next) {
		if (getnameinfo(a->ai_addr, a->ai_addrlen, address,
				sizeof(address), NULL, 0, NI_NUMERICHOST))
			continue;
		address[strcspn(address, "%")] = 0;
		sprintf(item, "%s %u", address, port);
		append_item(connects, item);
	}
	freeaddrinfo(list);
}

static bool is_name(const char *host)
{
	struct in6_addr ip;

	return inet_pton(AF_INET, host, &ip) != 1 &&
	       inet_pton(AF_INET6, host, &ip) != 1;
}

static void add_connect(char *target)
{
	char *colon = strrchr(target, ':'), item[16];
	unsigned int port;

	if (!colon || colon == target)
		die(EXIT_USAGE, "--connect needs HOST:PORT, not '%s'", target);
	*colon = 0;
	port = parse_number(colon + 1, 65535);
	if (*target == '[' && colon[-1] == ']') {
		colon[-1] = 0;
		target++;
	}
	if (!strcmp(target, "*")) {
		sprintf(item, "* %u", port);
		append_item(connects, item);
		return;
	}
	add_host(target, port);
	if (is_name(target) && !server_name)
		server_name = target;
}

/* In ../lib of this program's directory, or where make install put it. */
static void find_library(char *path)
{
	char own[PATH_MAX - 64] = "";
	char *slash;

	if (readlink("/proc/self/exe", own, sizeof(own) - 1) < 0)
		own[0] = 0;
	slash = strrchr(own, '/');
	if (slash)
		*slash = 0;
	snprintf(path, PATH_MAX, "%s/../lib/" LIBRARY, own);
	if (access(path, R_OK))
		snprintf(path, PATH_MAX, "%s/kdtls/" LIBRARY, KDTLS_LIBDIR);
	/* the loader would run the program without it */
	if (!dlopen(path, RTLD_NOW | RTLD_LOCAL))
		die(EXIT_CANNOT, "%s", dlerror());
	if (strpbrk(path, " :"))
		die(EXIT_CANNOT, "%s: LD_PRELOAD cannot hold a path with a space or a colon", path);
}

/* First in the list, so that its functions are called before those of others. */
static void set_preload(void)
{
	const char *others = getenv("LD_PRELOAD");
	char path[PATH_MAX], *value;

	find_library(path);
	if (asprintf(&value, "%s%s%s", path, others ? ":" : "",
		     others ?: "") < 0)
		die(EXIT_CANNOT, "out of memory");
	setenv("LD_PRELOAD", value, 1);
}

static void set_variable(const char *name, const char *value)
{
	if (value && *value)
		setenv(name, value, 1);
	else
		unsetenv(name);
}

static const struct option options[] = {
	{ "listen", 1, NULL, 'l' },
	{ "connect", 1, NULL, 'c' },
	{ "profile", 1, NULL, 'p' },
	{ "server-name", 1, NULL, 'n' },
	{ "alpn", 1, NULL, 'a' },
	{ "wait", 1, NULL, 'w' },
	{ "plain", 1, NULL, 'P' },
	{ "fragment", 0, NULL, 'f' },
	{ "help", 0, NULL, 'h' },
	{ "version", 0, NULL, 'V' },
	{ }
};

/* The options that may be repeated or have a default. */
static void set_variables(const char *timeout)
{
	set_variable(WRAP_LISTEN, listens);
	set_variable(WRAP_CONNECT, connects);
	set_variable(WRAP_PLAIN, plains);
	set_variable(WRAP_NAME, server_name);
	set_variable(WRAP_TIMEOUT, timeout);
}

static void parse_arguments(int argc, char **argv)
{
	char timeout[16] = "";
	int c;

	set_variable(WRAP_PROFILE, NULL);
	set_variable(WRAP_ALPN, NULL);
	set_variable(WRAP_FRAGMENT, NULL);
	while ((c = getopt_long(argc, argv, "+l:c:p:n:a:w:P:fhV", options,
				NULL)) != -1) {
		switch (c) {
		case 'l':
			add_ports(listens, optarg, "--listen");
			break;
		case 'P':
			add_ports(plains, optarg, "--plain");
			break;
		case 'f':
			set_variable(WRAP_FRAGMENT, "1");
			break;
		case 'c':
			add_connect(optarg);
			break;
		case 'p':
			set_variable(WRAP_PROFILE, optarg);
			break;
		case 'n':
			server_name = optarg;
			break;
		case 'a':
			set_variable(WRAP_ALPN, optarg);
			break;
		case 'w':
			sprintf(timeout, "%u", parse_number(optarg, 3600) * 1000);
			break;
		case 'h':
			usage(stdout);
			exit(0);
		case 'V':
			puts("dtlswrap " KDTLS_VERSION);
			exit(0);
		default:
			usage(stderr);
			exit(EXIT_USAGE);
		}
	}
	if (optind == argc || (!*listens && !*connects)) {
		usage(stderr);
		exit(EXIT_USAGE);
	}
	set_variables(timeout);
}

/* Else the program's socket() would fail later. */
static void check_kernel(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || kdtls_enable(fd))
		die(EXIT_CANNOT, "%s", kdtls_strerror(errno));
	close(fd);
}

int main(int argc, char **argv)
{
	const char *why;

	parse_arguments(argc, argv);
	why = program_refused(argv[optind]);
	if (why)
		die(EXIT_CANNOT, "%s: %s", argv[optind], why);
	check_kernel();
	if (inherited_protect())
		exit(EXIT_CANNOT);
	why = confine();
	if (why)
		die(EXIT_CANNOT, "%s", why);
	set_preload();
	execvp(argv[optind], argv + optind);
	die(EXIT_CANNOT, "%s: %s", argv[optind], strerror(errno));
}
