/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a UDP socket is, and a plain one in the place of one with DTLS. */
#ifndef DTLSWRAP_SOCKET_H
#define DTLSWRAP_SOCKET_H

#include <stdbool.h>
#include <sys/socket.h>

/* These keep errno. */
bool socket_is_udp(int fd);
bool socket_attached(int fd);	/* to kdtls: what it sends is records */
bool socket_plain_port(int fd);	/* bound to one of --plain */

/*
 * A socket without DTLS, of the family, options, flags and local address of this
 * one; -1 with errno.
 */
int socket_plain_like(int fd);

#endif
