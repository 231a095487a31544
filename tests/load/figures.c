// SPDX-License-Identifier: GPL-2.0
#include "figure.h"
#include "figures.h"

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
	f->tag = figure(KDTLS_STAT, "KdtlsDropTag");
	f->nobody = figure(KDTLS_STAT, "KdtlsDropNoAssoc");
	f->inside = figure(KDTLS_STAT, "KdtlsDropQueue");
	f->queue = udp_queue_drops() + f->inside;
	f->kernel_kb = figure("/proc/meminfo", "Slab:") +
		       figure("/proc/meminfo", "Percpu:");
}
