/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * The DTLS record layer, pure: bytes in, structures out. No skb, no socket, no
 * allocation, no locks. The same files are compiled into the module, the
 * daemon, libkdtls, the KUnit suites, the host tests, the vector checker and
 * the fuzzers.
 *
 * A record is sealed or opened in one contiguous buffer in three steps, so
 * that the AEAD needs a single scatterlist entry:
 *
 *	begin	writes the AAD directly before the text, over the place of the
 *		header (and, with a CID, up to 10 bytes before it), and fills
 *		struct dtls_aead_op
 *	AEAD	the caller runs it over buf + op->aad_off: op->aad_len bytes
 *		of AAD, then op->text_len bytes of text, in place
 *	end	sealing: writes the header over the AAD.
 *		opening: strips padding and content type
 *
 * In all of them buf points DTLS_HEADROOM bytes before the record, and all
 * offsets are relative to buf. Layout: layout.h.
 *
 * The records of a datagram may be opened where they lie, in order: what begin
 * writes before a record stays within the tag of the record in front of it.
 */
#ifndef KDTLS_RECORD_H
#define KDTLS_RECORD_H

#ifdef __KERNEL__
#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/types.h>
#else
#include "user.h"	/* u8..u64, bool, memcpy, for host builds */
#endif
#include <linux/kdtls.h>

#define DTLS12_HEADER		13
#define DTLS_EXPLICIT_NONCE	8
#define DTLS_NONCE		12
#define DTLS_MAX_TAG		16
/* Bytes before the header that begin may overwrite with AAD. */
#define DTLS_HEADROOM		16
/* RFC 6347 section 4.1, RFC 9147 section 4 */
#define DTLS12_MAX_CIPHERTEXT	(DTLS_MAX_CONTENT + 2048)
#define DTLS13_MAX_CIPHERTEXT	(DTLS_MAX_CONTENT + 256)
#define DTLS_MAX_SEQ		((1ULL << 48) - 1)

/* cipher.c: one table says everything about an AEAD. */
struct dtls_cipher {
	u8		id;		/* enum dtls_cipher_id */
	const char	*name;		/* "AES-128-GCM" */
	const char	*aead;		/* kernel crypto API name */
	u8		key_len;
	u8		tag_len;
	u8		hash_len;	/* DTLS 1.3: the suite's, and of its secrets */
	u8		iv_len;		/* DTLS 1.2 write IV: 4 or 12 */
	u8		explicit_len;	/* DTLS 1.2: 8 or 0 */
	bool		ccm;		/* kernel wants a 16-byte IV: 2 || nonce || 0 */
	/* RFC 9147 section 4.5.3; DTLS 1.2 has no such limits of its own */
	u64		seal_limit;	/* records per key */
	u64		fail_limit;	/* failed tags per key */
	bool		dtls13;		/* may be used in DTLS 1.3 */
};

const struct dtls_cipher *dtls_cipher_by_id(unsigned int id);	/* NULL: unknown */

/* What is fixed for one direction of one epoch. */
struct dtls_record_params {
	const struct dtls_cipher *cipher;
	u64	epoch;
	u8	iv[DTLS_NONCE];
	u8	cid_len;		/* CID of this direction, 0: no CID */
	u8	cid[DTLS_MAX_CID];
};

/* One AEAD operation over a contiguous buffer, in place. */
struct dtls_aead_op {
	u8	nonce[DTLS_NONCE];
	u32	aad_off;		/* relative to buf */
	u32	aad_len;
	u32	text_len;		/* seal: plaintext. open: ciphertext + tag */
	/* the text begins at aad_off + aad_len */
};

/* A parsed header. */
struct dtls_header {
	u8	type;			/* outer content type */
	u8	len;			/* bytes of header, CID included */
	u8	cid_off;		/* from the start of the record */
	u8	cid_len;		/* CID bytes in this record */
	u8	seq_len;		/* 1.3: 1 or 2 bytes on the wire; 1.2: 6 */
	bool	unified;		/* DTLS 1.3 ciphertext */
	u16	version;		/* 1.2 only, host order */
	u16	payload_len;		/* bytes after the header */
	u64	epoch;			/* 1.3: as parsed the two low bits */
	u64	seq;			/* 1.3: still masked */
};

/* What the first byte of a datagram or record says (RFC 7983, RFC 9147 4.1). */
enum dtls_first_byte {
	DTLS_FIRST_OTHER,	/* neither DTLS nor anything known */
	DTLS_FIRST_MUX,		/* STUN, ZRTP, TURN channel, RTP */
	DTLS_FIRST_PLAIN12,	/* 20..24: 13-byte header */
	DTLS_FIRST_CID12,	/* 25 */
	DTLS_FIRST_ACK,		/* 26: 1.3 plaintext ACK, 13-byte header */
	DTLS_FIRST_UNIFIED,	/* 32..63 */
};

/*
 * Why a record is refused, as a negative int; 0 is success. dtls_drop_of() is
 * the way back.
 */
#define DTLS_DROP_ERR(reason)	(-(1 + (int)(reason)))
static inline enum dtls_drop dtls_drop_of(int err)
{
	return (enum dtls_drop)(-err - 1);
}

/* Offset of the content from the start of the record. */
static inline size_t dtls12_content_offset(const struct dtls_record_params *p)
{
	return DTLS12_HEADER + p->cid_len + p->cipher->explicit_len;
}

/*
 * Bytes that a record adds to its content, header and tag included. RFC 9146
 * section 4: with a CID the real type follows the content.
 */
static inline size_t dtls12_overhead(const struct dtls_record_params *p)
{
	return dtls12_content_offset(p) + !!p->cid_len + p->cipher->tag_len;
}

/* What was inside an opened record, at buf + off. */
struct dtls_opened {
	u8 type; /* DTLS_TYPE_* */
	size_t off;
	size_t len; /* bytes of content */
};

/* window.c: replay window of one epoch (RFC 6347 section 4.1.2.6) */
#define DTLS_WINDOW_MAX_BITS	8192
#define DTLS_WINDOW_DEFAULT	1024
#define DTLS_WINDOW_MIN		64

/* The caller serialises accept; check may race with it and is only advice. */
struct dtls_window {
	u64		next;		/* highest number accepted, plus one */
	u64		floor;		/* numbers below it are refused */
	u32		bits;		/* power of two, >= DTLS_WINDOW_MIN */
	unsigned long	*map;		/* the caller's: bits / 8 bytes */
};

/* floor: numbers below it are refused; at most DTLS_MAX_SEQ + 1. */
void dtls_window_init(struct dtls_window *w, unsigned long *map, u32 bits,
		      u64 floor);
/* dtls_window_check() for a number below w->next: neither too old nor accepted. */
bool dtls_window_look(const struct dtls_window *w, u64 seq);
/* Would this number be new? Changes nothing. */
static inline bool dtls_window_check(const struct dtls_window *w, u64 seq)
{
	return seq >= w->next ? seq <= DTLS_MAX_SEQ : dtls_window_look(w, seq);
}

static inline unsigned long *dtls_window_word(const struct dtls_window *w,
					      u64 seq)
{
	return &w->map[(seq & (w->bits - 1)) / BITS_PER_LONG];
}

static inline unsigned long dtls_window_bit(u64 seq)
{
	return 1UL << (seq & (BITS_PER_LONG - 1));
}

static inline void dtls_window_mark(struct dtls_window *w, u64 seq)
{
	*dtls_window_word(w, seq) |= dtls_window_bit(seq);
}

/* dtls_window_accept() for a number that is not the next one. */
bool dtls_window_accept_other(struct dtls_window *w, u64 seq);
/*
 * Accept an authenticated number; false if it was accepted before, by another
 * caller since dtls_window_check().
 */
static inline bool dtls_window_accept(struct dtls_window *w, u64 seq)
{
	if (seq != w->next || seq > DTLS_MAX_SEQ)
		return dtls_window_accept_other(w, seq);
	w->next = seq + 1;
	dtls_window_mark(w, seq);
	return true;
}

#endif /* KDTLS_RECORD_H */
