/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* The fields of a 13-byte header, RFC 6347 section 4.1, whatever they say. */
#ifndef KDTLS_RECORD_HEADER12_H
#define KDTLS_RECORD_HEADER12_H

#include "wire.h"

#define DTLS12_NUMBER_OFF	3	/* epoch and sequence number */
#define DTLS12_LENGTH_OFF	11	/* without a CID */

/* data: the header, with cid bytes of connection ID. */
static inline void dtls12_read_header(const u8 *data, u8 cid,
				      struct dtls_header *h)
{
	u64 number = dtls_get64(data + DTLS12_NUMBER_OFF);

	h->type = data[0];
	h->len = DTLS12_HEADER + cid;
	h->cid_off = DTLS12_LENGTH_OFF;
	h->cid_len = cid;
	h->seq_len = 6;
	h->unified = false;
	h->version = dtls_get16(data + 1);
	h->epoch = number >> 48;
	h->seq = number & DTLS_MAX_SEQ;
	h->payload_len = dtls_get16(data + DTLS12_LENGTH_OFF + cid);
}

/*
 * Splits off the record at the front of len bytes of a datagram, of any type
 * and version: for the datagrams of a TLS library, which decides itself what
 * it accepts. The record's bytes, or 0: no whole record is there.
 */
static inline size_t dtls12_split(const u8 *data, size_t len,
				  struct dtls_header *h)
{
	if (len < DTLS12_HEADER)
		return 0;
	dtls12_read_header(data, 0, h);
	if (h->payload_len > len - DTLS12_HEADER)
		return 0;
	return DTLS12_HEADER + h->payload_len;
}

#endif /* KDTLS_RECORD_HEADER12_H */
