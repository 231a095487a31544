/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The DTLS 1.2 records of a datagram that a TLS library sent or is to receive,
 * and what an AEAD needs to open one. The format is kernel/record's.
 */
#ifndef KDTLS_DATAGRAM_H
#define KDTLS_DATAGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/header12.h"

struct record {
	struct dtls_header h;
	const uint8_t *start;		/* of the header */
	const uint8_t *payload;		/* h.payload_len bytes */
};

/*
 * Any type, any version. Bytes used, header included; 0: no complete record
 * begins here.
 */
static inline size_t record_parse(const void *data, size_t len, struct record *r)
{
	r->start = data;
	r->payload = r->start + DTLS12_HEADER;
	return dtls12_split(data, len, &r->h);
}

/* What an AEAD is given to open a record. */
struct record_aead {
	const struct dtls_cipher *cipher;
	const uint8_t *key;		/* the direction's, cipher->key_len bytes */
	uint8_t nonce[DTLS_NONCE];
	const uint8_t *aad;
	size_t aad_len;
	const uint8_t *sealed;		/* ciphertext and tag, in the record */
	size_t sealed_len;
	uint8_t space[64];		/* of the AAD */
};

/*
 * False: no such cipher, or the record cannot be one of it. The caller wipes
 * *a. The key and the record are pointed to, not copied.
 */
bool record_open_begin(uint16_t cipher, const struct dtls_direction *dir,
		       const struct record *r, struct record_aead *a);

#endif /* KDTLS_DATAGRAM_H */
