// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stddef.h>
#include <sys/epoll.h>

#include "loop.h"

int loop_new(void)
{
	return epoll_create1(EPOLL_CLOEXEC);
}

bool loop_add(int loop, struct watch *w)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = w };

	return !epoll_ctl(loop, EPOLL_CTL_ADD, w->fd, &ev);
}

void loop_del(int loop, struct watch *w)
{
	epoll_ctl(loop, EPOLL_CTL_DEL, w->fd, NULL);
}

bool loop_once(int loop, int timeout_ms)
{
	struct epoll_event ev;
	int n = epoll_wait(loop, &ev, 1, timeout_ms);

	if (n < 0)
		return errno == EINTR;
	if (n == 1) {
		struct watch *w = ev.data.ptr;

		w->ready(w);
	}
	return true;
}
