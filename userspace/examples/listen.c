// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * An echo server for any number of clients, on one socket and without a TLS library:
 * example-listen ADDRESS PORT [PROFILE]. Except for kdtls_listen() it is a server for
 * plain UDP.
 */
#include <errno.h>

#include <kdtls/kdtls.h>

#include "udp.h"

int main(int argc, char **argv)
{
	struct kdtls_options options = { .profile = argc > 3 ? argv[3] : NULL };
	char buf[DTLS_MAX_CONTENT];
	struct sockaddr_in from;
	ssize_t n;
	int fd;

	if (argc < 3) {
		fprintf(stderr, "Usage: %s ADDRESS PORT [PROFILE]\n", argv[0]);
		return 2;
	}
	from = udp_address(argv[1], argv[2]);
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	check(fd < 0, "socket");
	check(bind(fd, (struct sockaddr *)&from, sizeof(from)), "bind");
	check(kdtls_listen(fd, &options), "kdtls_listen");

	for (;;) {
		socklen_t len = sizeof(from);

		n = recvfrom(fd, buf, sizeof(buf), 0, (struct sockaddr *)&from,
			     &len);
		check(n < 0, "recvfrom");
		/*
		 * ENOTCONN: the client has closed in the meantime.
		 * EMSGSIZE: its record arrived in IP fragments, which the
		 * answer must not use
		 */
		check(sendto(fd, buf, n, 0, (struct sockaddr *)&from, len) < 0 &&
		      errno != ENOTCONN && errno != EMSGSIZE, "sendto");
	}
}
