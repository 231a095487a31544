/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One AEAD call a record, in place, over one contiguous buffer that begins
 * DTLS_HEADROOM bytes before the record. Process context, may sleep.
 */
#ifndef KDTLS_CRYPT_H
#define KDTLS_CRYPT_H

#include "epoch.h"

/*
 * The content is at buf + DTLS_HEADROOM + dtls12_content_offset(). Returns the
 * length of the record or a negative errno; then nothing of it may be sent.
 */
ssize_t kdtls_seal(struct kdtls_epoch *epoch, u64 seq, u8 type, void *buf,
		   size_t content_len);
/*
 * 0: *type, *content (an offset in buf) and *content_len are set, and the tag
 * was right. DTLS_DROP_ERR(): not. -ENOMEM and the like: not tried.
 */
int kdtls_open(struct kdtls_epoch *epoch, const struct dtls_header *header,
	       void *buf, u8 *type, size_t *content, size_t *content_len);

#endif /* KDTLS_CRYPT_H */
