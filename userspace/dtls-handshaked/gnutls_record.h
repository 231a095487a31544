/* SPDX-License-Identifier: GPL-2.0-or-later */
/* DTLS 1.2 records, RFC 6347 section 4.1: just enough to read our own. */
#ifndef GNUTLS_RECORD_H
#define GNUTLS_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/kdtls.h>

#define RECORD_HEADER	13

struct record {
	uint8_t type;
	uint16_t version;
	uint16_t epoch;
	uint64_t seq;
	uint16_t len;
	const uint8_t *payload;
};

/* Bytes used, header too; 0 when no whole record begins here. */
size_t record_parse(const void *data, size_t len, struct record *r);

/* Key and IV sizes of a cipher; false when it is none of ours. */
bool record_cipher_sizes(uint16_t cipher, size_t *key, size_t *iv);

/* Opens; *len is the room, then the plaintext's length. False: not authentic. */
bool record_open(uint16_t cipher, const struct dtls_direction *dir,
		 const struct record *r, void *out, size_t *len);

#endif
