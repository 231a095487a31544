/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DTLSWRAP_SAY_H
#define DTLSWRAP_SAY_H

/* Prints a line to standard error, prefixed with "dtlswrap: ". */
__attribute__((format(printf, 1, 2)))
void say(const char *fmt, ...);

/*
 * Switches to syslog and closes standard error: a process that waits for end of file
 * on it must not wait for the supervisor.
 */
void say_in_background(void);

#endif
