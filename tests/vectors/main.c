// SPDX-License-Identifier: GPL-2.0
/*
 * vectors FILE...: checks the module's record layer against known records.
 * Format of the files: data/README.md.
 */
#include <stdio.h>
#include <stdlib.h>
#include "check.h"

enum {
	EXIT_GOOD,
	EXIT_FAILED,	/* or nothing to check */
	EXIT_UNUSABLE,
};

static unsigned int passed, failed;

static const char usage[] =
	"Usage: vectors FILE...\n"
	"\n"
	"Checks known DTLS records (JSON, see tests/vectors/data/README.md)\n"
	"against the record layer of kdtls: each is opened and sealed again, or\n"
	"checked to be refused where the file has `refuse`. Prints a line for every\n"
	"failure and at the end `N passed, N failed'.\n"
	"\n"
	"Exit status: 0 all passed; 1 something failed, or nothing was checked;\n"
	"2 a file could not be read or has another format.\n";

static void check_one(const char *file, size_t n, json_t *json)
{
	struct entry e;
	char why[256] = "";

	if (entry_read(json, &e, why, sizeof(why)) &&
	    check_entry(&e, why, sizeof(why))) {
		passed++;
	} else {
		failed++;
		printf("%s: entry %zu%s%s%s%s: %s\n", file, n,
		       e.suite ? " " : "", e.suite ? e.suite : "",
		       e.label ? ", " : "", e.label ? e.label : "", why);
	}
	entry_free(&e);
}

static bool check_file(const char *file)
{
	json_error_t err;
	json_t *list = json_load_file(file, JSON_REJECT_DUPLICATES, &err);
	json_t *json;
	size_t n;

	if (!list) {
		if (err.line < 0)
			fprintf(stderr, "vectors: %s\n", err.text);
		else
			fprintf(stderr, "vectors: %s: line %d, column %d: %s\n",
				file, err.line, err.column, err.text);
		return false;
	}
	if (!json_is_array(list)) {
		fprintf(stderr, "vectors: %s: not a JSON list\n", file);
		json_decref(list);
		return false;
	}
	json_array_foreach(list, n, json)
		check_one(file, n, json);
	json_decref(list);
	return true;
}

int main(int argc, char **argv)
{
	bool usable = true;
	int i;

	if (argc == 2 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))) {
		fputs(usage, stdout);
		return EXIT_GOOD;
	}
	if (argc < 2 || argv[1][0] == '-') {
		fputs(usage, stderr);
		return EXIT_UNUSABLE;
	}
	for (i = 1; i < argc; i++)
		usable &= check_file(argv[i]);
	printf("%u passed, %u failed\n", passed, failed);
	if (!usable)
		return EXIT_UNUSABLE;
	return failed || !passed ? EXIT_FAILED : EXIT_GOOD;
}
