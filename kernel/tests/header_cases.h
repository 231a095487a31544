/* SPDX-License-Identifier: GPL-2.0 */
/* Headers and what dtls12_parse() makes of them: for KUnit and the host. */
#ifndef KDTLS_TESTS_HEADER_CASES_H
#define KDTLS_TESTS_HEADER_CASES_H

#include "record/record.h"

#define REFUSE(reason)	DTLS_DROP_ERR(DTLS_DROP_##reason)

struct header_case {
	const char	*name;
	u8		cid_len;	/* that the receiver expects */
	u8		len;		/* of the datagram */
	u8		data[24];
	int		err;
	/* if err is 0 */
	u64		epoch, seq;
	u16		payload_len;
	u8		header_len;
};

static const struct header_case header_cases[] = {
	{ "application data of epoch 1", 0, 15,
	  { 23, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 7, 0, 2, 0xaa, 0xbb },
	  0, 1, 7, 2, 13 },
	{ "the largest epoch and number", 0, 13,
	  { 23, 0xfe, 0xfd, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff },
	  0, 0xffff, DTLS_MAX_SEQ, 0, 13 },
	{ "byte order of the number", 0, 13,
	  { 23, 0xfe, 0xfd, 1, 2, 3, 4, 5, 6, 7, 8 },
	  0, 0x0102, 0x030405060708, 0, 13 },
	{ "change cipher spec", 0, 14,
	  { 20, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 1 },
	  0, 0, 4, 1, 13 },
	{ "heartbeat", 0, 13,
	  { 24, 0xfe, 0xfd, 0, 1 }, 0, 1, 0, 0, 13 },
	{ "plaintext ACK of DTLS 1.3", 0, 15,
	  { 26, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2 }, 0, 0, 1, 2, 13 },
	{ "another record behind it", 0, 16,
	  { 23, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 7, 0, 1, 0xaa, 23, 0xfe },
	  0, 1, 7, 1, 13 },
	{ "version of DTLS 1.0 in epoch 0", 0, 13,
	  { 22, 0xfe, 0xff }, 0, 0, 0, 0, 13 },
	{ "version of DTLS 1.0 in epoch 1", 0, 13,
	  { 22, 0xfe, 0xff, 0, 1 }, REFUSE(VERSION) },
	{ "version of DTLS 1.3", 0, 13,
	  { 22, 0xfe, 0xfc, 0, 0 }, REFUSE(VERSION) },
	{ "version of TLS 1.2", 0, 13,
	  { 23, 0x03, 0x03, 0, 1 }, REFUSE(VERSION) },
	{ "empty datagram", 0, 0, { 0 }, REFUSE(HEADER) },
	{ "one byte", 0, 1, { 23 }, REFUSE(HEADER) },
	{ "twelve bytes", 0, 12,
	  { 23, 0xfe, 0xfd, 0, 1 }, REFUSE(HEADER) },
	{ "length one more than the datagram has", 0, 15,
	  { 23, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 7, 0, 3 }, REFUSE(LENGTH) },
	{ "length 65535", 0, 15,
	  { 23, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 7, 0xff, 0xff },
	  REFUSE(LENGTH) },
	{ "STUN", 0, 13, { 0, 1 }, REFUSE(NOT_DTLS) },
	{ "RTP", 0, 13, { 0x80 }, REFUSE(NOT_DTLS) },
	{ "type 19", 0, 13, { 19, 0xfe, 0xfd }, REFUSE(NOT_DTLS) },
	{ "type 27", 0, 13, { 27, 0xfe, 0xfd }, REFUSE(NOT_DTLS) },
	{ "unified header of DTLS 1.3", 0, 13, { 0x2f }, REFUSE(NOT_DTLS) },
	{ "CID of two bytes", 2, 17,
	  { 25, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 7, 0x51, 0x52, 0, 2 },
	  0, 1, 7, 2, 15 },
	{ "CID where none was handed out, RFC 9146 section 3", 0, 17,
	  { 25, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 7, 0x51, 0x52, 0, 2 },
	  REFUSE(CID) },
	{ "CID in epoch 0", 2, 17,
	  { 25, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 7, 0x51, 0x52, 0, 2 },
	  REFUSE(EPOCH) },
	{ "CID cut short", 2, 14,
	  { 25, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 7, 0x51, 0x52, 0 },
	  REFUSE(HEADER) },
	{ "no CID where some are handed out: for the session to judge", 2, 13,
	  { 23, 0xfe, 0xfd, 0, 1 }, 0, 1, 0, 0, 13 },
};

/* What dtls12_parse() did, in the words of the table. */
static inline bool header_case_ok(const struct header_case *c, int err,
				  const struct dtls_header *h)
{
	if (c->err || err)
		return err == c->err;
	return h->type == c->data[0] && !h->unified &&
	       h->epoch == c->epoch && h->seq == c->seq &&
	       h->payload_len == c->payload_len && h->len == c->header_len &&
	       h->cid_len == c->header_len - DTLS12_HEADER &&
	       h->cid_off == DTLS12_HEADER - 2 && h->seq_len == 6;
}

#endif /* KDTLS_TESTS_HEADER_CASES_H */
