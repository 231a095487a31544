/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef LOG_H
#define LOG_H

#include <syslog.h>

/* What is less urgent than this syslog level is not logged. */
extern int log_level;

/* Reads $JOURNAL_STREAM: the journal gets levels, a terminal a name. */
void log_open(void);

/* From here on to syslog instead of stderr. */
void log_to_syslog(void);

/*
 * One line. Never give it a key. A peer or the kernel may provoke it: what comes
 * too often is counted instead (repeat.h).
 */
void say(int level, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* The same of what is news each time: how a handshake ended, a reload. */
void say_event(int level, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Once a second: says how many lines were not logged. */
void log_tick(void);

/* The syslog level of a word of the configuration file, or -1. */
int log_level_of(const char *word);

#endif
