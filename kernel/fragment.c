// SPDX-License-Identifier: GPL-2.0
/* Handshake messages in pieces that fit the path. */
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "fragment.h"
#include "record/handshake12.h"

unsigned int kdtls_fragment_count(const u8 *content, size_t len, size_t room)
{
	struct dtls_fragment f;

	if (len <= room || room <= DTLS12_FRAGMENT_HEADER ||
	    !dtls12_parse_only_fragment(content, len, &f))
		return 1;
	return DIV_ROUND_UP(f.len, room - DTLS12_FRAGMENT_HEADER);
}

size_t kdtls_fragment_piece(const u8 *content, size_t room, unsigned int index,
			    u8 *out)
{
	size_t most = room - DTLS12_FRAGMENT_HEADER, from = index * most;
	struct dtls_fragment f;
	size_t size;

	dtls12_read_fragment(content, &f);
	size = min(f.len - from, most);
	memcpy(out, content, DTLS12_FRAGMENT_HEADER);
	dtls12_move_fragment(out, f.offset + from, size);
	memcpy(out + DTLS12_FRAGMENT_HEADER,
	       content + DTLS12_FRAGMENT_HEADER + from, size);
	return DTLS12_FRAGMENT_HEADER + size;
}
