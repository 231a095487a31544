// SPDX-License-Identifier: GPL-2.0
#include "mark.h"
#include "measure.h"
#include "tap.h"

#define TRIES	5

static void fail(const struct load *load, const char *what)
{
	fprintf(stderr, "bench: %s, %zu bytes, %s: %s\n", load->path->name,
		load->bytes, load->batch->name, what);
	exit(1);
}

static void round_of(const struct load *load)
{
	if (load->batch->way == WAY_RTT)
		rtt_round(load);
	else
		load->path->round(load);
}

/* Every byte of a batch differs from round to round: old data is detected. */
static void checked_round(struct load *load, unsigned int salt)
{
	size_t i, len = load->bytes * load->count;

	for (i = 0; i < len; i++)
		load->out[i] = salt + i * 7 + i / load->bytes * 13;
	memset(load->in, ~salt, len);
	round_of(load);
	if (memcmp(load->in, load->out, len))
		fail(load, "wrong content");
}

/* Instructions a record. */
static double repetition(const struct load *load, unsigned long rounds)
{
	double start = now_ns();
	unsigned long i;

	for (i = 0; i < rounds; i++)
		round_of(load);
	return (now_ns() - start) / rounds / load->count;
}

/* Repetitions must agree, or the measurement is invalid. */
static struct summary repeat(const struct load *load,
			     const struct effort *effort, unsigned long rounds)
{
	double got[MAX_REPS];
	struct summary s;
	int try, i;

	for (try = 0; try < TRIES; try++) {
		for (i = 0; i < effort->reps; i++)
			got[i] = repetition(load, rounds);
		s = summarise(got, effort->reps);
		if (s.max - s.min < load->path->spread * s.median)
			return s;
	}
	fprintf(stderr, "bench: %.0f to %.0f\n", s.min, s.max);
	fail(load, "repetitions differ too much");
	return s;
}

static void loop(const struct load *load, double seconds)
{
	double end = now_ns() + 1e9 * seconds;

	while (now_ns() < end)
		round_of(load);
}

static void count(const struct load *load, unsigned int rounds)
{
	unsigned int i;

	mark_begin();
	for (i = 0; i < rounds; i++)
		round_of(load);
	mark_end();
}

struct summary measure(struct load *load, const struct effort *effort)
{
	struct summary s = { };
	unsigned long rounds;
	unsigned int i;

	load->out = malloc(load->bytes * load->count);
	load->in = malloc(load->bytes * load->count);
	need(load->out && load->in, "malloc");
	load->path->open(load);
	if (load->batch->way == WAY_RTT)
		rtt_open(load);
	for (i = 0; i < 4; i++)
		checked_round(load, i);
	if (effort->loop_seconds) {
		loop(load, effort->loop_seconds);
		return s;
	}
	repetition(load, 20);
	if (effort->count_rounds) {
		count(load, effort->count_rounds);
		checked_round(load, 5);
		return s;
	}
	/* a larger spread needs longer measurements */
	rounds = effort->rep_ns * load->path->spread / SPREAD /
		 (repetition(load, 20) * load->count) + 1;
	s = repeat(load, effort, rounds);
	checked_round(load, 5);
	return s;
}
