// SPDX-License-Identifier: GPL-2.0
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "capture.h"
#include "ends.h"
#include "tap.h"
#include "wire.h"

#define HEADER	13
#define NUMBERS	(1 << 20)
#define CHUNK	(1 << 15)	/* of numbers */

static struct wire {
	struct capture *tap;
	unsigned char **seen[65536];	/* by source port: chunks, a bit a number */
	unsigned long records, twice, others;
} wire;

static bool seen_before(unsigned int port, unsigned int seq)
{
	unsigned char **chunk, *byte, bit = 1 << seq % 8;
	bool before;

	if (!wire.seen[port])
		wire.seen[port] = calloc(NUMBERS / CHUNK, sizeof(*chunk));
	need(wire.seen[port], "memory");
	chunk = &wire.seen[port][seq / CHUNK];
	if (!*chunk)
		*chunk = calloc(CHUNK / 8, 1);
	need(*chunk, "memory");
	byte = &(*chunk)[seq % CHUNK / 8];
	before = *byte & bit;
	*byte |= bit;
	return before;
}

static void see_record(unsigned int port, const uint8_t *header)
{
	unsigned int seq = header[8] << 16 | header[9] << 8 | header[10];

	wire.records++;
	if ((header[0] != 23 && header[0] != 21) || header[1] != 0xfe ||
	    header[2] != 0xfd || header[4] != 1 || seq >= NUMBERS)
		wire.others++;
	else if (seen_before(port, seq))
		wire.twice++;
}

/* A GSO packet holds many: they stand one behind the other. */
static void see_packet(void *arg, const uint8_t *data, size_t len,
		       unsigned int sport)
{
	size_t size;

	(void)arg;
	while (len) {
		size = len < HEADER ? 0 : HEADER + (data[11] << 8 | data[12]);
		if (!size || size > len) {
			wire.others++;
			return;
		}
		see_record(sport, data);
		data += size;
		len -= size;
	}
}

static void free_chunks(unsigned char **chunk)
{
	unsigned int i;

	for (i = 0; chunk && i < NUMBERS / CHUNK; i++)
		free(chunk[i]);
	free(chunk);
}

void wire_start(void)
{
	unsigned int port;

	for (port = 0; port < 65536; port++)
		free_chunks(wire.seen[port]);
	memset(&wire, 0, sizeof(wire));
	ends_enter("ROUTER");
	wire.tap = capture_start(see_packet, NULL);
}

void wire_check(const char *what)
{
	capture_check(wire.tap, what);
	ok(wire.records && !wire.others, "%s: the wire carries DTLS only",
	   what);
	is_int(wire.twice, 0, "%s: no number comes twice", what);
	diag("%lu records", wire.records);
}
