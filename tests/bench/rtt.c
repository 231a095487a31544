// SPDX-License-Identifier: GPL-2.0
/*
 * A round trip: one record there, and back from another thread. Both wait for
 * their record, so wake-ups and thread switches are part of the cost.
 */
#include <pthread.h>

#include "bench.h"
#include "tap.h"

static void *echo(void *arg)
{
	const struct load *load = arg;
	unsigned char record[MAX_BYTES];

	for (;;) {
		load->path->get(load, 1, record);
		load->path->put(load, 1, record);
	}
	return NULL;
}

void rtt_open(const struct load *load)
{
	pthread_t thread;

	need(!pthread_create(&thread, NULL, echo, (void *)load), "thread");
}

void rtt_round(const struct load *load)
{
	load->path->put(load, 0, load->out);
	load->path->get(load, 0, load->in);
}
