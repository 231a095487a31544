// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <syslog.h>
#include <unistd.h>

#include "say.h"

static bool background;

void say(const char *fmt, ...)
{
	char line[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (background)
		syslog(LOG_WARNING, "%s", line);
	else
		dprintf(STDERR_FILENO, "dtlswrap: %s\n", line);
}

void say_in_background(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0 || dup2(null, STDERR_FILENO) < 0)
		close(STDERR_FILENO);
	if (null > STDERR_FILENO)
		close(null);
	openlog("dtlswrap", LOG_PID, LOG_DAEMON);
	background = true;
}
