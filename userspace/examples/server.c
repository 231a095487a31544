// SPDX-License-Identifier: LGPL-2.1-or-later
/* An echo server for one client, without a TLS library: example-server ADDRESS PORT */
#include <kdtls/kdtls.h>

#include "udp.h"

int main(int argc, char **argv)
{
	struct kdtls_options options = { .profile = "default" };
	char buf[DTLS_MAX_CONTENT];
	ssize_t n;
	int fd;

	if (argc != 3) {
		fprintf(stderr, "Usage: %s ADDRESS PORT\n", argv[0]);
		return 2;
	}
	fd = udp_accept(argv[1], argv[2]);
	check(kdtls_listen(fd, &options), "kdtls_listen");
	check(kdtls_wait(fd, -1), "handshake");

	/* 0: the client has sent close_notify */
	while ((n = recv(fd, buf, sizeof(buf), 0)) > 0)
		check(send(fd, buf, n, 0) < 0, "send");
	check(n < 0, "recv");
	close(fd);
	return 0;
}
