/* SPDX-License-Identifier: GPL-2.0 */
/* The checksum of IPv4 and ICMP headers, RFC 1071. */
#ifndef KDTLS_TESTS_CHECKSUM_H
#define KDTLS_TESTS_CHECKSUM_H

#include <stddef.h>

/* Over an even number of bytes, with zero where it belongs; for such a field. */
static inline unsigned short checksum(const void *data, size_t len)
{
	const unsigned short *word = data;
	unsigned int sum = 0;

	for (; len > 1; len -= 2)
		sum += *word++;
	sum = (sum >> 16) + (sum & 0xffff);
	return ~(sum + (sum >> 16));
}

#endif /* KDTLS_TESTS_CHECKSUM_H */
