// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdbool.h>
#include <string.h>

#include "hello.h"
#include "hello_reader.h"
#include "record/handshake12.h"

#define RECORD_SIZE_LIMIT	28	/* RFC 8449 section 4 */
#define LEAST_LIMIT		64
#define VERSION_AND_RANDOM	(2 + HELLO_RANDOM)
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

/* The first extension of this number. */
static bool find_extension(uint8_t type, const void *body, size_t size, uint16_t extension,
			   struct reader *data)
{
	struct reader r = { body, size }, extensions;
	size_t number;

	if (type == DTLS_CLIENT_HELLO ? !client_hello(&r) :
	    type != DTLS_SERVER_HELLO || !server_hello(&r))
		return false;
	if (!reader_vector(&r, 2, &extensions))
		return false;
	while (reader_number(&extensions, 2, &number) && reader_vector(&extensions, 2, data))
		if (number == extension)
			return true;
	return false;
}

uint16_t hello_size_limit(uint8_t type, const void *body, size_t size)
{
	struct reader data;
	size_t limit;

	if (!find_extension(type, body, size, RECORD_SIZE_LIMIT, &data) || data.left != 2 ||
	    !reader_number(&data, 2, &limit))
		return 0;
	return limit < LEAST_LIMIT ? 0 : limit;
}

bool hello_has_extension(uint8_t type, const void *body, size_t size, uint16_t extension)
{
	struct reader data;

	return find_extension(type, body, size, extension, &data);
}

bool hello_is_downgraded(const void *body, size_t size)
{
	struct reader r = { body, size };

	return reader_skip(&r, VERSION_AND_RANDOM - HELLO_DOWNGRADE_LEN) &&
	       r.left >= HELLO_DOWNGRADE_LEN &&
	       !memcmp(r.at, HELLO_DOWNGRADE, HELLO_DOWNGRADE_LEN);
}
