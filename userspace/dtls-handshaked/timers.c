// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>

#include "timers.h"

static void put(struct timers *t, size_t place, struct timer *timer)
{
	t->heap[place] = timer;
	timer->place = place;
}

static void sift_up(struct timers *t, struct timer *timer)
{
	size_t i = timer->place;

	for (; i > 1 && t->heap[i / 2]->at > timer->at; i /= 2)
		put(t, i, t->heap[i / 2]);
	put(t, i, timer);
}

/* The earlier one of the two below i; 0: there is none. */
static size_t below(const struct timers *t, size_t i)
{
	size_t left = 2 * i;

	if (left > t->count)
		return 0;
	if (left < t->count && t->heap[left + 1]->at < t->heap[left]->at)
		return left + 1;
	return left;
}

static void sift_down(struct timers *t, struct timer *timer)
{
	size_t i = timer->place, next;

	while ((next = below(t, i)) && t->heap[next]->at < timer->at) {
		put(t, i, t->heap[next]);
		i = next;
	}
	put(t, i, timer);
}

static bool grow(struct timers *t)
{
	size_t room = t->room ? 2 * t->room : 64;
	struct timer **heap = reallocarray(t->heap, room, sizeof(*heap));

	if (!heap)
		return false;
	t->heap = heap;
	t->room = room;
	return true;
}

bool timers_set(struct timers *t, struct timer *timer, uint64_t at)
{
	if (!timer->place) {
		if (t->count + 1 >= t->room && !grow(t))
			return false;
		put(t, ++t->count, timer);
	}
	timer->at = at;
	sift_up(t, timer);
	sift_down(t, timer);
	return true;
}

void timers_clear(struct timers *t, struct timer *timer)
{
	struct timer *last;

	if (!timer->place)
		return;
	last = t->heap[t->count--];
	if (last != timer) {
		put(t, timer->place, last);
		sift_up(t, last);
		sift_down(t, last);
	}
	timer->place = 0;
}

struct timer *timers_first(const struct timers *t)
{
	return t->count ? t->heap[1] : NULL;
}

void timers_free(struct timers *t)
{
	free(t->heap);
	*t = (struct timers){ 0 };
}
