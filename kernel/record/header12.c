// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* From bytes of a datagram to struct dtls_header. Nothing here is secret. */
#include "header12.h"

/* RFC 9147 section 4.1 figure 5, RFC 7983 section 7 */
enum dtls_first_byte dtls_first_byte(u8 byte)
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

/*
 * RFC 6347 section 4.1: DTLS 1.2 is fefd. The records before the version is
 * agreed (epoch 0) may say feff; protected ones may not.
 */
static bool version_ok(u16 version, u64 epoch)
{
	return version == DTLS_VERSION_1_2 ||
	       (version == DTLS_VERSION_1_0 && !epoch);
}

/* CID bytes in the header of a record of this type, or a DTLS_DROP_ERR(). */
static int cid_bytes(u8 type, u8 cid_len)
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

int dtls12_parse(const u8 *data, size_t len, u8 cid_len, struct dtls_header *h)
{
	int cid;

	if (!len)
		return DTLS_DROP_ERR(DTLS_DROP_HEADER);
	cid = cid_bytes(data[0], cid_len);
	if (cid < 0)
		return cid;
	if (len < (size_t)DTLS12_HEADER + cid)
		return DTLS_DROP_ERR(DTLS_DROP_HEADER);
	dtls12_read_header(data, cid, h);
	if (!version_ok(h->version, h->epoch))
		return DTLS_DROP_ERR(DTLS_DROP_VERSION);
	/* RFC 9146 section 3: a CID comes with encryption, never before it */
	if (cid && !h->epoch)
		return DTLS_DROP_ERR(DTLS_DROP_EPOCH);
	if (h->payload_len > len - h->len)
		return DTLS_DROP_ERR(DTLS_DROP_LENGTH);
	return 0;
}
