// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * dtlscat: netcat for DTLS in the kernel. It uses no TLS library, but a UDP socket,
 * kdtls_connect() or kdtls_listen(), and then send() and recv().
 * dtls-handshaked(8) negotiates with the credentials of a profile.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <locale.h>
#include <netdb.h>
#include <poll.h>
#include <stdbool.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <kdtls/kdtls.h>

#include "advice.h"

enum { EXIT_IO = 1, EXIT_USAGE = 2, EXIT_HANDSHAKE = 3 };

static struct {
	bool listen, echo, verbose, datagrams;
	int family;
	int idle;			/* seconds, 0: no limit */
	int linger;			/* seconds after end of input */
	const char *host, *port;
	struct kdtls_options dtls;
} args = { .family = AF_UNSPEC };

__attribute__((format(printf, 2, 3), noreturn))
static void die(int status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fprintf(stderr, "dtlscat: ");
	vfprintf(stderr, fmt, ap);
	fprintf(stderr, "\n");
	exit(status);
}

/* The cause, with what was asked for: dtls-handshaked logs the rest. */
__attribute__((noreturn))
static void die_handshake(int error)
{
	const char *name = args.dtls.server_name;
	char command[300];

	if ((error == ESRCH || error == ETIMEDOUT) && !daemon_runs()) {
		daemon_start_command(command, sizeof(command));
		die(EXIT_HANDSHAKE,
		    "no dtls-handshaked runs in this network namespace; start one: %s",
		    command);
	}
	if (error == EACCES || error == EKEYREJECTED)
		die(EXIT_HANDSHAKE,
		    "profile \"%s\", %s, peer %s port %s%s%s%s: %s; the log of dtls-handshaked says which",
		    args.dtls.profile ?: "default", args.listen ? "server" : "client",
		    args.host ?: "*", args.port, name ? ", server name \"" : "",
		    name ?: "", name ? "\"" : "", kdtls_strerror(error));
	die(EXIT_HANDSHAKE, "%s", kdtls_strerror(error));
}

/* Sockets */

static struct addrinfo *resolve_host(void)
{
	struct addrinfo hints = {
		.ai_family = args.family,
		.ai_socktype = SOCK_DGRAM,
		.ai_flags = args.listen ? AI_PASSIVE : AI_IDN,
	};
	struct addrinfo *list;
	int err = getaddrinfo(args.host, args.port, &hints, &list);

	if (err)
		die(EXIT_IO, "%s port %s: %s", args.host ?: "*", args.port,
		    gai_strerror(err));
	return list;
}

/* The first address for which use() succeeds. */
static int open_socket(int (*use)(int, const struct sockaddr *, socklen_t))
{
	struct addrinfo *list = resolve_host(), *a;
	int fd = -1, one = 1;

	for (a = list; a; a = a->ai_next) {
		fd = socket(a->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		if (fd < 0)
			continue;
		if (args.listen)
			setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one,
				   sizeof(one));
		if (!use(fd, a->ai_addr, a->ai_addrlen))
			break;
		close(fd);
		fd = -1;
	}
	if (fd < 0)
		die(EXIT_IO, "%s port %s: %s", args.host ?: "*", args.port,
		    strerror(errno));
	freeaddrinfo(list);
	return fd;
}

static int open_client(void)
{
	int fd = open_socket(connect);

	if (kdtls_connect(fd, &args.dtls))
		return -1;
	return fd;
}

static int status;	/* exit status */

/* dtlscat continues to wait for another peer. */
static void report_failure(const struct dtls_event *event)
{
	char host[INET6_ADDRSTRLEN] = "?", port[8] = "?";

	if (!args.verbose)
		return;
	getnameinfo((const struct sockaddr *)&event->peer, sizeof(event->peer), host,
		    sizeof(host), port, sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV);
	fprintf(stderr, "dtlscat: no handshake with %s port %s: %s\n", host, port,
		kdtls_strerror(event->error));
}

static void write_out(const char *buf, size_t len)
{
	if (write(STDOUT_FILENO, buf, len) < 0)
		die(EXIT_IO, "stdout: %s", strerror(errno));
}

/* Data of a peer that has closed; data of other peers is discarded. */
static void print_remaining(int fd, const void *peer)
{
	char buf[DTLS_MAX_CONTENT];
	struct sockaddr_storage from;
	socklen_t len = sizeof(from);
	ssize_t n;

	while ((n = recvfrom(fd, buf, sizeof(buf), MSG_DONTWAIT,
			     (struct sockaddr *)&from, &len)) >= 0) {
		if (!args.echo && !memcmp(&from, peer, len))
			write_out(buf, n);
		len = sizeof(from);
	}
}

/*
 * The dedicated socket of the peer, or -1. If the peer closes before it has one,
 * dtlscat prints its data and ends.
 */
static int take_peer(int fd)
{
	struct dtls_event event;
	int peer, got;

	while ((got = kdtls_next_event(fd, &event)) > 0) {
		if (event.kind == DTLS_EVENT_FAILED)
			report_failure(&event);
		if (event.kind != DTLS_EVENT_ESTABLISHED)
			continue;
		peer = kdtls_peeloff(fd, event.assoc, SOCK_CLOEXEC);
		/* without events in the error queue poll() reports the end as POLLIN */
		if (peer >= 0 && !kdtls_events(peer, 0))
			return peer;
		if (peer < 0 && (errno == ENOENT || errno == ENOTCONN)) {
			print_remaining(fd, &event.peer);
			exit(status);
		}
	}
	if (got < 0)
		die(EXIT_IO, "events: %s", strerror(errno));
	return -1;
}

static long long clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ll + now.tv_nsec / 1000000;
}

/*
 * The peer is the first one that completes a handshake; other datagrams to the port
 * change nothing. DTLS_PEELOFF gives it a dedicated socket that is connected from the
 * beginning: between bind() and connect() datagrams of other hosts would be queued
 * (openssl#6934).
 */
static int open_server(void)
{
	int fd = open_socket(bind), peer;
	struct pollfd p = { .fd = fd };
	long long end = clock_ms() + args.idle * 1000ll, left = -1;

	if (kdtls_listen(fd, &args.dtls) ||
	    kdtls_events(fd, DTLS_EVENT_ESTABLISHED | DTLS_EVENT_FAILED))
		return -1;
	while ((peer = take_peer(fd)) < 0) {
		if (args.idle)
			left = end - clock_ms();
		if (args.idle && left <= 0)
			die(EXIT_HANDSHAKE, "%s", strerror(ETIMEDOUT));
		if (poll(&p, 1, left) < 0 && errno != EINTR)
			die(EXIT_IO, "poll: %s", strerror(errno));
	}
	close(fd);
	return peer;
}

/* Data */

/* To standard error: 'peer "identity"', or that there is none. */
static void print_identity(int fd, const struct dtls_peer *peer)
{
	char bytes[DTLS_MAX_NAME], identity[2 * DTLS_MAX_NAME];
	ssize_t len;

	if (peer->kind == DTLS_PEER_ANONYMOUS) {
		fprintf(stderr, "dtlscat: an anonymous peer");
		return;
	}
	len = kdtls_peer_identity(fd, bytes, sizeof(bytes));
	kdtls_identity_text(bytes, len < 0 ? 0 : len, identity, sizeof(identity));
	fprintf(stderr, "dtlscat: peer \"%s\"", identity);
}

static void print_session(int fd)
{
	struct dtls_status st;
	struct dtls_peer peer;

	if (!args.verbose || kdtls_status(fd, &st))
		return;
	fprintf(stderr, "dtlscat: %s, DTLS %s, %s, %u bytes fit a datagram\n",
		kdtls_role_name(st.role), kdtls_version_name(st.version),
		kdtls_cipher_name(st.cipher), st.mtu);
	if (kdtls_peer(fd, &peer) < 0)
		return;
	print_identity(fd, &peer);
	fprintf(stderr, "%s%s%s\n", peer.verified ? ", verified" : "",
		peer.alpn[0] ? ", ALPN " : "", peer.alpn);
}

static void send_message(int fd, const char *message, size_t len)
{
	if (send(fd, message, len, MSG_NOSIGNAL) >= 0)
		return;
	if (errno != EMSGSIZE)
		die(EXIT_IO, "send: %s", strerror(errno));
	fprintf(stderr, "dtlscat: a message of %zu bytes is too long, %d fit\n",
		len, kdtls_mtu(fd));
	status = EXIT_IO;
}

static size_t read_stdin(char *buf, size_t size)
{
	ssize_t n = read(STDIN_FILENO, buf, size);

	if (n < 0)
		die(EXIT_IO, "stdin: %s", strerror(errno));
	return n;
}

/* Sends what one read() returns as one datagram; false: end of input. */
static bool send_chunk(int fd)
{
	char buf[DTLS_MAX_CONTENT];
	size_t n = read_stdin(buf, sizeof(buf));

	if (n)
		send_message(fd, buf, n);
	return n;
}

/* Sends each line as one datagram; false: end of input. */
static bool send_lines(int fd)
{
	static char buf[DTLS_MAX_CONTENT];
	static size_t used;
	size_t n = read_stdin(buf + used, sizeof(buf) - used);
	char *start = buf, *end;

	used += n;
	while ((end = memchr(start, '\n', buf + used - start))) {
		send_message(fd, start, ++end - start);
		start = end;
	}
	used = buf + used - start;
	if (used && (!n || used == sizeof(buf))) {
		send_message(fd, start, used);
		used = 0;
	}
	memmove(buf, start, used);
	return n;
}

/* False: the peer closed. */
static bool take_from_peer(int fd)
{
	char buf[DTLS_MAX_CONTENT];
	ssize_t n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (n < 0)
		die(EXIT_IO, "recv: %s", strerror(errno));
	if (n && args.echo)
		send_message(fd, buf, n);
	else if (n)
		write_out(buf, n);
	return n;
}

static bool send_from_stdin(int fd)
{
	return args.datagrams ? send_chunk(fd) : send_lines(fd);
}

static void relay_data(int fd)
{
	struct pollfd p[2] = {
		{ .fd = fd, .events = POLLIN },
		{ .fd = args.echo ? -1 : STDIN_FILENO, .events = POLLIN },
	};
	int seconds = args.idle;

	for (;;) {
		int n = poll(p, 2, seconds ? seconds * 1000 : -1);

		if (n < 0)
			die(EXIT_IO, "poll: %s", strerror(errno));
		if (!n)
			break;
		if (p[0].revents && !take_from_peer(fd))
			break;
		if (p[1].revents && !send_from_stdin(fd)) {
			p[1].fd = -1;
			seconds = args.linger;
			if (!seconds)
				break;
		}
	}
	/* sends close_notify */
	shutdown(fd, SHUT_WR);
}

static const char usage[] =
"Usage: dtlscat [OPTION...] HOST PORT\n"
"       dtlscat -l [OPTION...] [HOST] PORT\n"
"Sends each line of standard input as a datagram over DTLS in the kernel.\n"
"\n"
"  -l, --listen            serve the first peer that completes a handshake\n"
"  -4, -6                  IPv4, IPv6 only\n"
"  -p, --profile=NAME      profile of dtls-handshaked.conf(5)\n"
"  -n, --server-name=NAME  name to send and to check (default HOST)\n"
"  -a, --alpn=A,B          application protocols, in order of preference\n"
"  -w, --wait=SECONDS      timeout of the handshake, and of silence after it\n"
"  -q, --linger=SECONDS    time to receive after the end of input\n"
"  -d, --datagrams         each read of standard input is a datagram\n"
"  -e, --echo              send back what arrives, do not read standard input\n"
"  -v, --verbose           print what was negotiated, and the peer\n"
"  -h, --help              this text\n"
"  -V, --version\n"
"\n"
"Exit status: 0 closed by either side, 1 input or output failed,\n"
"2 wrong usage, 3 the handshake failed.\n";

static int parse_seconds(const char *text)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (!*text || *end || n < 0 || n > 86400)
		die(EXIT_USAGE, "%s: not a number of seconds", text);
	return n;
}

static bool is_numeric(const char *host)
{
	struct addrinfo hints = { .ai_flags = AI_NUMERICHOST }, *a;

	if (getaddrinfo(host, NULL, &hints, &a))
		return false;
	freeaddrinfo(a);
	return true;
}

static void parse_operands(int n, char **words)
{
	if (n != 2 && !(args.listen && n == 1)) {
		fputs(usage, stderr);
		exit(EXIT_USAGE);
	}
	args.host = n == 2 ? words[0] : NULL;
	args.port = words[n - 1];
	if (!args.listen && !args.dtls.server_name && !is_numeric(args.host))
		args.dtls.server_name = args.host;
	args.dtls.timeout_ms = args.idle * 1000;
}

static void parse_args(int argc, char **argv)
{
	static const struct option options[] = {
		{ "listen", no_argument, NULL, 'l' },
		{ "profile", required_argument, NULL, 'p' },
		{ "server-name", required_argument, NULL, 'n' },
		{ "alpn", required_argument, NULL, 'a' },
		{ "wait", required_argument, NULL, 'w' },
		{ "linger", required_argument, NULL, 'q' },
		{ "datagrams", no_argument, NULL, 'd' },
		{ "echo", no_argument, NULL, 'e' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ }
	};
	int c;

	while ((c = getopt_long(argc, argv, "l46p:n:a:w:q:devhV", options,
				NULL)) >= 0) {
		switch (c) {
		case 'l':
			args.listen = true;
			break;
		case '4':
			args.family = AF_INET;
			break;
		case '6':
			args.family = AF_INET6;
			break;
		case 'p':
			args.dtls.profile = optarg;
			break;
		case 'n':
			args.dtls.server_name = optarg;
			break;
		case 'a':
			args.dtls.alpn = optarg;
			break;
		case 'w':
			args.idle = parse_seconds(optarg);
			break;
		case 'q':
			args.linger = parse_seconds(optarg);
			break;
		case 'd':
			args.datagrams = true;
			break;
		case 'e':
			args.echo = true;
			break;
		case 'v':
			args.verbose = true;
			break;
		case 'h':
			fputs(usage, stdout);
			exit(0);
		case 'V':
			puts("dtlscat " KDTLS_VERSION);
			exit(0);
		default:
			fputs(usage, stderr);
			exit(EXIT_USAGE);
		}
	}
	parse_operands(argc - optind, argv + optind);
}

int main(int argc, char **argv)
{
	int fd;

	setlocale(LC_CTYPE, "");	/* AI_IDN: the encoding of HOST */
	parse_args(argc, argv);
	fd = args.listen ? open_server() : open_client();
	if (fd < 0 || kdtls_wait(fd, -1))
		die_handshake(errno);
	print_session(fd);
	relay_data(fd);
	return status;
}
