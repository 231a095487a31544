// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * Replay window, RFC 6347 section 4.1.2.6: a ring of bits, one for each of
 * the last w->bits numbers below w->next. The bit of a number is its value
 * modulo the size of the ring; numbers at or above next have stale bits there,
 * which are cleared when next moves over them.
 *
 * No value wraps: numbers end at 2^48 - 1, so next ends at 2^48.
 */
#include "record.h"

static void forget_all(struct dtls_window *w)
{
	memset(w->map, 0, w->bits / 8);
}

/* Clears the bits of from .. to - 1, whole words where it can. */
static void forget_range(struct dtls_window *w, u64 from, u64 to)
{
	if (to - from >= w->bits) {
		forget_all(w);
		return;
	}
	while (from < to) {
		if (!(from & (BITS_PER_LONG - 1)) && to - from >= BITS_PER_LONG) {
			*dtls_window_word(w, from) = 0;
			from += BITS_PER_LONG;
		} else {
			*dtls_window_word(w, from) &= ~dtls_window_bit(from);
			from++;
		}
	}
}

void dtls_window_init(struct dtls_window *w, unsigned long *map, u32 bits,
		      u64 floor)
{
	w->next = floor;
	w->floor = floor;
	w->bits = bits;
	w->map = map;
	forget_all(w);
}

bool dtls_window_look(const struct dtls_window *w, u64 seq)
{
	if (seq < w->floor || w->next - seq > w->bits)
		return false;
	return !(*dtls_window_word(w, seq) & dtls_window_bit(seq));
}

bool dtls_window_accept_other(struct dtls_window *w, u64 seq)
{
	if (!dtls_window_check(w, seq))
		return false;
	if (seq >= w->next) {
		forget_range(w, w->next, seq);
		w->next = seq + 1;
	}
	dtls_window_mark(w, seq);
	return true;
}
