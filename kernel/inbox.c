// SPDX-License-Identifier: GPL-2.0
/* The inbox: opened records that wait for a reader. */
#include <linux/mm.h>
#include <linux/slab.h>

#include "assoc.h"
#include "inbox.h"
#include "socket.h"

/* A packet of many records is charged to each of them by its part. */
static u32 truesize(const struct sk_buff *skb, size_t len)
{
	u32 packet = skb->truesize;

	if (len < skb->len)
		packet = mult_frac(packet, (u32)len, skb->len);
	return sizeof(struct kdtls_record) + len + packet;
}

struct kdtls_record *kdtls_record_new(struct sk_buff *skb, size_t len)
{
	struct kdtls_record *rec;

	rec = kvmalloc(struct_size(rec, data, len), GFP_KERNEL);
	if (!rec)
		return NULL;
	refcount_set(&rec->refs, 1);
	rec->len = len;
	rec->truesize = truesize(skb, len);
	rec->type = 0;
	rec->assoc = NULL;
	rec->skb = skb_get(skb);
	INIT_LIST_HEAD(&rec->list);
	return rec;
}

void kdtls_record_put(struct kdtls_record *rec)
{
	if (!refcount_dec_and_test(&rec->refs))
		return;
	consume_skb(rec->skb);
	kdtls_assoc_put(rec->assoc);
	kvfree(rec);
}

void kdtls_records_put(struct list_head *records)
{
	struct kdtls_record *rec, *next;

	list_for_each_entry_safe(rec, next, records, list) {
		list_del_init(&rec->list);
		kdtls_record_put(rec);
	}
}

void kdtls_inbox_init(struct kdtls_inbox *inbox)
{
	spin_lock_init(&inbox->lock);
	INIT_LIST_HEAD(&inbox->records);
	inbox->bytes = 0;
	inbox->closed = false;
}

void kdtls_inbox_purge(struct kdtls_inbox *inbox)
{
	LIST_HEAD(records);

	spin_lock(&inbox->lock);
	list_splice_init(&inbox->records, &records);
	inbox->bytes = 0;
	inbox->closed = true;
	spin_unlock(&inbox->lock);
	kdtls_records_put(&records);
}

/*
 * Under the lock: an association first leaves, then the inbox is sorted, so
 * that whoever adds after that has seen it leave.
 */
static bool strayed(const struct kdtls_inbox *inbox,
		    const struct kdtls_record *rec)
{
	return rec->assoc && &READ_ONCE(rec->assoc->ks)->inbox != inbox;
}

static void send_home(struct list_head *strays)
{
	struct kdtls_record *rec, *next;

	list_for_each_entry_safe(rec, next, strays, list) {
		struct kdtls_assoc *assoc = rec->assoc;
		struct kdtls_sock *ks = assoc->ks;
		LIST_HEAD(one);

		refcount_inc(&assoc->refs);	/* the record may be read now */
		list_move(&rec->list, &one);
		kdtls_inbox_add(&ks->inbox, &one);
		ks->data_ready(ks->sk);
		kdtls_assoc_put(assoc);
	}
}

void kdtls_inbox_add(struct kdtls_inbox *inbox, struct list_head *records)
{
	struct kdtls_record *rec, *next;
	unsigned int bytes = 0;
	LIST_HEAD(strays);

	if (list_empty(records))
		return;
	spin_lock(&inbox->lock);
	list_for_each_entry_safe(rec, next, records, list) {
		if (unlikely(strayed(inbox, rec)))
			list_move_tail(&rec->list, &strays);
		else
			bytes += rec->truesize;
	}
	if (likely(!inbox->closed)) {
		list_splice_tail_init(records, &inbox->records);
		WRITE_ONCE(inbox->bytes, inbox->bytes + bytes);
	}
	spin_unlock(&inbox->lock);
	kdtls_records_put(records);
	send_home(&strays);
}

void kdtls_inbox_sort(struct kdtls_inbox *inbox)
{
	struct kdtls_record *rec, *next;
	unsigned int bytes = 0;
	LIST_HEAD(strays);

	spin_lock(&inbox->lock);
	list_for_each_entry_safe(rec, next, &inbox->records, list) {
		if (!strayed(inbox, rec))
			continue;
		list_move_tail(&rec->list, &strays);
		bytes += rec->truesize;
	}
	WRITE_ONCE(inbox->bytes, inbox->bytes - bytes);
	spin_unlock(&inbox->lock);
	send_home(&strays);
}

/* With the lock. */
static struct kdtls_record *first(struct kdtls_inbox *inbox)
{
	return list_first_entry_or_null(&inbox->records, struct kdtls_record,
					list);
}

/* With the lock. */
static void unlink(struct kdtls_inbox *inbox, struct kdtls_record *rec)
{
	list_del_init(&rec->list);
	WRITE_ONCE(inbox->bytes, inbox->bytes - rec->truesize);
}

struct kdtls_record *kdtls_inbox_take(struct kdtls_inbox *inbox)
{
	struct kdtls_record *rec;

	if (kdtls_inbox_empty(inbox))
		return NULL;
	spin_lock(&inbox->lock);
	rec = first(inbox);
	if (rec)
		unlink(inbox, rec);
	spin_unlock(&inbox->lock);
	return rec;
}

struct kdtls_record *kdtls_inbox_take_like(struct kdtls_inbox *inbox,
					   const struct sk_buff *skb, u64 assoc,
					   u8 type, size_t max)
{
	struct kdtls_record *rec;

	if (kdtls_inbox_empty(inbox))
		return NULL;
	spin_lock(&inbox->lock);
	rec = first(inbox);
	if (rec && rec->skb == skb && rec->assoc->id == assoc &&
	    rec->type == type && rec->len && rec->len <= max)
		unlink(inbox, rec);
	else
		rec = NULL;
	spin_unlock(&inbox->lock);
	return rec;
}

struct kdtls_record *kdtls_inbox_peek(struct kdtls_inbox *inbox)
{
	struct kdtls_record *rec;

	spin_lock(&inbox->lock);
	rec = first(inbox);
	if (rec)
		refcount_inc(&rec->refs);
	spin_unlock(&inbox->lock);
	return rec;
}
