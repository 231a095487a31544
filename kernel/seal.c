// SPDX-License-Identifier: GPL-2.0
/*
 * From content to sealed records.
 *
 * A run of records is sealed into pages that UDP takes over, without a copy
 * where the kernel can (6.5 on), and that are not written again while it has
 * them.
 */
#include <linux/uio.h>
#include <net/sock.h>

#include "aead.h"
#include "aead13.h"
#include "assoc.h"
#include "epoch.h"
#include "key_limit.h"
#include "seal.h"
#include "workspace.h"

/*
 * _copy_from_iter: the target is room of ours of just this size; hardened
 * usercopy need not find that out again for each record of a batch.
 */
static bool copy_content(void *to, size_t len, struct iov_iter *from)
{
	size_t copied = _copy_from_iter(to, len, from);

	if (likely(copied == len))
		return true;
	iov_iter_revert(from, copied);
	return false;
}

/*
 * Copies and seals one record; on failure nothing of it is left in buf.
 */
static ssize_t seal_one(const struct kdtls_tx *tx, struct iov_iter *from,
			u8 type, u8 *buf, size_t len)
{
	struct kdtls_epoch *epoch = tx->epoch;
	u8 *content = buf + DTLS_HEADROOM + epoch->content_off;
	struct dtls12_content sealing = { .len = len, .type = type };
	ssize_t sealed = -EFAULT;

	if (!copy_content(content, len, from))
		goto out_wipe;
	/* From here the number is used, whatever fails. */
	sealed = -EKEYEXPIRED;
	if (!kdtls_epoch_number(epoch, type, &sealing.seq))
		goto out_revert;
	if (unlikely(sealing.seq > READ_ONCE(epoch->near)) &&
	    !kdtls_limit_sealed(tx->assoc, epoch, type, sealing.seq))
		goto out_revert;
	if (unlikely(epoch->dtls13))
		sealed = kdtls_aead13_seal(tx->ws, epoch, type, sealing.seq,
					   len, buf);
	else
		sealed = kdtls_aead_seal(tx->ws, epoch, &sealing, buf);
	if (sealed >= 0)
		return sealed;
out_revert:
	iov_iter_revert(from, len);	/* the rest of a batch begins with it */
out_wipe:
	memzero_explicit(content, len);
	return sealed;
}

ssize_t kdtls_seal_record(const struct kdtls_tx *tx, struct iov_iter *from,
			  u8 type, size_t len)
{
	size_t record = len + tx->epoch->overhead;
	u8 *buf = kdtls_workspace_buffer(tx->ws, DTLS_HEADROOM + record);

	if (!buf)
		return -ENOBUFS;
	return seal_one(tx, from, type, buf, len);
}

/*
 * In place, or where the AEAD likes it better and then over to its place: the
 * workspace has a page at least. record: bytes of a record, or more. Inline: a
 * batch calls it for each of its records.
 */
static __always_inline ssize_t seal_at(const struct kdtls_tx *tx,
				       struct iov_iter *from, u8 type, u8 *buf,
				       size_t len, size_t record)
{
	u8 *at = buf;
	ssize_t sealed;

	if (!kdtls_aead_likes(&tx->epoch->key, buf + DTLS_HEADROOM, record))
		at = tx->ws->buf;
	sealed = seal_one(tx, from, type, at, len);
	if (at != buf && sealed > 0)
		memcpy(buf + DTLS_HEADROOM, at + DTLS_HEADROOM, sealed);
	return sealed;
}

/*
 * How many records share a room. In DTLS 1.2 with a CID the AAD reaches into the
 * tag of the record in front, so that each has a room of its own.
 */
static unsigned int records_per_chunk(const struct kdtls_epoch *tx,
				      const struct kdtls_run *run,
				      size_t record)
{
	size_t n = run->segment ? DIV_ROUND_UP(run->left, run->segment) : 1;

	if (tx->params.cid_len && !tx->dtls13)
		return 1;
	n = min3(n, (size_t)run->max,
		 (KDTLS_ROOM_BYTES - KDTLS_TEXT_PAD - DTLS_HEADROOM) / record);
	return max_t(size_t, n, 1);
}

/* Where n records of this size go; vec has the page, and where in it. */
static u8 *find_space(const struct kdtls_tx *tx, unsigned int n, size_t record,
		      struct bio_vec *vec)
{
	unsigned int offset;
	struct page *room;

	room = kdtls_workspace_room(tx->ws, KDTLS_TEXT_PAD + DTLS_HEADROOM +
				    n * record, &offset);
	if (!room)
		return NULL;
	offset += kdtls_text_pad(tx->epoch, page_address(room) + offset,
				 record);
	bvec_set_page(vec, room, 0, offset + DTLS_HEADROOM);
	return page_address(room) + offset;
}

int kdtls_seal_page(const struct kdtls_tx *tx, struct iov_iter *from, u8 type,
		    size_t len, struct bio_vec *vec)
{
	size_t record = tx->epoch->overhead + len;
	u8 *buf = find_space(tx, 1, record, vec);
	ssize_t sealed;

	if (!buf)
		return -ENOBUFS;
	sealed = seal_at(tx, from, type, buf, len, record);
	if (unlikely(sealed < 0)) {
		put_page(vec->bv_page);
		return sealed;
	}
	vec->bv_len = sealed;
	return 0;
}

int kdtls_seal_run(const struct kdtls_tx *tx, struct iov_iter *from,
		   struct kdtls_run *run)
{
	size_t record = tx->epoch->overhead + run->segment;
	unsigned int n = records_per_chunk(tx->epoch, run, record);
	u8 *buf = find_space(tx, n, record, &run->vec), *at = buf;
	unsigned int records = 0;
	size_t left = run->left;
	ssize_t sealed;

	if (!buf)
		return -ENOBUFS;
	do {
		size_t len = min(left, run->segment);

		sealed = seal_at(tx, from, run->type, at, len, record);
		if (sealed < 0)
			break;
		at += sealed;
		left -= len;
		records++;
	} while (left && records < n);
	if (!records) {
		put_page(run->vec.bv_page);
		return sealed;
	}
	run->records = records;
	run->content = run->left - left;
	run->left = left;
	run->vec.bv_len = at - buf;
	return 0;
}
