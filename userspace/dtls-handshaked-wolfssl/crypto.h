/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records by wolfCrypt, with the kernel's code for the format. */
#ifndef CRYPTO_H
#define CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "handshake.h"
#include "record/dtls13/dtls13.h"
#include "record/open12.h"

/* Keys of one direction in one epoch. */
struct record_keys {
	struct dtls_record_params params;
	uint8_t key[32];
	uint8_t sn_key[32];
};

/*
 * From a traffic secret, cipher->hash_len bytes, for records with this Connection ID.
 * False: the library cannot.
 */
bool record_keys_derive(struct record_keys *k, const struct dtls_cipher *cipher,
			uint64_t epoch, const uint8_t *secret, const struct cid *cid);

/*
 * Opens the record of h at record; next: the highest number opened plus one. plain has
 * space for the record and DTLS_HEADROOM. False: it does not authenticate.
 */
bool record_open(const struct record_keys *k, const struct dtls_header *h,
		 const uint8_t *record, uint64_t *next, uint8_t *plain,
		 struct dtls_opened *content);

/* The same of DTLS 1.2, by k->params and k->key; the number is in its header. */
bool record_open12(const struct record_keys *k, const struct dtls_header *h,
		   const uint8_t *record, uint8_t *plain, struct dtls_opened *content);

/* Of a record with so much content, and of what it is made in. */
#define RECORD_SPACE(len)	(DTLS_HEADROOM + 5 + DTLS_MAX_CID + (len) + 1 + DTLS_MAX_TAG)

/*
 * Seals a record in space, which has RECORD_SPACE(len) bytes: where it is in there, and its
 * bytes; or NULL.
 */
uint8_t *record_seal(const struct record_keys *k, uint64_t seq, uint8_t type,
		     const void *content, size_t len, uint8_t *space, size_t *size);

#define RECORD_SMALL	64

/* Seals a small record; its bytes. */
size_t record_seal_small(const struct record_keys *k, uint64_t seq, uint8_t type,
			 const void *content, size_t len, uint8_t out[2 * RECORD_SMALL]);

#endif
