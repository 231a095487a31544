/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fragments handshake messages of epoch 0 to the path MTU (RFC 6347 section 4.2.3)
 * where GnuTLS cannot: it sends at most 31 datagrams of a flight at a time.
 */
#ifndef CUT_H
#define CUT_H

#include <stddef.h>
#include <stdint.h>

struct cut {
	uint64_t added;		/* records of epoch 0 beyond those of the library */
};

typedef void (*cut_send)(void *ctx, const void *datagram, size_t len);

/*
 * Sends each record as a datagram of its own, or in fragments if it has more than
 * mtu bytes. Added records shift the later numbers of epoch 0. Anything that is no
 * record is sent unchanged.
 */
void cut_records(struct cut *c, const void *datagram, size_t len, size_t mtu,
		 cut_send send, void *ctx);

/* The MTU that the library has to use for that. */
size_t cut_library_mtu(size_t mtu);

#endif
