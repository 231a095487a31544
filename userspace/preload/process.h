/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A process that made a call, as /proc shows it. May be gone at any time. */
#ifndef DTLSWRAP_PROCESS_H
#define DTLSWRAP_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * Sockets that this process makes are those of thread's network namespace and
 * user afterwards. False: not possible.
 */
bool process_take_place(pid_t thread);

/* A line, once a program, if its calls do not pass our library. */
void process_judge(pid_t thread);

/* Bytes of its memory; how many, or -1. */
ssize_t process_read(pid_t thread, unsigned long address, void *to,
		     size_t size);

/* Its descriptor as one of ours, or -1. */
int process_fd(pid_t thread, int fd);

/* Flags of its descriptor: O_CLOEXEC or 0. */
int process_fd_flags(pid_t thread, int fd);

/* "name (pid 1)". Valid until the next call. */
const char *process_name(pid_t thread);

#endif
