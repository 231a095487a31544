/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is taken out of a finished GnuTLS session. NULL, or what is wrong. */
#ifndef GNUTLS_KEYS_H
#define GNUTLS_KEYS_H

#include <gnutls/gnutls.h>

#include "handshake.h"
#include "profile.h"

bool kx_is_psk(gnutls_kx_algorithm_t kx);

/*
 * Both directions. next_tx is the next free number of epoch 1 as seen on the
 * wire; the library must agree, or a number would be used twice.
 */
const char *keys_extract(gnutls_session_t s, const struct handshake_request *request,
			 uint64_t next_tx, struct dtls_keys *keys);

/* How much the peer takes in a record; peer_limit: RFC 8449, of its hello, or 0. */
void keys_limit(gnutls_session_t s, uint16_t peer_limit, struct dtls_keys *keys);

const char *result_extract(gnutls_session_t s, const struct profile *p,
			   const struct handshake_request *request,
			   struct handshake_result *r);

#endif
