/* SPDX-License-Identifier: GPL-2.0 */
/* cmocka, which wants these headers before its own; and TAP. */
#ifndef KDTLS_UNIT_H
#define KDTLS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "record/record.h"

/* All tests of the array, as TAP. */
#define run_tap(name, tests)						\
	(cmocka_set_message_output(CM_OUTPUT_TAP),			\
	 _cmocka_run_group_tests(name, tests, ARRAY_SIZE(tests), NULL, NULL))

#endif /* KDTLS_UNIT_H */
