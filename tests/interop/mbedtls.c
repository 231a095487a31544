// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A peer with the library mbedTLS 3, like a program of its users:
 *	interop-mbedtls client|server x509|psk ADDRESS PORT CIPHER DIRECTORY [OPTION=VALUE]...
 * The server verifies a cookie and echoes; the client sends lines of stdin and
 * prints received data. CIPHER is mbedTLS's name of a suite; files of
 * DIRECTORY: ca.pem, server.pem, server.key. PSK: identity u1, key
 * 0123456789abcdef. Options: cid (a Connection ID for what comes, or nothing: only the
 * peer may have one), name (of the server).
 *
 * With a line "move ADDRESS PORT" a client goes on from there (0: any port).
 */
#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <mbedtls/net_sockets.h>
#include <mbedtls/ssl.h>
#include <mbedtls/ssl_cookie.h>
#include <mbedtls/timing.h>
#include <psa/crypto.h>

#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const unsigned char psk[] = "0123456789abcdef";
static mbedtls_entropy_context entropy;
static mbedtls_ctr_drbg_context drbg;
static mbedtls_ssl_config config;
static mbedtls_ssl_context ssl;
static mbedtls_ssl_cookie_ctx cookies;
static mbedtls_timing_delay_context timer;
static mbedtls_x509_crt ca, cert;
static mbedtls_pk_context key;
static mbedtls_net_context net, bound;

static void must(int ret, const char *what)
{
	if (ret >= 0)
		return;
	fprintf(stderr, "interop-mbedtls: %s: -0x%04x\n", what, -ret);
	exit(1);
}

static int arg_count;
static char **args;

static const char *option(const char *name)
{
	size_t len = strlen(name);

	for (int i = 7; i < arg_count; i++)
		if (!strncmp(args[i], name, len) && args[i][len] == '=')
			return args[i] + len + 1;
	return NULL;
}

static void load(bool server, const char *dir)
{
	char path[300];

	mbedtls_x509_crt_init(&ca);
	mbedtls_x509_crt_init(&cert);
	mbedtls_pk_init(&key);
	if (!server) {
		snprintf(path, sizeof(path), "%s/ca.pem", dir);
		must(mbedtls_x509_crt_parse_file(&ca, path), path);
		mbedtls_ssl_conf_ca_chain(&config, &ca, NULL);
		return;
	}
	snprintf(path, sizeof(path), "%s/server.pem", dir);
	must(mbedtls_x509_crt_parse_file(&cert, path), path);
	snprintf(path, sizeof(path), "%s/server.key", dir);
	must(mbedtls_pk_parse_keyfile(&key, path, NULL, mbedtls_ctr_drbg_random,
				      &drbg), path);
	must(mbedtls_ssl_conf_own_cert(&config, &cert, &key), "own certificate");
}

static void configure(bool server, bool with_psk, const char *cipher,
		      const char *dir)
{
	static int suites[2];

	mbedtls_ssl_config_init(&config);
	must(mbedtls_ssl_config_defaults(&config, server ? MBEDTLS_SSL_IS_SERVER :
					 MBEDTLS_SSL_IS_CLIENT,
					 MBEDTLS_SSL_TRANSPORT_DATAGRAM,
					 MBEDTLS_SSL_PRESET_DEFAULT), "defaults");
	if (option("cid"))
		must(mbedtls_ssl_conf_cid(&config, strlen(option("cid")),
					  MBEDTLS_SSL_UNEXPECTED_CID_IGNORE), "CID");
	suites[0] = mbedtls_ssl_get_ciphersuite_id(cipher);
	must(suites[0] ? 0 : -1, "no such cipher");
	mbedtls_ssl_conf_ciphersuites(&config, suites);
	mbedtls_ssl_conf_rng(&config, mbedtls_ctr_drbg_random, &drbg);
	mbedtls_ssl_conf_authmode(&config, server ? MBEDTLS_SSL_VERIFY_NONE :
				  MBEDTLS_SSL_VERIFY_REQUIRED);
	if (with_psk)
		must(mbedtls_ssl_conf_psk(&config, psk, sizeof(psk) - 1,
					  (const unsigned char *)"u1", 2), "psk");
	else
		load(server, dir);
	if (!server)
		return;
	mbedtls_ssl_cookie_init(&cookies);
	must(mbedtls_ssl_cookie_setup(&cookies, mbedtls_ctr_drbg_random, &drbg),
	     "cookies");
	mbedtls_ssl_conf_dtls_cookies(&config, mbedtls_ssl_cookie_write,
				      mbedtls_ssl_cookie_check, &cookies);
}

static void set_cid(void)
{
	const char *cid = option("cid");

	if (cid)
		must(mbedtls_ssl_set_cid(&ssl, MBEDTLS_SSL_CID_ENABLED,
					 (const unsigned char *)cid, strlen(cid)), "CID");
}

static void report_cids(void)
{
	unsigned char cid[MBEDTLS_SSL_CID_OUT_LEN_MAX];
	int enabled = MBEDTLS_SSL_CID_DISABLED;
	size_t len = 0;

	if (!option("cid"))
		return;
	must(mbedtls_ssl_get_peer_cid(&ssl, &enabled, cid, &len), "the peer's CID");
	if (enabled == MBEDTLS_SSL_CID_DISABLED)
		printf("cid=tx:0,rx:0\n");
	else
		printf("cid=tx:%zu,rx:%zu\n", len, strlen(option("cid")));
	printf("%s %s\n", mbedtls_ssl_get_version(&ssl), mbedtls_ssl_get_ciphersuite(&ssl));
	fflush(stdout);
}

/* A server gets a socket that is connected to the sender of a datagram. */
static void take_client(void)
{
	unsigned char from[16];
	size_t len;

	mbedtls_net_free(&net);
	must(mbedtls_net_accept(&bound, &net, from, sizeof(from), &len), "accept");
	must(mbedtls_ssl_set_client_transport_id(&ssl, from, len), "address");
	set_cid();
}

static void open_session(bool server, const char *host, const char *port)
{
	mbedtls_net_init(&net);
	mbedtls_net_init(&bound);
	if (server)
		must(mbedtls_net_bind(&bound, host, port, MBEDTLS_NET_PROTO_UDP),
		     "bind");
	else
		must(mbedtls_net_connect(&net, host, port, MBEDTLS_NET_PROTO_UDP),
		     "connect");
	mbedtls_ssl_init(&ssl);
	must(mbedtls_ssl_setup(&ssl, &config), "session");
	mbedtls_ssl_set_timer_cb(&ssl, &timer, mbedtls_timing_set_delay,
				 mbedtls_timing_get_delay);
	mbedtls_ssl_set_mtu(&ssl, 1400);
	mbedtls_ssl_set_bio(&ssl, &net, mbedtls_net_send, mbedtls_net_recv,
			    mbedtls_net_recv_timeout);
	if (server)
		take_client();
	else
		must(mbedtls_ssl_set_hostname(&ssl, option("name") ?: "server.example"), "name");
	if (!server)
		set_cid();
}

/* After a HelloVerifyRequest a server keeps no state (RFC 6347, 4.2.1). */
static void shake_hands(void)
{
	int ret;

	do {
		ret = mbedtls_ssl_handshake(&ssl);
		if (ret == MBEDTLS_ERR_SSL_HELLO_VERIFY_REQUIRED) {
			must(mbedtls_ssl_session_reset(&ssl), "reset");
			take_client();
			ret = MBEDTLS_ERR_SSL_WANT_READ;
		}
	} while (ret == MBEDTLS_ERR_SSL_WANT_READ ||
		 ret == MBEDTLS_ERR_SSL_WANT_WRITE);
	must(ret, "handshake");
}

/* False: the peer has closed. */
static bool receive(bool server)
{
	unsigned char buf[2048];
	int n = mbedtls_ssl_read(&ssl, buf, sizeof(buf));

	if (n == MBEDTLS_ERR_SSL_WANT_READ || n == MBEDTLS_ERR_SSL_WANT_WRITE)
		return true;
	if (n <= 0)
		return false;
	if (server)
		must(mbedtls_ssl_write(&ssl, buf, n), "write");
	return write(STDOUT_FILENO, buf, n) == n;
}

/* Like a host that has got another address: the old socket is gone. Bytes of the line. */
static int move(const char *text, int len)
{
	char line[80], address[64], port[8];
	mbedtls_net_context other;
	struct sockaddr_storage peer;
	socklen_t size = sizeof(peer);
	int used = len;

	snprintf(line, sizeof(line), "%.*s", len, text);
	if (sscanf(line, "move %63s %7s%*1[\n]%n", address, port, &used) != 2)
		return 0;
	must(getpeername(net.fd, (void *)&peer, &size), "peer");
	must(mbedtls_net_bind(&other, address, port, MBEDTLS_NET_PROTO_UDP), "bind");
	must(connect(other.fd, (void *)&peer, size), "connect");
	must(dup2(other.fd, net.fd), "move");
	close(other.fd);
	return used;
}

static void talk(bool server)
{
	struct pollfd p[] = { { net.fd, POLLIN, 0 },
			      { server ? -1 : STDIN_FILENO, POLLIN, 0 } };
	unsigned char buf[2048];
	ssize_t n, used;

	while (poll(p, 2, 60000) > 0) {
		if (p[0].revents && !receive(server))
			return;
		if (!p[1].revents)
			continue;
		n = read(STDIN_FILENO, buf, sizeof(buf));
		if (n <= 0)
			return;
		used = move((char *)buf, n);
		if (used < n)
			must(mbedtls_ssl_write(&ssl, buf + used, n - used), "write");
	}
}

int main(int argc, char **argv)
{
	bool server;

	must(argc >= 7 ? 0 : -1, "wrong usage");
	arg_count = argc;
	args = argv;
	server = !strcmp(argv[1], "server");
	must(psa_crypto_init() == PSA_SUCCESS ? 0 : -1, "PSA");
	mbedtls_entropy_init(&entropy);
	mbedtls_ctr_drbg_init(&drbg);
	must(mbedtls_ctr_drbg_seed(&drbg, mbedtls_entropy_func, &entropy, NULL, 0),
	     "random numbers");
	configure(server, !strcmp(argv[2], "psk"), argv[5], argv[6]);
	open_session(server, argv[3], argv[4]);
	shake_hands();
	report_cids();
	talk(server);
	mbedtls_ssl_close_notify(&ssl);
	return 0;
}
