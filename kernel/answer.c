// SPDX-License-Identifier: GPL-2.0
#include <linux/kernel.h>

#include "answer.h"

int kdtls_answer_units(const void *answer, size_t size, size_t unit,
		       sockptr_t optval, sockptr_t optlen)
{
	int len;

	if (copy_from_sockptr(&len, optlen, sizeof(len)))
		return -EFAULT;
	if (len < 0)
		return -EINVAL;
	len = min_t(size_t, len - len % unit, size);
	if (copy_to_sockptr(optval, answer, len) ||
	    copy_to_sockptr(optlen, &len, sizeof(len)))
		return -EFAULT;
	return 0;
}
