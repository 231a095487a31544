/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The other end of a socket with DTLS 1.3: the record code of the module with
 * OpenSSL's cryptography, in any form that RFC 9147 allows. One struct is one
 * direction.
 */
#ifndef KDTLS_TESTS_DTLS13_ENDS_H
#define KDTLS_TESTS_DTLS13_ENDS_H

#include <stdbool.h>

#include <linux/kdtls.h>
#include "record/dtls13/dtls13.h"

#define END_MAX_RECORD	17000
#define FORM_16		(DTLS13_SEQ16 | DTLS13_LENGTH)

struct end {
	struct dtls_record_params params;
	u8	secret[DTLS_MAX_KEY];
	u8	key[32], sn_key[32];
};

/* Keys from a traffic secret. */
void end_use(struct end *e, int cipher, const u8 *secret, u64 epoch);
/* Keys from a secret of this byte. */
void end_init(struct end *e, int cipher, u8 byte, u64 epoch);
/* A text of up to DTLS_MAX_CID bytes. */
void end_set_cid(struct end *e, const char *cid);
/* The next epoch, after a KeyUpdate. */
void end_next(struct end *e);

/* One direction of DTLS_KEYS, as keys or as a traffic secret. */
void end_keys(struct dtls_direction *dir, const struct end *e, u64 seq);
void end_secret(struct dtls_direction *dir, const struct end *e, u64 seq);
/* The secret of epoch 2 beside it. */
void end_handshake(struct dtls_direction *dir, const struct end *e, u64 seq);
/* All of it, from secrets: records from 0 on. */
void ends_keys(struct dtls_keys *keys, const struct end *tx, const struct end *rx,
	       bool client);
/* 0, or the errno of DTLS_KEYS. */
int ends_set(int fd, const struct dtls_keys *keys);

/* Seals c->len bytes of data; the record's length. */
size_t end_seal(const struct end *e, const struct dtls13_content *c,
		const void *data, u8 *record);
/* Application data with a 16-bit number and a length. */
size_t end_data(const struct end *e, u64 seq, const void *data, size_t len,
		u8 *record);

/*
 * Splits off the record in front of len bytes that a socket sealed: its length, or 0, and
 * the 16 bits of its number that are on the wire.
 */
size_t end_split(const struct end *e, const u8 *record, size_t len, u64 *seq);

struct opened_record {
	u8	first;		/* byte of the header */
	u8	type;
	u64	seq;
	size_t	len;
	u8	content[END_MAX_RECORD];
};

/* Opens what the socket sealed; next: the number expected. 0 or a drop error. */
int end_open(const struct end *e, u64 next, const u8 *record, size_t len,
	     struct opened_record *o);

#endif /* KDTLS_TESTS_DTLS13_ENDS_H */
