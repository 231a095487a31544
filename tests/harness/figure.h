/* SPDX-License-Identifier: GPL-2.0 */
/* Counters of the kernel, a name and a number a line. */
#ifndef KDTLS_TESTS_FIGURE_H
#define KDTLS_TESTS_FIGURE_H

#include "tap.h"

#define KDTLS_STAT	"/proc/net/kdtls_stat"

/* The sum of all names with this prefix, at least one of which must exist. */
__attribute__((unused))
static unsigned long figure(const char *path, const char *name)
{
	unsigned long value, sum = 0;
	FILE *f = fopen(path, "r");
	char line[200], word[64];
	bool there = false;

	need(f, path);
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "%63s %lu", word, &value) == 2 &&
		    !strncmp(word, name, strlen(name))) {
			there = true;
			sum += value;
		}
	fclose(f);
	need(there, name);
	return sum;
}

#endif
