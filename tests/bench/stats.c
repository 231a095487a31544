// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <time.h>

#include "stats.h"

#define TRIES	5
#define LOOP	(10 * 1000 * 1000)

double now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1e9 + ts.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

struct summary summarise(double *samples, size_t n)
{
	struct summary s;

	qsort(samples, n, sizeof(*samples), compare);
	s.min = samples[0];
	s.median = samples[n / 2];
	s.max = samples[n - 1];
	return s;
}

void print_summary(FILE *f, const struct summary *s, int decimals)
{
	fprintf(f, "{\"min\": %.*f, \"median\": %.*f, \"max\": %.*f}",
		decimals, s->min, decimals, s->median, decimals, s->max);
}

void print_percentiles(FILE *f, double *samples, size_t n)
{
	qsort(samples, n, sizeof(*samples), compare);
	fprintf(f, ", \"p50_ns\": %.0f, \"p99_ns\": %.0f, \"p999_ns\": %.0f",
		samples[n / 2], samples[n * 99 / 100], samples[n * 999 / 1000]);
}

/* Two instructions a round. */
double calibrate(void)
{
	unsigned long n = LOOP;
	double start = now_ns();

	__asm__ volatile("1:	dec %0\n\tjnz 1b\n" : "+r"(n) : : "cc");
	return (now_ns() - start) / (2.0 * LOOP);
}

int calibrated(const char *when)
{
	double ratio = 0;
	int try;

	for (try = 0; try < TRIES; try++) {
		ratio = calibrate();
		if (ratio >= 0.99 && ratio <= 1.01)
			break;
	}
	printf("# %s: %.4f ns an instruction\n", when, ratio);
	return try < TRIES;
}
