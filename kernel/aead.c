// SPDX-License-Identifier: GPL-2.0
/* Records: before the AEAD, the AEAD, and after it. */
#include "aead.h"
#include "aead_key.h"
#include "epoch.h"
#include "workspace.h"
#include "record/open12.h"

ssize_t kdtls_aead_seal(struct kdtls_workspace *ws,
			const struct kdtls_epoch *epoch,
			const struct dtls12_content *content, u8 *buf)
{
	int err;

	dtls12_seal_begin(&epoch->params, content, buf, &ws->op);
	err = kdtls_aead_key_seal(ws, &epoch->key, buf);
	if (err)
		return err;
	return dtls12_seal_end(&epoch->params, content, buf);
}

int kdtls_aead_open(struct kdtls_workspace *ws, const struct kdtls_epoch *epoch,
		    const struct dtls_header *header, const u8 *record,
		    struct kdtls_content *content)
{
	const struct dtls_record_params *params = &epoch->params;
	u8 *buf = content->data;
	struct dtls_opened opened;
	int err;

	err = dtls12_open_begin(params, header, record, buf, &ws->op);
	if (err)
		return err;
	err = kdtls_aead_key_open(ws, &epoch->key, buf, record);
	if (err == -EBADMSG)
		return DTLS_DROP_ERR(DTLS_DROP_TAG);
	if (err)
		return DTLS_DROP_ERR(DTLS_DROP_NOMEM);
	err = dtls12_open_end(params, header, buf, &ws->op, &opened);
	content->type = opened.type;
	content->data = buf + opened.off;
	content->len = opened.len;
	return err;
}
