/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JSON output; without memory or standard output these end the program. */
#ifndef DTLSCTL_JSON_H
#define DTLSCTL_JSON_H

#include <stdint.h>

#include <jansson.h>

json_t *new_object(void);
json_t *new_list(void);
/* Takes ownership of value, as the list does of its items. */
void put_value(json_t *object, const char *name, json_t *value);
void put_item(json_t *list, json_t *value);
void put_number(json_t *object, const char *name, uint64_t value);
/* word NULL: null. */
void put_word(json_t *object, const char *name, const char *word);

/* Prints and frees j. flags: of json_dumpf(). */
void print_json(json_t *j, size_t flags);

#endif
