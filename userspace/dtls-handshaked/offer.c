// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include <linux/kdtls.h>

#include "client_hello.h"
#include "hello.h"
#include "hello_reader.h"
#include "offer.h"

/* RFC 8446 sections 4.2.11 and B.4, RFC 5746 section 3.3 */
#define PRE_SHARED_KEY		41
#define FIRST_SUITE13		0x1301
#define LAST_SUITE13		0x1305
#define RENEGOTIATION_SCSV	0x00ff

static void read_suites(struct offer *o, struct reader *r)
{
	size_t suite;

	while (reader_number(r, 2, &suite)) {
		o->renegotiation |= suite == RENEGOTIATION_SCSV;
		if (o->n_suites < OFFER_SUITES)
			o->suites[o->n_suites++] = suite;
	}
}

static void read_psks(struct offer *o, struct reader *r)
{
	struct reader identities, binders, first;

	if (reader_vector(r, 2, &identities) && reader_vector(r, 2, &binders) &&
	    reader_vector(&binders, 1, &first))
		o->binder = first.left;
}

static void read_versions(struct offer *o, struct reader *r)
{
	struct reader versions;
	size_t version;

	if (!reader_vector(r, 1, &versions))
		return;
	while (reader_number(&versions, 2, &version))
		o->dtls13 |= version == DTLS_VERSION_1_3;
}

static void read_extensions(struct offer *o, struct reader *r)
{
	struct reader data;
	size_t type;

	while (reader_number(r, 2, &type) && reader_vector(r, 2, &data)) {
		o->connection_id |= type == HELLO_CONNECTION_ID;
		o->master_secret |= type == HELLO_EXTENDED_MASTER_SECRET;
		o->renegotiation |= type == HELLO_RENEGOTIATION_INFO;
		if (type == PRE_SHARED_KEY)
			read_psks(o, &data);
		else if (type == HELLO_SUPPORTED_VERSIONS)
			read_versions(o, &data);
	}
}

/* A client that offers DTLS 1.3 offers suites that are of no other version. */
static bool has_suite13(const struct offer *o)
{
	for (unsigned int i = 0; i < o->n_suites; i++)
		if (o->suites[i] >= FIRST_SUITE13 && o->suites[i] <= LAST_SUITE13)
			return true;
	return false;
}

void offer_read(struct offer *o, const void *data, size_t len)
{
	struct reader r, unused, suites, extensions;
	struct client_hello h;

	memset(o, 0, sizeof(*o));
	if (!client_hello_parse(data, len, &h) || h.offset)
		return;
	r.left = h.fragment;
	r.at = (const uint8_t *)data + h.record - r.left;
	if (!reader_skip(&r, 2 + 32) || !reader_vector(&r, 1, &unused) ||
	    !reader_vector(&r, 1, &unused) || !reader_vector(&r, 2, &suites))
		return;
	read_suites(o, &suites);
	o->whole = client_hello_whole(&h);
	if (!o->whole)
		o->dtls13 = has_suite13(o);
	else if (reader_vector(&r, 1, &unused) && reader_vector(&r, 2, &extensions))
		read_extensions(o, &extensions);
}

bool offer_has(const struct offer *o, uint16_t suite)
{
	for (unsigned int i = 0; i < o->n_suites; i++)
		if (o->suites[i] == suite)
			return true;
	return false;
}
