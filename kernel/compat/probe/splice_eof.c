/* SPDX-License-Identifier: GPL-2.0 */
/* proto->splice_eof ends a splice that set MSG_MORE (since 6.5). */
#include <net/sock.h>
static void f(struct socket *sock) { }
struct proto p = { .splice_eof = f };
