/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Where the parts of a DTLS 1.2 record lie, seen from the headroom:
 *
 *	            DTLS_HEADROOM                        text_off
 *	            |                                    |
 *	wire        type version epoch seq [cid] length [explicit] text tag
 *	AAD, plain                        |epoch seq type version len| text
 *	AAD, CID         |ff*8 25 n 25 version epoch seq cid inner_len| text
 *
 * The AAD ends where the text begins, so that the AEAD sees one run of bytes.
 * With a CID it is 10 bytes longer than the header; the explicit nonce of GCM
 * and CCM makes room for 8 of them.
 */
#ifndef KDTLS_RECORD_LAYOUT_H
#define KDTLS_RECORD_LAYOUT_H

#include "wire.h"

#define DTLS12_AAD		13
#define DTLS12_CID_AAD		23	/* and the CID */

/* The longest AAD must fit below the shortest header: ChaCha20, with a CID. */
static_assert(DTLS12_CID_AAD - DTLS12_HEADER <= DTLS_HEADROOM,
	      "DTLS_HEADROOM is too small");

static inline u32 dtls12_aad_len(u8 cid_len)
{
	return cid_len ? DTLS12_CID_AAD + cid_len : DTLS12_AAD;
}

static inline u32 dtls12_text_off(const struct dtls_record_params *p)
{
	return DTLS_HEADROOM + dtls12_content_offset(p);
}

/* RFC 5246 section 6.2.3.3, RFC 6347 section 4.1.2.1 */
static inline void dtls12_plain_aad(u64 number, u8 type, u16 text_len, u8 *aad)
{
	dtls_put64(aad, number);
	aad[8] = type;
	dtls_put16(aad + 9, DTLS_VERSION_1_2);
	dtls_put16(aad + 11, text_len);
}

/* RFC 9146 section 5.3 */
static inline void dtls12_cid_aad(const struct dtls_record_params *p,
				  u64 number, u16 text_len, u8 *aad)
{
	memset(aad, 0xff, 8);		/* seq_num_placeholder */
	aad[8] = DTLS_TYPE_CID;
	aad[9] = p->cid_len;
	aad[10] = DTLS_TYPE_CID;
	dtls_put16(aad + 11, DTLS_VERSION_1_2);
	dtls_put64(aad + 13, number);
	memcpy(aad + 21, p->cid, p->cid_len);
	dtls_put16(aad + 21 + p->cid_len, text_len);
}

/*
 * The last 8 bytes of the nonce. explicit_nonce: those on the wire (RFC 5288
 * section 3, RFC 6655 section 3), NULL for the number. ChaCha20 has none:
 * RFC 7905 section 2 XORs the padded number into the IV.
 */
static inline u64 dtls12_nonce(const struct dtls_record_params *p, u64 number,
			       const u8 *explicit_nonce)
{
	if (!p->cipher->explicit_len)
		return dtls_get64(p->iv + 4) ^ number;
	return explicit_nonce ? dtls_get64(explicit_nonce) : number;
}

/*
 * Nonce and AAD for len bytes of plaintext; the AAD goes directly before the
 * text. type: outer content type, of use without a CID only. The explicit nonce
 * may lie where the AAD goes.
 */
static inline void dtls12_begin(const struct dtls_record_params *p, u64 seq,
				u8 type, u16 len, const u8 *explicit_nonce,
				u8 *buf, struct dtls_aead_op *op)
{
	u64 number = dtls_number(p->epoch, seq);
	u64 nonce = dtls12_nonce(p, number, explicit_nonce);
	u32 aad_len = dtls12_aad_len(p->cid_len);
	u32 aad_off = dtls12_text_off(p) - aad_len;

	if (p->cid_len)
		dtls12_cid_aad(p, number, len, buf + aad_off);
	else
		dtls12_plain_aad(number, type, len, buf + aad_off);
	memcpy(op->nonce, p->iv, 4);
	dtls_put64(op->nonce + 4, nonce);
	op->aad_off = aad_off;
	op->aad_len = aad_len;
}

#endif /* KDTLS_RECORD_LAYOUT_H */
