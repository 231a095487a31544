/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef LOG_H
#define LOG_H

#include <syslog.h>

/* Messages below this syslog level are not logged. */
extern int log_level;

/* Checks $JOURNAL_STREAM: lines for the journal begin with a level, others with a name. */
void log_open(void);

/* Switches from stderr to syslog. */
void log_to_syslog(void);

/*
 * Logs one line, which must not have a key in it. A peer or the kernel may provoke
 * it: lines that repeat too often are counted instead (repeat.h).
 */
void say(int level, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* For lines that are information even if repeated: the end of a handshake, a reload. */
void say_event(int level, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Once a second: logs how many lines were held back. */
void log_tick(void);

/* The syslog level of a word in the configuration file, or -1. */
int log_level_of(const char *word);

#endif
