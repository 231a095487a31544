/* SPDX-License-Identifier: GPL-2.0 */
/* Shared by both protocol versions in checking an entry. */
#ifndef KDTLS_VECTORS_CHECK_H
#define KDTLS_VECTORS_CHECK_H

#include "entry.h"

/* One record, opened in place in the datagram. */
struct opened {
	size_t	off;		/* of the record in the datagram */
	size_t	len;		/* of the record */
	u8	outer_type;	/* or the first byte, in DTLS 1.3 */
	u8	type;
	u64	seq;
	struct bytes content;	/* within the datagram */
	size_t	padding;
	/* as they were used */
	u8	nonce[DTLS_NONCE];
	u8	aad[64];
	size_t	aad_len;
	u8	mask[2];
	size_t	mask_len;
};

/* An entry while it is checked. */
struct check {
	const struct entry *e;
	struct dtls_record_params params;
	u8	key[32];
	u8	sn_key[32];
	u8	*buf;		/* headroom, then the datagram */
	char	*why;
	size_t	why_len;
};

__attribute__((format(printf, 2, 3)))
bool check_failed(struct check *c, const char *fmt, ...);
bool same_bytes(struct check *c, const char *what, const u8 *got, size_t len,
		const struct bytes *want);
const char *drop_name(int err);

/*
 * Sets key and params from the entry; opens the record at o->off and fills o;
 * seals o->content again and compares with the wire. open returns 0 or a
 * DTLS_DROP_ERR(), and in o->len how much of the datagram to skip,
 * 0 for all of it.
 */
struct version_ops {
	bool (*keys)(struct check *c);
	int (*open)(struct check *c, struct opened *o, u64 next);
	bool (*seal)(struct check *c, const struct opened *o);
};

extern const struct version_ops version12, version13;

/* The whole check of one entry; false with the reason in why. */
bool check_entry(const struct entry *e, char *why, size_t why_len);

#endif /* KDTLS_VECTORS_CHECK_H */
