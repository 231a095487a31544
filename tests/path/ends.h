/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A pair of sockets (tests/socket/pair.h) with ends in two network
 * namespaces: a in that of $END_A, with the addresses $A4 and $A6, b in that
 * of $END_B, with $B4 and $B6. Names as in tests/harness/netns.sh.
 */
#ifndef KDTLS_TESTS_ENDS_H
#define KDTLS_TESTS_ENDS_H

#include "pair.h"

/* New sockets of this process are in the namespace of that variable. */
void ends_enter(const char *variable);
/* Bound and connected. */
void ends_plain(struct pair *p, int family);
/* When both are attached. */
void ends_keys(struct pair *p, int cipher);
/* All of it. */
void ends_open(struct pair *p, int family, int cipher);

#endif
