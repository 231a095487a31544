// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What dtls-handshaked writes to its metrics file: lines of "name value", or
 * "name{label="word"} value", in Prometheus' text format.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "dtlsctl.h"

#define PREFIX	"dtls_handshaked_"

static void take(const char *name, const char *value, json_t *j)
{
	if (!strncmp(name, PREFIX, strlen(PREFIX)))
		name += strlen(PREFIX);
	if (j)
		json_object_set_new(j, name, strchr(value, '.') ? json_real(atof(value)) :
								  json_integer(atoll(value)));
	else
		printf("%-52s%s\n", name, value);
}

/* A value has no space in it, a label may. */
static void take_line(char *line, json_t *j)
{
	char *space = strrchr(line, ' ');

	line[strcspn(line, "\n")] = '\0';
	if (*line == '#' || !space)
		return;
	*space = '\0';
	take(line, space + 1, j);
}

void handshakes(bool json, const char *path)
{
	json_t *j = json ? json_object() : NULL;
	FILE *f = fopen(path, "re");
	char line[512];

	if (!f)
		die(errno == ENOENT ? EXIT_NOT_FOUND : EXIT_FAILED, "%s: %s", path,
		    errno == ENOENT ? "there is none; set metrics-file in dtls-handshaked.conf" :
		    strerror(errno));
	while (fgets(line, sizeof(line), f))
		take_line(line, j);
	fclose(f);
	if (json && (json_dumpf(j, stdout, JSON_INDENT(2)) || puts("") < 0))
		die(EXIT_FAILED, "standard output failed");
	json_decref(j);
}
