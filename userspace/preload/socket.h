/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Properties of a socket, and its replacement by one without DTLS. */
#ifndef DTLSWRAP_SOCKET_H
#define DTLSWRAP_SOCKET_H

#include <stdbool.h>
#include <sys/socket.h>

/* These keep errno. */
bool socket_is_udp(int fd);
bool socket_attached(int fd);	/* to kdtls: it sends only records */
bool socket_plain_port(int fd);	/* bound to a port of --plain */

/*
 * A new socket without DTLS, with the family, options, flags and local address of fd;
 * -1 with errno.
 */
int socket_plain_like(int fd);

#endif
