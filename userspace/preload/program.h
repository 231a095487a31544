/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DTLSWRAP_PROGRAM_H
#define DTLSWRAP_PROGRAM_H

/*
 * NULL if the loader will preload a library into this program, else the reason.
 * file: a name as for execvp(3).
 */
const char *program_refused(const char *file);

/* The same for an open file that is no script. */
const char *program_unsuitable(int fd);

#endif
