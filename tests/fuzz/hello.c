// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The record_size_limit (RFC 8449) in a peer's hello, as libkdtls and
 * dtls-handshaked read it from the plain handshake message.
 *
 * Input: the kind (modulo 2), the type of the message, then
 *	0: the body as it is;
 *	1: a seed from which a valid hello is built: lengths of its vectors,
 *	   extensions before and behind, the limit that must be found.
 */
#include <string.h>

#include "fuzz.h"
#include "hello.h"
#include "record/handshake12.h"

#define MAX_BODY	4096

static u16 limit_of(u8 type, const u8 *body, size_t size)
{
	u8 *exact = malloc(size ? size : 1);
	u16 limit;

	must(exact);
	memcpy(exact, body, size);
	limit = hello_size_limit(type, exact, size);
	free(exact);
	must(!limit || limit >= 64);
	must(!limit || type == DTLS_CLIENT_HELLO || type == DTLS_SERVER_HELLO);
	return limit;
}

/* What is cut off ends the search: no limit, or the same. */
static void raw(const struct input *in, u8 type)
{
	u16 limit = limit_of(type, in->p, in->len);
	size_t cut;

	for (cut = 0; cut < in->len; cut++) {
		u16 less = limit_of(type, in->p, cut);

		must(!less || less == limit);
	}
}

struct body {
	u8	bytes[MAX_BODY];
	size_t	len;
};

static void put(struct body *b, size_t n, size_t bytes)
{
	while (bytes--)
		b->bytes[b->len++] = n >> 8 * bytes;
}

static void put_fill(struct body *b, size_t n)
{
	memset(b->bytes + b->len, 28, n);
	b->len += n;
}

/* Of 1 or 2 bytes of length. */
static void put_vector(struct body *b, size_t n, size_t bytes)
{
	put(b, n, bytes);
	put_fill(b, n);
}

/* Extensions of any type but that of the limit. */
static void put_others(struct body *b, struct input *in)
{
	unsigned int n = take(in) % 4;

	while (n--) {
		u8 type = take(in);

		put(b, type == 28 ? 29 : type, 2);
		put_vector(b, take(in) % 32, 2);
	}
}

static void put_extensions(struct body *b, struct input *in, u16 limit)
{
	size_t at = b->len, size;

	b->len += 2;
	put_others(b, in);
	put(b, 28, 2);
	put(b, 2, 2);
	put(b, limit, 2);
	put_others(b, in);
	size = b->len - at - 2;
	b->bytes[at] = size >> 8;
	b->bytes[at + 1] = size;
}

static void built(struct input *in, u8 type)
{
	static struct body b;
	u16 limit = take(in) << 8;

	limit |= take(in);
	b.len = 0;
	put_fill(&b, 2 + 32);
	put_vector(&b, take(in) % 33, 1);		/* session id */
	if (type == DTLS_CLIENT_HELLO) {
		put_vector(&b, take(in), 1);		/* cookie */
		put_vector(&b, take(in) * 2, 2);	/* suites */
		put_vector(&b, take(in), 1);		/* compression */
	} else {
		put_fill(&b, 3);			/* suite, compression */
	}
	put_extensions(&b, in, limit);
	must(limit_of(type, b.bytes, b.len) == (limit < 64 ? 0 : limit));
	/* a byte less is no whole hello */
	must(!limit_of(type, b.bytes, b.len - 1));
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct input in = { data, size };
	u8 kind = take(&in), type = take(&in);

	if (kind & 1)
		built(&in, type & 1 ? DTLS_CLIENT_HELLO : DTLS_SERVER_HELLO);
	else
		raw(&in, type);
	return 0;
}
