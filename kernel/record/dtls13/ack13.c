// SPDX-License-Identifier: GPL-2.0
/* The ACK message, RFC 9147 section 7: record_numbers<0..2^16-1> */
#include "../wire.h"
#include "handshake13.h"

size_t dtls13_put_ack(u8 *ack, const struct dtls13_number *numbers,
		      unsigned int count)
{
	u8 *at = ack + 2;
	unsigned int i;

	dtls_put16(ack, count * DTLS13_ACK_NUMBER);
	for (i = 0; i < count; i++) {
		dtls_put64(at, numbers[i].epoch);
		dtls_put64(at + 8, numbers[i].seq);
		at += DTLS13_ACK_NUMBER;
	}
	return at - ack;
}

int dtls13_ack_count(const u8 *ack, size_t len)
{
	size_t bytes;

	if (len < 2)
		return -1;
	bytes = dtls_get16(ack);
	if (bytes != len - 2 || bytes % DTLS13_ACK_NUMBER)
		return -1;
	return bytes / DTLS13_ACK_NUMBER;
}

struct dtls13_number dtls13_ack_number(const u8 *ack, unsigned int i)
{
	const u8 *at = ack + DTLS13_ACK_LEN(i);

	return (struct dtls13_number){
		.epoch = dtls_get64(at),
		.seq = dtls_get64(at + 8),
	};
}
