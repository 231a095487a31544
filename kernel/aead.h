/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One AEAD call a record. Records are sealed in place, and opened in place or
 * from elsewhere into the workspace. A buffer begins DTLS_HEADROOM bytes
 * before the record and is one physical piece. Process context, may sleep.
 * Inline: each has one caller, for every record.
 */
#ifndef KDTLS_AEAD_H
#define KDTLS_AEAD_H

#include <linux/mm.h>

#include "compat/compat.h"
#include "aead_crypto.h"
#include "aead_key.h"
#include "epoch.h"
#include "workspace.h"
#include "record/open12.h"
#include "record/seal12.h"

static inline int kdtls_aead_key_seal(struct kdtls_workspace *ws,
				      const struct kdtls_aead_key *key, u8 *buf)
{
	if (likely(key->backend == &kdtls_aead_crypto))
		return kdtls_crypto_seal(ws, key, buf);
	return key->backend->seal(ws, key, buf);
}

static inline int kdtls_aead_key_open(struct kdtls_workspace *ws,
				      const struct kdtls_aead_key *key, u8 *buf,
				      const u8 *record)
{
	if (likely(key->backend == &kdtls_aead_crypto))
		return kdtls_crypto_open(ws, key, buf, record);
	return key->backend->open(ws, key, buf, record);
}

/* Of ws->op. DTLS_DROP_ERR(): the tag was wrong, or (NOMEM) not verified. */
static inline int kdtls_aead_verify(struct kdtls_workspace *ws,
				    const struct kdtls_epoch *epoch, u8 *buf,
				    const u8 *record)
{
	int err = kdtls_aead_key_open(ws, &epoch->key, buf, record);

	if (likely(!err))
		return 0;
	return DTLS_DROP_ERR(err == -EBADMSG ? DTLS_DROP_TAG : DTLS_DROP_NOMEM);
}

/*
 * The content is at buf + DTLS_HEADROOM + epoch->content_off. Returns the
 * length of the record or a negative errno; then nothing of it may be sent.
 */
static inline ssize_t kdtls_aead_seal(struct kdtls_workspace *ws,
				      const struct kdtls_epoch *epoch,
				      const struct dtls12_content *content,
				      u8 *buf)
{
	int err;

	dtls12_seal_begin(&epoch->params, content, buf, &ws->op);
	err = kdtls_aead_key_seal(ws, &epoch->key, buf);
	if (err)
		return err;
	return dtls12_seal_end(&epoch->params, content, buf);
}

/*
 * The record lies in buf, or elsewhere: then it is only read, and buf has space
 * for it.
 *
 * 0: the tag was right, and opened describes what was inside.
 * DTLS_DROP_ERR(): the tag was wrong, or (NOMEM) could not be verified.
 */
static inline int kdtls_aead_open(struct kdtls_workspace *ws,
				  const struct kdtls_epoch *epoch,
				  const struct dtls_header *header,
				  const u8 *record, u8 *buf,
				  struct dtls_opened *opened)
{
	const struct dtls_record_params *params = &epoch->params;
	int err;

	err = dtls12_open_begin(params, header, record, buf, &ws->op);
	if (err)
		return err;
	err = kdtls_aead_verify(ws, epoch, buf, record);
	if (err)
		return err;
	return dtls12_open_end(params, header, buf, &ws->op, opened);
}

/*
 * Until Linux 6.14 the crypto API walks its text page by page, and an edge
 * inside of it costs about as much as a copy of 1,400 bytes. So what fits a page
 * of the workspace is better copied there if it crosses an edge.
 */
static inline bool kdtls_aead_likes(const struct kdtls_aead_key *key,
				    const u8 *data, size_t len)
{
#ifdef KDTLS_HAVE_SCATTERWALK_WHOLE
	return true;
#else
	return offset_in_page(data) + len <= PAGE_SIZE ||
	       DTLS_HEADROOM + len > PAGE_SIZE ||
	       key->backend != &kdtls_aead_crypto;
#endif
}

#ifdef KDTLS_HAVE_SCATTERWALK_WHOLE
#define KDTLS_TEXT_PAD	0
#else
#define KDTLS_TEXT_PAD	15
#endif

/*
 * Up to KDTLS_TEXT_PAD bytes to leave before a record that is longer than a
 * page: then edges of pages are edges of AES blocks, and no block has to be put
 * together from two pages.
 */
static inline size_t kdtls_text_pad(const struct kdtls_epoch *epoch,
				    const u8 *buf, size_t record)
{
	if (!KDTLS_TEXT_PAD || likely(DTLS_HEADROOM + record <= PAGE_SIZE))
		return 0;
	return -((unsigned long)buf + DTLS_HEADROOM + epoch->content_off) &
	       KDTLS_TEXT_PAD;
}

#endif /* KDTLS_AEAD_H */
