// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "repeat.h"
#include "util.h"

#define MAX_TEXT 1024

int log_level = LOG_INFO;

static bool journal;
static bool to_syslog;
static struct repeats repeats;

void log_open(void)
{
	journal = !!getenv("JOURNAL_STREAM");
}

void log_to_syslog(void)
{
	openlog("dtls-handshaked", LOG_PID, LOG_DAEMON);
	to_syslog = true;
}

/* A peer's text must not forge log lines or send terminal escapes. */
static void replace_controls(char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			*s = '?';
}

static void say_stderr(int level, const char *text)
{
	char line[MAX_TEXT + 32];
	int n;

	if (journal)
		n = snprintf(line, sizeof(line), "<%d>%s\n", level, text);
	else
		n = snprintf(line, sizeof(line), "dtls-handshaked: %s\n", text);
	/* one write(), so that lines of several processes do not mix */
	if (write(STDERR_FILENO, line, n) < 0)
		return;
}

static void write_line(int level, const char *text)
{
	if (to_syslog)
		syslog(level, "%s", text);
	else
		say_stderr(level, text);
}

void log_tick(void)
{
	char text[REPEAT_TEXT], line[REPEAT_TEXT + 64];
	unsigned int held;

	while ((held = repeats_due(&repeats, clock_ms() / 1000, text))) {
		snprintf(line, sizeof(line), "%u more like this were not logged: %s",
			 held, text);
		write_line(LOG_WARNING, line);
	}
}

/* The format identifies the kind of line. same: see repeat.h */
static void say_limited(int level, unsigned int same, const char *fmt, va_list ap)
{
	char text[MAX_TEXT];

	if (level > log_level)
		return;
	vsnprintf(text, sizeof(text), fmt, ap);
	replace_controls(text);
	if (repeats_allow(&repeats, fmt, text, same, clock_ms() / 1000))
		write_line(level, text);
}

void say(int level, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say_limited(level, REPEAT_SAME, fmt, ap);
	va_end(ap);
}

void say_event(int level, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say_limited(level, REPEAT_MANY, fmt, ap);
	va_end(ap);
}

int log_level_of(const char *word)
{
	static const struct {
		const char *word;
		int level;
	} levels[] = {
		{ "error", LOG_ERR },
		{ "warning", LOG_WARNING },
		{ "notice", LOG_NOTICE },
		{ "info", LOG_INFO },
		{ "debug", LOG_DEBUG },
	};

	for (size_t i = 0; i < ARRAY_SIZE(levels); i++)
		if (!strcmp(word, levels[i].word))
			return levels[i].level;
	return -1;
}
