/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One direction of DTLS 1.2, with a Connection ID or none: the record code of the
 * module with OpenSSL's cryptography, for the end that is no kdtls socket.
 */
#ifndef KDTLS_TESTS_CID_SIDE_H
#define KDTLS_TESTS_CID_SIDE_H

#include <stdbool.h>

#include <linux/kdtls.h>
#include "record/record.h"

#define SIDE_MAX_RECORD	17000

struct side {
	struct dtls_record_params params;
	u8	key[32];
};

/* Key and IV are of this byte; the CID is text, "" for none. */
void side_init(struct side *s, int cipher, u8 byte, const char *cid);
/* As DTLS_KEYS has it. */
void side_keys(struct dtls_direction *dir, const struct side *s);
/* All of it: 0, or the errno. peer: NULL on a connected socket; local: NULL for any. */
int side_set_keys(int fd, const struct side *tx, const struct side *rx, bool client,
		  const struct sockaddr_storage *peer,
		  const struct sockaddr_storage *local);

/* A record with padding zeros behind its inner type; its length. */
size_t side_seal(const struct side *s, u64 seq, u8 type, const void *data, size_t len,
		 size_t padding, u8 *record);
/* Application data, not padded. */
size_t side_data(const struct side *s, u64 seq, const void *data, size_t len,
		 u8 *record);

struct side_opened {
	u8	outer, type;
	u64	seq;
	size_t	len;
	u8	content[SIDE_MAX_RECORD];
};

/* Opens what a socket sealed. 0 or a drop error. */
int side_open(const struct side *s, const u8 *record, size_t len,
	      struct side_opened *o);

#endif /* KDTLS_TESTS_CID_SIDE_H */
