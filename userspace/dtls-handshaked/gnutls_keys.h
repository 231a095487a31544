/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys and parameters of an established GnuTLS session. NULL, or what is wrong. */
#ifndef GNUTLS_KEYS_H
#define GNUTLS_KEYS_H

#include <gnutls/gnutls.h>

#include "handshake.h"
#include "profile.h"

bool kx_is_psk(gnutls_kx_algorithm_t kx);

/*
 * Both directions. next_tx: the next record number of epoch 1 as seen on the wire.
 * The library must agree, or the kernel would reuse a nonce.
 */
const char *keys_extract(gnutls_session_t s, const struct handshake_request *request,
			 uint64_t next_tx, struct dtls_keys *keys);

/* The largest record for the peer; peer_limit: its record_size_limit (RFC 8449), or 0. */
void keys_limit(gnutls_session_t s, uint16_t peer_limit, struct dtls_keys *keys);

const char *result_extract(gnutls_session_t s, const struct profile *p,
			   const struct handshake_request *request,
			   struct handshake_result *r);

/* The peer's certificate, its fingerprint and its subject. */
const char *result_certificate(const gnutls_datum_t *der, struct handshake_result *r);

#endif
