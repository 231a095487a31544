/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sealed records back to back in memory, written by a library and read by
 * the other end: the layer between a TLS library and UDP_SEGMENT that batches
 * made by hand need.
 */
#ifndef KDTLS_TESTS_BENCH_GATHER_H
#define KDTLS_TESTS_BENCH_GATHER_H

#include "bench.h"

struct gathered {
	unsigned char data[2 * GSO_BYTES + MMSG_RECORDS * MAX_BYTES];
	size_t len;
	size_t ends[GSO_RECORDS];
	unsigned int count, next;
};

void gather_reset(struct gathered *g);
bool gather_put(struct gathered *g, const void *record, size_t len);
/* The next record, truncated to len; 0 when there is none. */
size_t gather_take(struct gathered *g, void *record, size_t len);
bool gather_empty(const struct gathered *g);

#endif
