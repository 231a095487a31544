/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The process that made a system call, through /proc. It may end at any time. */
#ifndef DTLSWRAP_PROCESS_H
#define DTLSWRAP_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * Afterwards the calling process creates sockets with thread's network namespace and
 * user. False: not possible.
 */
bool process_enter(pid_t thread);

/* Reports, once a program, that it does not use libkdtls-preload. */
void process_check(pid_t thread);

/* Reads its memory: the number of bytes, or -1. */
ssize_t process_read(pid_t thread, unsigned long address, void *to,
		     size_t size);

/* A duplicate of its descriptor, or -1. */
int process_fd(pid_t thread, int fd);

/* O_CLOEXEC of its descriptor, or 0. */
int process_fd_flags(pid_t thread, int fd);

/* "name (pid 1)". Valid until the next call. */
const char *process_name(pid_t thread);

#endif
