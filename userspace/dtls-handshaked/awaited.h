/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Later fragments of ClientHellos, if the first fragment has a valid cookie, until
 * the handshake begins. They arrive right after the first one, before the kernel
 * has an association, and would be lost until the client retransmits.
 *
 * A forged address has no cookie and so no entry. There are few entries, and the
 * newest replaces the oldest: that client retransmits, as after any loss.
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
	uint8_t data[AWAITED_BYTES];	/* records, concatenated */
};

struct awaited {
	struct awaited_client clients[AWAITED_CLIENTS];
	unsigned int n;
	unsigned int oldest;
};

/* Begins an empty entry for this client's fragments. */
void awaited_expect(struct awaited *a, const struct cookie_client *client);
/* NULL: it has no entry. */
struct awaited_client *awaited_find(struct awaited *a, const struct cookie_client *client);
/* The entry of the client with this handshake, or NULL. */
struct awaited_client *awaited_of(struct awaited *a, uint64_t handshake);
/* Without space the fragment is lost. */
void awaited_keep(struct awaited_client *c, const void *data, size_t len);

#endif
