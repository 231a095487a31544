/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Big-endian integers at any alignment. The kernel's own helpers have moved
 * between headers and are not on the host. Numbers of eight bytes are swapped
 * and moved as a whole: each record has them four times.
 */
#ifndef KDTLS_RECORD_WIRE_H
#define KDTLS_RECORD_WIRE_H

#include "record.h"

static inline u16 dtls_get16(const u8 *p)
{
	return (u16)(p[0] << 8 | p[1]);
}

static inline u32 dtls_get24(const u8 *p)
{
	return (u32)p[0] << 16 | dtls_get16(p + 1);
}

static inline u32 dtls_get32(const u8 *p)
{
	return (u32)dtls_get16(p) << 16 | dtls_get16(p + 2);
}

static inline u64 dtls_get48(const u8 *p)
{
	return (u64)dtls_get16(p) << 32 | dtls_get32(p + 2);
}

static inline void dtls_put16(u8 *p, u16 v)
{
	p[0] = v >> 8;
	p[1] = v & 0xff;
}

static inline void dtls_put24(u8 *p, u32 v)
{
	p[0] = v >> 16;
	dtls_put16(p + 1, v);
}

static inline void dtls_put32(u8 *p, u32 v)
{
	dtls_put16(p, v >> 16);
	dtls_put16(p + 2, v);
}

static inline u64 dtls_swap64(u64 v)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	v = __builtin_bswap64(v);
#endif
	return v;
}

static inline u64 dtls_get64(const u8 *p)
{
	u64 v;

	memcpy(&v, p, sizeof(v));
	return dtls_swap64(v);
}

static inline void dtls_put64(u8 *p, u64 v)
{
	v = dtls_swap64(v);
	memcpy(p, &v, sizeof(v));
}

/* epoch || sequence number: RFC 6347 section 4.1 */
static inline u64 dtls_number(u64 epoch, u64 seq)
{
	return epoch << 48 | (seq & DTLS_MAX_SEQ);
}

static inline void dtls_put_number(u8 *p, u64 epoch, u64 seq)
{
	dtls_put64(p, dtls_number(epoch, seq));
}

/* dst ^= src, for the eight bytes of a nonce that carry a record number. */
static inline void dtls_xor_number(u8 *dst, u64 number)
{
	dtls_put64(dst, dtls_get64(dst) ^ number);
}

#endif /* KDTLS_RECORD_WIRE_H */
