/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An AEAD for tests of the code around it: fast, and sensitive to every bit
 * of key-less input, but not cryptography.
 */
#ifndef KDTLS_UNIT_TOY_H
#define KDTLS_UNIT_TOY_H

#include "record/record.h"

static inline u64 toy_mix(u64 x)
{
	x ^= x >> 30;
	x *= 0xbf58476d1ce4e5b9;
	x ^= x >> 27;
	x *= 0x94d049bb133111eb;
	return x ^ x >> 31;
}

static inline u64 toy_hash(u64 h, const u8 *p, size_t len)
{
	while (len--)
		h = toy_mix(h ^ *p++) + 1;
	return toy_mix(h);
}

static inline void toy_tag(const u8 *buf, const struct dtls_aead_op *op,
			   size_t text_len, size_t tag_len, u8 *tag)
{
	u64 h = toy_hash(op->aad_len, op->nonce, DTLS_NONCE);
	size_t i;

	h = toy_hash(h, buf + op->aad_off, op->aad_len);
	h = toy_hash(h, buf + op->aad_off + op->aad_len, text_len);
	for (i = 0; i < tag_len; i++, h = toy_mix(h + i))
		tag[i] = h;
}

static inline void toy_stream(const struct dtls_aead_op *op, u8 *text,
			      size_t len)
{
	u64 h = toy_hash(1, op->nonce, DTLS_NONCE);

	while (len--)
		*text++ ^= h = toy_mix(h + 1);
}

static inline void toy_seal(const struct dtls_cipher *cipher, u8 *buf,
			    const struct dtls_aead_op *op)
{
	u8 *text = buf + op->aad_off + op->aad_len;

	toy_stream(op, text, op->text_len);
	toy_tag(buf, op, op->text_len, cipher->tag_len, text + op->text_len);
}

static inline bool toy_open(const struct dtls_cipher *cipher, u8 *buf,
			    const struct dtls_aead_op *op)
{
	u8 *text = buf + op->aad_off + op->aad_len;
	size_t len = op->text_len - cipher->tag_len;
	u8 tag[DTLS_MAX_TAG];

	toy_tag(buf, op, len, cipher->tag_len, tag);
	if (memcmp(tag, text + len, cipher->tag_len))
		return false;
	toy_stream(op, text, len);
	return true;
}

#endif /* KDTLS_UNIT_TOY_H */
