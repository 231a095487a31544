/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Later fragments of ClientHellos, of clients whose first fragment has shown a
 * good cookie, until their handshake has begun. They arrive right behind the
 * first one, when the kernel knows no association yet, and would else be lost
 * until the client repeats them.
 *
 * Forged addresses have no cookie and so no place here. There are few places,
 * and the oldest goes for the newest: who loses its own repeats its flight, as
 * after any loss.
 */
#ifndef AWAITED_H
#define AWAITED_H

#include "gnutls_cookie.h"

#define AWAITED_CLIENTS	32
#define AWAITED_BYTES	8192	/* of one client */

struct awaited_client {
	struct cookie_client client;
	uint64_t handshake;	/* 0 until it begins */
	size_t len;
	uint8_t data[AWAITED_BYTES];	/* records, as of one datagram */
};

struct awaited {
	struct awaited_client clients[AWAITED_CLIENTS];
	unsigned int n;
	unsigned int oldest;
};

/* From now on, fragments of this client are kept; none is yet. */
void awaited_expect(struct awaited *a, const struct cookie_client *client);
/* NULL: no fragment of it is awaited. */
struct awaited_client *awaited_find(struct awaited *a, const struct cookie_client *client);
/* The one whose handshake this is, or NULL. */
struct awaited_client *awaited_of(struct awaited *a, uint64_t handshake);
/* What has no space is lost. */
void awaited_keep(struct awaited_client *c, const void *data, size_t len);

#endif
