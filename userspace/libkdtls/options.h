/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The two ways to set a SOL_DTLS option. */
#ifndef KDTLS_OPTIONS_H
#define KDTLS_OPTIONS_H

#include <stddef.h>
#include <sys/types.h>

/* on a socket that is attached already */
int kdtls_setopt(int fd, int option, const void *value, size_t size);
/* on any socket: attaches it first if need be */
int kdtls_setopt_enable(int fd, int option, const void *value, size_t size);
/* returns the bytes filled in, or -1 */
ssize_t kdtls_getopt(int fd, int option, void *value, size_t size);

#endif /* KDTLS_OPTIONS_H */
