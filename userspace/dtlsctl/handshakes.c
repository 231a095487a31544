// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The metrics file of dtls-handshaked: lines of "name value" or
 * "name{label="word"} value", in Prometheus' text format.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dtlsctl.h"
#include "json.h"

#define PREFIX	"dtls_handshaked_"

static void print_counter(const char *name, const char *value, json_t *j)
{
	if (!strncmp(name, PREFIX, strlen(PREFIX)))
		name += strlen(PREFIX);
	if (j)
		put_value(j, name,
			  strchr(value, '.') ? json_real(atof(value)) :
					       json_integer(atoll(value)));
	else
		printf("%-52s%s\n", name, value);
}

/* A label may have a space in it, the value has none. */
static void parse_line(char *line, json_t *j)
{
	char *space = strrchr(line, ' ');

	line[strcspn(line, "\n")] = '\0';
	if (*line == '#' || !space)
		return;
	*space = '\0';
	print_counter(line, space + 1, j);
}

void handshakes(bool json, const char *path)
{
	json_t *j = json ? new_object() : NULL;
	FILE *f = fopen(path, "re");
	char line[512];

	if (!f)
		die(errno == ENOENT ? EXIT_NOT_FOUND : EXIT_FAILED, "%s: %s", path,
		    errno == ENOENT ? "no such file; set metrics-file in dtls-handshaked.conf" :
		    strerror(errno));
	while (fgets(line, sizeof(line), f))
		parse_line(line, j);
	fclose(f);
	if (json)
		print_json(j, JSON_INDENT(2));
}
