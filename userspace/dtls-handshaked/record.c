// SPDX-License-Identifier: GPL-2.0-or-later
#include "bytes.h"
#include "record.h"

size_t record_parse(const void *data, size_t len, struct record *r)
{
	const uint8_t *p = data;

	if (len < RECORD_HEADER)
		return 0;
	r->type = p[0];
	r->version = get_be(p + 1, 2);
	r->epoch = get_be(p + 3, 2);
	r->seq = get_be(p + 5, 6);
	r->len = get_be(p + 11, 2);
	r->payload = p + RECORD_HEADER;
	return r->len > len - RECORD_HEADER ? 0 : (size_t)RECORD_HEADER + r->len;
}
