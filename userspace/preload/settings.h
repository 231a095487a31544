/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Settings that dtlswrap passes to the library in the program's environment. dtlswrap
 * checks them; an invalid variable set by hand ends the program.
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

/* 0: no complete IPv4 or IPv6 address. */
unsigned int settings_port(const struct sockaddr *addr, socklen_t len);
/* True: a socket bound (listen) or connected (connect) to it gets DTLS. */
bool settings_listen(const struct sockaddr *addr, socklen_t len);
bool settings_connect(const struct sockaddr *addr, socklen_t len);
/* True: UDP from or to this port may be in plaintext. */
bool settings_plain(const struct sockaddr *addr, socklen_t len);
bool settings_any_plain(void);
bool settings_any_connect(void);
/* True: IP may fragment datagrams. */
bool settings_fragment(void);
/* For kdtls_listen() and kdtls_connect(). */
void settings_options(struct kdtls_options *options);

#endif
