/* SPDX-License-Identifier: GPL-2.0 */
/* CPU time without a performance counter, which cloud guests do not have. */
#ifndef KDTLS_TESTS_BENCH_CPUTIME_H
#define KDTLS_TESTS_BENCH_CPUTIME_H

#include <sys/types.h>

#define ALL_CPUS	(-1)

/* Nanoseconds that a process (0: this one) has run. Interrupts may not count. */
double cputime_of(pid_t pid);
/*
 * Nanoseconds since some time in which this CPU, or all together, were not idle:
 * programs, interrupts, threads of the kernel. To 10 ms.
 */
double cputime_busy(int cpu);
/* The only CPU that this process may use; -1: it may use several. */
int pinned_cpu(void);

#endif
