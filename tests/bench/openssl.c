// SPDX-License-Identifier: GPL-2.0
/* OpenSSL's DTLS: over its own datagram BIO, or over one that gathers. */
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "library.h"
#include "tap.h"

#define MTU	1460		/* of the handshake */

static SSL *ends[LIBRARY_ENDS];
static BIO_METHOD *method;

static int gather_write(BIO *bio, const char *data, int len)
{
	return gather_put(BIO_get_data(bio), data, len) ? len : -1;
}

static int gather_read(BIO *bio, char *data, int len)
{
	int got = gather_take(BIO_get_data(bio), data, len);

	BIO_clear_retry_flags(bio);
	if (got)
		return got;
	BIO_set_retry_read(bio);
	return -1;
}

static long gather_ctrl(BIO *bio, int cmd, long num, void *ptr)
{
	return cmd == BIO_CTRL_FLUSH;
}

static BIO *gather_bio(struct gathered *g)
{
	BIO *bio;

	if (!method) {
		method = BIO_meth_new(BIO_get_new_index() |
				      BIO_TYPE_SOURCE_SINK, "gather");
		BIO_meth_set_write(method, gather_write);
		BIO_meth_set_read(method, gather_read);
		BIO_meth_set_ctrl(method, gather_ctrl);
	}
	bio = BIO_new(method);
	need(bio, "BIO");
	BIO_set_data(bio, g);
	BIO_set_init(bio, 1);
	return bio;
}

static BIO *socket_bio(int fd)
{
	BIO *bio = BIO_new_dgram(fd, BIO_NOCLOSE);
	struct sockaddr_storage peer = { };
	socklen_t len = sizeof(peer);

	need(bio, "BIO_new_dgram");
	need(!getpeername(fd, (void *)&peer, &len), "getpeername");
	BIO_ctrl(bio, BIO_CTRL_DGRAM_SET_CONNECTED, 0, &peer);
	return bio;
}

static unsigned int psk_client(SSL *ssl, const char *hint, char *id,
			       unsigned int id_max, unsigned char *psk,
			       unsigned int psk_max)
{
	strcpy(id, "bench");
	memset(psk, 1, 16);
	return 16;
}

static unsigned int psk_server(SSL *ssl, const char *id, unsigned char *psk,
			       unsigned int psk_max)
{
	memset(psk, 1, 16);
	return 16;
}

static SSL_CTX *context(bool server, const struct cipher *cipher)
{
	SSL_CTX *ctx = SSL_CTX_new(server ? DTLS_server_method() :
					    DTLS_client_method());

	need(ctx && SSL_CTX_set_min_proto_version(ctx, DTLS1_2_VERSION) &&
	     SSL_CTX_set_max_proto_version(ctx, DTLS1_2_VERSION) &&
	     SSL_CTX_set_cipher_list(ctx, cipher->openssl), "SSL_CTX");
	SSL_CTX_set_psk_client_callback(ctx, psk_client);
	SSL_CTX_set_psk_server_callback(ctx, psk_server);
	SSL_CTX_set_options(ctx, SSL_OP_NO_QUERY_MTU);
	return ctx;
}

/* One context for all ends of a role, as programs do. */
static SSL_CTX *context_of(bool server, const struct cipher *cipher)
{
	static struct {
		const struct cipher *cipher;
		SSL_CTX *ctx;
	} kept[2];

	if (kept[server].cipher != cipher) {
		SSL_CTX_free(kept[server].ctx);
		kept[server].ctx = context(server, cipher);
		kept[server].cipher = cipher;
	}
	return kept[server].ctx;
}

static bool openssl_step(int end)
{
	SSL *ssl = ends[end];
	int ret, err;

	DTLSv1_handle_timeout(ssl);
	ret = SSL_do_handshake(ssl);
	if (ret == 1)
		return true;
	err = SSL_get_error(ssl, ret);
	need(err == SSL_ERROR_WANT_READ || err == SSL_ERROR_WANT_WRITE,
	     "OpenSSL handshake");
	return false;
}

static void openssl_make(int end, const struct cipher *cipher, int fd)
{
	SSL_free(ends[end]);
	ends[end] = SSL_new(context_of(end % 2, cipher));
	need(ends[end], "SSL_new");
	SSL_set_mtu(ends[end], MTU);
	if (end % 2)
		SSL_set_accept_state(ends[end]);
	else
		SSL_set_connect_state(ends[end]);
	if (fd >= 0) {
		BIO *bio = socket_bio(fd);

		SSL_set_bio(ends[end], bio, bio);
	}
}

static void openssl_in_memory(int end, struct gathered *to)
{
	SSL_set_bio(ends[end], gather_bio(&to[end % 2]),
		    gather_bio(&to[!(end % 2)]));
}

static void openssl_write(int end, const void *data, size_t len)
{
	need(SSL_write(ends[end], data, len) == (int)len, "SSL_write");
}

static bool openssl_read(int end, void *data, size_t len)
{
	int ret = SSL_read(ends[end], data, len);

	if (ret == (int)len)
		return true;
	need(SSL_get_error(ends[end], ret) == SSL_ERROR_WANT_READ, "SSL_read");
	return false;
}

static const char *openssl_version(void)
{
	return OpenSSL_version(OPENSSL_VERSION_STRING);
}

const struct library library_openssl = {
	.name = "openssl",
	.version = openssl_version,
	.make = openssl_make,
	.in_memory = openssl_in_memory,
	.step = openssl_step,
	.write = openssl_write,
	.read = openssl_read,
};
