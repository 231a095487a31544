// SPDX-License-Identifier: GPL-2.0
/*
 * Kernel TLS 1.2 over a TCP connection on loopback. Batch 1: a send and a read
 * a record of that size. gso: the batch in one send, which the kernel cuts
 * into records of its own, up to 16,384 bytes.
 */
#include <linux/kdtls.h>
#include <linux/tls.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include "bench.h"
#include "tap.h"

#ifndef SOL_TLS
#define SOL_TLS	282
#endif
#ifndef TCP_ULP
#define TCP_ULP	31
#endif

/* Before the handshake of TCP, which fixes the scale of its window. */
#define ROOM	(4 << 20)

union keys {
	struct tls_crypto_info info;
	struct tls12_crypto_info_aes_gcm_128 gcm128;
	struct tls12_crypto_info_aes_gcm_256 gcm256;
	struct tls12_crypto_info_chacha20_poly1305 chacha;
};

static int fds[2];

static int stream(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0), room = ROOM;

	need(fd >= 0, "socket");
	need(!setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)) &&
	     !setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room)),
	     "room");
	return fd;
}

static void connected(void)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	socklen_t len = sizeof(in);
	int listener = stream(), i, on = 1;

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	need(!bind(listener, (void *)&in, len) && !listen(listener, 1) &&
	     !getsockname(listener, (void *)&in, &len), "listen");
	fds[0] = stream();
	need(!connect(fds[0], (void *)&in, len), "connect");
	fds[1] = accept(listener, NULL, NULL);
	need(fds[1] >= 0, "accept");
	close(listener);
	for (i = 0; i < 2; i++)
		need(!setsockopt(fds[i], IPPROTO_TCP, TCP_NODELAY, &on,
				 sizeof(on)), "TCP_NODELAY");
}

/* Another key for each direction; everything but the head may be any bytes. */
static socklen_t fill(union keys *keys, const struct cipher *cipher, int from)
{
	memset(keys, 0x51 + from, sizeof(*keys));
	keys->info.version = TLS_1_2_VERSION;
	switch (cipher->kdtls) {
	case DTLS_CIPHER_AES_128_GCM:
		keys->info.cipher_type = TLS_CIPHER_AES_GCM_128;
		return sizeof(keys->gcm128);
	case DTLS_CIPHER_AES_256_GCM:
		keys->info.cipher_type = TLS_CIPHER_AES_GCM_256;
		return sizeof(keys->gcm256);
	default:
		keys->info.cipher_type = TLS_CIPHER_CHACHA20_POLY1305;
		return sizeof(keys->chacha);
	}
}

static void ktls_open(const struct load *load)
{
	union keys keys;
	socklen_t len;
	int i;

	connected();
	for (i = 0; i < 2; i++) {
		need(!setsockopt(fds[i], IPPROTO_TCP, TCP_ULP, "tls", 4),
		     "TCP_ULP tls");
		len = fill(&keys, load->cipher, i);
		need(!setsockopt(fds[i], SOL_TLS, TLS_TX, &keys, len),
		     "TLS_TX");
		len = fill(&keys, load->cipher, !i);
		need(!setsockopt(fds[i], SOL_TLS, TLS_RX, &keys, len),
		     "TLS_RX");
	}
}

/* A stream: a read may end anywhere. */
static void receive(int fd, unsigned char *data, size_t len)
{
	ssize_t got;

	for (; len; len -= got, data += got) {
		got = recv(fd, data, len, 0);
		need(got > 0, "recv");
	}
}

static void ktls_round(const struct load *load)
{
	unsigned int i;

	sockets_send(fds[0], load);
	if (load->batch->way == WAY_GSO) {
		receive(fds[1], load->in, load->bytes * load->count);
		return;
	}
	for (i = 0; i < load->count; i++)
		receive(fds[1], load->in + i * load->bytes, load->bytes);
}

static void ktls_put(const struct load *load, int end, const void *data)
{
	sockets_put(fds[end], load, data);
}

static void ktls_get(const struct load *load, int end, void *data)
{
	receive(fds[end], data, load->bytes);
}

const struct path path_ktls = {
	.name = "ktls",
	.ways = { true, false, true, true },
	.spread = SPREAD,
	.open = ktls_open,
	.round = ktls_round,
	.put = ktls_put,
	.get = ktls_get,
};
