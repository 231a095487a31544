// SPDX-License-Identifier: GPL-2.0
/* Copies opened records into the memory of the recvmsg() caller. */
#include <linux/uio.h>
#include <linux/udp.h>
#include <net/udp.h>

#include "compat/compat.h"
#include "assoc.h"
#include "inbox.h"
#include "content.h"
#include "reader.h"
#include "socket.h"
#include "tun_input.h"

static bool gro_enabled(const struct sock *sk)
{
#ifdef udp_test_bit		/* 6.7 on */
	return udp_test_bit(GRO_ENABLED, sk);
#else
	return udp_sk(sk)->gro_enabled;
#endif
}

bool kdtls_wants_batches(const struct sock *sk)
{
	return gro_enabled(sk) && !READ_ONCE(kdtls_sk(sk)->gro_ours);
}

/*
 * _copy_to_iter: the source is a buffer of ours of which len bytes were just
 * opened; there is nothing for hardened usercopy to find out again, for each
 * record of a batch.
 */
static void copy_to_reader(struct kdtls_reader *reader, const u8 *data,
			   size_t len)
{
	if (_copy_to_iter(data, len, &reader->msg->msg_iter) != len) {
		reader->error = -EFAULT;
		reader->more = false;
	}
	reader->copied += len;
	reader->room -= len;
}

static void take_first(struct kdtls_reader *reader, struct sk_buff *skb,
		       u64 assoc, const struct kdtls_content *content)
{
	size_t len = content->len;
	size_t fit = min(len, reader->room);

	reader->skb = skb_get(skb);
	reader->assoc = assoc;
	reader->type = content->type;
	reader->len = len;
	if (fit < len)
		reader->msg->msg_flags |= MSG_TRUNC;
	if (fit < len || !len)
		reader->more = false;
	copy_to_reader(reader, content->data, fit);
}

/*
 * A batch is of records of one size from one packet, of which the last may be
 * shorter, as UDP_GRO says; what does not fit is for the next call.
 */
static bool fits_batch(const struct kdtls_reader *reader,
		       const struct sk_buff *skb, u64 assoc,
		       const struct kdtls_content *content)
{
	return reader->more && skb == reader->skb && assoc == reader->assoc &&
	       content->type == reader->type && content->len &&
	       content->len <= reader->len && content->len <= reader->room;
}

bool kdtls_reader_take(struct kdtls_reader *reader, struct sk_buff *skb,
		       u64 assoc, const struct kdtls_content *content)
{
	if (!reader->skb) {
		take_first(reader, skb, assoc, content);
		return true;
	}
	if (!fits_batch(reader, skb, assoc, content))
		return false;
	reader->more = content->len == reader->len;
	copy_to_reader(reader, content->data, content->len);
	return true;
}

bool kdtls_sink_keep(struct kdtls_sink *sink, struct sk_buff *skb,
		     struct kdtls_assoc *assoc,
		     const struct kdtls_content *content)
{
	struct kdtls_record *rec;

	if (sink->tun && kdtls_tun_input(sink->tun, content))
		return true;
	rec = kdtls_record_new(skb, content->len);
	if (!rec)
		return false;
	refcount_inc(&assoc->refs);
	rec->assoc = assoc;
	rec->type = content->type;
	memcpy(rec->data, content->data, content->len);
	list_add_tail(&rec->list, &sink->kept);
	return true;
}
