// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>

#include "timers.h"

static void place_timer(struct timers *t, size_t place, struct timer *timer)
{
	t->heap[place] = timer;
	timer->place = place;
}

static void sift_up(struct timers *t, struct timer *timer)
{
	size_t i = timer->place;

	for (; i > 1 && t->heap[i / 2]->at > timer->at; i /= 2)
		place_timer(t, i, t->heap[i / 2]);
	place_timer(t, i, timer);
}

/* The earlier one of i's two children; 0: none. */
static size_t earlier_child(const struct timers *t, size_t i)
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

	while ((next = earlier_child(t, i)) && t->heap[next]->at < timer->at) {
		place_timer(t, i, t->heap[next]);
		i = next;
	}
	place_timer(t, i, timer);
}

static bool grow_heap(struct timers *t)
{
	size_t size = t->size ? 2 * t->size : 64;
	struct timer **heap = reallocarray(t->heap, size, sizeof(*heap));

	if (!heap)
		return false;
	t->heap = heap;
	t->size = size;
	return true;
}

bool timers_set(struct timers *t, struct timer *timer, uint64_t at)
{
	if (!timer->place) {
		if (t->count + 1 >= t->size && !grow_heap(t))
			return false;
		place_timer(t, ++t->count, timer);
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
		place_timer(t, timer->place, last);
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
