// SPDX-License-Identifier: GPL-2.0-or-later
/* Lines of "Name value" from /proc/net/kdtls_stat. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "dtlsctl.h"

#define PATH	"/proc/net/kdtls_stat"

void stats(bool json)
{
	FILE *f = fopen(PATH, "re");
	json_t *j = json_object();
	char name[64];
	uint64_t value;

	if (!f)
		die(errno == ENOENT ? EXIT_NO_MODULE : EXIT_FAILED,
		    "%s: %s", PATH, errno == ENOENT ?
		    "kdtls is not loaded: modprobe kdtls" : strerror(errno));
	while (fscanf(f, "%63s %" SCNu64, name, &value) == 2) {
		if (!json)
			printf("%-32s%" PRIu64 "\n", name, value);
		else
			json_object_set_new(j, name, json_integer(value));
	}
	fclose(f);
	if (json && (json_dumpf(j, stdout, JSON_INDENT(2)) || puts("") < 0))
		die(EXIT_FAILED, "standard output failed");
	json_decref(j);
}
