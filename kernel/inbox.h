/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The inbox of a socket: records that were opened and not yet read.
 *
 * A record keeps the skb it came in, for address, time stamp and the other
 * ancillary data, and either points into it or owns a buffer.
 */
#ifndef KDTLS_INBOX_H
#define KDTLS_INBOX_H

#include <linux/list.h>
#include <linux/refcount.h>
#include <linux/skbuff.h>
#include <linux/spinlock.h>

struct kdtls_record {
	struct list_head	list;
	refcount_t		refs;
	u8			type;		/* DTLS_TYPE_* */
	u32			len;		/* of data */
	u32			truesize;	/* charged to the inbox */
	u64			assoc;		/* id */
	const u8		*data;
	void			*buf;		/* owned, NULL: data is in skb */
	struct sk_buff		*skb;		/* held */
};

struct kdtls_inbox {
	spinlock_t		lock;		/* process context only */
	struct list_head	records;
	unsigned int		bytes;		/* truesize of them all */
};

void kdtls_inbox_init(struct kdtls_inbox *inbox);
void kdtls_inbox_purge(struct kdtls_inbox *inbox);

static inline bool kdtls_inbox_empty(const struct kdtls_inbox *inbox)
{
	return list_empty_careful(&inbox->records);
}

/* Puts a list of records at the end; they belong to the inbox now. */
void kdtls_inbox_add(struct kdtls_inbox *inbox, struct list_head *records);
/* The first record, removed; NULL if empty. The caller puts it. */
struct kdtls_record *kdtls_inbox_take(struct kdtls_inbox *inbox);
/*
 * The first record, removed, if it came in the same packet as rec, is of its
 * type, and has 1 to max bytes; else NULL.
 */
struct kdtls_record *kdtls_inbox_take_like(struct kdtls_inbox *inbox,
					   const struct kdtls_record *rec,
					   size_t max);
/* The first record, left where it is, with a reference. */
struct kdtls_record *kdtls_inbox_peek(struct kdtls_inbox *inbox);

/* A record of a part of skb (which it references); buf_len 0: no buffer. */
struct kdtls_record *kdtls_record_new(struct sk_buff *skb, size_t buf_len);
void kdtls_record_put(struct kdtls_record *rec);	/* wipes what it owns */
void kdtls_records_put(struct list_head *records);

int __init kdtls_inbox_cache_init(void);
void kdtls_inbox_cache_exit(void);

#endif /* KDTLS_INBOX_H */
