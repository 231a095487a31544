// SPDX-License-Identifier: GPL-2.0
/* Messages after the handshake: their order, and KeyUpdate. */
#include "../wire.h"
#include "handshake13.h"

/*
 * RFC 9147 section 5.2: a message_seq above the next may wait or be discarded.
 * It is discarded, and so is a fragment behind a gap: neither is acknowledged, so
 * that the peer sends both again.
 */
enum dtls13_order dtls13_order(const struct dtls13_inbound *in,
			       const struct dtls_fragment *f)
{
	/* behind the last one the same numbers would be others' */
	if (in->next == DTLS13_MESSAGE_SEQS &&
	    f->message_seq != DTLS13_MESSAGE_SEQS - 1)
		return DTLS13_EARLY;
	if (f->message_seq < in->next)
		return DTLS13_REPEATED;
	if (f->message_seq > in->next || f->offset > in->offset)
		return DTLS13_EARLY;
	if (f->offset + f->len == f->message)
		return DTLS13_WHOLE;
	if (f->offset + f->len > in->offset)
		return DTLS13_PART;
	/* an empty one says nothing of a message that is not processed yet */
	return f->len ? DTLS13_REPEATED : DTLS13_EARLY;
}

void dtls13_advance(struct dtls13_inbound *in, const struct dtls_fragment *f)
{
	switch (dtls13_order(in, f)) {
	case DTLS13_WHOLE:
		in->next++;
		in->offset = 0;
		return;
	case DTLS13_PART:
		in->offset = f->offset + f->len;
		return;
	default:
		return;
	}
}

/* RFC 8446 section 4.6.3: another value of request is illegal */
bool dtls13_read_key_update(const struct dtls_fragment *f, const u8 *content,
			    u8 *request)
{
	if (f->type != DTLS13_KEY_UPDATE || f->message != 1 || f->len != 1 ||
	    content[0] > DTLS13_UPDATE_REQUESTED)
		return false;
	*request = content[0];
	return true;
}

void dtls13_put_key_update(u8 message[DTLS13_KEY_UPDATE_LEN], u16 message_seq,
			   u8 request)
{
	message[0] = DTLS13_KEY_UPDATE;
	dtls_put24(message + 1, 1);
	dtls_put16(message + 4, message_seq);
	dtls_put24(message + 6, 0);
	dtls_put24(message + 9, 1);
	message[DTLS12_FRAGMENT_HEADER] = request;
}
