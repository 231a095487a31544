/* SPDX-License-Identifier: GPL-2.0 */
/* Padded content for dtls12_seal_begin(). */
#ifndef KDTLS_VECTORS_PAD12_H
#define KDTLS_VECTORS_PAD12_H

#include "record/record.h"

/*
 * dtls12_seal_begin() does not pad: padded content is passed as content, type and
 * zeros, the last of which it appends as the type. Writes it to at; returns the bytes
 * to pass, and in type what.
 */
static inline size_t pad12(const void *data, size_t len, size_t padding, u8 *at,
			   u8 *type)
{
	memcpy(at, data, len);
	if (!padding)
		return len;
	at[len] = *type;
	memset(at + len + 1, 0, padding - 1);
	*type = 0;
	return len + padding;
}

#endif /* KDTLS_VECTORS_PAD12_H */
