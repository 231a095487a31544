// SPDX-License-Identifier: GPL-2.0
/* Handshake messages in pieces that fit the path. */
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "fragment.h"

/* Type, length and message_seq are those of the message, in every fragment. */
#define HEADER	12
#define OFFSET	6
#define LENGTH	9

static u32 get24(const u8 *p)
{
	return p[0] << 16 | p[1] << 8 | p[2];
}

static void put24(u8 *p, u32 value)
{
	p[0] = value >> 16;
	p[1] = value >> 8;
	p[2] = value;
}

unsigned int kdtls_fragment_count(const u8 *content, size_t len, size_t room)
{
	if (len <= room || room <= HEADER ||
	    len != HEADER + get24(content + LENGTH))
		return 1;
	return DIV_ROUND_UP(len - HEADER, room - HEADER);
}

size_t kdtls_fragment_piece(const u8 *content, size_t room, unsigned int index,
			    u8 *out)
{
	u32 from = index * (room - HEADER);
	u32 size = min_t(u32, get24(content + LENGTH) - from, room - HEADER);

	memcpy(out, content, OFFSET);
	put24(out + OFFSET, get24(content + OFFSET) + from);
	put24(out + LENGTH, size);
	memcpy(out + HEADER, content + HEADER + from, size);
	return HEADER + size;
}
