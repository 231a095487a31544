/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Cuts records of handshake messages, before the keys, to what the path carries
 * (RFC 6347 section 4.2.3). The library does it as long as a flight does not
 * become more than 31 datagrams, which is all that it sends at a time.
 */
#ifndef CUT_H
#define CUT_H

#include <stddef.h>
#include <stdint.h>

struct cut {
	uint64_t added;		/* records of epoch 0, to those of the library */
};

typedef void (*cut_send)(void *ctx, const void *datagram, size_t len);

/*
 * Sends each record, in pieces if it has more than room bytes, a datagram each.
 * The numbers of epoch 0 make way for those that were added. What is no record is
 * sent as it is.
 */
void cut_records(struct cut *c, const void *datagram, size_t len, size_t room,
		 cut_send send, void *ctx);

/* What the library has to be given as MTU for that. */
size_t cut_library_mtu(size_t room);

#endif
