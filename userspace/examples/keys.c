// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The application installs the keys, here for two sockets of one process.
 * FOR TESTS ONLY: fixed keys protect nothing. Real keys come from a handshake and are
 * used for one session.
 */
#include <kdtls/kdtls.h>

#include "udp.h"

static void set_keys(int fd, int role)
{
	struct dtls_keys keys = {
		.version = DTLS_VERSION_1_2,
		.cipher = DTLS_CIPHER_AES_128_GCM,
		.role = role,
		.tx.epoch = 1,
		.rx.epoch = 1,
	};
	int client = role == DTLS_ROLE_CLIENT;

	/* the write key of one side is the read key of the other */
	memcpy(keys.tx.key, client ? "client write key" : "server write key", 16);
	memcpy(keys.rx.key, client ? "server write key" : "client write key", 16);
	memcpy(keys.tx.iv, client ? "clnt" : "srvr", 4);
	memcpy(keys.rx.iv, client ? "srvr" : "clnt", 4);
	check(kdtls_set_keys(fd, &keys), "kdtls_set_keys");
	explicit_bzero(&keys, sizeof(keys));
}

int main(void)
{
	struct sockaddr_in a = udp_address("127.0.0.1", "0");
	socklen_t len = sizeof(a);
	int fd[2], i;
	char buf[64];
	ssize_t n;

	for (i = 0; i < 2; i++) {
		fd[i] = socket(AF_INET, SOCK_DGRAM, 0);
		check(bind(fd[i], (struct sockaddr *)&a, len), "bind");
	}
	for (i = 0; i < 2; i++) {
		check(getsockname(fd[i], (struct sockaddr *)&a, &len), "name");
		check(connect(fd[!i], (struct sockaddr *)&a, len), "connect");
	}
	set_keys(fd[0], DTLS_ROLE_CLIENT);
	set_keys(fd[1], DTLS_ROLE_SERVER);

	check(send(fd[0], "sealed on the wire\n", 19, 0) < 0, "send");
	n = recv(fd[1], buf, sizeof(buf), 0);
	check(n < 0, "recv");
	return fwrite(buf, 1, n, stdout) != 19;
}
