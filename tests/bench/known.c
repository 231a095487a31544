// SPDX-License-Identifier: GPL-2.0
/*
 * Work of which the counts are known, for the test of plugin.c: five marked
 * pieces, in the order of its columns (no FPU section; the fourth does nothing).
 */
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "mark.h"
#include "tap.h"

#define TIMES	1000
#define BYTES	1400

static void system_calls(void)
{
	int i;

	for (i = 0; i < TIMES; i++)
		syscall(SYS_getppid);
}

static void copies(const int pipe[2])
{
	char buf[BYTES] = "x";
	int i;

	for (i = 0; i < TIMES; i++)
		need(write(pipe[1], buf, BYTES) == BYTES &&
		     read(pipe[0], buf, BYTES) == BYTES, "pipe");
}

static void faults(volatile char *pages)
{
	int i;

	for (i = 0; i < TIMES; i++)
		pages[i * 4096] = 1;
}

static void atomics(void)
{
	static int n;
	int i, old = 0;

	for (i = 0; i < TIMES; i++)
		__asm__ volatile("lock incl %0\n\txchgl %1, %0"
				 : "+m" (n), "+r" (old));
}

int main(void)
{
	char *pages = mmap(NULL, TIMES * 4096, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fds[2];

	need(pages != MAP_FAILED && !pipe(fds), "memory and a pipe");
	need(!madvise(pages, TIMES * 4096, MADV_NOHUGEPAGE), "small pages");
	copies(fds);	/* its pages are there */
	mark_begin();
	system_calls();
	mark_end();
	mark_begin();
	copies(fds);
	mark_end();
	mark_begin();
	faults(pages);
	mark_end();
	mark_begin();
	mark_end();
	mark_begin();
	atomics();
	mark_end();
	return 0;
}
