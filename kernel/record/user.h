/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* What the record layer takes from the kernel, for host builds of it. */
#ifndef KDTLS_RECORD_USER_H
#define KDTLS_RECORD_USER_H

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <linux/types.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;

#define BIT_ULL(n)	(1ULL << (n))
#define BITS_PER_LONG	((int)(sizeof(long) * CHAR_BIT))
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

#endif /* KDTLS_RECORD_USER_H */
