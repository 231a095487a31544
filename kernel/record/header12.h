/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* From bytes of a datagram to struct dtls_header. Nothing here is secret. */
#ifndef KDTLS_RECORD_HEADER12_H
#define KDTLS_RECORD_HEADER12_H

#include "wire.h"

#define DTLS12_NUMBER_OFF	3	/* epoch and sequence number */
#define DTLS12_LENGTH_OFF	11	/* without a CID */

/* RFC 9147 section 4.1 figure 5, RFC 7983 section 7 */
static inline enum dtls_first_byte dtls_first_byte(u8 byte)
{
	switch (byte) {
	case DTLS_TYPE_CHANGE_CIPHER_SPEC ... DTLS_TYPE_HEARTBEAT:
		return DTLS_FIRST_PLAIN12;
	case DTLS_TYPE_CID:
		return DTLS_FIRST_CID12;
	case DTLS_TYPE_ACK:
		return DTLS_FIRST_ACK;
	case 32 ... 63:
		return DTLS_FIRST_UNIFIED;
	case 0 ... 3:		/* STUN */
	case 16 ... 19:		/* ZRTP */
	case 64 ... 79:		/* TURN channel */
	case 128 ... 191:	/* RTP, RTCP */
		return DTLS_FIRST_MUX;
	default:
		return DTLS_FIRST_OTHER;
	}
}

/* The fields of the header at data, whatever they say, with cid bytes of CID. */
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
 * RFC 6347 section 4.1: DTLS 1.2 is fefd. The records before the version is
 * agreed (epoch 0) may say feff; protected ones may not.
 */
static inline bool dtls12_version_ok(u16 version, u64 epoch)
{
	return version == DTLS_VERSION_1_2 ||
	       (version == DTLS_VERSION_1_0 && !epoch);
}

/* CID bytes in the header of a record of this type, or a DTLS_DROP_ERR(). */
static inline int dtls12_cid_bytes(u8 type, u8 cid_len)
{
	switch (type) {
	case DTLS_TYPE_CHANGE_CIPHER_SPEC ... DTLS_TYPE_HEARTBEAT:
	case DTLS_TYPE_ACK:
		return 0;
	case DTLS_TYPE_CID:
		return cid_len ? cid_len : DTLS_DROP_ERR(DTLS_DROP_CID);
	default:
		return DTLS_DROP_ERR(DTLS_DROP_NOT_DTLS);
	}
}

/*
 * Parses the record at the front of len bytes of a datagram; types 20 to 26.
 * cid_len: length of the CIDs that this receiver hands out, 0 if none; at most
 * DTLS_MAX_CID. On success h->len + h->payload_len <= len: the next record, if
 * any, is there. On failure the rest of the datagram is lost, too.
 *
 * What a session must know (is this epoch keyed, must there be a CID) is
 * checked by dtls12_open_begin(). Epoch 0 succeeds; version feff, too, there.
 *
 * 0, or DTLS_DROP_ERR() of NOT_DTLS, HEADER, VERSION, LENGTH (more than the
 * datagram has), CID (type 25, cid_len 0) or EPOCH (type 25 in epoch 0).
 *
 * Always inline: for most records cid_len is the constant 0.
 */
static __always_inline int dtls12_parse(const u8 *data, size_t len, u8 cid_len,
					struct dtls_header *h)
{
	int cid;

	if (!len)
		return DTLS_DROP_ERR(DTLS_DROP_HEADER);
	cid = dtls12_cid_bytes(data[0], cid_len);
	if (cid < 0)
		return cid;
	if (len < (size_t)DTLS12_HEADER + cid)
		return DTLS_DROP_ERR(DTLS_DROP_HEADER);
	dtls12_read_header(data, cid, h);
	if (!dtls12_version_ok(h->version, h->epoch))
		return DTLS_DROP_ERR(DTLS_DROP_VERSION);
	/* RFC 9146 section 3: a CID comes with encryption, never before it */
	if (cid && !h->epoch)
		return DTLS_DROP_ERR(DTLS_DROP_EPOCH);
	if (h->payload_len > len - h->len)
		return DTLS_DROP_ERR(DTLS_DROP_LENGTH);
	return 0;
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
