// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "dtls13/ends.h"
#include "fake13.h"
#include "record/handshake12.h"

static bool split(const uint8_t *data, size_t len, struct dtls_header *h)
{
	return len && dtls_first_byte(*data) == DTLS_FIRST_UNIFIED &&
	       !dtls13_parse(data, len, 0, h);
}

bool fake13_is_data(const uint8_t *data, size_t len)
{
	struct dtls_header h;

	return split(data, len, &h) && h.epoch == 3;
}

size_t fake13_seal(uint16_t cipher, struct dtls_direction *dir, const void *plain,
		   size_t len, uint8_t *out)
{
	struct end e;

	end_use(&e, cipher, dir->key, dir->epoch);
	return end_data(&e, dir->seq++, plain, len, out);
}

size_t fake13_seal_fragment(uint16_t cipher, bool server, struct dtls_direction *dir,
			    const uint8_t **at, uint8_t *out)
{
	struct dtls13_content c = {
		.seq = server ? dir->seq++ : dir->handshake_seq++,
		.type = DTLS_TYPE_HANDSHAKE,
		.form = FORM_16,
	};
	const uint8_t *fragment = *at;
	struct dtls_fragment f;
	struct end e;

	dtls12_read_fragment(fragment, &f);
	c.len = DTLS12_FRAGMENT_HEADER + f.len;
	*at += c.len;
	if (server)
		end_use(&e, cipher, dir->key, dir->epoch);
	else
		end_use(&e, cipher, dir->handshake_key, 2);
	return end_seal(&e, &c, fragment, out);
}

static long open_type(uint8_t type, uint16_t cipher, const struct dtls_direction *dir,
		      const uint8_t *data, size_t len, char *plain, size_t room)
{
	static struct opened_record o;
	struct dtls_header h;
	struct end e;
	size_t size;

	end_use(&e, cipher, dir->key, dir->epoch);
	for (; split(data, len, &h); data += size, len -= size) {
		size = h.len + h.payload_len;
		if (end_open(&e, dir->seq, data, size, &o) || o.type != type || o.len > room)
			continue;
		memcpy(plain, o.content, o.len);
		return o.len;
	}
	return -1;
}

long fake13_open(uint16_t cipher, const struct dtls_direction *dir, const uint8_t *data,
		 size_t len, char *plain, size_t room)
{
	return open_type(DTLS_TYPE_APPLICATION_DATA, cipher, dir, data, len, plain, room);
}

long fake13_open_message(uint16_t cipher, const struct dtls_direction *dir,
			 const uint8_t *data, size_t len, char *plain, size_t room)
{
	return open_type(DTLS_TYPE_HANDSHAKE, cipher, dir, data, len, plain, room);
}
