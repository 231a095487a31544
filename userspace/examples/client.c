// SPDX-License-Identifier: LGPL-2.1-or-later
/* A DTLS client without a TLS library: example-client ADDRESS PORT NAME */
#include <kdtls/kdtls.h>

#include "udp.h"

int main(int argc, char **argv)
{
	struct kdtls_options options = { 0 };
	int fd;

	if (argc != 4) {
		fprintf(stderr, "Usage: %s ADDRESS PORT SERVER-NAME\n", argv[0]);
		return 2;
	}
	options.server_name = argv[3];

	fd = udp_connect(argv[1], argv[2]);
	check(kdtls_connect(fd, &options), "kdtls_connect");
	check(kdtls_wait(fd, -1), "handshake");

	/* from here on the program uses an ordinary UDP socket */
	udp_exchange(fd);
	return 0;
}
