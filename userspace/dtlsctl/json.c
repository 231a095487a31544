// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>

#include "dtlsctl.h"
#include "json.h"

static json_t *check_memory(json_t *j)
{
	if (!j)
		die(EXIT_FAILED, "out of memory");
	return j;
}

json_t *new_object(void)
{
	return check_memory(json_object());
}

json_t *new_list(void)
{
	return check_memory(json_array());
}

void put_value(json_t *object, const char *name, json_t *value)
{
	if (json_object_set_new(object, name, check_memory(value)))
		die(EXIT_FAILED, "out of memory");
}

void put_item(json_t *list, json_t *value)
{
	if (json_array_append_new(list, value))
		die(EXIT_FAILED, "out of memory");
}

void put_number(json_t *object, const char *name, uint64_t value)
{
	put_value(object, name, json_integer(value));
}

void put_word(json_t *object, const char *name, const char *word)
{
	put_value(object, name, word ? json_string(word) : json_null());
}

void print_json(json_t *j, size_t flags)
{
	if (json_dumpf(j, stdout, flags) || putchar('\n') == EOF || fflush(stdout))
		die(EXIT_FAILED, "cannot write to standard output");
	json_decref(j);
}
