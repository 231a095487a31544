/* SPDX-License-Identifier: GPL-2.0 */
/* Instructions a record of one configuration. */
#ifndef KDTLS_TESTS_BENCH_MEASURE_H
#define KDTLS_TESTS_BENCH_MEASURE_H

#include "bench.h"
#include "stats.h"

struct effort {
	int reps;			/* at most MAX_REPS */
	double rep_ns;			/* of a repetition */
	double loop_seconds;		/* measure nothing, only repeat */
	unsigned int count_rounds;	/* measure nothing, for plugin.c */
};

#define MAX_REPS	7

/*
 * Opens the path, checks that it carries the data, repeats. Ends the
 * program if it does not, or if repetitions differ by more than path->spread.
 */
struct summary measure(struct load *load, const struct effort *effort);

#endif
