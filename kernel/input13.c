// SPDX-License-Identifier: GPL-2.0
/* Headers of DTLS 1.3, and the epoch that two bits stand for. */
#include "assoc.h"
#include "input13.h"
#include "record/dtls13/dtls13.h"
#include "record/header12.h"

/* Of the newest and those before it, as many as there may be keys for. */
static u64 oldest_epoch(u64 newest)
{
	return newest - min_t(u64, newest - 1, KDTLS_RX_EPOCHS - 1);
}

/*
 * RFC 9147 section 4.2.2: the epoch is one of those that have keys: the newest, and
 * those before it that are kept after a KeyUpdate. Whether this one is, open.c
 * sees. Before there are any keys the record waits, and is parsed again.
 */
static u64 full_epoch(const struct kdtls_assoc *assoc,
		      const struct dtls_header *header)
{
	u64 newest = READ_ONCE(assoc->rx_epoch), epoch;

	if (dtls13_epoch(header, newest ? oldest_epoch(newest) : 1,
			 newest ?: 4, &epoch))
		return KDTLS_NO_EPOCH;
	return epoch;
}

static int parse_unified(const struct kdtls_assoc *assoc, const u8 *data,
			 size_t left, u8 cid_len, bool named,
			 struct dtls_header *header)
{
	int err = named ? dtls13_parse_next(data, left, cid_len, header) :
			  dtls13_parse(data, left, cid_len, header);

	if (!err)
		header->epoch = full_epoch(assoc, header);
	return err;
}

/* Before the keys of a handshake it is not known here what was negotiated. */
static bool may_be13(const struct kdtls_assoc *assoc)
{
	return READ_ONCE(assoc->version) == DTLS_VERSION_1_3 ||
	       (!READ_ONCE(assoc->tx_epoch) && !READ_ONCE(assoc->rx_epoch));
}

void kdtls_reread13(const struct kdtls_assoc *assoc, struct dtls_header *header)
{
	header->epoch = full_epoch(assoc, header);
}

int kdtls_parse13(const struct kdtls_assoc *assoc, const u8 *data, size_t left,
		  u8 cid_len, bool named, struct dtls_header *header)
{
	enum dtls_first_byte kind = dtls_first_byte(data[0]);

	if (kind != DTLS_FIRST_ACK && kind != DTLS_FIRST_UNIFIED)
		return DTLS_DROP_ERR(DTLS_DROP_NOT_DTLS);
	if (!may_be13(assoc))
		return DTLS_DROP_ERR(DTLS_DROP_VERSION);
	if (kind == DTLS_FIRST_UNIFIED)
		return parse_unified(assoc, data, left, cid_len, named, header);
	return dtls12_parse(data, left, 0, header);	/* ACK in the clear */
}
