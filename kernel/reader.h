/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A call of recvmsg, and what it has got: one record, or with UDP_GRO several
 * of one size. Records come to it from the inbox, or straight from where they
 * were opened; either way by kdtls_reader_take().
 */
#ifndef KDTLS_READER_H
#define KDTLS_READER_H

#include <linux/list.h>
#include <linux/socket.h>
#include <linux/types.h>
#include <linux/uio.h>

#include "assoc.h"
#include "content.h"

struct kdtls_sock;
struct kdtls_tun;
struct sk_buff;

struct kdtls_reader {
	struct kdtls_sock	*ks;
	struct msghdr		*msg;
	int			flags;		/* MSG_* */
	size_t			room;		/* left in the caller's memory */
	bool			more;		/* another may follow */

	struct sk_buff		*skb;		/* held; NULL: no record yet */
	u64			assoc;		/* id */
	int			name_len;	/* of the sender's in msg; 0: the skb's */
	u8			type;		/* DTLS_TYPE_* */
	size_t			len;		/* of the first record */
	size_t			copied;
	int			error;		/* a bad address */
};

/*
 * _copy_to_iter: the source is a buffer of ours of which len bytes were just
 * opened; there is nothing for hardened usercopy to find out again, for each
 * record of a batch.
 */
static inline void kdtls_reader_copy(struct kdtls_reader *reader,
				     const u8 *data, size_t len)
{
	if (_copy_to_iter(data, len, &reader->msg->msg_iter) != len) {
		reader->error = -EFAULT;
		reader->more = false;
	}
	reader->copied += len;
	reader->room -= len;
}

/*
 * A batch is of records of one size from one packet, of which the last may be
 * shorter, as UDP_GRO says; what does not fit is for the next call.
 */
static inline bool kdtls_reader_fits(const struct kdtls_reader *reader,
				     const struct sk_buff *skb, u64 assoc,
				     const struct kdtls_content *content)
{
	return reader->more && skb == reader->skb && assoc == reader->assoc &&
	       content->type == reader->type && content->len &&
	       content->len <= reader->len && content->len <= reader->room;
}

/*
 * The sender's name. A record with a Connection ID may have come from anywhere: its
 * sender is the association's peer, to which an answer by this name goes; even if the
 * association has ended when the call returns. An injected datagram has no headers.
 */
void kdtls_reader_name(struct kdtls_reader *reader,
		       const struct kdtls_assoc *assoc);

/* The first record of the call. */
static inline void kdtls_reader_take_first(struct kdtls_reader *reader,
					   struct sk_buff *skb,
					   const struct kdtls_assoc *assoc,
					   const struct kdtls_content *content)
{
	size_t len = content->len;
	size_t fit = len;

	if (unlikely(fit > reader->room)) {
		fit = reader->room;
		reader->msg->msg_flags |= MSG_TRUNC;
		reader->more = false;
	}
	if (unlikely(!len))
		reader->more = false;
	reader->skb = skb;
	reader->assoc = assoc->id;
	if (unlikely(assoc->cid_len || !skb->protocol))
		kdtls_reader_name(reader, assoc);
	reader->type = content->type;
	reader->len = len;
	kdtls_reader_copy(reader, content->data, fit);
}

/*
 * False: not for this call, and neither is what follows. The content is copied.
 * With the first record the reader takes over the caller's reference to skb.
 * May sleep.
 */
static inline bool kdtls_reader_take(struct kdtls_reader *reader,
				     struct sk_buff *skb,
				     const struct kdtls_assoc *assoc,
				     const struct kdtls_content *content)
{
	if (!reader->skb) {
		kdtls_reader_take_first(reader, skb, assoc, content);
		return true;
	}
	if (!kdtls_reader_fits(reader, skb, assoc->id, content))
		return false;
	reader->more = content->len == reader->len;
	kdtls_reader_copy(reader, content->data, content->len);
	return true;
}

/* Where opened records go: to a tun device or the current reader, else on a list. */
struct kdtls_sink {
	struct kdtls_reader	*reader;	/* or NULL */
	struct list_head	kept;		/* for the inbox */
	struct kdtls_tun	*tun;		/* takes some of them; or NULL */
};

static inline void kdtls_sink_init(struct kdtls_sink *sink,
				   struct kdtls_reader *reader)
{
	sink->reader = reader;
	sink->tun = NULL;
	INIT_LIST_HEAD(&sink->kept);
}

/* What no reader has taken. False: no memory to keep it. May sleep. */
bool kdtls_sink_keep(struct kdtls_sink *sink, struct sk_buff *skb,
		     struct kdtls_assoc *assoc,
		     const struct kdtls_content *content);

/* Is the reference to skb that the caller had the reader's now? */
static inline bool kdtls_sink_has(const struct kdtls_sink *sink,
				  const struct sk_buff *skb)
{
	return sink->reader && sink->reader->skb == skb;
}

/* False: no memory to keep it. May sleep. */
static inline bool kdtls_sink_add(struct kdtls_sink *sink, struct sk_buff *skb,
				  struct kdtls_assoc *assoc,
				  const struct kdtls_content *content)
{
	/* not past others that wait */
	if (sink->reader && list_empty(&sink->kept) &&
	    kdtls_reader_take(sink->reader, skb, assoc, content))
		return true;
	return kdtls_sink_keep(sink, skb, assoc, content);
}

#endif /* KDTLS_READER_H */
