// SPDX-License-Identifier: GPL-2.0
/* Headers of DTLS 1.3, and the epoch that two bits stand for. */
#include "assoc.h"
#include "input13.h"
#include "record/dtls13/dtls13.h"
#include "record/header12.h"

#define NO_EPOCH	U64_MAX

/*
 * RFC 9147 section 4.2.2: the epoch is one of those that have keys; without a
 * KeyUpdate that is the one that was installed. Before it is, the record waits,
 * and is parsed again.
 */
static u64 full_epoch(const struct kdtls_assoc *assoc,
		      const struct dtls_header *header)
{
	u64 newest = READ_ONCE(assoc->rx_epoch), epoch;

	return dtls13_epoch(header, newest ?: 1, newest ?: 4, &epoch) ?
	       NO_EPOCH : epoch;
}

static int parse_unified(const struct kdtls_assoc *assoc, const u8 *data,
			 size_t left, struct dtls_header *header)
{
	int err = dtls13_parse(data, left, 0, header);

	if (!err)
		header->epoch = full_epoch(assoc, header);
	return err;
}

int kdtls_parse13(const struct kdtls_assoc *assoc, const u8 *data, size_t left,
		  struct dtls_header *header)
{
	enum dtls_first_byte first = dtls_first_byte(data[0]);

	if (first != DTLS_FIRST_ACK && first != DTLS_FIRST_UNIFIED)
		return DTLS_DROP_ERR(DTLS_DROP_NOT_DTLS);
	if (READ_ONCE(assoc->version) != DTLS_VERSION_1_3)
		return DTLS_DROP_ERR(DTLS_DROP_VERSION);
	if (first == DTLS_FIRST_UNIFIED)
		return parse_unified(assoc, data, left, header);
	return dtls12_parse(data, left, 0, header);	/* ACK in the clear */
}
