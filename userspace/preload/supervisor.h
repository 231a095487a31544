/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DTLSWRAP_SUPERVISOR_H
#define DTLSWRAP_SUPERVISOR_H

#include <sys/types.h>

/*
 * Answers the calls that the filter of confine.c passes on, until no process has that
 * filter. channel: sends the process id, receives the filter's descriptor, sends a byte
 * when ready. program: the process with which standard error is shared.
 */
__attribute__((noreturn))
void supervise(int channel, pid_t program);

#endif
