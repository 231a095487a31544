// SPDX-License-Identifier: GPL-2.0
/*
 * Segments (UDP_SEGMENT) into batches of records: sealed back to back in pages,
 * one call of UDP's sendmsg for a batch.
 */
#include <linux/mm.h>
#include <linux/skbuff.h>
#include <linux/udp.h>
#include <net/udp.h>

#include "assoc.h"
#include "cmsg.h"
#include "epoch.h"
#include "seal.h"
#include "send_batch.h"
#include "stats.h"
#include "udp_output.h"

/* Records in one GSO packet, and its bytes: the limits of UDP_SEGMENT. */
#define BATCH_RECORDS	UDP_MAX_SEGMENTS
#define BATCH_BYTES	65000

struct kdtls_batch {
	struct bio_vec		vec[MAX_SKB_FRAGS];
	unsigned int		n;		/* of vec */
	unsigned int		pages;		/* they touch */
	unsigned int		records;	/* in them */
	size_t			record;		/* size of all but the last */
	size_t			bytes;		/* of records */
	size_t			content;	/* in them */
};

static void batch_put(struct kdtls_batch *batch)
{
	while (batch->n)
		put_page(batch->vec[--batch->n].bv_page);
}

/*
 * UDP took no batch (IPsec, a device without checksums): the same sealed
 * bytes again, one datagram a call. Returns records that went out, or an errno
 * if none did.
 */
static int output_singly(struct kdtls_assoc *assoc, struct kdtls_batch *batch,
			 const struct kdtls_udp_output *like)
{
	unsigned int i, done = 0;

	for (i = 0; i < batch->n; i++) {
		struct bio_vec vec = batch->vec[i];
		size_t left = vec.bv_len;

		while (left) {
			struct kdtls_udp_output out = *like;
			int err;

			vec.bv_len = min(left, batch->record);
			out.vec = &vec;
			out.n = 1;
			out.len = vec.bv_len;
			err = kdtls_udp_output(assoc, &out);
			if (err < 0)
				return done ?: err;
			done++;
			left -= vec.bv_len;
			vec.bv_offset += vec.bv_len;
		}
	}
	return done;
}

/* Adds UDP_SEGMENT with the size of a record to the control messages. */
static void segment_cmsg(struct kdtls_send_control *ctl, u16 size,
			 struct kdtls_udp_output *out)
{
	struct cmsghdr *cmsg = ctl->control + CMSG_ALIGN(ctl->controllen);

	cmsg->cmsg_level = SOL_UDP;
	cmsg->cmsg_type = UDP_SEGMENT;
	cmsg->cmsg_len = CMSG_LEN(sizeof(size));
	memcpy(CMSG_DATA(cmsg), &size, sizeof(size));
	out->control = ctl->control;
	out->controllen = CMSG_ALIGN(ctl->controllen) + CMSG_SPACE(sizeof(size));
}

/* Returns bytes of content that went out, or an errno if none did. */
static ssize_t batch_output(struct kdtls_assoc *assoc,
			    struct kdtls_batch *batch,
			    struct kdtls_send_control *ctl, int flags,
			    size_t segment)
{
	struct kdtls_udp_output single = {
		.flags = flags,
		.caller = ctl->caller,
		.control = ctl->controllen ? ctl->control : NULL,
		.controllen = ctl->controllen,
	};
	struct kdtls_udp_output out = single;
	int err;

	out.vec = batch->vec;
	out.n = batch->n;
	out.len = batch->bytes;
	if (batch->records > 1)
		segment_cmsg(ctl, batch->record, &out);
	err = kdtls_udp_output(assoc, &out);
	if (err >= 0)
		return batch->content;
	if (batch->records == 1 || (err != -EIO && err != -EINVAL))
		return err;
	err = output_singly(assoc, batch, &single);
	if (err <= 0)
		return err;
	return min_t(size_t, err * segment, batch->content);
}

/* An skb has a fragment for each page; false: that would be too many. */
static bool batch_add(struct kdtls_batch *batch, const struct kdtls_run *run)
{
	unsigned int pages = DIV_ROUND_UP(offset_in_page(run->vec.bv_offset) +
					  run->vec.bv_len, PAGE_SIZE);

	if (batch->n && batch->pages + pages > MAX_SKB_FRAGS)
		return false;
	batch->vec[batch->n++] = run->vec;
	batch->pages += pages;
	batch->records += run->records;
	batch->bytes += run->vec.bv_len;
	batch->content += run->content;
	return true;
}

/* Seals segments of the run until the batch is full or nothing is left. */
static int batch_seal(struct kdtls_batch *batch, const struct kdtls_tx *tx,
		      struct iov_iter *from, struct kdtls_run *run)
{
	size_t fit;

	batch->record = run->segment + tx->epoch->overhead;
	fit = clamp_t(size_t, BATCH_BYTES / batch->record, 1, BATCH_RECORDS);
	batch->n = 0;
	batch->pages = 0;
	batch->records = 0;
	batch->bytes = 0;
	batch->content = 0;
	while (run->left && batch->records < fit && batch->n < MAX_SKB_FRAGS) {
		int err;

		run->max = fit - batch->records;
		err = kdtls_seal_run(tx, from, run);
		if (err)
			return batch->n ? 0 : err;
		if (!batch_add(batch, run)) {
			/* Its numbers are lost; its content goes again. */
			put_page(run->vec.bv_page);
			iov_iter_revert(from, run->content);
			break;
		}
	}
	return 0;
}

ssize_t kdtls_send_batches(const struct kdtls_tx *tx, struct msghdr *msg,
			   size_t len, struct kdtls_send_control *ctl)
{
	size_t segment = ctl->segment;
	struct kdtls_batch batch;
	size_t sent = 0;
	ssize_t ret = 0;

	do {
		struct kdtls_run run = {
			.type = ctl->type,
			.left = len - sent,
			.segment = segment,
		};

		ret = batch_seal(&batch, tx, &msg->msg_iter, &run);
		if (ret)
			break;
		ret = batch_output(tx->assoc, &batch, ctl, msg->msg_flags,
				   segment);
		if (ret >= 0) {
			sent += ret;
			kdtls_count_tx(tx->assoc, DIV_ROUND_UP(ret, segment),
				       ret);
			if (ret < batch.content)
				len = sent;
		}
		batch_put(&batch);
	} while (ret >= 0 && sent < len);
	return sent ?: min_t(ssize_t, ret, 0);
}
