/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* The header of a handshake message's fragment, RFC 6347 section 4.2.2. */
#ifndef KDTLS_RECORD_HANDSHAKE12_H
#define KDTLS_RECORD_HANDSHAKE12_H

#include "header12.h"

#define DTLS12_FRAGMENT_HEADER	12
/* Type, length and message_seq: bytes that all fragments of a message share. */
#define DTLS12_FRAGMENT_SAME	6

/* RFC 5246 section 7.4, RFC 5077 section 3.3 */
enum dtls_handshake_type {
	DTLS_HELLO_REQUEST = 0,
	DTLS_CLIENT_HELLO = 1,
	DTLS_SERVER_HELLO = 2,
	DTLS_NEW_SESSION_TICKET = 4,
	DTLS_FINISHED = 20,
};

struct dtls_fragment {
	u8	type;
	u16	message_seq;
	u32	message;		/* bytes of the whole message */
	u32	offset;			/* of the fragment in it */
	u32	len;			/* bytes of the fragment */
};

/* header: all of it, whatever it says. */
static inline void dtls12_read_fragment(const u8 *header,
					struct dtls_fragment *f)
{
	f->type = header[0];
	f->message = dtls_get24(header + 1);
	f->message_seq = dtls_get16(header + 4);
	f->offset = dtls_get24(header + 6);
	f->len = dtls_get24(header + 9);
}

/*
 * The fragment at the front of len bytes of a record's content. False: it is
 * cut off, or exceeds its message. More may follow it, f->len bytes behind
 * the header.
 */
static inline bool dtls12_parse_fragment(const u8 *content, size_t len,
					 struct dtls_fragment *f)
{
	if (len < DTLS12_FRAGMENT_HEADER)
		return false;
	dtls12_read_fragment(content, f);
	return f->len <= len - DTLS12_FRAGMENT_HEADER &&
	       f->offset + f->len <= f->message;
}

/* The same, for content that is one fragment and nothing else. */
static inline bool dtls12_parse_only_fragment(const u8 *content, size_t len,
					      struct dtls_fragment *f)
{
	return dtls12_parse_fragment(content, len, f) &&
	       f->len == len - DTLS12_FRAGMENT_HEADER;
}

/* A header already there becomes that of another fragment of its message. */
static inline void dtls12_move_fragment(u8 *header, u32 offset, u32 len)
{
	dtls_put24(header + 6, offset);
	dtls_put24(header + 9, len);
}

#endif /* KDTLS_RECORD_HANDSHAKE12_H */
