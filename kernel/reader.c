// SPDX-License-Identifier: GPL-2.0
/* Copies opened records into the memory of the recvmsg() caller. */
#include "assoc.h"
#include "inbox.h"
#include "reader.h"
#include "socket.h"
#include "tun_input.h"

/*
 * A record with a Connection ID may have come from anywhere: its sender is the
 * association's peer, to which an answer by this name goes; even if the association
 * has ended when the name is copied. An injected datagram has no headers.
 */
static void take_name(struct kdtls_reader *reader, const struct sk_buff *skb,
		      const struct kdtls_assoc *assoc)
{
	reader->named = assoc->cid_len || !skb->protocol;
	if (unlikely(reader->named))
		kdtls_assoc_remote(assoc, &reader->peer);
}

void kdtls_reader_take_first(struct kdtls_reader *reader, struct sk_buff *skb,
			     const struct kdtls_assoc *assoc,
			     const struct kdtls_content *content)
{
	size_t len = content->len;
	size_t fit = min(len, reader->room);

	reader->skb = skb_get(skb);
	reader->assoc = assoc->id;
	take_name(reader, skb, assoc);
	reader->type = content->type;
	reader->len = len;
	if (fit < len)
		reader->msg->msg_flags |= MSG_TRUNC;
	if (fit < len || !len)
		reader->more = false;
	kdtls_reader_copy(reader, content->data, fit);
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
