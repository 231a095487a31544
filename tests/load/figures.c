// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>

#include "figures.h"
#include "tap.h"

/* The number behind name in a file of such lines; 0: there is none. */
static unsigned long number(const char *path, const char *name)
{
	unsigned long value, found = 0;
	FILE *f = fopen(path, "r");
	char line[200], word[64];

	need(f, path);
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "%63s %lu", word, &value) == 2 &&
		    !strcmp(word, name))
			found = value;
	fclose(f);
	return found;
}

/* RcvbufErrors: the sixth of the second line that begins with Udp: */
static unsigned long udp_queue_drops(void)
{
	FILE *f = fopen("/proc/net/snmp", "r");
	unsigned long value = 0;
	char line[400];

	need(f, "/proc/net/snmp");
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "Udp: %*u %*u %*u %*u %lu", &value) == 1)
			break;
	fclose(f);
	return value;
}

void figures_read(struct figures *f)
{
	f->tag = number("/proc/net/kdtls_stat", "KdtlsDropTag");
	f->nobody = number("/proc/net/kdtls_stat", "KdtlsDropNoAssoc");
	f->inside = number("/proc/net/kdtls_stat", "KdtlsDropQueue");
	f->queue = udp_queue_drops() + f->inside;
	f->kernel_kb = number("/proc/meminfo", "Slab:") +
		       number("/proc/meminfo", "Percpu:");
}
