/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Private: abstract addresses that dtls-handshaked holds while it runs
 * (dtls-handshaked/instance.c), as any process of the network namespace sees them.
 */
#ifndef KDTLS_MARK_H
#define KDTLS_MARK_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define KDTLS_MARK_RUNS		"dtls-handshaked"
#define KDTLS_MARK_KEYLOG	"dtls-handshaked.keylog"

enum kdtls_mark { KDTLS_MARK_ABSENT, KDTLS_MARK_PRESENT, KDTLS_MARK_UNKNOWN };

/* The last word of the line is "@" and the name. */
static inline bool kdtls_mark_is(char *line, const char *name)
{
	const char *word;

	line[strcspn(line, "\n")] = '\0';
	word = strrchr(line, ' ');
	return word && word[1] == '@' && !strcmp(word + 2, name);
}

/* /proc/net is that of the caller's network namespace. */
static inline enum kdtls_mark kdtls_mark_find(const char *name)
{
	enum kdtls_mark found = KDTLS_MARK_ABSENT;
	FILE *f = fopen("/proc/net/unix", "re");
	char line[256];

	if (!f)
		return KDTLS_MARK_UNKNOWN;
	while (found == KDTLS_MARK_ABSENT && fgets(line, sizeof(line), f))
		if (kdtls_mark_is(line, name))
			found = KDTLS_MARK_PRESENT;
	fclose(f);
	return found;
}

#endif
