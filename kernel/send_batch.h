/* SPDX-License-Identifier: GPL-2.0 */
/* Segments into batches of records. */
#ifndef KDTLS_SEND_BATCH_H
#define KDTLS_SEND_BATCH_H

#include <linux/types.h>

struct kdtls_send_control;
struct kdtls_tx;
struct msghdr;

/*
 * Seals and sends len bytes of msg in records of ctl->segment bytes. Returns bytes
 * of content that went out, or an errno if none did. Process context, may sleep.
 */
ssize_t kdtls_send_batches(const struct kdtls_tx *tx, struct msghdr *msg,
			   size_t len, struct kdtls_send_control *ctl);

#endif /* KDTLS_SEND_BATCH_H */
