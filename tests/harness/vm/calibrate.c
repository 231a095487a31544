// SPDX-License-Identifier: GPL-2.0
/*
 * In a guest of --icount a nanosecond is an instruction, unless the machine
 * has not settled or the options are wrong: time a loop of known length.
 */
#include <stdio.h>
#include <time.h>

static double now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1e9 + ts.tv_nsec;
}

int main(void)
{
	double start, ratio = 0;
	int try;

	for (try = 0; try < 5; try++) {
		unsigned long n = 20 * 1000 * 1000;

		start = now_ns();
		/* two instructions a round */
		__asm__ volatile("1:	dec %0\n\tjnz 1b\n" : "+r"(n) : : "cc");
		ratio = (now_ns() - start) / (2.0 * 20 * 1000 * 1000);
		if (ratio >= 0.99 && ratio <= 1.01)
			return 0;
	}
	fprintf(stderr, "calibrate: %.4f ns an instruction\n", ratio);
	return 1;
}
