// SPDX-License-Identifier: GPL-2.0
/*
 * The replay window: named cases, then random traffic against a simple model,
 * a set of numbers. KDTLS_SEED=N repeats a run.
 */
#include <time.h>
#include "unit.h"
#include "toy.h"
#include "tests/window_cases.h"

static void window_case(void **state)
{
	static unsigned long map[DTLS_WINDOW_MAX_BITS / BITS_PER_LONG];
	const struct window_case *c = *state;
	int step = window_case_run(c, map);

	if (step >= 0)
		fail_msg("step %d, number %llu", step,
			 (unsigned long long)c->steps[step].seq);
}

/* The definition: everything accepted, in a list. */
struct model {
	u64	next, floor;
	u32	bits;
	u64	seen[1 << 15];
	size_t	count;
};

static bool model_fresh(const struct model *m, u64 seq)
{
	size_t i;

	if (seq < m->floor || seq > DTLS_MAX_SEQ)
		return false;
	if (seq < m->next && m->next - seq > m->bits)
		return false;
	for (i = 0; i < m->count; i++)
		if (m->seen[i] == seq)
			return false;
	return true;
}

static void model_accept(struct model *m, u64 seq)
{
	assert_true(m->count < ARRAY_SIZE(m->seen));
	m->seen[m->count++] = seq;
	if (seq >= m->next)
		m->next = seq + 1;
}

static u64 random_state;

static u64 rnd(u64 below)
{
	return toy_mix(random_state++) % below;
}

/* Mostly near the window, sometimes far away, sometimes a small jump. */
static u64 random_seq(const struct model *m)
{
	u64 back = rnd(2 * m->bits);

	switch (rnd(64)) {
	case 0:
		return rnd(DTLS_MAX_SEQ + 3);
	case 1 ... 3:
		return m->next + rnd(3 * m->bits);
	case 4 ... 6:
		return m->floor + rnd(4) - 2;
	case 7 ... 25:
		return m->next + rnd(3);
	default:
		return m->next > back ? m->next - back : back;
	}
}

static void one_run(u32 bits, u64 floor)
{
	static unsigned long map[DTLS_WINDOW_MAX_BITS / BITS_PER_LONG];
	static struct model m;
	struct dtls_window w;
	int i;

	m.next = floor;
	m.floor = floor;
	m.bits = bits;
	m.count = 0;
	dtls_window_init(&w, map, bits, floor);
	for (i = 0; i < 20000; i++) {
		u64 seq = random_seq(&m);
		bool fresh = model_fresh(&m, seq);

		assert_int_equal(dtls_window_check(&w, seq), fresh);
		assert_int_equal(dtls_window_accept(&w, seq), fresh);
		if (fresh)
			model_accept(&m, seq);
		assert_int_equal(w.next, m.next);
	}
}

static void like_the_model(void **state)
{
	static const u32 sizes[] = { 64, 128, 256, 1024, 8192 };
	const u64 floors[] = { 0, 1, 100, 1ULL << 32,
			       DTLS_MAX_SEQ - 3000, DTLS_MAX_SEQ };
	const char *env = getenv("KDTLS_SEED");
	u64 seed = env ? strtoull(env, NULL, 0) : (u64)time(NULL);
	size_t i, j;

	print_message("# seed: KDTLS_SEED=%llu\n", (unsigned long long)seed);
	random_state = seed << 20;
	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		for (j = 0; j < ARRAY_SIZE(floors); j++)
			one_run(sizes[i], floors[j]);
}

/* A whole window of numbers, each seen exactly once, in any order. */
static void every_number_once(void **state)
{
	static unsigned long map[DTLS_WINDOW_DEFAULT / BITS_PER_LONG];
	const u32 n = DTLS_WINDOW_DEFAULT;
	struct dtls_window w;
	u64 base;
	u32 i;

	dtls_window_init(&w, map, n, 0);
	for (base = 0; base < 10 * n; base += n) {
		/* odd: a permutation of 0 .. n - 1 */
		for (i = 0; i < n; i++)
			assert_true(dtls_window_accept(&w, base + i * 577 % n));
		for (i = 0; i < n; i++)
			assert_false(dtls_window_check(&w, base + i));
	}
	assert_int_equal(w.next, 10 * n);
}

static void check_changes_nothing(void **state)
{
	unsigned long map[2] = { 0 }, copy[2];
	struct dtls_window w, before;
	u64 seq;

	dtls_window_init(&w, map, 8 * sizeof(map), 5);
	dtls_window_accept(&w, 300);
	dtls_window_accept(&w, 290);
	before = w;
	memcpy(copy, map, sizeof(map));
	for (seq = 0; seq < 700; seq++)
		dtls_window_check(&w, seq);
	assert_memory_equal(&before, &w, sizeof(w));
	assert_memory_equal(copy, map, sizeof(map));
}

int main(void)
{
	static struct CMUnitTest tests[3 + ARRAY_SIZE(window_cases)] = {
		cmocka_unit_test(like_the_model),
		cmocka_unit_test(every_number_once),
		cmocka_unit_test(check_changes_nothing),
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(window_cases); i++) {
		tests[3 + i].name = window_cases[i].name;
		tests[3 + i].test_func = window_case;
		tests[3 + i].initial_state = (void *)&window_cases[i];
	}
	return run_tap("window", tests);
}
