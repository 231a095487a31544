/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The wire: an AF_PACKET tap on every device of this network
 * namespace. Every payload of the tests carries the canary; no packet may.
 *
 *	struct capture *tap = capture_start(NULL);
 *	...
 *	capture_check(tap);	one TAP case, and frees it
 */
#ifndef KDTLS_TESTS_CAPTURE_H
#define KDTLS_TESTS_CAPTURE_H

#include <stddef.h>
#include <stdint.h>

#include "tap.h"

#define CANARY		"KDTLS-CANARY:"
#define CANARY_LEN	(sizeof(CANARY) - 1)

/* The repeated canary, mixed with seed, so that sizes differ. */
void canary_fill(void *buf, size_t len, unsigned int seed);
/* Does one read of fd, within 5 s, give len bytes of that? */
bool canary_heard(int fd, size_t len, unsigned int seed);

/* A UDP payload that left a socket here; source port in host order. */
typedef void (*capture_each)(void *arg, const uint8_t *data, size_t len,
			     unsigned int sport);

struct capture;

struct capture *capture_start(capture_each each, void *arg);
/* Ends it when the wire is quiet; packets that had the canary. */
unsigned long capture_stop(struct capture *tap, unsigned long *packets,
			   unsigned long *lost);

/* In the header, since each program counts its own cases. */
__attribute__((unused))
static void capture_check(struct capture *tap, const char *what)
{
	unsigned long packets, lost, hits;

	hits = capture_stop(tap, &packets, &lost);
	ok(!hits && packets && !lost,
	   "%s: no packet on the wire carries the canary", what);
	diag("%lu packets, %lu not seen, %lu with plaintext", packets, lost,
	     hits);
}

#endif
