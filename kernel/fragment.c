// SPDX-License-Identifier: GPL-2.0
/* Handshake messages in pieces that fit the path. */
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "fragment.h"
#include "record/wire.h"

/* Type, length and message_seq are those of the message, in every fragment. */
#define HEADER	12
#define OFFSET	6
#define LENGTH	9

unsigned int kdtls_fragment_count(const u8 *content, size_t len, size_t room)
{
	if (len <= room || room <= HEADER ||
	    len != HEADER + dtls_get24(content + LENGTH))
		return 1;
	return DIV_ROUND_UP(len - HEADER, room - HEADER);
}

size_t kdtls_fragment_piece(const u8 *content, size_t room, unsigned int index,
			    u8 *out)
{
	u32 from = index * (room - HEADER);
	u32 size = min_t(u32, dtls_get24(content + LENGTH) - from, room - HEADER);

	memcpy(out, content, OFFSET);
	dtls_put24(out + OFFSET, dtls_get24(content + OFFSET) + from);
	dtls_put24(out + LENGTH, size);
	memcpy(out + HEADER, content + HEADER + from, size);
	return HEADER + size;
}
