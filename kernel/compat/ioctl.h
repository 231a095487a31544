/* SPDX-License-Identifier: GPL-2.0 */
/* The argument of struct proto's ioctl: the kernel's int, or the user's. */
#ifndef KDTLS_COMPAT_IOCTL_H
#define KDTLS_COMPAT_IOCTL_H

#include <linux/uaccess.h>

#include "compat.h"

#ifdef KDTLS_HAVE_IOCTL_KARG
#define kdtls_ioctl_arg_t	int *

static inline int kdtls_ioctl_answer(kdtls_ioctl_arg_t arg, int value)
{
	*arg = value;
	return 0;
}
#else
#define kdtls_ioctl_arg_t	unsigned long

static inline int kdtls_ioctl_answer(kdtls_ioctl_arg_t arg, int value)
{
	return put_user(value, (int __user *)arg);
}
#endif

#endif /* KDTLS_COMPAT_IOCTL_H */
