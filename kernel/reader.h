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
	bool			named;		/* peer is the sender's name */
	union kdtls_addr	peer;
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

/* The first record of the call. */
void kdtls_reader_take_first(struct kdtls_reader *reader, struct sk_buff *skb,
			     const struct kdtls_assoc *assoc,
			     const struct kdtls_content *content);
/*
 * False: not for this call, and neither is what follows. The content is copied.
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
