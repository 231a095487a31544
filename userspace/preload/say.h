/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DTLSWRAP_SAY_H
#define DTLSWRAP_SAY_H

/* A line on standard error, with "dtlswrap: " in front. */
__attribute__((format(printf, 1, 2)))
void say(const char *fmt, ...);

/*
 * Lines go to syslog from now on, and standard error is closed: whoever started
 * a program that went to the background does not wait for us to end.
 */
void say_in_background(void);

#endif
