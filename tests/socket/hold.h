/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A page that stops the system call that reads it: it is mapped from a file of
 * a FUSE file system of the test, which answers the read at hold_go().
 *
 *	struct hold *hold = hold_new(&value, sizeof(value));
 *	in a thread: setsockopt(fd, ..., hold_page(hold), sizeof(value));
 *	hold_wait(hold);	now it is inside, asleep in copy_from_user
 *	hold_go(hold);		now it has the value
 *	hold_free(hold);
 */
#ifndef KDTLS_TESTS_HOLD_H
#define KDTLS_TESTS_HOLD_H

#include <stddef.h>

struct hold;

struct hold *hold_new(const void *data, size_t len);
const void *hold_page(const struct hold *hold);
void hold_wait(struct hold *hold);
void hold_go(struct hold *hold);
void hold_free(struct hold *hold);

#endif
