/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The inbox of a socket: records that were opened and not yet read.
 *
 * A record owns its bytes, and keeps the skb it came in for address, time
 * stamp and the other ancillary data.
 */
#ifndef KDTLS_INBOX_H
#define KDTLS_INBOX_H

#include <linux/list.h>
#include <linux/refcount.h>
#include <linux/skbuff.h>
#include <linux/spinlock.h>

struct kdtls_assoc;

struct kdtls_record {
	struct list_head	list;
	refcount_t		refs;
	u8			type;		/* DTLS_TYPE_* */
	bool			begins;		/* not opened: the first held of its datagram, */
	bool			named;		/* and it or one before it has a Connection ID */
	u32			len;		/* of data */
	u32			truesize;	/* its own */
	u32			packet;		/* charged for skb */
	struct kdtls_assoc	*assoc;		/* held; NULL: not opened yet */
	struct sk_buff		*skb;		/* held */
	u8			data[];
};

struct kdtls_inbox {
	spinlock_t		lock;		/* process context only */
	struct list_head	records;
	unsigned int		bytes;		/* charged for them all */
	bool			closed;		/* takes no more */
};

void kdtls_inbox_init(struct kdtls_inbox *inbox);
/* The socket closes: records hold associations, and those their socket. */
void kdtls_inbox_purge(struct kdtls_inbox *inbox);

static inline bool kdtls_inbox_empty(const struct kdtls_inbox *inbox)
{
	return list_empty_careful(&inbox->records);
}

/*
 * Puts a list of records at the end; they belong to the inbox now, and are
 * charged to its socket: what that cannot bear is dropped. What is of an
 * association that has left for a socket of its own (peeloff.c) goes there.
 */
void kdtls_inbox_add(struct kdtls_inbox *inbox, struct list_head *records);
/*
 * An association has left: what is here of it goes after it, in order, and in
 * front of what others opened since.
 */
void kdtls_inbox_sort(struct kdtls_inbox *inbox);
/* The first record, removed; NULL if empty. The caller puts it. */
struct kdtls_record *kdtls_inbox_take(struct kdtls_inbox *inbox);
/*
 * The first record, removed, if it came in this packet from this association,
 * is of this type, and has 1 to max bytes; else NULL.
 */
struct kdtls_record *kdtls_inbox_take_like(struct kdtls_inbox *inbox,
					   const struct sk_buff *skb, u64 assoc,
					   u8 type, size_t max);
/* The first record, left where it is, with a reference. */
struct kdtls_record *kdtls_inbox_peek(struct kdtls_inbox *inbox);

/*
 * A record of a part of skb, which it references, with room for len bytes. It
 * is to be charged to the socket where it waits, for itself and for what it
 * keeps of skb. May sleep.
 */
struct kdtls_record *kdtls_record_new(struct sk_buff *skb, size_t len);
void kdtls_record_put(struct kdtls_record *rec);
void kdtls_records_put(struct list_head *records);
/* What it is charged behind this one of the same list (or NULL), in bytes. */
u32 kdtls_record_weigh(struct kdtls_record *rec,
		       const struct kdtls_record *before);

#endif /* KDTLS_INBOX_H */
