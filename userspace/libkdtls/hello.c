// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdbool.h>

#include "hello.h"
#include "record/handshake12.h"

#define RECORD_SIZE_LIMIT	28	/* RFC 8449 section 4 */
#define LEAST_LIMIT		64
#define VERSION_AND_RANDOM	(2 + 32)
#define SUITE_AND_COMPRESSION	(2 + 1)

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

/* RFC 5246 section 7.4.1.2, RFC 6347 section 4.2.1: to the extensions. */
static bool client_hello(struct reader *r)
{
	struct reader unused;

	return skip(r, VERSION_AND_RANDOM) &&
	       vector(r, 1, &unused) &&		/* session id */
	       vector(r, 1, &unused) &&		/* cookie */
	       vector(r, 2, &unused) &&		/* suites */
	       vector(r, 1, &unused);		/* compression */
}

/* RFC 5246 section 7.4.1.3 */
static bool server_hello(struct reader *r)
{
	struct reader session_id;

	return skip(r, VERSION_AND_RANDOM) && vector(r, 1, &session_id) &&
	       skip(r, SUITE_AND_COMPRESSION);
}

static size_t limit_in(struct reader *extensions)
{
	struct reader data;
	size_t type, limit;

	while (number(extensions, 2, &type) && vector(extensions, 2, &data))
		if (type == RECORD_SIZE_LIMIT && data.left == 2 &&
		    number(&data, 2, &limit))
			return limit;
	return 0;
}

uint16_t hello_size_limit(uint8_t type, const void *body, size_t size)
{
	struct reader r = { body, size }, extensions;
	size_t limit;

	if (type == DTLS_CLIENT_HELLO ? !client_hello(&r) :
	    type != DTLS_SERVER_HELLO || !server_hello(&r))
		return 0;
	if (!vector(&r, 2, &extensions))
		return 0;
	limit = limit_in(&extensions);
	return limit < LEAST_LIMIT ? 0 : limit;
}
