// SPDX-License-Identifier: GPL-2.0
/* The inbox: opened records that wait for a reader. */
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "assoc.h"
#include "inbox.h"
#include "socket.h"

/* Whose memory a socket's is; NULL: nobody's. */
static struct mem_cgroup *memcg_of(const struct sock *sk)
{
#ifdef CONFIG_MEMCG
	return sk->sk_memcg;
#else
	return NULL;
#endif
}

struct kdtls_record *kdtls_record_new(const struct sock *sk,
				      struct sk_buff *skb, size_t len)
{
	struct mem_cgroup *mine = set_active_memcg(memcg_of(sk));
	struct kdtls_record *rec;

	rec = kvmalloc(struct_size(rec, data, len), GFP_KERNEL_ACCOUNT);
	set_active_memcg(mine);
	if (!rec)
		return NULL;
	refcount_set(&rec->refs, 1);
	rec->len = len;
	rec->truesize = sizeof(*rec) + len;
	rec->packet = 0;
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

/*
 * A record keeps all of its packet, however little it is of that. Those of one
 * packet stand one behind the other: the first is charged for it.
 */
u32 kdtls_records_append(struct list_head *records, struct kdtls_record *rec)
{
	const struct kdtls_record *last;

	rec->packet = rec->skb->truesize;
	if (!list_empty(records)) {
		last = list_last_entry(records, struct kdtls_record, list);
		if (last->skb == rec->skb)
			rec->packet = 0;
	}
	list_move_tail(&rec->list, records);
	return rec->truesize + rec->packet;
}

/* As kdtls_records_append(), for one that was opened before what is there. */
static u32 prepend(struct list_head *records, struct kdtls_record *rec)
{
	struct kdtls_record *next;

	next = list_first_entry_or_null(records, struct kdtls_record, list);
	list_move(&rec->list, records);
	if (next && next->skb == rec->skb) {
		rec->packet = next->packet;
		next->packet = 0;
		return rec->truesize;
	}
	rec->packet = rec->skb->truesize;
	return rec->truesize + rec->packet;
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

/* A stray, to its association's inbox; if that is closed it stays in its list. */
static void send_home(struct kdtls_record *rec,
		      u32 (*place)(struct list_head *records,
				   struct kdtls_record *rec))
{
	struct kdtls_assoc *assoc = rec->assoc;
	struct kdtls_sock *ks = assoc->ks;
	struct kdtls_inbox *inbox = &ks->inbox;

	refcount_inc(&assoc->refs);	/* the record may be read now */
	spin_lock(&inbox->lock);
	if (!inbox->closed)
		WRITE_ONCE(inbox->bytes,
			   inbox->bytes + place(&inbox->records, rec));
	spin_unlock(&inbox->lock);
	ks->data_ready(ks->sk);
	kdtls_assoc_put(assoc);
}

static void send_all_home(struct list_head *strays)
{
	struct kdtls_record *rec, *next;

	list_for_each_entry_safe(rec, next, strays, list)
		send_home(rec, kdtls_records_append);
	kdtls_records_put(strays);
}

/*
 * What was opened before its association left, to where others may have put
 * what was opened afterwards: the last one first, in front of that.
 */
static void send_all_ahead(struct list_head *strays)
{
	struct kdtls_record *rec, *prev;

	list_for_each_entry_safe_reverse(rec, prev, strays, list)
		send_home(rec, prepend);
	kdtls_records_put(strays);
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
		else if (likely(!inbox->closed))
			bytes += kdtls_records_append(&inbox->records, rec);
	}
	WRITE_ONCE(inbox->bytes, inbox->bytes + bytes);
	spin_unlock(&inbox->lock);
	kdtls_records_put(records);
	send_all_home(&strays);
}

/* With the lock. What is left of the packet is charged for it from now on. */
static void unlink(struct kdtls_inbox *inbox, struct kdtls_record *rec)
{
	u32 bytes = rec->truesize + rec->packet;
	struct kdtls_record *next = list_next_entry(rec, list);

	if (!list_is_last(&rec->list, &inbox->records) &&
	    next->skb == rec->skb) {
		next->packet += rec->packet;
		bytes = rec->truesize;
	}
	list_del_init(&rec->list);
	WRITE_ONCE(inbox->bytes, inbox->bytes - bytes);
}

void kdtls_inbox_sort(struct kdtls_inbox *inbox)
{
	struct kdtls_record *rec, *next;
	LIST_HEAD(strays);

	spin_lock(&inbox->lock);
	list_for_each_entry_safe(rec, next, &inbox->records, list) {
		if (!strayed(inbox, rec))
			continue;
		unlink(inbox, rec);
		list_add_tail(&rec->list, &strays);
	}
	spin_unlock(&inbox->lock);
	send_all_ahead(&strays);
}

/* With the lock. */
static struct kdtls_record *first(struct kdtls_inbox *inbox)
{
	return list_first_entry_or_null(&inbox->records, struct kdtls_record,
					list);
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
