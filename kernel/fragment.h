/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A fragment of a handshake message (RFC 6347 section 4.2.2), cut to smaller
 * ones. Pure.
 */
#ifndef KDTLS_FRAGMENT_H
#define KDTLS_FRAGMENT_H

#include <linux/types.h>

/*
 * Pieces of at most room bytes (more than a header's 12), each with a header of
 * its own. 1: it fits, or is not one whole fragment, and stays as it is.
 */
unsigned int kdtls_fragment_count(const u8 *content, size_t len, size_t room);
/* Writes one of several, of at most room bytes, and returns its size. */
size_t kdtls_fragment_piece(const u8 *content, size_t room, unsigned int index,
			    u8 *out);

#endif /* KDTLS_FRAGMENT_H */
