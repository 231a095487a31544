// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdbool.h>

#include "hello.h"
#include "hello_reader.h"
#include "record/handshake12.h"

#define RECORD_SIZE_LIMIT	28	/* RFC 8449 section 4 */
#define LEAST_LIMIT		64
#define VERSION_AND_RANDOM	(2 + 32)
#define SUITE_AND_COMPRESSION	(2 + 1)

/* RFC 5246 section 7.4.1.2, RFC 6347 section 4.2.1: to the extensions. */
static bool client_hello(struct reader *r)
{
	struct reader unused;

	return reader_skip(r, VERSION_AND_RANDOM) &&
	       reader_vector(r, 1, &unused) &&		/* session id */
	       reader_vector(r, 1, &unused) &&		/* cookie */
	       reader_vector(r, 2, &unused) &&		/* suites */
	       reader_vector(r, 1, &unused);		/* compression */
}

/* RFC 5246 section 7.4.1.3 */
static bool server_hello(struct reader *r)
{
	struct reader session_id;

	return reader_skip(r, VERSION_AND_RANDOM) && reader_vector(r, 1, &session_id) &&
	       reader_skip(r, SUITE_AND_COMPRESSION);
}

static size_t limit_in(struct reader *extensions)
{
	struct reader data;
	size_t type, limit;

	while (reader_number(extensions, 2, &type) && reader_vector(extensions, 2, &data))
		if (type == RECORD_SIZE_LIMIT && data.left == 2 &&
		    reader_number(&data, 2, &limit))
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
	if (!reader_vector(&r, 2, &extensions))
		return 0;
	limit = limit_in(&extensions);
	return limit < LEAST_LIMIT ? 0 : limit;
}
