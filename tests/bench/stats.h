/* SPDX-License-Identifier: GPL-2.0 */
/* Statistics of samples, shared by the benchmarks. */
#ifndef KDTLS_TESTS_BENCH_STATS_H
#define KDTLS_TESTS_BENCH_STATS_H

#include <stddef.h>
#include <stdio.h>

struct summary {
	double min, median, max;
};

double now_ns(void);
/* sorts them */
struct summary summarise(double *samples, size_t n);
/* {"min": ..., "median": ..., "max": ...} */
void print_summary(FILE *f, const struct summary *s, int decimals);

/* , "p50_ns": ..., "p99_ns": ..., "p999_ns": ...; sorts them */
void print_percentiles(FILE *f, double *samples, size_t n);

/* nanoseconds an instruction of a loop of known length takes */
double calibrate(void);
/* Is a nanosecond an instruction here? Prints the result. */
int calibrated(const char *when);

#endif
