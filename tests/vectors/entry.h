/* SPDX-License-Identifier: GPL-2.0 */
/* One entry of a vector file. */
#ifndef KDTLS_VECTORS_ENTRY_H
#define KDTLS_VECTORS_ENTRY_H

#include <jansson.h>
#include "record/record.h"

/* A field of bytes; no such field in the entry: p is NULL. */
struct bytes {
	u8	*p;
	size_t	len;
};

#define MAX_DELIVERED	64

struct entry {
	const char	*label;		/* for messages; may be NULL */
	const char	*refuse;	/* why it must be refused, or NULL */
	const char	*suite;		/* name of the cipher or suite */
	bool		dtls13;
	const struct dtls_cipher *cipher;

	struct bytes	secret, key, iv, sn_key;
	struct bytes	cid, nonce, aad, mask, record;
	struct bytes	contents[MAX_DELIVERED];
	size_t		count;

	/* -1: no such field */
	long long	epoch, seq, tag_len, padding;
	long long	outer_type, content_type, next;
};

/*
 * Reads one element of the list. On failure writes the reason to why, of
 * len bytes. Call entry_free() in both cases.
 */
bool entry_read(json_t *json, struct entry *e, char *why, size_t len);
void entry_free(struct entry *e);

#endif /* KDTLS_VECTORS_ENTRY_H */
