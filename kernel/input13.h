/* SPDX-License-Identifier: GPL-2.0 */
/* What a datagram holds that does not begin like a record of DTLS 1.2. */
#ifndef KDTLS_INPUT13_H
#define KDTLS_INPUT13_H

#include <linux/types.h>

struct dtls_header;
struct kdtls_assoc;

#define KDTLS_NO_EPOCH	U64_MAX	/* never has keys */

/*
 * As dtls12_parse(), for a first byte above DTLS_TYPE_CID. Of a unified header the
 * epoch is the one that has its two bits, of those with keys; without keys one
 * that is not 0, and KDTLS_NO_EPOCH if the bits are those of no epoch.
 * cid_len: of the Connection IDs in what it receives; named: a record before this
 * one in its datagram had it, else this one must.
 *
 * 0, or DTLS_DROP_ERR(): as dtls13_parse(); VERSION: DTLS 1.3 on an association
 * with keys of DTLS 1.2.
 */
int kdtls_parse13(const struct kdtls_assoc *assoc, const u8 *data, size_t left,
		  u8 cid_len, bool named, struct dtls_header *header);
/* The epoch of a unified header among those of another association. */
void kdtls_reread13(const struct kdtls_assoc *assoc, struct dtls_header *header);

#endif /* KDTLS_INPUT13_H */
