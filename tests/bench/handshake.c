// SPDX-License-Identifier: GPL-2.0
#include <fcntl.h>
#include <poll.h>

#include "library.h"
#include "tap.h"

#define STEP_MS		50	/* how often a library may check its timers */
#define DEADLINE_STEPS	(10 * 1000 / STEP_MS)

static void blocking(int fd, bool on)
{
	int flags = fcntl(fd, F_GETFL) & ~O_NONBLOCK;

	need(!fcntl(fd, F_SETFL, on ? flags : flags | O_NONBLOCK), "fcntl");
}

void handshake_both(const struct library *l, const struct cipher *cipher,
		    int pair, const int *fds, struct gathered *to)
{
	bool done[2] = { };
	int client = 2 * pair, i;

	need(client + 1 < LIBRARY_ENDS, "fewer ends");
	for (i = 0; i < 2; i++) {
		if (fds)
			blocking(fds[i], false);
		l->make(client + i, cipher, fds ? fds[i] : -1);
		if (!fds) {
			gather_reset(&to[i]);
			l->in_memory(client + i, to);
		}
	}
	while (!done[0] || !done[1])
		for (i = 0; i < 2; i++)
			done[i] = done[i] || l->step(client + i);
	for (i = 0; fds && i < 2; i++)
		blocking(fds[i], true);
}

void handshake_one(const struct library *l, const struct cipher *cipher,
		   int end, int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	int steps = 0;

	blocking(fd, false);
	l->make(end, cipher, fd);
	while (!l->step(end)) {
		poll(&pfd, 1, STEP_MS);
		need(steps++ < DEADLINE_STEPS, "handshake in time");
	}
	blocking(fd, true);
}
