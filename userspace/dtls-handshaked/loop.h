/* SPDX-License-Identifier: GPL-2.0-or-later */
/* File descriptors and who cares: a thin layer over epoll. */
#ifndef LOOP_H
#define LOOP_H

#include <stdbool.h>

struct watch {
	int fd;
	void (*ready)(struct watch *w);
};

int loop_new(void);
bool loop_add(int loop, struct watch *w);
void loop_del(int loop, struct watch *w);

/*
 * Waits (-1: as long as it takes) for one that is ready and calls it; one at a time, so that it may
 * free any other. False: epoll failed.
 */
bool loop_once(int loop, int timeout_ms);

#endif
