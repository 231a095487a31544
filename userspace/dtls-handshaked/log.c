// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "util.h"

int log_level = LOG_INFO;

static bool journal;
static bool to_syslog;

void log_open(void)
{
	journal = !!getenv("JOURNAL_STREAM");
}

void log_to_syslog(void)
{
	openlog("dtls-handshaked", LOG_PID, LOG_DAEMON);
	to_syslog = true;
}

static void say_stderr(int level, const char *fmt, va_list ap)
{
	char line[1024];
	int n;

	if (journal)
		n = snprintf(line, sizeof(line), "<%d>", level);
	else
		n = snprintf(line, sizeof(line), "dtls-handshaked: ");
	n += vsnprintf(line + n, sizeof(line) - n - 1, fmt, ap);
	if (n > (int)sizeof(line) - 2)
		n = sizeof(line) - 2;
	line[n++] = '\n';
	/* one write, so that lines of several processes do not mix */
	if (write(STDERR_FILENO, line, n) < 0)
		return;
}

void say(int level, const char *fmt, ...)
{
	va_list ap;

	if (level > log_level)
		return;
	va_start(ap, fmt);
	if (to_syslog)
		vsyslog(level, fmt, ap);
	else
		say_stderr(level, fmt, ap);
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
