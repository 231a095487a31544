/* SPDX-License-Identifier: GPL-2.0 */
/* The answer of a getsockopt(). */
#ifndef KDTLS_ANSWER_H
#define KDTLS_ANSWER_H

#include <linux/sockptr.h>
#include <linux/types.h>

/*
 * As much of the answer as fits the caller's buffer, in whole units of so many
 * bytes; optlen gets how much that was. 0, -EFAULT or -EINVAL (negative length).
 */
int kdtls_answer_units(const void *answer, size_t size, size_t unit,
		       sockptr_t optval, sockptr_t optlen);

static inline int kdtls_answer(const void *answer, size_t size,
			       sockptr_t optval, sockptr_t optlen)
{
	return kdtls_answer_units(answer, size, 1, optval, optlen);
}

#endif /* KDTLS_ANSWER_H */
