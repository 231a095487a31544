// SPDX-License-Identifier: GPL-2.0
#include <sched.h>
#include <time.h>
#include <unistd.h>

#include "cputime.h"
#include "stats.h"
#include "tap.h"

double cputime_of(pid_t pid)
{
	struct timespec ts;
	clockid_t clock;

	need(!clock_getcpuclockid(pid, &clock) && !clock_gettime(clock, &ts),
	     "the CPU time of a process");
	return ts.tv_sec * 1e9 + ts.tv_nsec;
}

/* Not what it was busy with: the kernel samples that, and measures this. */
static double idle_ns(const char *name)
{
	unsigned long long idle, iowait, steal;
	FILE *f = fopen("/proc/stat", "r");
	char line[512], word[32];

	need(f, "/proc/stat");
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%31s %*u %*u %*u %llu %llu %*u %*u %llu",
			   word, &idle, &iowait, &steal) != 4 ||
		    strcmp(word, name))
			continue;
		fclose(f);
		return (idle + iowait + steal) * (1e9 / sysconf(_SC_CLK_TCK));
	}
	need(false, "the CPU in /proc/stat");
	return 0;
}

double cputime_busy(int cpu)
{
	char name[32] = "cpu";
	long cpus = 1;

	if (cpu == ALL_CPUS)
		cpus = sysconf(_SC_NPROCESSORS_ONLN);
	else
		snprintf(name, sizeof(name), "cpu%d", cpu);
	return now_ns() * cpus - idle_ns(name);
}

int pinned_cpu(void)
{
	cpu_set_t set;
	int cpu;

	need(!sched_getaffinity(0, sizeof(set), &set), "sched_getaffinity");
	if (CPU_COUNT(&set) != 1)
		return -1;
	for (cpu = 0; !CPU_ISSET(cpu, &set); cpu++)
		;
	return cpu;
}
