/* SPDX-License-Identifier: GPL-2.0 */
/* A program that is a peer by its library: errors end it; its connected UDP socket. */
#ifndef PEER_SOCKET_H
#define PEER_SOCKET_H

#include <errno.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static void die(const char *what)
{
	fprintf(stderr, "%s: %s\n", program_invocation_short_name, what);
	exit(1);
}

static void must(bool good, const char *what)
{
	if (!good)
		die(what);
}

/* A server waits for its first client, which is peer; a client's peer is the address. */
static int open_socket(bool server, const char *host, const char *port,
		       struct sockaddr_storage *peer, socklen_t *len)
{
	struct addrinfo hints = { .ai_socktype = SOCK_DGRAM, .ai_flags = AI_NUMERICHOST }, *a;
	char byte;
	int fd;

	must(!getaddrinfo(host, port, &hints, &a), "address");
	fd = socket(a->ai_family, SOCK_DGRAM, 0);
	memcpy(peer, a->ai_addr, a->ai_addrlen);
	*len = a->ai_addrlen;
	if (server) {
		must(!bind(fd, a->ai_addr, a->ai_addrlen), "bind");
		for (;;) {
			*len = sizeof(*peer);
			must(recvfrom(fd, &byte, 1, MSG_PEEK, (struct sockaddr *)peer, len) >= 0,
			     "recv");
			if (byte == 22)	/* a handshake; not the alert of a client before */
				break;
			recv(fd, &byte, 1, 0);
		}
	}
	must(!connect(fd, (struct sockaddr *)peer, *len), "connect");
	freeaddrinfo(a);
	return fd;
}

#endif
