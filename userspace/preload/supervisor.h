/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DTLSWRAP_SUPERVISOR_H
#define DTLSWRAP_SUPERVISOR_H

#include <sys/types.h>

/*
 * Answers the calls that the filter of confine.c hands over, until no process
 * has that filter any more. channel: our process id goes out, the listener
 * comes in, a byte says that we are ready. program: whose standard error is ours.
 */
__attribute__((noreturn))
void supervise(int channel, pid_t program);

#endif
