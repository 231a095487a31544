// SPDX-License-Identifier: GPL-2.0-or-later
/* /proc/net/kdtls_stat has lines of "Name value". */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "dtlsctl.h"
#include "json.h"

#define PATH	"/proc/net/kdtls_stat"

void stats(bool json)
{
	FILE *f = fopen(PATH, "re");
	json_t *j = json ? new_object() : NULL;
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
			put_number(j, name, value);
	}
	fclose(f);
	if (json)
		print_json(j, JSON_INDENT(2));
}
