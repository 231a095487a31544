/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines of a log that come too often, per kind (what printed them): the same one
 * again and again, or too many in all. They are counted, and the count is given
 * when the minute is over.
 */
#ifndef REPEAT_H
#define REPEAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REPEAT_KINDS	64
#define REPEAT_WINDOW	60	/* seconds */
#define REPEAT_SAME	5	/* the same line in a window */
#define REPEAT_MANY	600	/* lines of one kind in a window */
#define REPEAT_TEXT	256

struct repeat {
	const void *kind;
	uint64_t since;		/* seconds: when the window began */
	unsigned int lines;
	unsigned int same;	/* of them, like the last */
	unsigned int held;	/* back, since the last account */
	char text[REPEAT_TEXT];	/* the last */
};

struct repeats {
	struct repeat kinds[REPEAT_KINDS];
};

/*
 * May this line be printed? Else it is counted. same: how often in a window, when
 * it is like the last; REPEAT_MANY: each is news. now: seconds.
 */
bool repeats_allow(struct repeats *r, const void *kind, const char *text,
		   unsigned int same, uint64_t now);
/* How many were held back of some kind whose minute is over, and the last; or 0. */
unsigned int repeats_due(struct repeats *r, uint64_t now, char text[REPEAT_TEXT]);

#endif
