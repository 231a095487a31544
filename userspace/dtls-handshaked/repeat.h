/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A rate limit for log lines, per kind (the format that printed them): for equal lines
 * and for all lines of a kind. Lines above the limit are counted, and the count is
 * logged at the end of the window.
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
	uint64_t since;		/* start of the window, in seconds */
	unsigned int lines;
	unsigned int same;	/* consecutive lines equal to text */
	unsigned int held;	/* lines held back and not reported */
	char text[REPEAT_TEXT];	/* the last line */
};

struct repeats {
	struct repeat kinds[REPEAT_KINDS];
};

/*
 * True: the line may be printed. False: it is counted. same: the limit of equal lines
 * in a window; REPEAT_MANY: only the limit of all lines. now: seconds.
 */
bool repeats_allow(struct repeats *r, const void *kind, const char *text,
		   unsigned int same, uint64_t now);
/* Lines of a kind held back in a window that ended, and the last one; 0: no such kind. */
unsigned int repeats_due(struct repeats *r, uint64_t now, char text[REPEAT_TEXT]);

#endif
