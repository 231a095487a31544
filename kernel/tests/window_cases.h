/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the replay window must do, as data: for KUnit and for the host tests.
 * RFC 6347 section 4.1.2.6.
 */
#ifndef KDTLS_TESTS_WINDOW_CASES_H
#define KDTLS_TESTS_WINDOW_CASES_H

#include "record/record.h"

enum window_verdict {
	END,
	FRESH,		/* accepted, and from then on known */
	REFUSED,
};

struct window_case {
	const char	*name;
	u32		bits;
	u64		floor;
	struct {
		u64			seq;
		enum window_verdict	verdict;
	} steps[12];
};

#define LAST		DTLS_MAX_SEQ
#define TOP		BIT_ULL(40)

static const struct window_case window_cases[] = {
	{ "the first number is accepted", 64, 0,
	  { { 0, FRESH } } },
	{ "a number counts once", 64, 0,
	  { { 0, FRESH }, { 0, REFUSED }, { 0, REFUSED } } },
	{ "numbers in order", 64, 0,
	  { { 0, FRESH }, { 1, FRESH }, { 2, FRESH }, { 1, REFUSED },
	    { 3, FRESH } } },
	{ "numbers in reverse order", 64, 0,
	  { { 3, FRESH }, { 2, FRESH }, { 1, FRESH }, { 0, FRESH },
	    { 2, REFUSED } } },
	{ "a gap is filled later, once", 64, 0,
	  { { 0, FRESH }, { 9, FRESH }, { 5, FRESH }, { 5, REFUSED },
	    { 4, FRESH } } },
	{ "the oldest number inside", 64, 0,
	  { { 63, FRESH }, { 0, FRESH }, { 0, REFUSED } } },
	{ "the youngest number outside, never seen", 64, 0,
	  { { 64, FRESH }, { 0, REFUSED }, { 1, FRESH } } },
	{ "a number leaves by the arrival of another", 64, 0,
	  { { 70, FRESH }, { 7, FRESH }, { 71, FRESH }, { 7, REFUSED },
	    { 8, FRESH } } },
	{ "the bit of a number that left is clean", 64, 0,
	  { { 0, FRESH }, { 64, FRESH }, { 65, FRESH }, { 128, FRESH },
	    { 64, REFUSED }, { 65, REFUSED }, { 66, FRESH } } },
	{ "jump of one less than the window", 64, 0,
	  { { 0, FRESH }, { 63, FRESH }, { 0, REFUSED }, { 1, FRESH } } },
	{ "jump of exactly the window", 64, 0,
	  { { 5, FRESH }, { 69, FRESH }, { 5, REFUSED }, { 6, FRESH },
	    { 68, FRESH } } },
	{ "jump of one more than the window", 64, 0,
	  { { 5, FRESH }, { 70, FRESH }, { 6, REFUSED }, { 7, FRESH },
	    { 69, FRESH } } },
	{ "jump over many windows forgets all bits", 64, 0,
	  { { 1, FRESH }, { 2, FRESH }, { 64001, FRESH }, { 2, REFUSED },
	    { 63938, FRESH }, { 63939, FRESH }, { 63937, REFUSED },
	    { 63940, FRESH } } },
	{ "jump to the last number", 64, 0,
	  { { 0, FRESH }, { LAST, FRESH }, { LAST, REFUSED }, { 0, REFUSED },
	    { LAST - 1, FRESH }, { LAST - 63, FRESH }, { LAST - 64, REFUSED } } },
	{ "nothing after the last number", 64, 0,
	  { { LAST, FRESH }, { LAST + 1, REFUSED }, { ~0ULL, REFUSED },
	    { 1, REFUSED } } },
	{ "a number above 48 bits changes nothing", 64, 0,
	  { { LAST + 1, REFUSED }, { ~0ULL, REFUSED }, { 0, FRESH },
	    { LAST + 2, REFUSED }, { 1, FRESH } } },
	{ "32 bits are not the end", 64, 0,
	  { { 0xfffffffe, FRESH }, { 0xffffffff, FRESH },
	    { 0x100000000, FRESH }, { 0xffffffff, REFUSED },
	    { 0x100000001, FRESH }, { 0, REFUSED } } },
	{ "numbers that differ by 2^32 are different", 64, 0,
	  { { 7, FRESH }, { 0x100000007, FRESH }, { 0x100000007, REFUSED },
	    { 7, REFUSED } } },
	{ "numbers that differ by the window are different", 64, 0,
	  { { TOP, FRESH }, { TOP + 64, FRESH }, { TOP + 128, FRESH },
	    { TOP + 192, FRESH }, { TOP + 128, REFUSED } } },
	{ "below the floor nothing is accepted", 64, 100,
	  { { 99, REFUSED }, { 0, REFUSED }, { 100, FRESH }, { 99, REFUSED },
	    { 101, FRESH } } },
	{ "the floor itself, late", 64, 100,
	  { { 110, FRESH }, { 100, FRESH }, { 99, REFUSED }, { 100, REFUSED } } },
	{ "the window leaves the floor behind", 64, 100,
	  { { 163, FRESH }, { 100, FRESH }, { 164, FRESH }, { 100, REFUSED },
	    { 101, FRESH }, { 165, FRESH }, { 101, REFUSED }, { 102, FRESH } } },
	{ "the floor is the last number", 64, LAST,
	  { { LAST - 1, REFUSED }, { LAST, FRESH }, { LAST, REFUSED },
	    { LAST + 1, REFUSED } } },
	{ "the floor is above the last number", 64, LAST + 1,
	  { { LAST, REFUSED }, { LAST + 1, REFUSED }, { 0, REFUSED } } },
	{ "a step within one word of a large window", 1024, 0,
	  { { 10, FRESH }, { 20, FRESH }, { 15, FRESH }, { 10, REFUSED },
	    { 20, REFUSED }, { 15, REFUSED }, { 11, FRESH } } },
	{ "a step over a word of a large window", 1024, 0,
	  { { 1000, FRESH }, { 1100, FRESH }, { 1063, FRESH }, { 1064, FRESH },
	    { 1000, REFUSED }, { 77, FRESH }, { 76, REFUSED } } },
	{ "words between are cleared, words beside are kept", 1024, 0,
	  { { 63, FRESH }, { 64, FRESH }, { 191, FRESH }, { 192, FRESH },
	    { 1087, FRESH }, { 1216, FRESH }, { 1087, REFUSED },
	    { 1151, FRESH }, { 1152, FRESH }, { 1215, FRESH },
	    { 192, REFUSED }, { 193, FRESH } } },
	{ "the oldest number of the largest window", 8192, 0,
	  { { 0, FRESH }, { 8191, FRESH }, { 0, REFUSED }, { 1, FRESH },
	    { 8192, FRESH }, { 0, REFUSED }, { 1, REFUSED }, { 8193, FRESH },
	    { 2, FRESH } } },
	{ "the largest window at the last number", 8192, LAST - 8191,
	  { { LAST, FRESH }, { LAST - 8191, FRESH }, { LAST - 8192, REFUSED },
	    { LAST - 8191, REFUSED }, { LAST - 1, FRESH } } },
};

#undef LAST
#undef TOP

/* Index of the first step that went wrong, or -1. map: DTLS_WINDOW_MAX_BITS */
static inline int window_case_run(const struct window_case *c,
				  unsigned long *map)
{
	struct dtls_window w;
	size_t i;

	/* init must not rely on a clean map */
	memset(map, 0xff, DTLS_WINDOW_MAX_BITS / 8);
	dtls_window_init(&w, map, c->bits, c->floor);
	for (i = 0; i < ARRAY_SIZE(c->steps) && c->steps[i].verdict; i++) {
		bool fresh = c->steps[i].verdict == FRESH;

		if (dtls_window_check(&w, c->steps[i].seq) != fresh ||
		    dtls_window_accept(&w, c->steps[i].seq) != fresh)
			return i;
	}
	return -1;
}

#endif /* KDTLS_TESTS_WINDOW_CASES_H */
