/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KDTLS_CONTENT_H
#define KDTLS_CONTENT_H

#include <linux/types.h>

/* The content of an opened record, in memory of its owner. */
struct kdtls_content {
	u8		type;		/* DTLS_TYPE_* */
	u8		*data;
	size_t		len;
};

#endif /* KDTLS_CONTENT_H */
