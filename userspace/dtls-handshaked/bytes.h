/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Big-endian integers of 1 to 8 bytes, at any alignment. */
#ifndef BYTES_H
#define BYTES_H

#include <stdint.h>

static inline uint64_t get_be(const uint8_t *p, int bytes)
{
	uint64_t v = 0;

	while (bytes--)
		v = v << 8 | *p++;
	return v;
}

static inline void put_be(uint8_t *p, uint64_t v, int bytes)
{
	while (bytes--) {
		p[bytes] = v;
		v >>= 8;
	}
}

#endif
