// SPDX-License-Identifier: GPL-2.0
/* The unified header of DTLS 1.3, RFC 9147 section 4. */
#include "../wire.h"
#include "dtls13.h"

static void read_first_byte(u8 byte, u8 cid_len, struct dtls_header *h)
{
	h->type = byte;
	h->version = 0;
	h->unified = true;
	h->epoch = byte & DTLS13_EPOCH_MASK;
	h->cid_off = 1;
	h->cid_len = byte & DTLS13_CID ? cid_len : 0;
	h->seq_len = byte & DTLS13_SEQ16 ? 2 : 1;
	h->len = 1 + h->cid_len + h->seq_len + (byte & DTLS13_LENGTH ? 2 : 0);
}

static u16 get_seq(const struct dtls_header *h, const u8 *seq)
{
	return h->seq_len == 2 ? dtls_get16(seq) : seq[0];
}

/* Bytes of payload, of the rest bytes behind the header. */
static size_t payload_len(const u8 *data, size_t rest,
			  const struct dtls_header *h)
{
	return data[0] & DTLS13_LENGTH ? dtls_get16(data + h->len - 2) : rest;
}

int dtls13_parse_next(const u8 *data, size_t len, u8 cid_len,
		      struct dtls_header *h)
{
	size_t payload;

	if (!len)
		return DTLS_DROP_ERR(DTLS_DROP_HEADER);
	if ((data[0] & DTLS13_FIXED_MASK) != DTLS13_FIXED)
		return DTLS_DROP_ERR(DTLS_DROP_NOT_DTLS);
	if ((data[0] & DTLS13_CID) && !cid_len)
		return DTLS_DROP_ERR(DTLS_DROP_CID);
	read_first_byte(data[0], cid_len, h);
	if (len < h->len)
		return DTLS_DROP_ERR(DTLS_DROP_HEADER);
	h->seq = get_seq(h, data + 1 + h->cid_len);
	payload = payload_len(data, len - h->len, h);
	/* Section 4.2.3: records without a whole sample MUST be rejected */
	if (payload > len - h->len || payload > DTLS13_MAX_CIPHERTEXT ||
	    payload < DTLS13_SAMPLE)
		return DTLS_DROP_ERR(DTLS_DROP_LENGTH);
	h->payload_len = payload;
	return 0;
}

int dtls13_parse(const u8 *data, size_t len, u8 cid_len, struct dtls_header *h)
{
	int err = dtls13_parse_next(data, len, cid_len, h);

	if (!err && h->cid_len != cid_len)
		return DTLS_DROP_ERR(DTLS_DROP_CID);
	return err;
}

void dtls13_unmask(struct dtls_header *h, u8 *record, const u8 *mask)
{
	u8 *seq = record + 1 + h->cid_len;
	int i;

	for (i = 0; i < h->seq_len; i++)
		seq[i] ^= mask[i];
	h->seq = get_seq(h, seq);
}

u64 dtls13_seq(const struct dtls_header *h, u64 next)
{
	u64 range = 1ULL << (8 * h->seq_len);
	u64 seq = (next & ~(range - 1)) | h->seq;

	if (seq > next + range / 2 && seq >= range)
		return seq - range;
	if (seq + range / 2 < next)
		return seq + range;
	return seq;
}

/* RFC 9147 section 4.2.2; newest counts from when a KeyUpdate was processed */
int dtls13_epoch(const struct dtls_header *h, u64 oldest, u64 newest,
		 u64 *epoch)
{
	u64 age = (newest - h->epoch) & DTLS13_EPOCH_MASK;

	if (age > newest - oldest)
		return DTLS_DROP_ERR(DTLS_DROP_EPOCH);
	*epoch = newest - age;
	return 0;
}
