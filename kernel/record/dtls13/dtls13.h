/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DTLS 1.3 records (RFC 9147), in the steps and with the buffer of record.h.
 *
 * The record number on the wire is masked with bytes made from the ciphertext,
 * so there is one more step on either side:
 *
 *	sealing	begin, AEAD, mask from the sample, end
 *	opening	parse, mask from the sample, unmask, rebuild number, begin,
 *		AEAD, end
 *
 * The mask is the caller's: AES-ECB(sn_key, sample), or the ChaCha20 block
 * with counter sample[0..3] (little-endian) and nonce sample[4..15] over
 * zeros. The sample is the first 16 bytes of ciphertext (RFC 9147 section
 * 4.2.3).
 */
#ifndef KDTLS_RECORD_DTLS13_H
#define KDTLS_RECORD_DTLS13_H

#include "../record.h"

/* First byte of the unified header, RFC 9147 section 4 figure 3 */
#define DTLS13_FIXED		0x20	/* 001 in the three high bits */
#define DTLS13_FIXED_MASK	0xe0
#define DTLS13_CID		0x10
#define DTLS13_SEQ16		0x08
#define DTLS13_LENGTH		0x04
#define DTLS13_EPOCH_MASK	0x03

#define DTLS13_HANDSHAKE_EPOCH	2	/* section 6.1 */
#define DTLS13_SAMPLE		16
#define DTLS13_MAX_EPOCH	((1ULL << 48) - 1)	/* section 8 */
/* RFC 9147 section 4: content and type and padding */
#define DTLS13_MAX_INNER	(DTLS_MAX_CONTENT + 1)

/* header13.c */

/*
 * As dtls12_parse(). h->seq is masked, h->epoch has two bits. A record
 * without length takes the rest of the datagram.
 *
 * dtls13_parse() is for the first record of a datagram: it has a CID if, and
 * only if, cid_len > 0 (RFC 9147 section 4: MUST be contained in all
 * datagrams). dtls13_parse_next() is for those behind it, which may leave the
 * CID out. On success there are at least DTLS13_SAMPLE bytes of payload.
 *
 * 0, or DTLS_DROP_ERR() of NOT_DTLS, HEADER, CID, LENGTH.
 */
int dtls13_parse(const u8 *data, size_t len, u8 cid_len, struct dtls_header *h);
int dtls13_parse_next(const u8 *data, size_t len, u8 cid_len,
		      struct dtls_header *h);
/* Clears the mask from the number, in h and in the record. */
void dtls13_unmask(struct dtls_header *h, u8 *record, const u8 *mask);
/*
 * The number closest to next, which is the highest opened in that epoch plus
 * one (RFC 9147 section 4.2.2). May be above DTLS_MAX_SEQ: begin refuses that.
 */
u64 dtls13_seq(const struct dtls_header *h, u64 next);
/*
 * The epoch with these two bits from oldest to newest, the ones for which
 * there are keys; newest - oldest <= 3. 0, or DTLS_DROP_ERR() of EPOCH.
 */
int dtls13_epoch(const struct dtls_header *h, u64 oldest, u64 newest,
		 u64 *epoch);

/* seal13.c */

/* What to seal. */
struct dtls13_content {
	u64	seq;
	size_t	len;		/* bytes of content, already in place */
	size_t	padding;	/* zeros behind the type */
	u8	type;
	u8	form;		/* of DTLS13_SEQ16, DTLS13_LENGTH */
};

size_t dtls13_content_offset(const struct dtls_record_params *p, u8 form);
/* As long as c->padding is 0, and with the 16-byte tags. */
size_t dtls13_overhead(const struct dtls_record_params *p, u8 form);
/*
 * The content already is at buf + DTLS_HEADROOM + dtls13_content_offset().
 * The sample is at buf + op->aad_off + op->aad_len after the AEAD. Content of
 * less than 8 bytes under a short tag is padded (RFC 9147 section 4.2.3).
 */
void dtls13_seal_begin(const struct dtls_record_params *p,
		       const struct dtls13_content *c, u8 *buf,
		       struct dtls_aead_op *op);
/* Masks the number. Returns the length of the record. */
size_t dtls13_seal_end(const struct dtls_record_params *p,
		       const struct dtls13_content *c, u8 *buf,
		       const struct dtls_aead_op *op, const u8 *mask);

/* open13.c */

/*
 * After dtls13_unmask(); of h->epoch the two low bits count. The header lies at
 * buf + DTLS_HEADROOM, whole: it is the AAD. 0, or DTLS_DROP_ERR() of EPOCH, CID, LENGTH, REPLAY
 * (seq above DTLS_MAX_SEQ).
 */
int dtls13_open_begin(const struct dtls_record_params *p,
		      const struct dtls_header *h, u64 seq, const u8 *buf,
		      struct dtls_aead_op *op);
/* 0, or DTLS_DROP_ERR() of INNER, TYPE (not legal in this epoch, or unknown) */
int dtls13_open_end(const struct dtls_record_params *p, const u8 *buf,
		    const struct dtls_aead_op *op, struct dtls_opened *content);

/* keys13.c */

#define DTLS13_MAX_LABEL	11	/* "traffic upd" */
#define DTLS13_MAX_INFO		(2 + 1 + 6 + DTLS13_MAX_LABEL + 1)

/*
 * HkdfLabel with an empty context: the info of HKDF-Expand. Labels of the
 * record layer: "key", "iv", "sn" from a traffic secret, "traffic upd" for the
 * next one. Returns the bytes written to info, 0 if the label is too long.
 */
size_t dtls13_hkdf_label(const char *label, u16 len, u8 info[DTLS13_MAX_INFO]);

#endif /* KDTLS_RECORD_DTLS13_H */
