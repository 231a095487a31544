/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which of many timers runs out next: a binary heap. Timers live inside their
 * objects. Setting and clearing one costs the logarithm of their number, to
 * see the first one nothing.
 */
#ifndef TIMERS_H
#define TIMERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct timer {
	uint64_t at;
	size_t place;	/* in the heap, from 1; 0: not in it */
};

struct timers {
	struct timer **heap;	/* the earliest first, from index 1 */
	size_t count;
	size_t room;
};

/* Sets it, or sets it anew. False without memory. */
bool timers_set(struct timers *t, struct timer *timer, uint64_t at);
void timers_clear(struct timers *t, struct timer *timer);
/* The next to run out, which stays; NULL: there is none. */
struct timer *timers_first(const struct timers *t);
void timers_free(struct timers *t);

#endif
