// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * dtls13-application client|server|listen PROFILE ADDRESS PORT [NAME=VALUE...]: a socket of
 * the kernel, with a handshake by the daemon. server waits for one datagram and serves its
 * sender; listen serves every client. NAME: server_name, alpn; min, max: versions; cid:
 * bytes of DTLS_CID; roam: DTLS_ROAM (ask, trust), and the events of moves.
 *
 * What was negotiated is printed, then what comes. A client sends the lines of stdin, the
 * others echo. Behind a line that begins with its role, or "both", either one uses new
 * keys, and requests them of the peer.
 *
 * In C, since it is started hundreds of times under emulation.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <kdtls/kdtls.h>

union address {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

struct application {
	const char *role;
	bool client, listens;
	struct kdtls_options options;
	unsigned int cid;
	int roam;		/* or -1 */
	int fd;
};

__attribute__((noreturn, format(printf, 1, 2)))
static void die(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

static unsigned int version_of(const char *text)
{
	return strcmp(text, "1.3") ? DTLS_VERSION_1_2 : DTLS_VERSION_1_3;
}

static void set_option(struct application *a, char *word)
{
	char *value = strchr(word, '=');

	if (!value)
		die("%s: NAME=VALUE", word);
	*value++ = '\0';
	if (!strcmp(word, "server_name"))
		a->options.server_name = value;
	else if (!strcmp(word, "alpn"))
		a->options.alpn = value;
	else if (!strcmp(word, "min"))
		a->options.min_version = version_of(value);
	else if (!strcmp(word, "max"))
		a->options.max_version = version_of(value);
	else if (!strcmp(word, "cid"))
		a->cid = atoi(value);
	else if (!strcmp(word, "roam"))
		a->roam = strcmp(value, "ask") ? DTLS_ROAM_TRUST : DTLS_ROAM_ASK;
	else
		die("%s: no such option", word);
}

static socklen_t address_of(union address *to, const char *host, const char *port)
{
	memset(to, 0, sizeof(*to));
	if (strchr(host, ':')) {
		to->in6.sin6_family = AF_INET6;
		to->in6.sin6_port = htons(atoi(port));
		inet_pton(AF_INET6, host, &to->in6.sin6_addr);
		return sizeof(to->in6);
	}
	to->in.sin_family = AF_INET;
	to->in.sin_port = htons(atoi(port));
	inet_pton(AF_INET, host, &to->in.sin_addr);
	return sizeof(to->in);
}

/* Connected to the sender of the first datagram, which stays in the queue. */
static void accept_first(int fd)
{
	union address from;
	socklen_t len = sizeof(from);
	char byte;

	if (recvfrom(fd, &byte, 1, MSG_PEEK, &from.sa, &len) < 0 || connect(fd, &from.sa, len))
		die("socket: %d", errno);
}

static void open_socket(struct application *a, const char *host, const char *port)
{
	union address address;
	socklen_t len = address_of(&address, host, port);

	a->fd = socket(address.sa.sa_family, SOCK_DGRAM, 0);
	if (a->client ? connect(a->fd, &address.sa, len) : bind(a->fd, &address.sa, len))
		die("socket: %d", errno);
	if (!a->client && !a->listens)
		accept_first(a->fd);
	if (kdtls_enable(a->fd))
		die("enable: %d", errno);
}

static void set_cids(struct application *a)
{
	if (a->cid && kdtls_assoc_cid(a->fd, a->cid))
		die("cid: %d", errno);
	if (a->roam >= 0 && (kdtls_assoc_roam(a->fd, a->roam) ||
			     kdtls_events(a->fd, DTLS_EVENT_MOVED)))
		die("roam: %d", errno);
}

static void report(int fd)
{
	char identity[DTLS_MAX_IDENTITY];
	unsigned char material[32];
	struct dtls_peer peer;
	ssize_t len = 0;

	if (kdtls_peer(fd, &peer))
		die("peer: %d", errno);
	if (peer.identity_len)
		len = kdtls_peer_identity(fd, identity, sizeof(identity));
	if (len < 0 || kdtls_exporter(fd, material, sizeof(material)) != sizeof(material))
		die("identity or exporter: %d", errno);
	printf("version=%04x suite=%04x verified=%d kind=%d identity=%.*s ", peer.version,
	       peer.suite, peer.verified, peer.kind, (int)len, identity);
	printf("name=%s alpn=%s cert=%s\n", peer.server_name, peer.alpn,
	       peer.cert_len ? "yes" : "no");
	printf("exporter=");
	for (size_t i = 0; i < sizeof(material); i++)
		printf("%02x", material[i]);
	putchar('\n');
}

static void handshake(struct application *a)
{
	if (a->client ? kdtls_connect(a->fd, &a->options) : kdtls_listen(a->fd, &a->options))
		die("refused %d", errno);
	if (a->listens)
		return;
	if (kdtls_wait(a->fd, 20000)) {
		if (errno == EAGAIN)
			die("no handshake");
		die("error %d", errno);
	}
	report(a->fd);
}

static bool begins(const char *text, size_t len, const char *word)
{
	return len >= strlen(word) && !memcmp(text, word, strlen(word));
}

static void say(struct application *a, const char *text, size_t len, const union address *to,
		socklen_t to_len)
{
	if (sendto(a->fd, text, len, 0, to ? &to->sa : NULL, to_len) < 0)
		die("socket: %d", errno);
	if (to || (!begins(text, len, a->role) && !begins(text, len, "both")))
		return;
	if (kdtls_key_update(a->fd, DTLS_KEY_UPDATE_REQUEST)) {
		if (errno != EALREADY && errno != EAGAIN)
			die("socket: %d", errno);
		puts("already");
	}
}

static void report_events(int fd)
{
	struct dtls_event event;
	char text[INET6_ADDRSTRLEN];
	const union address *peer = (const union address *)&event.peer;

	while (kdtls_next_event(fd, &event) == 1) {
		if (peer->sa.sa_family == AF_INET6)
			inet_ntop(AF_INET6, &peer->in6.sin6_addr, text, sizeof(text));
		else
			inet_ntop(AF_INET, &peer->in.sin_addr, text, sizeof(text));
		printf("event=%s %s\n", event.reason == DTLS_REASON_SEEN ? "seen" : "moved", text);
	}
}

/* False: the peer has closed. */
static bool hear(struct application *a)
{
	union address from;
	socklen_t from_len = sizeof(from);
	char text[4096];
	ssize_t len;

	report_events(a->fd);
	len = recvfrom(a->fd, text, sizeof(text), MSG_DONTWAIT, &from.sa, &from_len);
	if (len < 0 && errno == EAGAIN)
		return true;
	if (len < 0)
		die("socket: %d", errno);
	if (!len)
		return a->listens;
	fwrite(text, 1, len, stdout);
	fflush(stdout);
	if (!a->client)
		say(a, text, len, a->listens ? &from : NULL, a->listens ? from_len : 0);
	return true;
}

/* False: there is no more. */
static bool hear_stdin(struct application *a)
{
	char text[4096];
	ssize_t len = read(0, text, sizeof(text));

	if (len > 0)
		say(a, text, len, NULL, 0);
	return len > 0;
}

static void talk(struct application *a)
{
	struct pollfd from[] = { { .fd = a->fd, .events = POLLIN },
				 { .fd = a->client ? 0 : -1, .events = POLLIN } };

	while (poll(from, 2, 60000) > 0)
		if ((from[0].revents && !hear(a)) || (from[1].revents && !hear_stdin(a)))
			break;
}

int main(int argc, char **argv)
{
	struct application a = {
		.options = {
			.exporter_label = "EXPORTER_x", .exporter_len = 32, .timeout_ms = 15000,
		},
		.roam = -1,
	};
	struct dtls_status status;

	if (argc < 5)
		die("usage: application client|server|listen PROFILE ADDRESS PORT [NAME=VALUE...]");
	setlinebuf(stdout);
	a.role = argv[1];
	a.client = !strcmp(a.role, "client");
	a.listens = !strcmp(a.role, "listen");
	a.options.profile = argv[2];
	for (int i = 5; i < argc; i++)
		set_option(&a, argv[i]);
	open_socket(&a, argv[3], argv[4]);
	set_cids(&a);
	handshake(&a);
	talk(&a);
	if (!a.listens && !kdtls_status(a.fd, &status))
		printf("epochs=%llu/%llu\n", (unsigned long long)status.tx_epoch,
		       (unsigned long long)status.rx_epoch);
	return 0;
}
