/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The header of a handshake message's fragment, RFC 6347 section 4.2.2. */
#ifndef FRAGMENT_H
#define FRAGMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "bytes.h"

#define FRAGMENT_HEADER	12
/* Type, length and message_seq, equal in every fragment of a message. */
#define FRAGMENT_SAME	6

/* Length of the message. */
static inline uint32_t fragment_message(const uint8_t *header)
{
	return get_be(header + 1, 3);
}

/* Offset of the fragment in the message. */
static inline uint32_t fragment_offset(const uint8_t *header)
{
	return get_be(header + 6, 3);
}

/* Length of the fragment. */
static inline uint32_t fragment_size(const uint8_t *header)
{
	return get_be(header + 9, 3);
}

static inline void fragment_set(uint8_t *header, uint32_t offset, uint32_t size)
{
	put_be(header + 6, offset, 3);
	put_be(header + 9, size, 3);
}

/* The content of a record is exactly one fragment. */
static inline bool fragment_fills(const uint8_t *content, size_t len)
{
	return len >= FRAGMENT_HEADER &&
	       fragment_size(content) == len - FRAGMENT_HEADER;
}

#endif
