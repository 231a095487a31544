// SPDX-License-Identifier: GPL-2.0
/*
 * recvmsg: the next record from the inbox, or straight from UDP's queue when
 * the inbox is empty. The wait is our own: over both, with one deadline.
 */
#include <linux/sched/signal.h>
#include <linux/udp.h>
#include <net/udp.h>

#include "assoc.h"
#include "assoc_lookup.h"
#include "budget.h"
#include "cmsg.h"
#include "content.h"
#include "gro.h"
#include "inbox.h"
#include "input.h"
#include "output.h"
#include "reader.h"
#include "recv_queue.h"
#include "recvmsg.h"
#include "socket.h"

/* Woken as UDP's readers are: by arrivals and errors, not by write space. */
static int wake_reader(struct wait_queue_entry *wait, unsigned int mode,
		       int sync, void *key)
{
	if (key && !(key_to_poll(key) & (EPOLLIN | EPOLLERR)))
		return 0;
	return autoremove_wake_function(wait, mode, sync, key);
}

/* Not before the records that waited for the keys can be read. */
static bool association_over(struct kdtls_sock *ks)
{
	struct kdtls_assoc *assoc = kdtls_lookup_connected(ks);
	bool over = assoc && kdtls_assoc_state(assoc) >= DTLS_STATE_CLOSED &&
		    !READ_ONCE(assoc->early_opening);

	kdtls_assoc_put(assoc);
	return over;
}

/* After close_notify the end; after a failure its error, to every reader. */
static int end_of_records(struct kdtls_sock *ks)
{
	struct kdtls_assoc *assoc = kdtls_lookup_connected(ks);
	int err = 0;

	if (assoc && kdtls_assoc_state(assoc) == DTLS_STATE_FAILED)
		err = READ_ONCE(assoc->error);
	kdtls_assoc_put(assoc);
	return -err;
}

bool kdtls_recv_ended(struct kdtls_sock *ks)
{
	return READ_ONCE(ks->sk->sk_shutdown) & RCV_SHUTDOWN ||
	       association_over(ks);
}

static void wait_for_more(struct kdtls_sock *ks, long timeo)
{
	struct sock *sk = ks->sk;
	DEFINE_WAIT_FUNC(wait, wake_reader);

	atomic_inc(&ks->readers);
	prepare_to_wait_exclusive(sk_sleep(sk), &wait, TASK_INTERRUPTIBLE);
	if ((!kdtls_recv_queued(ks) || !kdtls_lookup_possible(ks)) &&
	    !READ_ONCE(sk->sk_err) && !kdtls_recv_ended(ks))
		schedule_timeout(timeo);
	finish_wait(sk_sleep(sk), &wait);
	atomic_dec(&ks->readers);
}

/* One packet, for the reader; what it does not take goes to the inbox. */
static int pull_packet(struct kdtls_reader *reader)
{
	struct kdtls_sink sink;
	int ret;

	kdtls_sink_init(&sink, reader);
	ret = kdtls_input(reader->ks, &sink);
	/* another reader may want what is left over */
	kdtls_recv_deliver(reader->ks, &sink.kept);
	return ret;
}

static void take_record(struct kdtls_reader *reader, struct kdtls_record *rec)
{
	const struct kdtls_content content = {
		.type = rec->type,
		.data = rec->data,
		.len = rec->len,
	};

	if (!reader->skb)
		skb_get(rec->skb);
	kdtls_reader_take(reader, rec->skb, rec->assoc, &content);
	kdtls_record_put(rec);
}

/* The rest of a batch that another caller opened. */
static void take_batch(struct kdtls_reader *reader)
{
	struct kdtls_record *rec;

	while (reader->more) {
		rec = kdtls_inbox_take_like(&reader->ks->inbox, reader->skb,
					    reader->assoc, reader->type,
					    min(reader->len, reader->room));
		if (!rec)
			break;
		take_record(reader, rec);
	}
}

static bool from_inbox(struct kdtls_reader *reader)
{
	struct kdtls_inbox *inbox = &reader->ks->inbox;
	struct kdtls_record *rec;

	rec = reader->flags & MSG_PEEK ? kdtls_inbox_peek(inbox) :
					 kdtls_inbox_take(inbox);
	if (!rec)
		return false;
	take_record(reader, rec);
	take_batch(reader);
	/* one was woken for all that was put here, and that was us */
	if (!kdtls_inbox_empty(inbox))
		kdtls_recv_wake(reader->ks);
	return true;
}

/* A peek leaves the record where the next call finds it: in the inbox. */
static int pull_to_peek(struct kdtls_reader *reader)
{
	struct kdtls_sink sink;
	int ret;

	kdtls_sink_init(&sink, NULL);
	ret = kdtls_input(reader->ks, &sink);
	kdtls_recv_keep(reader->ks, &sink.kept);
	from_inbox(reader);
	return ret;
}

/* Or is about to be: the answer leaves before the state moves. */
static bool is_closed(const struct kdtls_assoc *assoc)
{
	return kdtls_assoc_state(assoc) == DTLS_STATE_CLOSED ||
	       READ_ONCE(assoc->alert) == (KDTLS_ALERT_WARNING << 8 |
					   KDTLS_ALERT_CLOSE_NOTIFY);
}

/*
 * Our answer to close_notify finds the peer's port closed. That ICMP error is
 * no news any more; a fatal alert (ECONNRESET) is, and the end of the keys.
 */
static int pending_error(struct kdtls_sock *ks)
{
	struct kdtls_assoc *assoc = kdtls_lookup_connected(ks);
	int err = sock_error(ks->sk);

	if (assoc && is_closed(assoc) && err != -ECONNRESET &&
	    err != -EKEYEXPIRED)
		err = 0;
	kdtls_assoc_put(assoc);
	return err;
}

/* A call that gives up: edge-triggered pollers are woken for what is queued. */
static int give_up(struct kdtls_sock *ks, bool queued)
{
	if (queued)
		ks->data_ready(ks->sk);
	return -EAGAIN;
}

/* How long a call may wait, all in all; or what it may open if it may not. */
struct patience {
	long			timeo;		/* of the socket; 0: not at all */
	unsigned long		end;		/* jiffies */
	struct kdtls_budget	budget;
};

static void patience_init(struct patience *patience,
			  const struct kdtls_reader *reader,
			  unsigned long began)
{
	patience->timeo = sock_rcvtimeo(reader->ks->sk,
					reader->flags & MSG_DONTWAIT);
	patience->end = began + patience->timeo;
	kdtls_budget_init(&patience->budget);
}

/* What is left of it; time that went into opening counts, too. */
static long patience_left(const struct patience *patience)
{
	if (patience->timeo == MAX_SCHEDULE_TIMEOUT)
		return patience->timeo;
	return max((long)(patience->end - jiffies), 0L);
}

/*
 * After so many records that were not for the reader. A call that times out has
 * looked once: an arrival may have woken it alone.
 */
static bool goes_on(struct patience *patience, int decided)
{
	if (patience->timeo)
		return patience_left(patience);
	return decided && kdtls_budget_spend(&patience->budget, decided);
}

static int pull_one(struct kdtls_reader *reader)
{
	return reader->flags & MSG_PEEK ? pull_to_peek(reader) :
					  pull_packet(reader);
}

/* True: the reader has a record. Else decided is what was not for it. */
static bool look_once(struct kdtls_reader *reader, int *decided)
{
	if (unlikely(!kdtls_inbox_empty(&reader->ks->inbox)) &&
	    from_inbox(reader))
		return true;
	*decided = pull_one(reader);
	return reader->skb;
}

/* As next_record(), after a first look. */
static noinline int wait_record(struct kdtls_reader *reader,
				unsigned long began, int decided)
{
	struct kdtls_sock *ks = reader->ks;
	struct patience patience;
	int err;

	patience_init(&patience, reader, began);
	do {
		if (!decided) {
			kdtls_leftover_look(ks);
			err = pending_error(ks);
			if (err)
				return err;
			/* what others opened meanwhile was said before the end */
			if (kdtls_recv_ended(ks))
				return from_inbox(reader) ? 0 :
							    end_of_records(ks);
		}
		if (!goes_on(&patience, decided))
			return give_up(ks, decided);
		if (signal_pending(current))
			return sock_intr_errno(patience.timeo);
		if (decided)
			cond_resched();
		else
			wait_for_more(ks, patience_left(&patience));
	} while (!look_once(reader, &decided));
	return 0;
}

/* 0: the reader has a record, or it is the end of all records. */
static int next_record(struct kdtls_reader *reader)
{
	unsigned long began = jiffies;
	int decided;

	if (likely(look_once(reader, &decided)))
		return 0;
	return wait_record(reader, began, decided);
}

/* Says what was taken; returns what recvmsg() does. */
static int finish_read(struct kdtls_reader *reader, int *addr_len)
{
	int segment = reader->len;

	if (!reader->error) {
		if (reader->copied > reader->len)
			put_cmsg(reader->msg, SOL_UDP, UDP_GRO,
				 sizeof(segment), &segment);
		kdtls_recv_cmsgs(reader, addr_len);
	}
	consume_skb(reader->skb);
	if (reader->error)
		return reader->error;
	return reader->flags & MSG_TRUNC ? max(reader->len, reader->copied) :
					   reader->copied;
}

int kdtls_recvmsg(struct sock *sk, struct msghdr *msg, size_t len, int flags,
		  int *addr_len)
{
	struct kdtls_reader reader = {
		.ks = kdtls_sk(sk),
		.msg = msg,
		.flags = flags,
		.room = len,
		.more = !(flags & MSG_PEEK) && kdtls_gro_chosen(sk),
	};
	int err = next_record(&reader);

	if (err || !reader.skb)
		return err;
	return finish_read(&reader, addr_len);
}
