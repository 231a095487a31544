// SPDX-License-Identifier: GPL-2.0
/*
 * wolfSSL negotiates DTLS 1.3 with itself; then one of its two ends hands its
 * keys to the kernel, which talks to the other end:
 *	wolfssl CERTIFICATE KEY
 * The traffic secrets come from wolfSSL's public callback of HKDF-Expand-Label.
 */
#include <wolfssl/options.h>
#include <wolfssl/ssl.h>
#include <wolfssl/wolfcrypt/kdf.h>

#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "pair.h"
#include "record/dtls13/dtls13.h"
#include "record/header12.h"
#include "tap.h"

struct side {
	int		fd;
	unsigned int	sent;		/* records of epoch 3 */
	WOLFSSL		*ssl;
};

static const struct {
	const char	*suite;
	int		cipher;
} suites[] = {
	{ "TLS13-AES128-GCM-SHA256", DTLS_CIPHER_AES_128_GCM },
	{ "TLS13-AES256-GCM-SHA384", DTLS_CIPHER_AES_256_GCM },
	{ "TLS13-CHACHA20-POLY1305-SHA256", DTLS_CIPHER_CHACHA20_POLY1305 },
	{ "TLS13-AES128-CCM-SHA256", DTLS_CIPHER_AES_128_CCM },
};

/* Of the handshake that runs; both ends derive the same. */
static struct {
	byte	client[DTLS_MAX_KEY], server[DTLS_MAX_KEY];
} secrets;

/*
 * Messages of each side in its handshake. ClientHello without and with a cookie,
 * Finished; HelloRetryRequest, ServerHello, EncryptedExtensions, Certificate,
 * CertificateVerify, Finished, NewSessionTicket.
 */
#define CLIENT_MESSAGES	3
#define SERVER_MESSAGES	7

static byte in[17000], out[16384];

static int expand_label(byte *okm, word32 okm_len, const byte *prk, word32 prk_len,
			const byte *protocol, word32 protocol_len,
			const byte *label, word32 label_len, const byte *info,
			word32 info_len, int digest, int side)
{
	int ret = wc_Tls13_HKDF_Expand_Label(okm, okm_len, prk, prk_len, protocol,
					     protocol_len, label, label_len, info,
					     info_len, digest);

	if (label_len == 12 && !memcmp(label, "c ap traffic", 12))
		memcpy(secrets.client, okm, okm_len);
	if (label_len == 12 && !memcmp(label, "s ap traffic", 12))
		memcpy(secrets.server, okm, okm_len);
	return ret;
}

/* Records of epoch 3 in a datagram. */
static unsigned int records_of(const byte *data, size_t len)
{
	unsigned int n = 0;
	struct dtls_header h;

	while (len) {
		size_t record;

		if (dtls_first_byte(data[0]) == DTLS_FIRST_UNIFIED) {
			need(!dtls13_parse(data, len, 0, &h), "a record of wolfSSL");
			n += h.epoch == 3;
			record = h.len + h.payload_len;
		} else {
			record = dtls12_split(data, len, &h);
			need(record, "a record of wolfSSL");
		}
		data += record;
		len -= record;
	}
	return n;
}

static int io_send(WOLFSSL *ssl, char *buf, int len, void *ctx)
{
	struct side *side = ctx;

	side->sent += records_of((const byte *)buf, len);
	return send(side->fd, buf, len, 0) == len ? len : WOLFSSL_CBIO_ERR_GENERAL;
}

static int io_recv(WOLFSSL *ssl, char *buf, int len, void *ctx)
{
	struct side *side = ctx;
	ssize_t got = recv(side->fd, buf, len, MSG_DONTWAIT);

	return got < 0 ? WOLFSSL_CBIO_ERR_WANT_READ : got;
}

static WOLFSSL_CTX *context(bool server, const char *suite, const char *cert,
			    const char *key)
{
	WOLFSSL_CTX *ctx = wolfSSL_CTX_new(server ? wolfDTLSv1_3_server_method() :
						    wolfDTLSv1_3_client_method());

	need(ctx && wolfSSL_CTX_set_cipher_list(ctx, suite) == WOLFSSL_SUCCESS,
	     suite);
	wolfSSL_CTX_SetHKDFExpandLabelCb(ctx, expand_label);
	wolfSSL_CTX_SetIOSend(ctx, io_send);
	wolfSSL_CTX_SetIORecv(ctx, io_recv);
	wolfSSL_CTX_set_verify(ctx, WOLFSSL_VERIFY_NONE, NULL);
	need(!server ||
	     (wolfSSL_CTX_use_certificate_file(ctx, cert, WOLFSSL_FILETYPE_PEM) ==
		      WOLFSSL_SUCCESS &&
	      wolfSSL_CTX_use_PrivateKey_file(ctx, key, WOLFSSL_FILETYPE_PEM) ==
		      WOLFSSL_SUCCESS), "certificate and key");
	return ctx;
}

static void side_open(struct side *side, int fd, WOLFSSL_CTX *ctx,
		      const struct sockaddr_storage *peer, socklen_t len)
{
	*side = (struct side){ .fd = fd, .ssl = wolfSSL_new(ctx) };
	need(side->ssl, "session");
	wolfSSL_SetIOReadCtx(side->ssl, side);
	wolfSSL_SetIOWriteCtx(side->ssl, side);
	wolfSSL_dtls_set_peer(side->ssl, (void *)peer, len);
	wolfSSL_dtls_set_using_nonblock(side->ssl, 1);
}

static bool reads_nothing(struct side *side)
{
	return wolfSSL_read(side->ssl, in, sizeof(in)) < 0 &&
	       wolfSSL_get_error(side->ssl, 0) == WOLFSSL_ERROR_WANT_READ;
}

/* Until both are done, and have read what was sent last: ACKs, tickets. */
static bool handshake(struct side *client, struct side *server)
{
	bool c = false, s = false;

	for (int i = 0; i < 50 && !(c && s); i++) {
		c = c || wolfSSL_connect(client->ssl) == WOLFSSL_SUCCESS;
		s = s || wolfSSL_accept(server->ssl) == WOLFSSL_SUCCESS;
	}
	for (int i = 0; i < 3 && c && s; i++)
		c = reads_nothing(client) && reads_nothing(server);
	return c && s;
}

static void keys_of(struct dtls_keys *keys, int cipher, const struct side *mine,
		    const struct side *other, bool client)
{
	pair_keys13(keys, cipher, client);
	keys->tx.seq = mine->sent;
	keys->rx.seq = other->sent;
	/* as above, without a client's certificate */
	keys->tx.message_seq = client ? CLIENT_MESSAGES : SERVER_MESSAGES;
	keys->rx.message_seq = client ? SERVER_MESSAGES : CLIENT_MESSAGES;
	memcpy(keys->tx.key, client ? secrets.client : secrets.server, DTLS_MAX_KEY);
	memcpy(keys->rx.key, client ? secrets.server : secrets.client, DTLS_MAX_KEY);
}

static bool to_kernel(const struct side *kernel, const struct side *lib, int len)
{
	return wolfSSL_write(lib->ssl, out, len) == len &&
	       pair_poll(kernel->fd, POLLIN, 2000) &&
	       recv(kernel->fd, in, sizeof(in), 0) == len && !memcmp(in, out, len);
}

static bool to_library(const struct side *kernel, const struct side *lib, int len)
{
	return send(kernel->fd, out, len, 0) == len &&
	       wolfSSL_read(lib->ssl, in, sizeof(in)) == len && !memcmp(in, out, len);
}

static void talk(const struct side *kernel, const struct side *lib, const char *name)
{
	static const int lens[] = { 1, 15, 16, 100, 1000, 1300 };
	unsigned int bad = 0;

	for (int turn = 0; turn < 3; turn++)
		for (size_t i = 0; i < sizeof(lens) / sizeof(*lens); i++)
			bad += !to_kernel(kernel, lib, lens[i]) +
			       !to_library(kernel, lib, lens[i]);
	is_int(bad, 0, "%s: 36 records, both ways", name);
	is_int(pair_sum_drops(kernel->fd), 0, "%s: none was dropped", name);
}

static struct dtls_status status_of(int fd)
{
	struct dtls_status status = {};
	socklen_t len = sizeof(status);

	need(!getsockopt(fd, SOL_DTLS, DTLS_STATUS, &status, &len), "DTLS_STATUS");
	return status;
}

/* Until the kernel has these epochs; the library reads what comes. */
static bool reach(const struct side *kernel, struct side *lib, __u64 tx, __u64 rx)
{
	struct dtls_status st = {};

	for (int i = 0; i < 100; i++) {
		need(reads_nothing(lib), "the library expects nothing else");
		st = status_of(kernel->fd);
		if (st.tx_epoch == tx && st.rx_epoch == rx)
			return true;
		pair_poll(lib->fd, POLLIN, 50);
	}
	diag("epochs: sending %llu, receiving %llu", st.tx_epoch, st.rx_epoch);
	return false;
}

static bool kernel_updates(const struct side *kernel)
{
	const struct dtls_key_update want = { .flags = DTLS_KEY_UPDATE_REQUEST };

	return !setsockopt(kernel->fd, SOL_DTLS, DTLS_KEY_UPDATE, &want, sizeof(want));
}

/* Each requests one of the other. */
static void update(const struct side *kernel, struct side *lib, const char *name)
{
	ok(wolfSSL_update_keys(lib->ssl) == WOLFSSL_SUCCESS &&
	   reach(kernel, lib, 4, 4), "%s: the library updates keys", name);
	talk(kernel, lib, name);
	ok(kernel_updates(kernel) &&
	   reach(kernel, lib, 5, 5), "%s: the kernel updates keys", name);
	talk(kernel, lib, name);
}

/*
 * Both begin before either has read the other's, and each requests one. The kernel sends
 * a second one (RFC 8446 section 4.6.3); the library takes its own for the answer.
 */
static void both_update(const struct side *kernel, struct side *lib, const char *name)
{
	bool good = true;

	for (unsigned int i = 1; i <= 10 && good; i++)
		good = kernel_updates(kernel) && pair_poll(lib->fd, POLLIN, 2000) &&
		       wolfSSL_update_keys(lib->ssl) == WOLFSSL_SUCCESS &&
		       reach(kernel, lib, 5 + 2 * i, 5 + i) &&
		       to_kernel(kernel, lib, i) && to_library(kernel, lib, i);
	ok(good, "%s: both update keys at once, 10 times, with data", name);
	talk(kernel, lib, name);
}

/* The library sends close_notify, or receives it. */
static void end(const struct side *kernel, const struct side *lib, bool kernel_first,
		const char *name)
{
	if (kernel_first) {
		pair_send_typed(kernel->fd, DTLS_TYPE_ALERT, (byte[]){ 1, 0 }, 2);
		ok(wolfSSL_read(lib->ssl, in, sizeof(in)) <= 0 &&
		   wolfSSL_get_error(lib->ssl, 0) == WOLFSSL_ERROR_ZERO_RETURN,
		   "%s: the library reads close_notify", name);
		return;
	}
	wolfSSL_shutdown(lib->ssl);
	ok(pair_poll(kernel->fd, POLLIN, 2000) &&
	   recv(kernel->fd, in, sizeof(in), 0) == 0,
	   "%s: the kernel reads close_notify", name);
}

static void one(size_t n, bool client, char **argv)
{
	WOLFSSL_CTX *cctx = context(false, suites[n].suite, NULL, NULL);
	WOLFSSL_CTX *sctx = context(true, suites[n].suite, argv[1], argv[2]);
	struct side c, s, *kernel = client ? &c : &s, *lib = client ? &s : &c;
	struct dtls_keys keys;
	char name[80];
	struct pair p;

	snprintf(name, sizeof(name), "%s, kernel is %s", suites[n].suite,
		 client ? "client" : "server");
	pair_plain(&p, AF_INET);
	side_open(&c, p.a, cctx, &p.addr_b, p.addr_len);
	side_open(&s, p.b, sctx, &p.addr_a, p.addr_len);
	memset(&secrets, 0, sizeof(secrets));
	if (ok(handshake(&c, &s), "%s: handshake", name)) {
		need(!setsockopt(kernel->fd, SOL_IP, DTLS_ULP, "dtls", 4), "attach");
		keys_of(&keys, suites[n].cipher, kernel, lib, client);
		ok(!pair_set_keys(kernel->fd, &keys), "%s: keys (sent %u, other %u)",
		   name, kernel->sent, lib->sent);
		talk(kernel, lib, name);
		update(kernel, lib, name);
		both_update(kernel, lib, name);
		end(kernel, lib, n % 2 == client, name);
	}
	wolfSSL_free(c.ssl);
	wolfSSL_free(s.ssl);
	wolfSSL_CTX_free(cctx);
	wolfSSL_CTX_free(sctx);
	pair_close(&p);
}

int main(int argc, char **argv)
{
	need(argc == 3, "arguments");
	wolfSSL_Init();
	for (size_t i = 0; i < sizeof(out); i++)
		out[i] = i * 7;
	for (size_t n = 0; n < sizeof(suites) / sizeof(*suites); n++) {
		one(n, true, argv);
		one(n, false, argv);
	}
	return done_testing();
}
