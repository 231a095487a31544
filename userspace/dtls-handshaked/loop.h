/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Callbacks for readable file descriptors, over epoll. */
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
 * Waits for a readable descriptor (timeout -1: without limit) and calls ready() of its
 * watch: one at a time, so that it may free any other watch. False: epoll failed.
 */
bool loop_once(int loop, int timeout_ms);

#endif
