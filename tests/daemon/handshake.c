// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * daemon-handshake: the daemon, workers and all, for one handshake over a UDP
 * socket. Prints the result, "key: value" a line, on stdout.
 *
 * Exit status: 0 established, 1 failed, 2 no result, 64 usage.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include <kdtls/kdtls.h>

#include "engine.h"
#include "fake.h"
#include "log.h"
#include "parent.h"
#include "sandbox.h"

static struct fake_options options = {
	.request = { .id = 7, .role = DTLS_ROLE_CLIENT, .mtu = 1400, .timeout_ms = 5000 },
	.linger_ms = 1000,
	.times = 1,
};

static struct fake_report report;
static const char *config_path;
static union address address;

static void copy(char *out, size_t room, const char *text)
{
	snprintf(out, room, "%s", text);
}

static bool parse_address(const char *text)
{
	char host[64];
	unsigned int port;

	if (sscanf(text, "%63[^,],%u", host, &port) != 2)
		return false;
	if (inet_pton(AF_INET, host, &address.in.sin_addr) == 1) {
		address.in.sin_family = AF_INET;
		address.in.sin_port = htons(port);
		return true;
	}
	address.in6.sin6_family = AF_INET6;
	address.in6.sin6_port = htons(port);
	return inet_pton(AF_INET6, host, &address.in6.sin6_addr) == 1;
}

static void set_context(const char *hex)
{
	struct handshake_request *r = &options.request;

	r->has_context = true;
	while (r->context_len < sizeof(r->context) &&
	       sscanf(hex, "%2hhx", &r->context[r->context_len]) == 1) {
		r->context_len++;
		hex += 2;
	}
}

/* LABEL[:BYTES[:CONTEXT]], the context in hexadecimal, and it may be empty. */
static void set_exporter(char *text)
{
	char *label = strsep(&text, ":"), *len = strsep(&text, ":");

	options.request.exporter_len = len ? atoi(len) : 32;
	if (text)
		set_context(text);
	copy(options.request.exporter_label, sizeof(options.request.exporter_label), label);
}

static const struct option names[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "connect", required_argument, NULL, 'C' },
	{ "listen", required_argument, NULL, 'L' },
	{ "profile", required_argument, NULL, 'p' },
	{ "name", required_argument, NULL, 'n' },
	{ "alpn", required_argument, NULL, 'a' },
	{ "exporter", required_argument, NULL, 'e' },
	{ "timeout", required_argument, NULL, 't' },
	{ "mtu", required_argument, NULL, 'm' },
	{ "path", required_argument, NULL, 'P' },
	{ "filtered", no_argument, NULL, 'F' },
	{ "uid", required_argument, NULL, 'u' },
	{ "drop-sent", required_argument, NULL, 'd' },
	{ "drop-final", required_argument, NULL, 'D' },
	{ "say", required_argument, NULL, 's' },
	{ "linger", required_argument, NULL, 'l' },
	{ "show-keys", no_argument, NULL, 'k' },
	{ "wait-data", no_argument, NULL, 'w' },
	{ "engines", required_argument, NULL, 'E' },
	{ "times", required_argument, NULL, 'T' },
	{ "min", required_argument, NULL, 'x' },
	{ "max", required_argument, NULL, 'X' },
	{ NULL, 0, NULL, 0 },
};

static bool set_option(int opt)
{
	struct handshake_request *r = &options.request;

	switch (opt) {
	case 'c':
		config_path = optarg;
		return true;
	case 'L':
		r->role = DTLS_ROLE_SERVER;
		return parse_address(optarg);
	case 'C':
		return parse_address(optarg);
	case 'p':
		copy(r->profile, sizeof(r->profile), optarg);
		return true;
	case 'n':
		copy(r->server_name, sizeof(r->server_name), optarg);
		return true;
	case 'a':
		copy(r->alpn, sizeof(r->alpn), optarg);
		return true;
	case 'e':
		set_exporter(optarg);
		return true;
	case 't':
		r->timeout_ms = atoi(optarg);
		return true;
	case 'm':
		r->mtu = atoi(optarg);
		return true;
	case 'P':
		options.path = atoi(optarg);
		return true;
	case 'F':
		options.filtered = true;
		return true;
	case 'u':
		r->uid = atoi(optarg);
		return true;
	case 'd':
		options.drop_sent |= 1u << atoi(optarg);
		return true;
	case 'D':
		options.drop_final |= 1u << atoi(optarg);
		return true;
	case 's':
		options.say = optarg;
		return true;
	case 'l':
		options.linger_ms = atoi(optarg);
		return true;
	case 'k':
		options.show_keys = true;
		return true;
	case 'w':
		options.wait_data = true;
		return true;
	case 'T':
		options.times = atoi(optarg);
		return true;
	case 'x':
		r->min_version = strtol(optarg, NULL, 16);
		return true;
	case 'X':
		r->max_version = strtol(optarg, NULL, 16);
		return true;
	case 'E':
		engine_directory = optarg;
		return true;
	}
	return false;
}

/* A server gets its peer from the first datagram, which stays queued. */
static bool wait_peer(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	socklen_t len = sizeof(address);
	char byte;

	if (bind(fd, &address.sa, sizeof(address)) || poll(&pfd, 1, 10000) != 1)
		return false;
	return recvfrom(fd, &byte, 1, MSG_PEEK, &address.sa, &len) >= 0;
}

static bool open_socket(void)
{
	socklen_t len = sizeof(options.request.local);
	int fd = socket(address.sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (options.request.role == DTLS_ROLE_SERVER && !wait_peer(fd))
		return false;
	options.fd = fd;
	options.request.peer = address;
	return !connect(fd, &address.sa, sizeof(address)) &&
	       !getsockname(fd, &options.request.local.sa, &len);
}

static void print_hex(const char *key, const uint8_t *data, size_t len)
{
	printf("%s: ", key);
	for (size_t i = 0; i < len; i++)
		printf("%02x", data[i]);
	putchar('\n');
}

static void print_report(void)
{
	const struct handshake_result *r = &report.result;
	static char identity[4 * DTLS_MAX_IDENTITY + 2];

	kdtls_identity_text(r->identity, r->identity_len, identity, sizeof(identity));
	printf("status: %s\n", r->status ? strerrorname_np(r->status) : "0");
	printf("reason: %s\n", r->reason);
	printf("version: %04x\n", report.keys.version);
	printf("suite: %04x\n", r->suite);
	printf("cipher: %u\n", report.keys.cipher);
	printf("verified: %u\n", r->verified);
	printf("identity: %s\n", identity);
	printf("server-name: %s\n", r->server_name);
	printf("alpn: %s\n", r->alpn);
	printf("certificate: %u\n", r->cert_len);
	if (r->cert_len)
		print_hex("sha256", r->cert_sha256, sizeof(r->cert_sha256));
	if (r->exporter_len)
		print_hex("exporter", r->exporter, r->exporter_len);
	printf("resumed: %u\n", r->resumed);
	printf("tickets: %u\n", report.tickets);
	printf("flight: %s\n", report.flight);
	printf("repeats: %u\n", report.repeats);
	printf("reused: %u\n", report.reused);
	printf("narrow: %u\n", report.narrow);
	printf("after-done: %u\n", report.after_done);
	printf("data: %s\n", report.data);
}

int main(int argc, char **argv)
{
	struct config *config;
	int opt;

	while ((opt = getopt_long(argc, argv, "", names, NULL)) != -1)
		if (!set_option(opt))
			return EX_USAGE;
	log_open();
	if (!sandbox_parent())
		return EX_OSERR;
	config = config_path ? config_load(config_path) : NULL;
	if (!config)
		return EX_CONFIG;
	if (!open_socket())
		return EX_OSERR;
	parent_run(config, config_path, fake_open(&options, &report));
	if (!report.done)
		return 2;
	print_report();
	return report.result.status ? 1 : 0;
}
