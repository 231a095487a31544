// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * OpenSSL negotiates, then the kernel protects the data.
 * example-openssl-handover ADDRESS PORT NAME CA-FILE
 */
#include <openssl/err.h>
#include <kdtls/openssl.h>

#include "udp.h"

static void check_ssl(int good, const char *what)
{
	if (good > 0)
		return;
	fprintf(stderr, "%s: %s\n", what,
		ERR_reason_error_string(ERR_peek_error()) ?: "failed");
	exit(1);
}

int main(int argc, char **argv)
{
	SSL_CTX *ctx;
	SSL *ssl;
	int fd;

	if (argc != 5) {
		fprintf(stderr, "Usage: %s ADDRESS PORT NAME CA\n", argv[0]);
		return 2;
	}
	ctx = SSL_CTX_new(DTLS_client_method());
	SSL_CTX_set_max_proto_version(ctx, DTLS1_2_VERSION);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	check_ssl(SSL_CTX_load_verify_file(ctx, argv[4]), argv[4]);
	ssl = SSL_new(ctx);
	SSL_set1_host(ssl, argv[3]);
	SSL_set_tlsext_host_name(ssl, argv[3]);

	fd = udp_connect(argv[1], argv[2]);
	check(kdtls_openssl_prepare(ssl, fd, 0), "prepare");
	check_ssl(SSL_connect(ssl), "handshake");
	check(kdtls_openssl_attach(ssl, 0), "attach");
	SSL_free(ssl);
	SSL_CTX_free(ctx);

	udp_exchange(fd);
	return 0;
}
