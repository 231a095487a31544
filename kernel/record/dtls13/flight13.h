/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The last flight of a client, until it is acknowledged (RFC 9147 sections 5.8.1 and
 * 7.2): which of its bytes the peer has, and what is to be sent again. Bytes and
 * not records are acknowledged here, so that what is missing can be cut anew when
 * the path has become narrower. Pure.
 */
#ifndef KDTLS_RECORD_FLIGHT13_H
#define KDTLS_RECORD_FLIGHT13_H

#include "../handshake12.h"

/* An ACK is understood for the newest so many pieces. */
#define DTLS13_FLIGHT_SENT	512
#define DTLS13_FLIGHT_MESSAGES	64

/* A piece of the flight: one fragment, sent in a record of its own. */
struct dtls13_piece {
	u8	header[DTLS12_FRAGMENT_HEADER];
	u16	content;	/* behind the header: from this byte of the flight */
	u16	from, to;	/* what it brings; from content, or from a header before it */
};

struct dtls13_flight {
	const u8	*data;	/* fragments with their headers, back to back */
	u16		len;	/* up to DTLS_MAX_FLIGHT */
	u8		*acked;	/* a bit for each byte, all zero at first */
	struct {
		u64	seq;	/* U64_MAX: none, or acknowledged */
		u16	from, to;
	} sent[DTLS13_FLIGHT_SENT];
};

/*
 * Whole fragments, and as few as a flight may have, of messages before
 * message_seq?
 */
bool dtls13_flight_valid(const u8 *data, size_t len, u32 message_seq);
/* data, len and acked are set: nothing was sent. */
void dtls13_flight_init(struct dtls13_flight *f);
/*
 * The next piece that the peer lacks, behind this one (all zero: the first), of at
 * most room bytes, which is more than a header. False: there is none.
 */
bool dtls13_flight_next(const struct dtls13_flight *f, size_t room,
			struct dtls13_piece *piece);
/* It was sent with this record number. */
void dtls13_flight_sent(struct dtls13_flight *f, u64 seq,
			const struct dtls13_piece *piece);
/* The peer has the record with this number. True: it is news. */
bool dtls13_flight_acked(struct dtls13_flight *f, u64 seq);
/* The peer has these bytes. True: it is news. */
bool dtls13_flight_mark(struct dtls13_flight *f, size_t from, size_t to);
/* The peer has all of it. */
bool dtls13_flight_whole(const struct dtls13_flight *f);

#endif /* KDTLS_RECORD_FLIGHT13_H */
