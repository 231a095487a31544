// SPDX-License-Identifier: GPL-2.0
#include <sched.h>

#include "order.h"
#include "tap.h"

static void start(pthread_t *thread, void *(*call)(void *arg), int policy,
		  int priority)
{
	struct sched_param param = { .sched_priority = priority };
	pthread_attr_t attr;
	cpu_set_t cpu;

	CPU_ZERO(&cpu);
	CPU_SET(0, &cpu);
	need(!pthread_attr_init(&attr) &&
	     !pthread_attr_setaffinity_np(&attr, sizeof(cpu), &cpu) &&
	     !pthread_attr_setinheritsched(&attr, PTHREAD_EXPLICIT_SCHED) &&
	     !pthread_attr_setschedpolicy(&attr, policy) &&
	     !pthread_attr_setschedparam(&attr, &param) &&
	     !pthread_create(thread, &attr, call, NULL), "thread");
	pthread_attr_destroy(&attr);
}

void order_first(pthread_t *thread, void *(*call)(void *arg))
{
	start(thread, call, SCHED_FIFO, 1);
}

void order_second(pthread_t *thread, void *(*call)(void *arg))
{
	start(thread, call, SCHED_OTHER, 0);
}
