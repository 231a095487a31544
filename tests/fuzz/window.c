// SPDX-License-Identifier: GPL-2.0
/*
 * The replay window against a list of all accepted numbers.
 *
 * Input: size, floor (8), then steps: how far from the newest number (1: a
 * signed byte; or 0x80 and 8 bytes of number).
 */
#include "fuzz.h"

#define STEPS	100

static u64 seen[STEPS];
static size_t count;

static bool fresh(const struct dtls_window *w, u64 seq)
{
	size_t i;

	if (seq < w->floor || seq > DTLS_MAX_SEQ ||
	    (seq < w->next && w->next - seq > w->bits))
		return false;
	for (i = 0; i < count; i++)
		if (seen[i] == seq)
			return false;
	return true;
}

static void step(struct dtls_window *w, u64 seq)
{
	u64 next = w->next;
	bool want = fresh(w, seq);

	must(dtls_window_check(w, seq) == want);
	must(w->next == next);
	must(dtls_window_accept(w, seq) == want);
	must(!dtls_window_check(w, seq));
	must(w->next == (want && seq >= next ? seq + 1 : next));
	must(w->next <= DTLS_MAX_SEQ + 1);
	if (want)
		seen[count++] = seq;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct input in = { data, size };
	struct dtls_window w;
	unsigned long *map;
	int i;
	u32 bits = DTLS_WINDOW_MIN << take(&in) % 8;

	map = malloc(bits / 8);
	must(map);
	memset(map, 0xff, bits / 8);
	count = 0;
	dtls_window_init(&w, map, bits, take64(&in) & DTLS_MAX_SEQ);
	for (i = 0; i < STEPS && in.len; i++) {
		signed char delta = take(&in);

		step(&w, delta == -128 ? take64(&in) : w.next + delta);
	}
	free(map);
	return 0;
}
