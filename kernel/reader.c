// SPDX-License-Identifier: GPL-2.0
/* Copies opened records into the memory of the recvmsg() caller. */
#include "assoc.h"
#include "inbox.h"
#include "reader.h"
#include "socket.h"
#include "tun_input.h"

void kdtls_reader_name(struct kdtls_reader *reader,
		       const struct kdtls_assoc *assoc)
{
	union kdtls_addr addr;

	if (!reader->msg->msg_name)
		return;
	kdtls_assoc_remote(assoc, &addr);
	reader->name_len = kdtls_addr_put(reader->msg->msg_name, &addr);
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
