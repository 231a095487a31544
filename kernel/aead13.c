// SPDX-License-Identifier: GPL-2.0
/* DTLS 1.3: the pure record code, one AEAD call and one mask for each record. */
#include "aead.h"
#include "aead13.h"
#include "epoch.h"
#include "mask13.h"
#include "workspace.h"
#include "record/dtls13/dtls13.h"

ssize_t kdtls_aead13_seal(struct kdtls_workspace *ws,
			  const struct kdtls_epoch *epoch, u8 type, u64 seq,
			  size_t len, u8 *buf)
{
	const struct dtls13_content content = {
		.seq = seq,
		.len = len,
		.type = type,
		.form = KDTLS_FORM13,
	};
	u8 mask[KDTLS_MASK13_BYTES];
	int err;

	ws->seq = seq;
	dtls13_seal_begin(&epoch->params, &content, buf, &ws->op);
	err = kdtls_aead_key_seal(ws, &epoch->key, buf);
	if (err)
		return err;
	kdtls_mask13(&epoch->mask, buf + ws->op.aad_off + ws->op.aad_len, mask);
	return dtls13_seal_end(&epoch->params, &content, buf, &ws->op, mask);
}

/* The header with its number in the clear, which is the AAD, in buf. */
static void unmask_header(const struct kdtls_epoch *epoch,
			  struct dtls_header *header, const u8 *record, u8 *buf)
{
	u8 *clear = buf + DTLS_HEADROOM;
	u8 mask[KDTLS_MASK13_BYTES];

	kdtls_mask13(&epoch->mask, record + header->len, mask);
	if (record != clear)
		memcpy(clear, record, header->len);
	dtls13_unmask(header, clear, mask);
}

int kdtls_aead13_open(struct kdtls_workspace *ws, struct kdtls_epoch *epoch,
		      const struct dtls_header *header, const u8 *record,
		      u8 *buf, struct dtls_opened *opened)
{
	struct dtls_header clear = *header;
	int err;

	unmask_header(epoch, &clear, record, buf);
	ws->seq = dtls13_seq(&clear, kdtls_epoch_expected(epoch));
	err = dtls13_open_begin(&epoch->params, &clear, ws->seq, buf, &ws->op);
	if (err)
		return err;
	err = kdtls_aead_verify(ws, epoch, buf, record);
	if (err)
		return err;
	return dtls13_open_end(&epoch->params, buf, &ws->op, opened);
}
