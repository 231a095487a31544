/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Records of DTLS 1.3 under the keys of an epoch: what aead.h does for 1.2, and
 * the mask of their numbers. Process context, may sleep.
 */
#ifndef KDTLS_AEAD13_H
#define KDTLS_AEAD13_H

#include <linux/types.h>

struct dtls_header;
struct dtls_opened;
struct kdtls_epoch;
struct kdtls_workspace;

/*
 * The form that is sent (RFC 9147 section 4): numbers of 16 bits, and a length, as
 * other implementations send it and the known records have it.
 */
#define KDTLS_FORM13	(DTLS13_SEQ16 | DTLS13_LENGTH)

/*
 * len bytes of content are at buf + DTLS_HEADROOM + epoch->content_off, with
 * room for the rest of epoch->overhead behind them. Returns the length of the
 * record or a negative errno; then nothing of it may be sent.
 */
ssize_t kdtls_aead13_seal(struct kdtls_workspace *ws,
			  const struct kdtls_epoch *epoch, u8 type, u64 seq,
			  size_t len, u8 *buf);
/*
 * The record lies in buf, of which its header is then changed, or elsewhere: then
 * it is only read, and buf has space for it.
 *
 * 0: the tag was right; ws->seq is the number, which may not be new, and opened
 * describes what was inside. DTLS_DROP_ERR(): the tag was wrong, or (NOMEM) could
 * not be verified; or what an authentic record must not be: INNER, TYPE.
 */
int kdtls_aead13_open(struct kdtls_workspace *ws, struct kdtls_epoch *epoch,
		      const struct dtls_header *header, const u8 *record,
		      u8 *buf, struct dtls_opened *opened);

#endif /* KDTLS_AEAD13_H */
