/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The header of a DTLS 1.2 record, RFC 6347 section 4.1. */
#ifndef RECORD_H
#define RECORD_H

#include <stddef.h>
#include <stdint.h>

#include <linux/kdtls.h>

#define RECORD_HEADER	13

struct record {
	uint8_t type;
	uint16_t version;
	uint16_t epoch;
	uint64_t seq;
	uint16_t len;
	const uint8_t *payload;
};

/* Bytes used, header included; 0: no complete record begins here. */
size_t record_parse(const void *data, size_t len, struct record *r);

#endif
