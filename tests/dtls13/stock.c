// SPDX-License-Identifier: GPL-2.0
/*
 * A peer of DTLS 1.3, 1.2 or both with the library wolfSSL, like a program of its users:
 *	stock client|server ADDRESS PORT SUITE [OPTION=VALUE]...
 * Options: cert, key, ca (files), name (of the server), ask (a client certificate: yes,
 * or may), psk (IDENTITY:TEXT), alpn, exporter (a label: 32 bytes), versions (1.3, 1.2,
 * both), cid (a Connection ID for what comes, or nothing: only the peer may have one),
 * secrets (a file, for all secrets of the handshake, in hexadecimal), session (a client's
 * file: a session to resume, if it is there, and the last ticket at the end).
 *
 * What was negotiated is printed, then what comes; a client sends the lines of stdin, a
 * server echoes. Behind a line that begins with its role, or "both", either one uses new
 * keys. With a line "move ADDRESS PORT" a client goes on from there (0: any port).
 */
#include <wolfssl/options.h>
#include <wolfssl/ssl.h>
#include <wolfssl/wolfcrypt/kdf.h>

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../interop/peer_socket.h"

static bool server;
static int arg_count;
static char **args;

static const char *option(const char *name)
{
	size_t len = strlen(name);

	for (int i = 5; i < arg_count; i++)
		if (!strncmp(args[i], name, len) && args[i][len] == '=')
			return args[i] + len + 1;
	return NULL;
}

static unsigned int copy_psk(unsigned char *key, unsigned int room)
{
	const char *text = strchr(option("psk"), ':') + 1;

	must(room >= strlen(text), "no room for the key");
	memcpy(key, text, strlen(text));
	return strlen(text);
}

static unsigned int client_psk(WOLFSSL *ssl, const char *hint, char *identity,
			       unsigned int identity_room, unsigned char *key,
			       unsigned int room, const char **suite)
{
	const char *text = option("psk");

	snprintf(identity, identity_room, "%.*s", (int)strcspn(text, ":"), text);
	*suite = args[4];
	return copy_psk(key, room);
}

static unsigned int server_psk(WOLFSSL *ssl, const char *identity, unsigned char *key,
			       unsigned int room, const char **suite)
{
	const char *text = option("psk");
	size_t len = strcspn(text, ":");

	*suite = args[4];
	return strlen(identity) == len && !memcmp(identity, text, len) ? copy_psk(key, room) : 0;
}

/* Secrets: all that is derived from another, and what it is derived from */

static FILE *secrets;

static void put_secret(const char *label, int len, const unsigned char *secret, size_t size)
{
	fprintf(secrets, "%.*s:", len, label);
	for (size_t i = 0; i < size; i++)
		fprintf(secrets, "%02x", secret[i]);
	fputc('\n', secrets);
	fflush(secrets);
}

static int expand_label(byte *okm, word32 okm_len, const byte *prk, word32 prk_len,
			const byte *protocol, word32 protocol_len,
			const byte *label, word32 label_len, const byte *info,
			word32 info_len, int digest, int side)
{
	int ret = wc_Tls13_HKDF_Expand_Label(okm, okm_len, prk, prk_len, protocol,
					     protocol_len, label, label_len, info,
					     info_len, digest);

	put_secret("from", 4, prk, prk_len);
	put_secret((const char *)label, label_len, okm, okm_len);
	return ret;
}

static void put_secrets12(WOLFSSL *ssl)
{
	unsigned char master[48];
	int size = wolfSSL_GetKeySize(ssl);

	must(wolfSSL_SESSION_get_master_key(wolfSSL_get_session(ssl), master,
					    sizeof(master)) == sizeof(master), "master secret");
	put_secret("master", 6, master, sizeof(master));
	put_secret("client", 6, wolfSSL_GetClientWriteKey(ssl), size);
	put_secret("server", 6, wolfSSL_GetServerWriteKey(ssl), size);
}

/* The callbacks of DTLS 1.2 */
static unsigned int client_psk12(WOLFSSL *ssl, const char *hint, char *identity,
				 unsigned int identity_room, unsigned char *key,
				 unsigned int room)
{
	const char *suite;

	return client_psk(ssl, hint, identity, identity_room, key, room, &suite);
}

static unsigned int server_psk12(WOLFSSL *ssl, const char *identity, unsigned char *key,
				 unsigned int room)
{
	const char *suite;

	return server_psk(ssl, identity, key, room, &suite);
}

static void set_psk(WOLFSSL_CTX *ctx)
{
	if (server) {
		wolfSSL_CTX_set_psk_server_tls13_callback(ctx, server_psk);
		wolfSSL_CTX_set_psk_server_callback(ctx, server_psk12);
	} else {
		wolfSSL_CTX_set_psk_client_tls13_callback(ctx, client_psk);
		wolfSSL_CTX_set_psk_client_callback(ctx, client_psk12);
	}
}

static bool versions_are(const char *text)
{
	return !strcmp(option("versions") ?: "1.3", text);
}

static WOLFSSL_METHOD *method(void)
{
	if (versions_are("1.2"))
		return server ? wolfDTLSv1_2_server_method() : wolfDTLSv1_2_client_method();
	if (versions_are("both"))
		return server ? wolfDTLS_server_method() : wolfDTLS_client_method();
	return server ? wolfDTLSv1_3_server_method() : wolfDTLSv1_3_client_method();
}

static int verify_mode(void)
{
	const char *ask = option("ask");

	if (!server)
		return option("ca") ? WOLFSSL_VERIFY_PEER : WOLFSSL_VERIFY_NONE;
	if (!ask)
		return WOLFSSL_VERIFY_NONE;
	return WOLFSSL_VERIFY_PEER | (strcmp(ask, "yes") ? 0 :
				      WOLFSSL_VERIFY_FAIL_IF_NO_PEER_CERT);
}

static WOLFSSL_CTX *context(void)
{
	WOLFSSL_CTX *ctx = wolfSSL_CTX_new(method());
	const char *cert = option("cert"), *ca = option("ca");

	must(ctx, "no context");
	must(wolfSSL_CTX_set_cipher_list(ctx, args[4]) == WOLFSSL_SUCCESS, "no such suite");
	must(!cert || (wolfSSL_CTX_use_certificate_chain_file(ctx, cert) == WOLFSSL_SUCCESS &&
		       wolfSSL_CTX_use_PrivateKey_file(ctx, option("key"),
						       WOLFSSL_FILETYPE_PEM) ==
			       WOLFSSL_SUCCESS), "certificate or key");
	must(!ca || wolfSSL_CTX_load_verify_locations(ctx, ca, NULL) == WOLFSSL_SUCCESS, "CA");
	wolfSSL_CTX_set_verify(ctx, verify_mode(), NULL);
	must(!versions_are("both") ||
	     wolfSSL_CTX_SetMinVersion(ctx, WOLFSSL_DTLSV1_2) == WOLFSSL_SUCCESS, "versions");
	if (option("psk"))
		set_psk(ctx);
	must(!option("no-ticket") || !wolfSSL_CTX_no_ticket_TLSv13(ctx), "no ticket");
	if (option("secrets")) {
		secrets = fopen(option("secrets"), "w");
		must(secrets, "file of secrets");
		wolfSSL_CTX_SetHKDFExpandLabelCb(ctx, expand_label);
	}
	return ctx;
}

static void set_names(WOLFSSL *ssl)
{
	const char *name = option("name"), *alpn = option("alpn");

	if (name && !server)
		must(wolfSSL_UseSNI(ssl, WOLFSSL_SNI_HOST_NAME, name, strlen(name)) ==
			     WOLFSSL_SUCCESS &&
		     wolfSSL_check_domain_name(ssl, name) == WOLFSSL_SUCCESS, "name");
	if (alpn)
		must(wolfSSL_UseALPN(ssl, (char *)alpn, strlen(alpn),
				     WOLFSSL_ALPN_FAILED_ON_MISMATCH) == WOLFSSL_SUCCESS, "ALPN");
	wolfSSL_KeepArrays(ssl);
	/* RFC 5746, of which the library says nothing by itself */
	must(server || versions_are("1.3") ||
	     wolfSSL_UseSecureRenegotiation(ssl) == WOLFSSL_SUCCESS, "secure renegotiation");
}

static void set_cid(WOLFSSL *ssl)
{
	const char *cid = option("cid");

	if (cid)
		must(wolfSSL_dtls_cid_use(ssl) == WOLFSSL_SUCCESS &&
		     wolfSSL_dtls_cid_set(ssl, (unsigned char *)cid, strlen(cid)) ==
			     WOLFSSL_SUCCESS, "Connection ID");
}

static void report_cids(WOLFSSL *ssl)
{
	unsigned int tx = 0, rx = 0;

	wolfSSL_dtls_cid_get_tx_size(ssl, &tx);
	wolfSSL_dtls_cid_get_rx_size(ssl, &rx);
	printf("cid=tx:%u,rx:%u\n", tx, rx);
}

/* A client's session */

static void use_session(WOLFSSL *ssl)
{
	static unsigned char bytes[16384];
	const unsigned char *at = bytes;
	FILE *f = fopen(option("session"), "r");
	WOLFSSL_SESSION *session;
	size_t len;

	if (!f)
		return;
	len = fread(bytes, 1, sizeof(bytes), f);
	fclose(f);
	session = wolfSSL_d2i_SSL_SESSION(NULL, &at, len);
	must(session && wolfSSL_set_session(ssl, session) == WOLFSSL_SUCCESS, "session");
	wolfSSL_SESSION_free(session);
}

static void keep_session(WOLFSSL *ssl)
{
	WOLFSSL_SESSION *session = wolfSSL_get1_session(ssl);
	unsigned char *bytes = NULL;
	int len = session ? wolfSSL_i2d_SSL_SESSION(session, &bytes) : 0;
	FILE *f;

	printf("ticket=%d\n", session ? wolfSSL_SESSION_has_ticket(session) : 0);
	if (len <= 0 || !wolfSSL_SESSION_has_ticket(session))
		return;
	f = fopen(option("session"), "w");
	must(f && fwrite(bytes, 1, len, f) == (size_t)len && !fclose(f), "session file");
}

static void report(WOLFSSL *ssl)
{
	const char *label = option("exporter");
	const unsigned char *alpn = NULL;
	unsigned char bytes[32];
	unsigned int len = 0;

	wolfSSL_get0_alpn_selected(ssl, &alpn, &len);
	printf("%s %s alpn=%.*s name=%s\n", wolfSSL_get_version(ssl),
	       wolfSSL_get_cipher_name(ssl), (int)len, alpn ? (const char *)alpn : "",
	       wolfSSL_get_servername(ssl, WOLFSSL_SNI_HOST_NAME) ?: "");
	report_cids(ssl);
	if (option("session") || option("times"))
		printf("resumed=%d\n", wolfSSL_session_reused(ssl));
	if (label) {
		must(wolfSSL_export_keying_material(ssl, bytes, sizeof(bytes), label,
						    strlen(label), NULL, 0, 0) ==
			     WOLFSSL_SUCCESS, "exporter");
		printf("exporter=");
		for (size_t i = 0; i < sizeof(bytes); i++)
			printf("%02x", bytes[i]);
		putchar('\n');
	}
	fflush(stdout);
}

static int open_from(const char *host, const char *port)
{
	struct addrinfo hints = { .ai_socktype = SOCK_DGRAM, .ai_flags = AI_NUMERICHOST }, *a;
	int fd;

	must(!getaddrinfo(host, port, &hints, &a), "address");
	fd = socket(a->ai_family, SOCK_DGRAM, 0);
	must(!bind(fd, a->ai_addr, a->ai_addrlen), "bind");
	freeaddrinfo(a);
	return fd;
}

/* The library reads on behind what is no data. */
static void never_block(WOLFSSL *ssl, int fd)
{
	wolfSSL_dtls_set_using_nonblock(ssl, 1);
	must(!fcntl(fd, F_SETFL, O_NONBLOCK), "O_NONBLOCK");
}

/* Like a host that has got another address: the old socket is gone. Bytes of the line. */
static int move(WOLFSSL *ssl, int fd, const char *text, int len)
{
	char line[80], address[64], port[8];
	struct sockaddr_storage peer;
	socklen_t size = sizeof(peer);
	int other, used;

	snprintf(line, sizeof(line), "%.*s", len, text);
	if (sscanf(line, "move %63s %7s%*1[\n]%n", address, port, &used) != 2)
		return 0;
	must(!getpeername(fd, (void *)&peer, &size), "peer");
	other = open_from(address, port);
	must(!connect(other, (void *)&peer, size) && dup2(other, fd) == fd, "move");
	close(other);
	never_block(ssl, fd);
	return used;
}

static bool begins(const char *text, int len, const char *word)
{
	int n = strlen(word);

	return len >= n && !memcmp(text, word, n);
}

static void say(WOLFSSL *ssl, const char *text, int len)
{
	must(wolfSSL_write(ssl, text, len) == len, "write");
	if (begins(text, len, server ? "server" : "client") || begins(text, len, "both"))
		must(wolfSSL_update_keys(ssl) == WOLFSSL_SUCCESS, "update");
}

static void talk(WOLFSSL *ssl, int fd)
{
	struct pollfd p[2] = { { fd, POLLIN, 0 }, { server ? -1 : 0, POLLIN, 0 } };
	char buf[2048];
	int n, used;

	never_block(ssl, fd);
	while (poll(p, 2, 60000) > 0) {
		if (p[0].revents) {
			n = wolfSSL_read(ssl, buf, sizeof(buf));
			if (n <= 0 && wolfSSL_get_error(ssl, n) != WOLFSSL_ERROR_WANT_READ)
				return;
			must(n <= 0 || write(1, buf, n) == n, "stdout");
			if (n > 0 && server && begins(buf, n, "end"))
				return;
			if (n > 0 && server)
				say(ssl, buf, n);
		}
		if (p[1].revents) {
			n = read(0, buf, sizeof(buf));
			if (n <= 0)
				return;
			used = move(ssl, fd, buf, n);
			if (used < n)
				say(ssl, buf + used, n - used);
		}
	}
}

/* A server or a client, once. */
static void run(WOLFSSL_CTX *ctx)
{
	struct sockaddr_storage peer;
	WOLFSSL *ssl = wolfSSL_new(ctx);
	char text[80];
	socklen_t len;
	int fd, ret;

	must(ssl, "no session");
	set_names(ssl);
	set_cid(ssl);
	if (option("session"))
		use_session(ssl);
	fd = open_socket(server, args[2], args[3], &peer, &len);
	wolfSSL_dtls_set_peer(ssl, &peer, len);
	wolfSSL_set_dtls_fd_connected(ssl, fd);
	ret = server ? wolfSSL_accept(ssl) : wolfSSL_connect(ssl);
	if (ret != WOLFSSL_SUCCESS)
		die(wolfSSL_ERR_error_string(wolfSSL_get_error(ssl, ret), text));
	if (secrets && wolfSSL_version(ssl) == DTLS1_2_VERSION)
		put_secrets12(ssl);
	report(ssl);
	talk(ssl, fd);
	if (option("session"))
		keep_session(ssl);
	wolfSSL_shutdown(ssl);
	wolfSSL_free(ssl);
	close(fd);
}

int main(int argc, char **argv)
{
	WOLFSSL_CTX *ctx;

	must(argc >= 5, "wrong usage");
	arg_count = argc;
	args = argv;
	server = !strcmp(argv[1], "server");
	wolfSSL_Init();
	ctx = context();
	for (int i = atoi(option("times") ?: "1"); i > 0; i--)
		run(ctx);
	return 0;
}
