// SPDX-License-Identifier: GPL-2.0
/* The inbox: opened records that wait for a reader. */
#include <linux/mm.h>
#include <linux/slab.h>

#include "assoc.h"
#include "charge.h"
#include "inbox.h"
#include "socket.h"
#include "stats.h"

struct kdtls_record *kdtls_record_new(struct sk_buff *skb, size_t len)
{
	struct kdtls_record *rec;
	size_t size = struct_size(rec, data, len);

	/* charged where it waits */
	rec = kvmalloc(size, GFP_KERNEL);
	if (!rec)
		return NULL;
	refcount_set(&rec->refs, 1);
	rec->len = len;
	rec->truesize = kmalloc_size_roundup(size);
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
u32 kdtls_record_weigh(struct kdtls_record *rec,
		       const struct kdtls_record *before)
{
	bool same = before && before->skb == rec->skb;

	rec->packet = same ? 0 : rec->skb->truesize;
	return rec->truesize + rec->packet;
}

static struct kdtls_record *last_record(const struct list_head *records)
{
	return list_empty(records) ? NULL :
	       list_last_entry(records, struct kdtls_record, list);
}

static u32 weigh_all(const struct list_head *records,
		     const struct kdtls_record *before)
{
	struct kdtls_record *rec;
	u32 bytes = 0;

	list_for_each_entry(rec, records, list) {
		bytes += kdtls_record_weigh(rec, before);
		before = rec;
	}
	return bytes;
}

void kdtls_inbox_init(struct kdtls_inbox *inbox)
{
	spin_lock_init(&inbox->lock);
	INIT_LIST_HEAD(&inbox->records);
	inbox->bytes = 0;
	inbox->closed = false;
}

static struct kdtls_record *first_record(struct kdtls_inbox *inbox)
{
	lockdep_assert_held(&inbox->lock);
	return list_first_entry_or_null(&inbox->records, struct kdtls_record,
					list);
}

static struct sock *sock_of(const struct kdtls_inbox *inbox)
{
	return container_of(inbox, struct kdtls_sock, inbox)->sk;
}

/* False: the socket's memory does not bear it. */
static bool charge_inbox(struct kdtls_inbox *inbox, u32 bytes)
{
	lockdep_assert_held(&inbox->lock);
	if (!kdtls_rmem_charge(sock_of(inbox), bytes))
		return false;
	WRITE_ONCE(inbox->bytes, inbox->bytes + bytes);
	return true;
}

static void uncharge_inbox(struct kdtls_inbox *inbox, u32 bytes)
{
	lockdep_assert_held(&inbox->lock);
	WRITE_ONCE(inbox->bytes, inbox->bytes - bytes);
	kdtls_rmem_uncharge(sock_of(inbox), bytes);
}

/* At the end, all or none of them. */
static bool append_records(struct kdtls_inbox *inbox, struct list_head *records)
{
	u32 bytes = weigh_all(records, last_record(&inbox->records));

	if (!charge_inbox(inbox, bytes))
		return false;
	list_splice_tail_init(records, &inbox->records);
	return true;
}

/* One that was opened before what is there, in front of that. */
static bool prepend_record(struct kdtls_inbox *inbox, struct list_head *one)
{
	struct kdtls_record *rec = last_record(one);
	struct kdtls_record *next = first_record(inbox);
	u32 bytes = kdtls_record_weigh(rec, next);

	if (!charge_inbox(inbox, bytes))
		return false;
	if (next && !rec->packet) {
		rec->packet = next->packet;
		next->packet = 0;
	}
	list_splice_init(one, &inbox->records);
	return true;
}

static void count_drops(const struct kdtls_inbox *inbox,
			const struct list_head *records)
{
	const struct kdtls_record *rec;

	list_for_each_entry(rec, records, list)
		kdtls_drop(sock_net(sock_of(inbox)), rec->assoc,
			   DTLS_DROP_NOMEM);
}

/* What stays in the list is not wanted: after close() that is no loss. */
static void put_in(struct kdtls_inbox *inbox, struct list_head *records,
		   bool (*place)(struct kdtls_inbox *inbox,
				 struct list_head *records))
{
	lockdep_assert_held(&inbox->lock);
	if (!inbox->closed && !place(inbox, records))
		count_drops(inbox, records);
}

void kdtls_inbox_purge(struct kdtls_inbox *inbox)
{
	LIST_HEAD(records);

	spin_lock(&inbox->lock);
	list_splice_init(&inbox->records, &records);
	uncharge_inbox(inbox, inbox->bytes);
	inbox->closed = true;
	spin_unlock(&inbox->lock);
	kdtls_records_put(&records);
}

/*
 * An association leaves first, then the inbox is sorted: a caller that adds a
 * record after that sees that it has left.
 */
static bool has_left_socket(const struct kdtls_inbox *inbox,
			    const struct kdtls_record *rec)
{
	lockdep_assert_held(&inbox->lock);
	return rec->assoc && &READ_ONCE(rec->assoc->ks)->inbox != inbox;
}

/* A stray, to its association's inbox. */
static void send_home(struct kdtls_record *rec,
		      bool (*place)(struct kdtls_inbox *inbox,
				    struct list_head *records))
{
	struct kdtls_assoc *assoc = rec->assoc;
	struct kdtls_sock *ks = assoc->ks;
	LIST_HEAD(one);

	refcount_inc(&assoc->refs);	/* the record may be read now */
	list_move(&rec->list, &one);
	spin_lock(&ks->inbox.lock);
	put_in(&ks->inbox, &one, place);
	spin_unlock(&ks->inbox.lock);
	kdtls_records_put(&one);
	ks->data_ready(ks->sk);
	kdtls_assoc_put(assoc);
}

static void send_all_home(struct list_head *strays)
{
	struct kdtls_record *rec, *next;

	list_for_each_entry_safe(rec, next, strays, list)
		send_home(rec, append_records);
}

/*
 * What was opened before its association left, to where others may have put
 * what was opened afterwards: the last one first, in front of that.
 */
static void send_all_ahead(struct list_head *strays)
{
	struct kdtls_record *rec, *prev;

	list_for_each_entry_safe_reverse(rec, prev, strays, list)
		send_home(rec, prepend_record);
}

static void strays_out(const struct kdtls_inbox *inbox,
		       struct list_head *records, struct list_head *strays)
{
	struct kdtls_record *rec, *next;

	list_for_each_entry_safe(rec, next, records, list)
		if (unlikely(has_left_socket(inbox, rec)))
			list_move_tail(&rec->list, strays);
}

void kdtls_inbox_add(struct kdtls_inbox *inbox, struct list_head *records)
{
	LIST_HEAD(strays);

	if (list_empty(records))
		return;
	spin_lock(&inbox->lock);
	strays_out(inbox, records, &strays);
	put_in(inbox, records, append_records);
	spin_unlock(&inbox->lock);
	kdtls_records_put(records);
	send_all_home(&strays);
}

/* What is left of the packet is charged for it from now on. */
static void unlink_record(struct kdtls_inbox *inbox, struct kdtls_record *rec)
{
	u32 bytes = rec->truesize + rec->packet;
	struct kdtls_record *next = list_next_entry(rec, list);

	lockdep_assert_held(&inbox->lock);
	if (!list_is_last(&rec->list, &inbox->records) &&
	    next->skb == rec->skb) {
		next->packet += rec->packet;
		bytes = rec->truesize;
	}
	list_del_init(&rec->list);
	uncharge_inbox(inbox, bytes);
}

void kdtls_inbox_sort(struct kdtls_inbox *inbox)
{
	struct kdtls_record *rec, *next;
	LIST_HEAD(strays);

	spin_lock(&inbox->lock);
	list_for_each_entry_safe(rec, next, &inbox->records, list) {
		if (!has_left_socket(inbox, rec))
			continue;
		unlink_record(inbox, rec);
		list_add_tail(&rec->list, &strays);
	}
	spin_unlock(&inbox->lock);
	send_all_ahead(&strays);
}

struct kdtls_record *kdtls_inbox_take(struct kdtls_inbox *inbox)
{
	struct kdtls_record *rec;

	if (kdtls_inbox_empty(inbox))
		return NULL;
	spin_lock(&inbox->lock);
	rec = first_record(inbox);
	if (rec)
		unlink_record(inbox, rec);
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
	rec = first_record(inbox);
	if (rec && rec->skb == skb && rec->assoc->id == assoc &&
	    rec->type == type && rec->len && rec->len <= max)
		unlink_record(inbox, rec);
	else
		rec = NULL;
	spin_unlock(&inbox->lock);
	return rec;
}

struct kdtls_record *kdtls_inbox_peek(struct kdtls_inbox *inbox)
{
	struct kdtls_record *rec;

	spin_lock(&inbox->lock);
	rec = first_record(inbox);
	if (rec)
		refcount_inc(&rec->refs);
	spin_unlock(&inbox->lock);
	return rec;
}
