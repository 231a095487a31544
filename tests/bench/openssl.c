// SPDX-License-Identifier: GPL-2.0
/*
 * OpenSSL's DTLS. Batch 1: its datagram BIO, one system call a record. The
 * others are what a good programmer does by hand: a BIO that gathers sealed
 * records in a buffer, which goes out whole, and one that deals out the
 * records of a buffer that came in whole.
 */
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "bench.h"
#include "pair.h"
#include "tap.h"

#define MTU	1460		/* of the handshake */

/* Sealed datagrams on their way, back to back. */
struct gathered {
	unsigned char data[2 * GSO_BYTES];
	size_t len;
	size_t ends[GSO_RECORDS];
	unsigned int count, next;
};

static struct pair pair;
static SSL_CTX *ctx_client, *ctx_server;
static SSL *client, *server;
static BIO_METHOD *method;
static struct gathered to_server, to_client;

static int gather_write(BIO *bio, const char *data, int len)
{
	struct gathered *g = BIO_get_data(bio);

	if (g->count == GSO_RECORDS || g->len + len > sizeof(g->data))
		return -1;
	memcpy(g->data + g->len, data, len);
	g->len += len;
	g->ends[g->count++] = g->len;
	return len;
}

static int gather_read(BIO *bio, char *data, int len)
{
	struct gathered *g = BIO_get_data(bio);
	size_t from;

	BIO_clear_retry_flags(bio);
	if (g->next == g->count) {
		BIO_set_retry_read(bio);
		return -1;
	}
	from = g->next ? g->ends[g->next - 1] : 0;
	if ((size_t)len > g->ends[g->next] - from)
		len = g->ends[g->next] - from;
	memcpy(data, g->data + from, len);
	if (++g->next == g->count)
		g->next = g->count = g->len = 0;
	return len;
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

static BIO *socket_bio(int fd, struct sockaddr_storage *peer)
{
	BIO *bio = BIO_new_dgram(fd, BIO_NOCLOSE);

	need(bio, "BIO_new_dgram");
	BIO_ctrl(bio, BIO_CTRL_DGRAM_SET_CONNECTED, 0, peer);
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

static SSL_CTX *context(const SSL_METHOD *m)
{
	SSL_CTX *ctx = SSL_CTX_new(m);

	need(ctx && SSL_CTX_set_min_proto_version(ctx, DTLS1_2_VERSION) &&
	     SSL_CTX_set_max_proto_version(ctx, DTLS1_2_VERSION) &&
	     SSL_CTX_set_cipher_list(ctx, "PSK-AES128-GCM-SHA256"), "SSL_CTX");
	SSL_CTX_set_psk_client_callback(ctx, psk_client);
	SSL_CTX_set_psk_server_callback(ctx, psk_server);
	SSL_CTX_set_options(ctx, SSL_OP_NO_QUERY_MTU);
	return ctx;
}

static bool step(SSL *ssl)
{
	int ret = SSL_do_handshake(ssl), err;

	if (ret == 1)
		return true;
	err = SSL_get_error(ssl, ret);
	need(err == SSL_ERROR_WANT_READ || err == SSL_ERROR_WANT_WRITE,
	     "OpenSSL handshake");
	return false;
}

static void openssl_open(const struct load *load)
{
	struct load sealed = *load;
	bool done;

	pair_plain(&pair, AF_INET);
	if (!ctx_client) {
		ctx_client = context(DTLS_client_method());
		ctx_server = context(DTLS_server_method());
	}
	client = SSL_new(ctx_client);
	server = SSL_new(ctx_server);
	need(client && server, "SSL_new");
	SSL_set_mtu(client, MTU);
	SSL_set_mtu(server, MTU);
	SSL_set_connect_state(client);
	SSL_set_accept_state(server);
	if (load->batch == BATCH_1) {
		BIO *a = socket_bio(pair.a, &pair.addr_b);
		BIO *b = socket_bio(pair.b, &pair.addr_a);

		fcntl(pair.a, F_SETFL, O_NONBLOCK);
		fcntl(pair.b, F_SETFL, O_NONBLOCK);
		SSL_set_bio(client, a, a);
		SSL_set_bio(server, b, b);
	} else {
		to_client.len = to_client.count = to_client.next = 0;
		to_server.len = to_server.count = to_server.next = 0;
		SSL_set_bio(client, gather_bio(&to_client),
			    gather_bio(&to_server));
		SSL_set_bio(server, gather_bio(&to_server),
			    gather_bio(&to_client));
	}
	do {
		done = step(client);
		done &= step(server);
	} while (!done);
	sealed.bytes += OVERHEAD;
	sockets_offload(pair.a, pair.b, &sealed);
}

static void write_all(const struct load *load)
{
	unsigned int i;

	for (i = 0; i < load->count; i++)
		need(SSL_write(client, load->out + i * load->bytes,
			       load->bytes) == (int)load->bytes, "SSL_write");
}

static void read_all(const struct load *load)
{
	unsigned int i;

	for (i = 0; i < load->count; i++)
		need(SSL_read(server, load->in + i * load->bytes,
			      load->bytes) == (int)load->bytes, "SSL_read");
}

/* As one buffer out, as one buffer in; then every record's end is known. */
static void carry(const struct load *load)
{
	struct load sealed = *load;
	size_t len = to_server.len, have = 0;
	unsigned int i;

	sealed.bytes += OVERHEAD;
	sealed.out = to_server.data;
	sealed.in = to_server.data;
	need(to_server.count == load->count &&
	     len == load->count * sealed.bytes, "records of that size");
	sockets_send(pair.a, &sealed);
	while (have < len)
		have += sockets_receive(pair.b, &sealed, have);
	for (i = 0; i < load->count; i++)
		to_server.ends[i] = (i + 1) * sealed.bytes;
	to_server.next = 0;
}

static void openssl_round(const struct load *load)
{
	write_all(load);
	if (load->batch != BATCH_1)
		carry(load);
	read_all(load);
}

static void openssl_close(void)
{
	SSL_free(client);
	SSL_free(server);
	pair_close(&pair);
}

const struct path path_openssl = {
	.name = "openssl",
	.batches = { true, true, true },
	.cipher = "AES-128-GCM",
	.open = openssl_open,
	.round = openssl_round,
	.close = openssl_close,
};
