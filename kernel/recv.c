// SPDX-License-Identifier: GPL-2.0
/*
 * recvmsg: the next record from the inbox, or straight from UDP's queue when
 * the inbox is empty. The wait is our own: over both, with one deadline.
 */
#include <linux/sched/signal.h>
#include <linux/udp.h>
#include <net/udp.h>

#include "socket.h"

/* Datagrams without a record for us that one non-blocking call may eat. */
#define BUDGET	64

/* Woken as UDP's readers are: by arrivals and errors, not by write space. */
static int wake_reader(struct wait_queue_entry *wait, unsigned int mode,
		       int sync, void *key)
{
	if (key && !(key_to_poll(key) & (EPOLLIN | EPOLLERR)))
		return 0;
	return autoremove_wake_function(wait, mode, sync, key);
}

static bool association_over(struct kdtls_sock *ks)
{
	struct kdtls_assoc *assoc = kdtls_socket_assoc(ks);
	bool over = assoc && kdtls_assoc_state(assoc) >= DTLS_STATE_CLOSED;

	kdtls_assoc_put(assoc);
	return over;
}

/* After close_notify the end; after a failure its error, to every reader. */
static struct kdtls_record *end_of_records(struct kdtls_sock *ks)
{
	struct kdtls_assoc *assoc = kdtls_socket_assoc(ks);
	int err = 0;

	if (assoc && kdtls_assoc_state(assoc) == DTLS_STATE_FAILED)
		err = READ_ONCE(assoc->error);
	kdtls_assoc_put(assoc);
	return err ? ERR_PTR(-err) : NULL;
}

bool kdtls_recv_ended(struct kdtls_sock *ks)
{
	return READ_ONCE(ks->sk->sk_shutdown) & RCV_SHUTDOWN ||
	       association_over(ks);
}

bool kdtls_recv_queued(struct kdtls_sock *ks)
{
	struct sock *sk = ks->sk;

	return !kdtls_inbox_empty(&ks->inbox) ||
	       !skb_queue_empty_lockless(&sk->sk_receive_queue) ||
	       !skb_queue_empty_lockless(&udp_sk(sk)->reader_queue);
}

static long wait_for_more(struct kdtls_sock *ks, long timeo)
{
	struct sock *sk = ks->sk;
	DEFINE_WAIT_FUNC(wait, wake_reader);

	atomic_inc(&ks->readers);
	prepare_to_wait_exclusive(sk_sleep(sk), &wait, TASK_INTERRUPTIBLE);
	if ((!kdtls_recv_queued(ks) || !kdtls_socket_decides(ks)) &&
	    !READ_ONCE(sk->sk_err) && !kdtls_recv_ended(ks))
		timeo = schedule_timeout(timeo);
	finish_wait(sk_sleep(sk), &wait);
	atomic_dec(&ks->readers);
	return timeo;
}

/*
 * Between UDP's queue and the inbox a datagram is in neither: a reader that
 * looked just then sleeps. Whoever opens without reading wakes it; without
 * readers nobody, or epoll would see an edge of its own making.
 */
void kdtls_recv_tell(struct kdtls_sock *ks, struct list_head *records)
{
	if (list_empty(records))
		return;
	kdtls_inbox_add(&ks->inbox, records);
	smp_mb();	/* pairs with that of prepare_to_wait_exclusive() */
	if (atomic_read(&ks->readers))
		ks->data_ready(ks->sk);
}

/* What is left over goes to the inbox; another reader may want it. */
static void leave(struct kdtls_sock *ks, struct list_head *records)
{
	if (list_empty(records))
		return;
	kdtls_inbox_add(&ks->inbox, records);
	ks->data_ready(ks->sk);
}

/* One datagram; its first record is returned, others go to the inbox. */
static int pull_first(struct kdtls_sock *ks, bool peek,
		      struct kdtls_record **rec)
{
	LIST_HEAD(records);
	int ret = kdtls_pull(ks, &records);

	if (peek) {
		kdtls_recv_tell(ks, &records);
		*rec = kdtls_inbox_peek(&ks->inbox);
		return ret;
	}
	*rec = list_first_entry_or_null(&records, struct kdtls_record, list);
	if (*rec)
		list_del_init(&(*rec)->list);
	leave(ks, &records);
	return ret;
}

static struct kdtls_record *from_inbox(struct kdtls_sock *ks, bool peek)
{
	if (kdtls_inbox_empty(&ks->inbox))
		return NULL;
	return peek ? kdtls_inbox_peek(&ks->inbox) :
		      kdtls_inbox_take(&ks->inbox);
}

/*
 * Our answer to close_notify finds the peer's port closed. That ICMP error is
 * no news any more; a fatal alert (ECONNRESET) is.
 */
static int pending_error(struct kdtls_sock *ks)
{
	struct kdtls_assoc *assoc = kdtls_socket_assoc(ks);
	int err = sock_error(ks->sk);

	if (assoc && kdtls_assoc_state(assoc) == DTLS_STATE_CLOSED &&
	    err != -ECONNRESET)
		err = 0;
	kdtls_assoc_put(assoc);
	return err;
}

/* A record, NULL at the end of all records, or an errno. */
static struct kdtls_record *next_record(struct kdtls_sock *ks, int flags)
{
	long timeo = sock_rcvtimeo(ks->sk, flags & MSG_DONTWAIT);
	bool peek = flags & MSG_PEEK;
	struct kdtls_record *rec;
	int budget = BUDGET;
	int ret;

	for (;;) {
		rec = from_inbox(ks, peek);
		if (rec)
			return rec;
		ret = pull_first(ks, peek, &rec);
		if (rec)
			return rec;
		if (!ret) {
			ret = pending_error(ks);
			if (ret)
				return ERR_PTR(ret);
			if (kdtls_recv_ended(ks))
				return end_of_records(ks);
		}
		if (!timeo && (!ret || !--budget))
			return ERR_PTR(-EAGAIN);
		if (signal_pending(current))
			return ERR_PTR(sock_intr_errno(timeo));
		if (ret)
			cond_resched();
		else
			timeo = wait_for_more(ks, timeo);
	}
}

static bool wants_batches(const struct sock *sk)
{
#ifdef udp_test_bit		/* 6.7 on */
	return udp_test_bit(GRO_ENABLED, sk);
#else
	return udp_sk(sk)->gro_enabled;
#endif
}

/*
 * The rest of the batch that began with rec, as UDP_GRO wants it: records of
 * its size from the same packet, of which the last may be shorter. What does
 * not fit the reader's room is for the next call. Returns bytes, or -EFAULT.
 */
static int deliver_batch(struct kdtls_sock *ks, struct msghdr *msg,
			 size_t room, const struct kdtls_record *rec)
{
	size_t max = min_t(size_t, room, rec->len), copied = 0;
	int segment = rec->len;

	while (max) {
		struct kdtls_record *next;
		size_t len;
		bool good;

		next = kdtls_inbox_take_like(&ks->inbox, rec, max);
		if (!next)
			break;
		len = next->len;
		good = copy_to_iter(next->data, len, &msg->msg_iter) == len;
		kdtls_record_put(next);
		if (!good)
			return -EFAULT;
		copied += len;
		room -= len;
		max = len < segment ? 0 : min_t(size_t, room, segment);
	}
	if (copied)
		put_cmsg(msg, SOL_UDP, UDP_GRO, sizeof(segment), &segment);
	return copied;
}

static int deliver(struct kdtls_sock *ks, struct msghdr *msg, size_t len,
		   int flags, const struct kdtls_record *rec, int *addr_len)
{
	size_t copied = min_t(size_t, len, rec->len);
	int more = 0;

	if (copied < rec->len)
		msg->msg_flags |= MSG_TRUNC;
	if (copy_to_iter(rec->data, copied, &msg->msg_iter) != copied)
		return -EFAULT;
	if (copied && copied == rec->len && !(flags & MSG_PEEK) &&
	    wants_batches(ks->sk))
		more = deliver_batch(ks, msg, len - copied, rec);
	if (more < 0)
		return more;
	kdtls_recv_cmsgs(ks, msg, rec, addr_len);
	return flags & MSG_TRUNC ? rec->len + more : copied + more;
}

int kdtls_recvmsg(struct sock *sk, struct msghdr *msg, size_t len, int flags,
		  int *addr_len)
{
	struct kdtls_sock *ks = kdtls_sk(sk);
	struct kdtls_record *rec = next_record(ks, flags);
	int ret;

	if (IS_ERR_OR_NULL(rec))
		return PTR_ERR_OR_ZERO(rec);
	ret = deliver(ks, msg, len, flags, rec, addr_len);
	kdtls_record_put(rec);
	return ret;
}
