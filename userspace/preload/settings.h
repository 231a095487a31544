/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What dtlswrap tells the library in the program's environment. dtlswrap has
 * checked it; whoever sets it by hand and wrongly has a program that ends.
 */
#ifndef KDTLS_SETTINGS_H
#define KDTLS_SETTINGS_H

#include <stdbool.h>
#include <sys/socket.h>

#include <kdtls/kdtls.h>

#define WRAP_LISTEN	"DTLSWRAP_LISTEN"	/* PORT,... */
#define WRAP_CONNECT	"DTLSWRAP_CONNECT"	/* ADDRESS|* PORT,... */
#define WRAP_PROFILE	"DTLSWRAP_PROFILE"
#define WRAP_NAME	"DTLSWRAP_SERVER_NAME"
#define WRAP_ALPN	"DTLSWRAP_ALPN"
#define WRAP_TIMEOUT	"DTLSWRAP_TIMEOUT"	/* milliseconds */
#define WRAP_PLAIN	"DTLSWRAP_PLAIN"	/* PORT,... */
#define WRAP_FRAGMENT	"DTLSWRAP_FRAGMENT"	/* set: yes */

/* 0: not an address of the Internet, or none whole. */
unsigned int settings_port(const struct sockaddr *addr, socklen_t len);
/* Is a socket that is bound or connected there to have DTLS? */
bool settings_listen(const struct sockaddr *addr, socklen_t len);
bool settings_connect(const struct sockaddr *addr, socklen_t len);
/* May UDP from or to this port be in the clear? */
bool settings_plain(const struct sockaddr *addr, socklen_t len);
bool settings_any_plain(void);
bool settings_any_connect(void);
/* May datagrams be fragmented by IP? */
bool settings_fragment(void);
/* For kdtls_listen() and kdtls_connect(). */
void settings_options(struct kdtls_options *options);

#endif
