/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The numbers and vectors that a hello is made of (RFC 8446 section 3). */
#ifndef KDTLS_HELLO_READER_H
#define KDTLS_HELLO_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is left to read. After a failure nothing is. */
struct reader {
	const uint8_t *at;
	size_t left;
};

static inline bool reader_skip(struct reader *r, size_t n)
{
	if (n > r->left) {
		r->left = 0;
		return false;
	}
	r->at += n;
	r->left -= n;
	return true;
}

/* A number of 1 or 2 bytes. */
static inline bool reader_number(struct reader *r, size_t bytes, size_t *n)
{
	const uint8_t *p = r->at;

	if (!reader_skip(r, bytes))
		return false;
	*n = bytes == 1 ? p[0] : p[0] << 8 | p[1];
	return true;
}

/* Bytes behind their length, itself of 1 or 2 bytes. */
static inline bool reader_vector(struct reader *r, size_t bytes, struct reader *in)
{
	size_t n;

	if (!reader_number(r, bytes, &n))
		return false;
	in->at = r->at;
	in->left = n;
	return reader_skip(r, n);
}

#endif /* KDTLS_HELLO_READER_H */
