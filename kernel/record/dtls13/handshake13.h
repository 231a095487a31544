/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Messages after the handshake (RFC 9147 sections 5.2 and 8), and what
 * acknowledges them (section 7). Pure.
 */
#ifndef KDTLS_RECORD_HANDSHAKE13_H
#define KDTLS_RECORD_HANDSHAKE13_H

#include "../handshake12.h"	/* the header of a fragment is the same */

/* RFC 8446 section 4 */
#define DTLS13_NEW_SESSION_TICKET	4
#define DTLS13_KEY_UPDATE		24

/* KeyUpdateRequest, RFC 8446 section 4.6.3 */
#define DTLS13_UPDATE_NOT_REQUESTED	0
#define DTLS13_UPDATE_REQUESTED		1

#define DTLS13_MESSAGE_SEQS		65536	/* section 5.2: 16 bits */
#define DTLS13_KEY_UPDATE_LEN		(DTLS12_FRAGMENT_HEADER + 1)

/* handshake13.c */

/* Which messages of the peer were processed: those before next, whole. */
struct dtls13_inbound {
	u32	next;		/* message_seq; DTLS13_MESSAGE_SEQS: was the last */
	u32	offset;		/* so much of it was processed */
};

enum dtls13_order {
	DTLS13_REPEATED,	/* processed before: acknowledge it again */
	DTLS13_PART,		/* continues the next message; more is to come */
	DTLS13_WHOLE,		/* completes the next message */
	DTLS13_EARLY,		/* something before it is missing */
};

/* Where a fragment belongs. Changes nothing: it may turn out not to be processed. */
enum dtls13_order dtls13_order(const struct dtls13_inbound *in,
			       const struct dtls_fragment *f);
/* It was processed: the next may be. */
void dtls13_advance(struct dtls13_inbound *in, const struct dtls_fragment *f);

/*
 * Reads request from a KeyUpdate in one fragment f; content is what follows its
 * header. False: it is not whole, or no KeyUpdate of RFC 8446.
 */
bool dtls13_read_key_update(const struct dtls_fragment *f, const u8 *content,
			    u8 *request);
void dtls13_put_key_update(u8 message[DTLS13_KEY_UPDATE_LEN], u16 message_seq,
			   u8 request);

/* ack13.c */

/* RecordNumber, RFC 9147 section 4 */
struct dtls13_number {
	u64	epoch;
	u64	seq;
};

#define DTLS13_ACK_NUMBER	16	/* bytes of a number in an ACK */
#define DTLS13_ACK_LEN(n)	(2 + (size_t)(n) * DTLS13_ACK_NUMBER)

/* One ACK of count numbers, in DTLS13_ACK_LEN(count) bytes. Returns these. */
size_t dtls13_put_ack(u8 *ack, const struct dtls13_number *numbers,
		      unsigned int count);
/* How many numbers the content of an ACK has; negative: it is none. */
int dtls13_ack_count(const u8 *ack, size_t len);
/* The number at index i, below dtls13_ack_count(). */
struct dtls13_number dtls13_ack_number(const u8 *ack, unsigned int i);

#endif /* KDTLS_RECORD_HANDSHAKE13_H */
