// SPDX-License-Identifier: GPL-2.0-or-later
#include <wolfssl/options.h>
#include <wolfssl/ssl.h>

#include <string.h>

#include "record/header12.h"
#include "session.h"

#define ALERT	2	/* bytes of its content */

static void hold_datagram(struct session *s, const void *data, size_t len)
{
	struct held *h = &s->held;

	if (h->n == HELD_DATAGRAMS || h->len + len > sizeof(h->data)) {
		s->wire.overflow = true;
		return;
	}
	memcpy(h->data + h->len, data, len);
	h->len += len;
	h->sizes[h->n++] = len;
}

/*
 * The client's last flight, and what the server sends under the traffic keys or after the
 * client's Finished: the peer's answer needs keys that the kernel does not have yet. In
 * DTLS 1.2 the server's flight is the last one.
 */
static bool is_last(const struct session *s, enum wire_kind kind)
{
	if (s->server12)
		return kind == WIRE_CIPHER12;
	return s->last || kind == (is_server(s) ? WIRE_TRAFFIC : WIRE_FLIGHT);
}

static void keep_answer(struct answer *a, const void *data, size_t len)
{
	if (len > sizeof(a->data))
		return;
	memcpy(a->data, data, len);
	a->len = len;
}

int on_send(WOLFSSL *ssl, char *data, int len, void *ctx)
{
	struct session *s = ctx;
	enum wire_kind kind;

	s->cid_too_long = !cid_learn(s, ssl);
	if (s->muted || s->cid_too_long)
		return len;
	if (s->answer) {
		keep_answer(s->answer, data, len);
		return len;
	}
	kind = wire_sent(&s->wire, data, len, !is_server(s));
	if (kind == WIRE_TICKET)
		return len;
	if (is_last(s, kind)) {
		hold_datagram(s, data, len);
	} else {
		s->sent = true;
		s->send(s->ctx, data, len);
	}
	return len;
}

int on_receive(WOLFSSL *ssl, char *data, int size, void *ctx)
{
	struct session *s = ctx;
	size_t len = s->in_len < (size_t)size ? s->in_len : (size_t)size;

	if (!s->in)
		return WOLFSSL_CBIO_ERR_WANT_READ;
	memcpy(data, s->in, len);
	s->in = NULL;
	return len;
}

/* In DTLS 1.2, before there are keys. Its bytes, or 0. */
static size_t plain_alert(struct session *s, const uint8_t content[ALERT], uint8_t *record)
{
	if (s->wire.sent[1])
		return 0;
	record[0] = DTLS_TYPE_ALERT;
	dtls_put16(record + 1, DTLS_VERSION_1_2);
	dtls_put64(record + DTLS12_NUMBER_OFF, s->wire.sent[0]++);
	dtls_put16(record + DTLS12_LENGTH_OFF, ALERT);
	memcpy(record + DTLS12_HEADER, content, ALERT);
	return DTLS12_HEADER + ALERT;
}

/*
 * A server's peer still reads epoch 2, too, in which ACKs come; the kernel sends nothing in
 * epoch 3 before it has the keys.
 */
static size_t sealed_alert(struct session *s, const uint8_t content[ALERT],
			   uint8_t record[2 * RECORD_SMALL])
{
	struct record_keys keys;
	size_t len = 0;

	if (s->wire.cipher && s->wire.us.known[0] &&
	    record_keys_derive(&keys, s->wire.cipher, EPOCH_HANDSHAKE, s->wire.us.secret[0],
			       &s->wire.us.cid))
		len = record_seal_small(&keys, s->wire.sent[EPOCH_HANDSHAKE]++, DTLS_TYPE_ALERT,
					content, ALERT, record);
	explicit_bzero(&keys, sizeof(keys));
	return len;
}

void transport_alert(struct session *s, uint8_t alert)
{
	const uint8_t content[ALERT] = { GNUTLS_AL_FATAL, alert };
	uint8_t record[2 * RECORD_SMALL];
	size_t len = s->hello12.seen || s->server12 ? plain_alert(s, content, record) :
				       sealed_alert(s, content, record);

	if (len)
		s->send(s->ctx, record, len);
}

void transport_release(struct session *s)
{
	const uint8_t *at = s->held.data;

	for (unsigned int i = 0; i < s->held.n; i++) {
		s->send(s->ctx, at, s->held.sizes[i]);
		at += s->held.sizes[i];
	}
	s->held.n = 0;
	s->held.len = 0;
}
