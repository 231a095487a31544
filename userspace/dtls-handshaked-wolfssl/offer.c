// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "offer.h"
#include "record/handshake12.h"

#define PRE_SHARED_KEY	41	/* RFC 8446 section 4.2.11 */

/* What is left to read. After a failure nothing is. */
struct reader {
	const uint8_t *at;
	size_t left;
};

static bool skip(struct reader *r, size_t n)
{
	if (n > r->left) {
		r->left = 0;
		return false;
	}
	r->at += n;
	r->left -= n;
	return true;
}

/* A number of 1 or 2 bytes. */
static bool number(struct reader *r, size_t bytes, size_t *n)
{
	const uint8_t *p = r->at;

	if (!skip(r, bytes))
		return false;
	*n = bytes == 1 ? p[0] : p[0] << 8 | p[1];
	return true;
}

/* Bytes behind their length, itself of 1 or 2 bytes. */
static bool vector(struct reader *r, size_t bytes, struct reader *in)
{
	size_t n;

	if (!number(r, bytes, &n))
		return false;
	in->at = r->at;
	in->left = n;
	return skip(r, n);
}

static void read_suites(struct offer *o, struct reader *r)
{
	size_t suite;

	while (o->n_suites < OFFER_SUITES && number(r, 2, &suite))
		o->suites[o->n_suites++] = suite;
}

static void read_psks(struct offer *o, struct reader *r)
{
	struct reader identities, binders, first;

	if (vector(r, 2, &identities) && vector(r, 2, &binders) && vector(&binders, 1, &first))
		o->binder = first.left;
}

static void read_extensions(struct offer *o, struct reader *r)
{
	struct reader data;
	size_t type;

	while (number(r, 2, &type) && vector(r, 2, &data))
		if (type == PRE_SHARED_KEY)
			read_psks(o, &data);
}

void offer_read(struct offer *o, const void *data, size_t len)
{
	struct reader r, unused, suites, extensions;
	struct dtls_fragment f;
	struct dtls_header h;

	memset(o, 0, sizeof(*o));
	if (!dtls12_split(data, len, &h) || h.epoch || h.type != DTLS_TYPE_HANDSHAKE ||
	    !dtls12_parse_fragment((const uint8_t *)data + h.len, h.payload_len, &f) ||
	    f.type != DTLS_CLIENT_HELLO || f.len != f.message)
		return;
	r.at = (const uint8_t *)data + h.len + DTLS12_FRAGMENT_HEADER;
	r.left = f.len;
	if (!skip(&r, 2 + 32) || !vector(&r, 1, &unused) || !vector(&r, 1, &unused) ||
	    !vector(&r, 2, &suites))
		return;
	read_suites(o, &suites);
	if (vector(&r, 1, &unused) && vector(&r, 2, &extensions))
		read_extensions(o, &extensions);
}

bool offer_has(const struct offer *o, uint16_t suite)
{
	for (unsigned int i = 0; i < o->n_suites; i++)
		if (o->suites[i] == suite)
			return true;
	return false;
}
