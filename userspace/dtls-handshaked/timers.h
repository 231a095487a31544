/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Timers in a binary heap, the next to expire first. Timers are members of their
 * objects. Setting and clearing take logarithmic time, finding the first constant.
 */
#ifndef TIMERS_H
#define TIMERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct timer {
	uint64_t at;
	size_t place;	/* index in the heap, from 1; 0: not set */
};

struct timers {
	struct timer **heap;	/* the earliest first, from index 1 */
	size_t count;
	size_t size;	/* of heap */
};

/* Sets or moves a timer. False without memory. */
bool timers_set(struct timers *t, struct timer *timer, uint64_t at);
void timers_clear(struct timers *t, struct timer *timer);
/* The next to expire, which stays in the heap; NULL: none. */
struct timer *timers_first(const struct timers *t);
void timers_free(struct timers *t);

#endif
