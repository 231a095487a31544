/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One AEAD call a record. Records are sealed in place, and opened in place or
 * from elsewhere into the workspace. A buffer begins DTLS_HEADROOM bytes
 * before the record and is one physical piece. Process context, may sleep.
 */
#ifndef KDTLS_AEAD_H
#define KDTLS_AEAD_H

#include <linux/mm.h>

#include "compat/compat.h"
#include "epoch.h"
#include "workspace.h"

/* What was inside a record; data lies where the record was opened. */
struct kdtls_content {
	u8		type;		/* DTLS_TYPE_* */
	const u8	*data;
	size_t		len;
};

/*
 * The content is at buf + DTLS_HEADROOM + dtls12_content_offset(). Returns the
 * length of the record or a negative errno; then nothing of it may be sent.
 */
ssize_t kdtls_aead_seal(struct kdtls_workspace *ws, struct kdtls_epoch *epoch,
			u64 seq, u8 type, u8 *buf, size_t content_len);
/*
 * The record lies in buf, or anywhere else: then it is left as it is, and buf
 * has room for it and gets the content.
 *
 * 0: *content is set, and the tag was right. DTLS_DROP_ERR(): it was not, or
 * (NOMEM) could not be tried.
 */
int kdtls_aead_open(struct kdtls_workspace *ws, struct kdtls_epoch *epoch,
		    const struct dtls_header *header, const u8 *record, u8 *buf,
		    struct kdtls_content *content);

/*
 * Until Linux 6.14 an AEAD walks its text page by page, and an edge inside of
 * it costs about as much as a copy.
 */
static inline bool kdtls_aead_likes(const u8 *data, size_t len)
{
#ifdef KDTLS_HAVE_SCATTERWALK_WHOLE
	return true;
#else
	return offset_in_page(data) + len <= PAGE_SIZE;
#endif
}

#endif /* KDTLS_AEAD_H */
