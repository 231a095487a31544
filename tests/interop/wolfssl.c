// SPDX-License-Identifier: GPL-2.0
/*
 * A peer with the library wolfSSL, like a program of its users:
 *	interop-wolfssl client|server x509|psk ADDRESS PORT CIPHER DIRECTORY
 * The server echoes; the client sends lines of stdin and prints received data.
 * CIPHER is wolfSSL's name of a suite; files of DIRECTORY: ca.pem,
 * server.pem, server.key. PSK: identity u1, key 0123456789abcdef.
 */
#include <wolfssl/options.h>
#include <wolfssl/ssl.h>

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "peer_socket.h"

static const char psk[] = "0123456789abcdef";

static unsigned int copy_psk(unsigned char *key, unsigned int room)
{
	must(room >= sizeof(psk) - 1, "no room for the key");
	memcpy(key, psk, sizeof(psk) - 1);
	return sizeof(psk) - 1;
}

static unsigned int client_psk(WOLFSSL *ssl, const char *hint, char *identity,
			       unsigned int identity_room, unsigned char *key,
			       unsigned int room)
{
	snprintf(identity, identity_room, "u1");
	return copy_psk(key, room);
}

static unsigned int server_psk(WOLFSSL *ssl, const char *identity, unsigned char *key,
			       unsigned int room)
{
	return strcmp(identity, "u1") ? 0 : copy_psk(key, room);
}

static void load(WOLFSSL_CTX *ctx, bool server, const char *dir)
{
	char ca[256], cert[256], key[256];

	snprintf(ca, sizeof(ca), "%s/ca.pem", dir);
	snprintf(cert, sizeof(cert), "%s/server.pem", dir);
	snprintf(key, sizeof(key), "%s/server.key", dir);
	if (server)
		must(wolfSSL_CTX_use_certificate_chain_file(ctx, cert) == WOLFSSL_SUCCESS &&
		     wolfSSL_CTX_use_PrivateKey_file(ctx, key, WOLFSSL_FILETYPE_PEM) ==
			     WOLFSSL_SUCCESS, "certificate or key");
	else
		must(wolfSSL_CTX_load_verify_locations(ctx, ca, NULL) == WOLFSSL_SUCCESS, "CA");
}

static WOLFSSL_CTX *context(bool server, bool with_psk, const char *cipher, const char *dir)
{
	WOLFSSL_CTX *ctx = wolfSSL_CTX_new(server ? wolfDTLSv1_2_server_method() :
					   wolfDTLSv1_2_client_method());

	must(ctx, "no context");
	must(wolfSSL_CTX_set_cipher_list(ctx, cipher) == WOLFSSL_SUCCESS, "no such cipher");
	if (!with_psk)
		load(ctx, server, dir);
	else if (server)
		wolfSSL_CTX_set_psk_server_callback(ctx, server_psk);
	else
		wolfSSL_CTX_set_psk_client_callback(ctx, client_psk);
	return ctx;
}

static void talk(WOLFSSL *ssl, int fd, bool server)
{
	struct pollfd p[2] = { { fd, POLLIN, 0 }, { server ? -1 : 0, POLLIN, 0 } };
	char buf[2048];
	int n;

	while (poll(p, 2, 60000) > 0) {
		if (p[0].revents) {
			n = wolfSSL_read(ssl, buf, sizeof(buf));
			if (n <= 0)
				return;
			must(!server || wolfSSL_write(ssl, buf, n) == n, "write");
			must(write(1, buf, n) == n, "stdout");
		}
		if (p[1].revents) {
			n = read(0, buf, sizeof(buf));
			if (n <= 0)
				return;
			must(wolfSSL_write(ssl, buf, n) == n, "write");
		}
	}
}

int main(int argc, char **argv)
{
	struct sockaddr_storage peer;
	char text[80];
	socklen_t len;
	bool server;
	WOLFSSL *ssl;
	int fd, ret;

	must(argc == 7, "wrong usage");
	server = !strcmp(argv[1], "server");
	wolfSSL_Init();
	ssl = wolfSSL_new(context(server, !strcmp(argv[2], "psk"), argv[5], argv[6]));
	must(ssl, "no session");
	fd = open_socket(server, argv[3], argv[4], &peer, &len);
	wolfSSL_dtls_set_peer(ssl, &peer, len);
	wolfSSL_set_fd(ssl, fd);
	ret = server ? wolfSSL_accept(ssl) : wolfSSL_connect(ssl);
	if (ret != WOLFSSL_SUCCESS)
		die(wolfSSL_ERR_error_string(wolfSSL_get_error(ssl, ret), text));
	talk(ssl, fd, server);
	wolfSSL_shutdown(ssl);
	return 0;
}
