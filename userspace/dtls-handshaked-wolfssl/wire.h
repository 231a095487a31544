/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the library's datagrams say, read beside it: the next record number of each epoch
 * and the next message_seq of each side, with which the kernel continues; which messages
 * the peer sent; the client's last flight, and a server's tickets, in plaintext. Records of
 * epoch 2 are opened with the secrets of the handshake, so that nothing forged counts.
 */
#ifndef WIRE_H
#define WIRE_H

#include "crypto.h"
#include "handshake.h"
#include "record/handshake12.h"

#define WIRE_EPOCHS	4
#define EPOCH_HANDSHAKE	2
#define EPOCH_TRAFFIC	3

/* RFC 8446 section 4 */
#define MESSAGE_CERTIFICATE		11
#define MESSAGE_CERTIFICATE_VERIFY	15

struct wire_side {
	uint8_t secret[2][DTLS_MAX_KEY];	/* of the handshake, of the traffic */
	bool known[2];
	struct cid cid;				/* in its encrypted records, if any */
	bool derived;
	struct record_keys keys;		/* of epoch 2 */
	uint64_t next;				/* record number of epoch 2 opened, plus one */
	uint32_t message_seq;			/* the next one */
	uint32_t messages;			/* of epoch 2: bits by type */
	bool whole;				/* the Finished was sent to its end */
};

struct wire {
	const struct dtls_cipher *cipher;	/* or NULL */
	struct wire_side us, peer;
	uint64_t sent[WIRE_EPOCHS];		/* the next record number */
	uint64_t received12;			/* record number of the peer's epoch 1, plus one */
	bool broken;				/* we sent something that is no record */
	bool overflow;				/* the flight is too large */
	size_t flight_len;
	uint8_t flight[DTLS_MAX_FLIGHT - sizeof(struct dtls_flight_record)];	/* fragments */
};

enum wire_kind {
	WIRE_OTHER,
	WIRE_FLIGHT,		/* handshake messages of epoch 2 are in it */
	WIRE_TRAFFIC,		/* a record of epoch 3 is in it */
	WIRE_TICKET,		/* ... with handshake messages, which are kept */
	WIRE_CIPHER12,		/* a ChangeCipherSpec, or a record of DTLS 1.2 behind it */
};

/* A record of this side at the front of a datagram's rest: its bytes, or 0. */
size_t wire_split(const struct wire_side *s, const void *data, size_t len, struct dtls_header *h);

/* This side sent a datagram. flight: keep its messages of epoch 2. */
enum wire_kind wire_sent(struct wire *w, const void *data, size_t len, bool flight);
/* The library has taken a datagram of the peer. */
void wire_received(struct wire *w, const void *data, size_t len);

/* What was kept, as the kernel takes it: one record. Its bytes, or 0: there is none. */
size_t wire_flight(const struct wire *w, uint64_t epoch, uint8_t out[MAX_FLIGHT]);

static inline bool side_sent(const struct wire_side *s, unsigned int message)
{
	return s->messages >> message & 1;
}

#endif
