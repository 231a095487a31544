// SPDX-License-Identifier: GPL-2.0
/*
 * The life of a handshake that a daemon runs for a socket.
 *
 *	NEW -> PENDING -> ACCEPTING -> ACCEPTED -> OVER
 *
 * Every state can go to OVER: by `done`, the timer, close() of the socket, the
 * end of the daemon's netlink socket. kdtls_handshake_over() decides which comes
 * first, and only that caller sends a message. The table's lock is never held
 * while a message is sent, and never together with an association's.
 */
#include <linux/list.h>
#include <linux/user_namespace.h>
#include <net/netns/generic.h>

#include "assoc.h"
#include "assoc_state.h"
#include "charge.h"
#include "daemon_message.h"
#include "handshake.h"
#include "handshake_quota.h"
#include "listener.h"
#include "mailbox.h"
#include "socket.h"
#include "stats.h"
#include "turns.h"

#define KDTLS_ACCEPT_TIME	(5 * HZ)	/* for a daemon to accept */
#define KDTLS_DEFAULT_TIMEOUT	60000		/* ms, as linux/kdtls.h says */
#define KDTLS_MAX_TIMEOUT	3600000		/* ms */
#define KDTLS_BYTES_A_SECOND	65536	/* that a daemon gets of one peer */
#define KDTLS_LEAST_BYTES	512	/* as which a smaller datagram counts */
#define KDTLS_HINTS		32	/* unheard, before one a second is given */

struct kdtls_handshake_net {
	spinlock_t		lock;		/* see struct kdtls_handshake */
	struct list_head	all;		/* that are not over */
	struct list_head	pending;	/* ring: which has no daemon yet */
	struct list_head	boxes;		/* of ports that ask */
	unsigned int		hints;		/* since a daemon asked last */
	unsigned long		hinted;		/* jiffies, the last of them */
	struct kdtls_quota	quota;
};

/* Datagrams of one handshake that wait. */
struct kdtls_bound {
	unsigned int		count;
	size_t			bytes;
};

/* before it is accepted */
static const struct kdtls_bound kdtls_bound_early = { 8, 16384 };
/* until the port asks: flights of 16 KB of certificates in small datagrams */
static const struct kdtls_bound kdtls_bound_asked = { 64, 65536 };

struct workqueue_struct *kdtls_control_wq;

static unsigned int kdtls_handshake_net_id;

static struct kdtls_handshake_net *handshakes_of(const struct net *net)
{
	return net_generic(net, kdtls_handshake_net_id);
}

static struct net *handshake_netns(const struct kdtls_handshake *handshake)
{
	return sock_net(handshake->assoc->sk);
}

static struct kdtls_handshake_net *
handshake_table(const struct kdtls_handshake *handshake)
{
	return handshakes_of(handshake_netns(handshake));
}

/* References */

static void waiting_free(struct list_head *waiting)
{
	struct kdtls_waiting *w, *next;

	list_for_each_entry_safe(w, next, waiting, list)
		kdtls_free(w);
	INIT_LIST_HEAD(waiting);
}

void kdtls_handshake_put(struct kdtls_handshake *handshake)
{
	if (!refcount_dec_and_test(&handshake->refs))
		return;
	waiting_free(&handshake->waiting);
	kdtls_assoc_put(handshake->assoc);
	kdtls_free(handshake->farewell);
	kdtls_free(handshake);
}

static struct kdtls_handshake *handshake_get(struct kdtls_assoc *assoc)
{
	struct kdtls_handshake *handshake;

	spin_lock_bh(&assoc->lock);
	handshake = assoc->handshake;
	if (handshake)
		refcount_inc(&handshake->refs);
	spin_unlock_bh(&assoc->lock);
	return handshake;
}

/* False if the association has one. */
static bool handshake_attach(struct kdtls_handshake *handshake)
{
	struct kdtls_assoc *assoc = handshake->assoc;
	bool attached;

	spin_lock_bh(&assoc->lock);
	attached = !assoc->handshake;
	if (attached)
		assoc->handshake = handshake;
	spin_unlock_bh(&assoc->lock);
	return attached;
}

static void handshake_detach(struct kdtls_handshake *handshake)
{
	struct kdtls_assoc *assoc = handshake->assoc;

	spin_lock_bh(&assoc->lock);
	if (assoc->handshake == handshake)
		assoc->handshake = NULL;
	spin_unlock_bh(&assoc->lock);
}

/* The end */

static void timer_cancel(struct kdtls_handshake *handshake)
{
	if (cancel_delayed_work(&handshake->timer))
		kdtls_handshake_put(handshake);
}

/* Ports that a handshake has news for, or 0. */
struct kdtls_news {
	u32	send;	/* this one is sent them, */
	u32	wake;	/* this one is to ask */
};

static struct kdtls_mailbox *
handshake_box(const struct kdtls_handshake *handshake)
{
	struct kdtls_handshake_net *hn = handshake_table(handshake);

	lockdep_assert_held(&hn->lock);
	return kdtls_mailbox_of(&hn->boxes, handshake->portid);
}

static void handshake_wake(const struct kdtls_handshake *handshake, u32 portid)
{
	if (portid)
		kdtls_daemon_waiting(handshake->assoc, portid);
}

/* The port that accepted it is to hear of its end, if there is one. */
static void handshake_farewell(struct kdtls_handshake *handshake, int error,
			       struct kdtls_news *news)
{
	struct kdtls_mailbox *box = handshake_box(handshake);
	struct kdtls_farewell *farewell = handshake->farewell;

	if (!box) {
		news->send = handshake->portid;
		return;
	}
	handshake->farewell = NULL;
	kdtls_turn_init(&farewell->turn, handshake->assoc->uid);
	farewell->share = handshake->share;
	farewell->id = handshake->assoc->id;
	farewell->error = error;
	news->wake = kdtls_mailbox_end(box, farewell);
}

/* No datagram of it waits any more; the caller frees them. */
static void handshake_empty(struct kdtls_handshake *handshake,
			    struct list_head *waiting)
{
	struct kdtls_handshake_net *hn = handshake_table(handshake);

	lockdep_assert_held(&hn->lock);
	kdtls_quota_uncharge(&hn->quota, &handshake->share,
			     handshake->waiting_bytes);
	list_splice_init(&handshake->waiting, waiting);
	handshake->waiting_count = 0;
	handshake->waiting_bytes = 0;
}

/*
 * error: what the daemon is to hear, 0 if nothing. The caller's reference stays
 * the caller's.
 */
static bool handshake_claim(struct kdtls_handshake *handshake, int error,
			    struct kdtls_news *news)
{
	struct kdtls_handshake_net *hn = handshake_table(handshake);
	LIST_HEAD(waiting);
	bool mine;

	spin_lock(&hn->lock);
	mine = handshake->state != KDTLS_HANDSHAKE_OVER;
	if (mine) {
		handshake->state = KDTLS_HANDSHAKE_OVER;
		list_del_init(&handshake->list);
		kdtls_turn_leave(&handshake->turn);
		handshake_empty(handshake, &waiting);
		if (error && handshake->portid)
			handshake_farewell(handshake, error, news);
		if (handshake->farewell)
			kdtls_quota_give(&hn->quota, &handshake->share);
	}
	spin_unlock(&hn->lock);
	if (!mine)
		return false;

	waiting_free(&waiting);
	handshake_detach(handshake);
	timer_cancel(handshake);
	kdtls_handshake_put(handshake);		/* the table's */
	return true;
}

bool kdtls_handshake_over(struct kdtls_handshake *handshake)
{
	return handshake_claim(handshake, 0, NULL);
}

static bool handshake_notify_over(struct kdtls_handshake *handshake, int error)
{
	struct kdtls_news news = {};

	if (!handshake_claim(handshake, error, &news))
		return false;
	if (news.send)
		kdtls_daemon_cancelled(handshake->assoc, news.send, error);
	handshake_wake(handshake, news.wake);
	return true;
}

void kdtls_handshake_fail(struct kdtls_handshake *handshake, int error)
{
	if (handshake_notify_over(handshake, error))
		kdtls_assoc_fail(handshake->assoc, error);
}

void kdtls_handshake_cancel(struct kdtls_assoc *assoc, int error)
{
	struct kdtls_handshake *handshake = handshake_get(assoc);

	if (!handshake)
		return;
	handshake_notify_over(handshake, error);
	kdtls_handshake_put(handshake);
}

/* The timer: no daemon accepted in time, or the handshake took too long */

/* True if it goes on; then the timer keeps its reference. */
static bool timer_again(struct kdtls_handshake *handshake)
{
	struct kdtls_handshake_net *hn = handshake_table(handshake);
	long left = handshake->deadline - jiffies;
	bool again;

	spin_lock(&hn->lock);
	again = left > 0 && (handshake->state == KDTLS_HANDSHAKE_ACCEPTING ||
			     handshake->state == KDTLS_HANDSHAKE_ACCEPTED);
	if (again)
		queue_delayed_work(kdtls_control_wq, &handshake->timer, left);
	spin_unlock(&hn->lock);
	return again;
}

static void handshake_timeout(struct work_struct *work)
{
	struct kdtls_handshake *handshake =
		container_of(to_delayed_work(work), struct kdtls_handshake,
			     timer);

	if (timer_again(handshake))
		return;
	kdtls_handshake_fail(handshake, ETIMEDOUT);
	kdtls_handshake_put(handshake);
}

/* The beginning */

static struct kdtls_handshake *
handshake_create(struct kdtls_assoc *assoc, const struct dtls_request *request)
{
	struct kdtls_handshake *handshake;
	u32 timeout = request->timeout_ms ?: KDTLS_DEFAULT_TIMEOUT;

	handshake = kdtls_alloc(assoc->sk, sizeof(*handshake));
	if (!handshake)
		return NULL;
	handshake->farewell = kdtls_alloc(assoc->sk,
					  sizeof(*handshake->farewell));
	if (!handshake->farewell) {
		kdtls_free(handshake);
		return NULL;
	}
	refcount_set(&handshake->refs, 1);
	refcount_inc(&assoc->refs);
	handshake->assoc = assoc;
	handshake->request = *request;
	timeout = min_t(u32, timeout, KDTLS_MAX_TIMEOUT);
	handshake->deadline = jiffies + msecs_to_jiffies(timeout);
	handshake->state = KDTLS_HANDSHAKE_NEW;
	handshake->second = jiffies;
	INIT_DELAYED_WORK(&handshake->timer, handshake_timeout);
	INIT_LIST_HEAD(&handshake->list);
	INIT_LIST_HEAD(&handshake->waiting);
	kdtls_turn_init(&handshake->turn, assoc->uid);
	return handshake;
}

/*
 * Takes a place in the table, which has a reference then. listener: the id of
 * the listening socket that admits the client, or 0.
 */
static bool handshake_reserve(struct kdtls_handshake *handshake, u64 listener)
{
	struct kdtls_handshake_net *hn = handshake_table(handshake);
	bool room;

	spin_lock(&hn->lock);
	room = kdtls_quota_take(&hn->quota, handshake->assoc->uid, listener,
				&handshake->share);
	if (room) {
		refcount_inc(&handshake->refs);
		list_add_tail(&handshake->list, &hn->all);
	}
	spin_unlock(&hn->lock);
	return room;
}

/*
 * From here on its time runs: a daemon can accept it (portid 0), or has done
 * so. False if it was cancelled already.
 */
static bool handshake_offer(struct kdtls_handshake *handshake, u32 portid)
{
	struct kdtls_handshake_net *hn = handshake_table(handshake);
	unsigned long left = handshake->deadline - jiffies;
	bool offered;

	spin_lock(&hn->lock);
	offered = handshake->state == KDTLS_HANDSHAKE_NEW;
	if (offered) {
		handshake->state = portid ? KDTLS_HANDSHAKE_ACCEPTING :
					    KDTLS_HANDSHAKE_PENDING;
		handshake->portid = portid;
		if (!portid)
			kdtls_turn_add(&handshake->turn, &hn->pending);
		refcount_inc(&handshake->refs);		/* the timer's */
		queue_delayed_work(kdtls_control_wq, &handshake->timer,
				   min_t(unsigned long, left,
					 KDTLS_ACCEPT_TIME));
	}
	spin_unlock(&hn->lock);
	return offered;
}

/*
 * Is one more hint of use? Opening and closing sockets in a loop would fill the
 * daemon's queue with them; a daemon that heard one asks until nothing waits. One
 * a second always is: another daemon may have heard the others, and died.
 */
static bool hint_useful(struct net *net)
{
	struct kdtls_handshake_net *hn = handshakes_of(net);
	bool useful;

	spin_lock(&hn->lock);
	useful = hn->hints < KDTLS_HINTS ||
		 time_after_eq(jiffies, hn->hinted + HZ);
	if (useful) {
		hn->hints++;
		hn->hinted = jiffies;
	}
	spin_unlock(&hn->lock);
	return useful;
}

/* Takes its places: in the table and in the association. */
static int handshake_enter(struct kdtls_handshake *handshake, u64 listener)
{
	if (!handshake_reserve(handshake, listener))
		return -EAGAIN;
	if (handshake_attach(handshake) &&
	    kdtls_assoc_handshaking(handshake->assoc))
		return 0;
	kdtls_handshake_over(handshake);
	return -EALREADY;
}

int kdtls_handshake_start(struct kdtls_assoc *assoc,
			  const struct dtls_request *request)
{
	struct net *net = sock_net(assoc->sk);
	struct kdtls_handshake *handshake;
	int err;

	if (!kuid_has_mapping(net->user_ns, assoc->uid))
		return -ENOKEY;
	if (!kdtls_daemon_listens(net))
		return -ESRCH;
	handshake = handshake_create(assoc, request);
	if (!handshake)
		return -ENOMEM;
	err = handshake_enter(handshake, 0);
	if (!err && handshake_offer(handshake, 0) && hint_useful(net))
		kdtls_daemon_wanted(net, assoc->id);
	kdtls_handshake_put(handshake);
	return err;
}

struct kdtls_handshake *kdtls_handshake_admit(struct kdtls_assoc *assoc,
					      const struct dtls_request *request,
					      u32 portid)
{
	const struct kdtls_listener *listener = kdtls_listener_of(assoc->ks);
	struct kdtls_handshake *handshake;
	int err;

	handshake = handshake_create(assoc, request);
	if (!handshake)
		return ERR_PTR(-ENOMEM);
	err = handshake_enter(handshake, listener->id);
	if (!err && !handshake_offer(handshake, portid))
		err = -EALREADY;
	if (!err)
		return handshake;
	kdtls_handshake_put(handshake);
	return ERR_PTR(err);
}

/* Datagrams from the peer */

static struct kdtls_waiting *waiting_first(struct kdtls_handshake *handshake)
{
	return list_first_entry_or_null(&handshake->waiting,
					struct kdtls_waiting, list);
}

static size_t waiting_size(const struct kdtls_waiting *w)
{
	return struct_size(w, data, w->len);
}

static struct kdtls_waiting *waiting_take(struct kdtls_handshake *handshake)
{
	struct kdtls_handshake_net *hn = handshake_table(handshake);
	struct kdtls_waiting *w = waiting_first(handshake);

	lockdep_assert_held(&hn->lock);
	if (w) {
		list_del(&w->list);
		handshake->waiting_count--;
		handshake->waiting_bytes -= waiting_size(w);
		kdtls_quota_uncharge(&hn->quota, &handshake->share,
				     waiting_size(w));
	}
	return w;
}

static bool waiting_excess(const struct kdtls_handshake *handshake,
			   const struct kdtls_bound *bound)
{
	const struct kdtls_handshake_net *hn = handshake_table(handshake);

	return handshake->waiting_count > bound->count ||
	       handshake->waiting_bytes > bound->bytes ||
	       kdtls_quota_excess(&hn->quota, &handshake->share);
}

/* Old datagrams make room, for the peer has sent them again. */
static void waiting_add(struct kdtls_handshake *handshake,
			struct kdtls_waiting *w,
			const struct kdtls_bound *bound, struct list_head *out)
{
	struct kdtls_handshake_net *hn = handshake_table(handshake);

	lockdep_assert_held(&hn->lock);
	list_add_tail(&w->list, &handshake->waiting);
	handshake->waiting_count++;
	handshake->waiting_bytes += waiting_size(w);
	kdtls_quota_charge(&hn->quota, &handshake->share,
			   waiting_size(w));
	while (handshake->waiting_count &&
	       waiting_excess(handshake, bound))
		list_add_tail(&waiting_take(handshake)->list, out);
}

static void waiting_drop(struct kdtls_assoc *assoc, struct list_head *dropped)
{
	struct kdtls_waiting *w;

	list_for_each_entry(w, dropped, list)
		kdtls_drop(sock_net(assoc->sk), assoc, DTLS_DROP_QUEUE);
	waiting_free(dropped);
}

/* Rate limit per handshake, so that one does not delay the others. */
static bool handshake_modest(struct kdtls_handshake *handshake, size_t len)
{
	len = max_t(size_t, len, KDTLS_LEAST_BYTES);
	if (time_after_eq(jiffies, handshake->second + HZ)) {
		handshake->second = jiffies;
		handshake->bytes = 0;
	}
	if (len > KDTLS_BYTES_A_SECOND - handshake->bytes)
		return false;
	handshake->bytes += len;
	return true;
}

/* It waits until its port asks, or is sent to that. */
static void handshake_post(struct kdtls_handshake *handshake,
			   struct kdtls_waiting *w, struct list_head *dropped,
			   struct kdtls_news *news)
{
	struct kdtls_mailbox *box = handshake_box(handshake);

	if (!box) {
		news->send = handshake->portid;
		return;
	}
	waiting_add(handshake, w, &kdtls_bound_asked, dropped);
	if (handshake->waiting_count)
		news->wake = kdtls_mailbox_add(box, &handshake->turn);
	else
		kdtls_turn_leave(&handshake->turn);
}

/* Unless news says where it is to be sent, the datagram is the handshake's. */
static void handshake_wait(struct kdtls_handshake *handshake,
			   struct kdtls_waiting *w, struct kdtls_news *news)
{
	struct kdtls_handshake_net *hn = handshake_table(handshake);
	LIST_HEAD(dropped);

	spin_lock(&hn->lock);
	if (handshake->state < KDTLS_HANDSHAKE_ACCEPTED)
		waiting_add(handshake, w, &kdtls_bound_early, &dropped);
	else if (handshake->state == KDTLS_HANDSHAKE_ACCEPTED &&
		 handshake_modest(handshake, w->len))
		handshake_post(handshake, w, &dropped, news);
	else
		list_add(&w->list, &dropped);
	spin_unlock(&hn->lock);
	waiting_drop(handshake->assoc, &dropped);
}

static void handshake_deliver(struct kdtls_handshake *handshake, u32 portid,
			      const struct kdtls_waiting *w)
{
	struct kdtls_assoc *assoc = handshake->assoc;

	switch (kdtls_daemon_datagram(assoc, portid, w->data, w->len)) {
	case 0:
		break;
	case -ECONNREFUSED:
		kdtls_handshake_fail(handshake, ECONNABORTED);
		break;
	case -ENOMEM:
		kdtls_drop(sock_net(assoc->sk), assoc, DTLS_DROP_NOMEM);
		break;
	default:
		kdtls_drop(sock_net(assoc->sk), assoc, DTLS_DROP_QUEUE);
	}
}

static struct kdtls_waiting *waiting_create(struct kdtls_assoc *assoc,
					    const void *data, size_t len)
{
	struct kdtls_waiting *w;

	w = kdtls_alloc(assoc->sk, struct_size(w, data, len));
	if (w) {
		w->len = len;
		memcpy(w->data, data, len);
	}
	return w;
}

void kdtls_handshake_datagram(struct kdtls_assoc *assoc, const void *data,
			      size_t len)
{
	struct kdtls_handshake *handshake = handshake_get(assoc);
	struct kdtls_news news = {};
	struct kdtls_waiting *w;

	if (!handshake) {
		kdtls_drop(sock_net(assoc->sk), assoc, DTLS_DROP_QUEUE);
		return;
	}
	w = waiting_create(assoc, data, len);
	if (!w) {
		kdtls_drop(sock_net(assoc->sk), assoc, DTLS_DROP_NOMEM);
	} else {
		handshake_wait(handshake, w, &news);
		if (news.send) {
			handshake_deliver(handshake, news.send, w);
			kdtls_free(w);
		}
		handshake_wake(handshake, news.wake);
	}
	kdtls_handshake_put(handshake);
}

/* Accepting */

static int check_acceptable(const struct kdtls_handshake *handshake,
			    struct user_namespace *ns,
			    struct netlink_ext_ack *extack)
{
	switch (handshake->state) {
	case KDTLS_HANDSHAKE_PENDING:
		if (kuid_has_mapping(ns, handshake->assoc->uid))
			return 0;
		NL_SET_ERR_MSG(extack,
			       "who asks has no uid in your user namespace");
		return -ENOKEY;
	case KDTLS_HANDSHAKE_ACCEPTING:
	case KDTLS_HANDSHAKE_ACCEPTED:
		NL_SET_ERR_MSG(extack, "the handshake was accepted already");
		return -EBUSY;
	default:
		NL_SET_ERR_MSG(extack, "no handshake waits with this id");
		return -ENOENT;
	}
}

static void handshake_bind(struct kdtls_handshake_net *hn,
			   struct kdtls_handshake *handshake, u32 portid)
{
	lockdep_assert_held(&hn->lock);
	kdtls_turn_serve(&handshake->turn, &hn->pending);
	handshake->state = KDTLS_HANDSHAKE_ACCEPTING;
	handshake->portid = portid;
	refcount_inc(&handshake->refs);
}

static struct kdtls_handshake *
handshake_accept_next(struct net *net, u32 portid, struct user_namespace *ns,
		      struct netlink_ext_ack *extack)
{
	struct kdtls_handshake_net *hn = handshakes_of(net);
	struct kdtls_handshake *handshake;

	spin_lock(&hn->lock);
	hn->hints = 0;
	/* only the first of each user is looked at: the others have its uid */
	list_for_each_entry(handshake, &hn->pending, turn.users) {
		if (check_acceptable(handshake, ns, NULL))
			continue;
		handshake_bind(hn, handshake, portid);
		spin_unlock(&hn->lock);
		return handshake;
	}
	spin_unlock(&hn->lock);
	NL_SET_ERR_MSG(extack, "no handshake waits");
	return ERR_PTR(-EAGAIN);
}

/* A reference to the handshake of this association, or -ENOENT. */
static struct kdtls_handshake *
handshake_by_id(struct net *net, u64 id, struct netlink_ext_ack *extack)
{
	struct kdtls_assoc *assoc = kdtls_assoc_by_id(net, id);
	struct kdtls_handshake *handshake;

	if (!assoc) {
		NL_SET_ERR_MSG(extack, "no association has this id");
		return ERR_PTR(-ENOENT);
	}
	handshake = handshake_get(assoc);
	kdtls_assoc_put(assoc);
	if (!handshake) {
		NL_SET_ERR_MSG(extack, "the association has no handshake");
		return ERR_PTR(-ENOENT);
	}
	return handshake;
}

static struct kdtls_handshake *
handshake_accept_id(struct net *net, u64 id, u32 portid,
		    struct user_namespace *ns, struct netlink_ext_ack *extack)
{
	struct kdtls_handshake_net *hn = handshakes_of(net);
	struct kdtls_handshake *handshake;
	int err;

	handshake = handshake_by_id(net, id, extack);
	if (IS_ERR(handshake))
		return handshake;
	spin_lock(&hn->lock);
	hn->hints = 0;
	err = check_acceptable(handshake, ns, extack);
	if (!err)
		handshake_bind(hn, handshake, portid);
	spin_unlock(&hn->lock);
	kdtls_handshake_put(handshake);
	return err ? ERR_PTR(err) : handshake;
}

struct kdtls_handshake *kdtls_handshake_accept(struct net *net, u64 id,
					       u32 portid,
					       struct user_namespace *ns,
					       struct netlink_ext_ack *extack)
{
	if (id)
		return handshake_accept_id(net, id, portid, ns, extack);
	return handshake_accept_next(net, portid, ns, extack);
}

void kdtls_handshake_unaccept(struct kdtls_handshake *handshake)
{
	struct kdtls_handshake_net *hn = handshake_table(handshake);

	spin_lock(&hn->lock);
	if (handshake->state == KDTLS_HANDSHAKE_ACCEPTING) {
		handshake->state = KDTLS_HANDSHAKE_PENDING;
		handshake->portid = 0;
		kdtls_turn_return(&handshake->turn, &hn->pending);
	}
	spin_unlock(&hn->lock);
}

/* Its port asks for what waited. False: it has to be sent. */
static bool handshake_asked(struct kdtls_handshake *handshake,
			    struct kdtls_news *news)
{
	struct kdtls_mailbox *box = handshake_box(handshake);

	if (!box)
		return false;
	handshake->state = KDTLS_HANDSHAKE_ACCEPTED;
	if (handshake->waiting_count)
		news->wake = kdtls_mailbox_add(box, &handshake->turn);
	return true;
}

/* The next that waited; when none is left, later ones need not wait. */
static struct kdtls_waiting *handshake_waited(struct kdtls_handshake *handshake,
					      struct kdtls_news *news)
{
	struct kdtls_handshake_net *hn = handshake_table(handshake);
	struct kdtls_waiting *w = NULL;

	spin_lock(&hn->lock);
	if (handshake->state == KDTLS_HANDSHAKE_ACCEPTING &&
	    !handshake_asked(handshake, news)) {
		news->send = handshake->portid;
		w = waiting_take(handshake);
		if (!w)
			handshake->state = KDTLS_HANDSHAKE_ACCEPTED;
	}
	spin_unlock(&hn->lock);
	return w;
}

void kdtls_handshake_accepted(struct kdtls_handshake *handshake)
{
	struct kdtls_news news = {};
	struct kdtls_waiting *w;

	while ((w = handshake_waited(handshake, &news))) {
		handshake_deliver(handshake, news.send, w);
		kdtls_free(w);
	}
	handshake_wake(handshake, news.wake);
}

struct kdtls_handshake *kdtls_handshake_of_port(struct net *net, u64 id,
						u32 portid,
						struct netlink_ext_ack *extack)
{
	struct kdtls_handshake_net *hn = handshakes_of(net);
	struct kdtls_handshake *handshake;
	bool mine;

	handshake = handshake_by_id(net, id, extack);
	if (IS_ERR(handshake))
		return handshake;
	spin_lock(&hn->lock);
	mine = handshake->portid == portid &&
	       handshake->state != KDTLS_HANDSHAKE_OVER;
	spin_unlock(&hn->lock);
	if (mine)
		return handshake;
	kdtls_handshake_put(handshake);
	NL_SET_ERR_MSG(extack, "this netlink socket did not accept the handshake");
	return ERR_PTR(-EPERM);
}

static struct kdtls_handshake *handshake_first_of_port(struct net *net,
						       u32 portid)
{
	struct kdtls_handshake_net *hn = handshakes_of(net);
	struct kdtls_handshake *handshake;

	spin_lock(&hn->lock);
	list_for_each_entry(handshake, &hn->all, list) {
		if (handshake->portid != portid)
			continue;
		refcount_inc(&handshake->refs);
		spin_unlock(&hn->lock);
		return handshake;
	}
	spin_unlock(&hn->lock);
	return NULL;
}

static void box_close(struct net *net, u32 portid)
{
	struct kdtls_handshake_net *hn = handshakes_of(net);
	struct kdtls_mailbox *box;

	spin_lock(&hn->lock);
	box = kdtls_mailbox_of(&hn->boxes, portid);
	if (box) {
		list_del(&box->list);
		kdtls_mailbox_free(box, &hn->quota);
	}
	spin_unlock(&hn->lock);
}

void kdtls_handshake_port_closed(struct net *net, u32 portid)
{
	struct kdtls_handshake *handshake;

	/* A failed handshake leaves the list, so this ends. */
	while ((handshake = handshake_first_of_port(net, portid))) {
		if (kdtls_handshake_over(handshake))
			kdtls_assoc_fail(handshake->assoc, ECONNABORTED);
		kdtls_handshake_put(handshake);
	}
	box_close(net, portid);
}

/* What a port asks for */

/* Makes the port one that asks. */
static int box_open(struct net *net, u32 portid)
{
	struct kdtls_handshake_net *hn = handshakes_of(net);
	struct kdtls_mailbox *fresh, *box;

	spin_lock(&hn->lock);
	box = kdtls_mailbox_of(&hn->boxes, portid);
	spin_unlock(&hn->lock);
	if (box)
		return 0;
	fresh = kdtls_mailbox_create(portid);
	if (!fresh)
		return -ENOMEM;
	spin_lock(&hn->lock);
	box = kdtls_mailbox_of(&hn->boxes, portid);
	if (!box)
		list_add_tail(&fresh->list, &hn->boxes);
	spin_unlock(&hn->lock);
	if (box)	/* two threads ask with one socket */
		kdtls_mailbox_free(fresh, NULL);
	return 0;
}

/* A datagram of the handshake that has its turn. */
static void mail_read(struct kdtls_handshake_net *hn, struct kdtls_mailbox *box,
		      struct kdtls_turn *turn, struct kdtls_mail *mail)
{
	lockdep_assert_held(&hn->lock);
	mail->handshake = container_of(turn, struct kdtls_handshake, turn);
	refcount_inc(&mail->handshake->refs);
	mail->datagram = waiting_take(mail->handshake);
	if (mail->handshake->waiting_count)
		kdtls_turn_add(turn, &box->handshakes);
}

int kdtls_handshake_next(struct net *net, u32 portid, struct kdtls_mail *mail)
{
	struct kdtls_handshake_net *hn = handshakes_of(net);
	struct kdtls_mailbox *box;
	struct kdtls_turn *turn = NULL;
	int err = box_open(net, portid);

	if (err)
		return err;
	spin_lock(&hn->lock);
	box = kdtls_mailbox_of(&hn->boxes, portid);
	if (box)
		kdtls_mailbox_take(box, &turn, &mail->farewell);
	if (turn)
		mail_read(hn, box, turn, mail);
	spin_unlock(&hn->lock);
	return turn || mail->farewell ? 0 : -EAGAIN;
}

/* The daemon does not know yet: it is next again. */
static bool farewell_return(struct kdtls_handshake_net *hn, u32 portid,
			    struct kdtls_farewell *farewell)
{
	struct kdtls_mailbox *box = kdtls_mailbox_of(&hn->boxes, portid);

	lockdep_assert_held(&hn->lock);
	if (box)
		kdtls_turn_return(&farewell->turn, &box->ends);
	return box;
}

static void farewell_end(struct net *net, u32 portid,
			 struct kdtls_farewell *farewell, int err)
{
	struct kdtls_handshake_net *hn = handshakes_of(net);

	spin_lock(&hn->lock);
	if (err && farewell_return(hn, portid, farewell))
		farewell = NULL;
	else
		kdtls_quota_give(&hn->quota, &farewell->share);
	spin_unlock(&hn->lock);
	kdtls_free(farewell);
}

void kdtls_mail_end(struct net *net, u32 portid, struct kdtls_mail *mail,
		    int err)
{
	if (mail->farewell)
		farewell_end(net, portid, mail->farewell, err);
	if (!mail->handshake)
		return;
	if (err)
		kdtls_drop(net, mail->handshake->assoc, DTLS_DROP_QUEUE);
	kdtls_free(mail->datagram);
	kdtls_handshake_put(mail->handshake);
}

/* Namespaces and module */

static int __net_init handshake_net_init(struct net *net)
{
	struct kdtls_handshake_net *hn = handshakes_of(net);

	spin_lock_init(&hn->lock);
	INIT_LIST_HEAD(&hn->all);
	INIT_LIST_HEAD(&hn->pending);
	INIT_LIST_HEAD(&hn->boxes);
	kdtls_quota_init(&hn->quota);
	return 0;
}

static void __net_exit handshake_net_exit(struct net *net)
{
	struct kdtls_handshake_net *hn = handshakes_of(net);

	struct kdtls_mailbox *box, *next;

	/* Each handshake holds a socket, and that the namespace. */
	WARN_ON_ONCE(!list_empty(&hn->all));
	/* the module goes, and a daemon has its port open */
	list_for_each_entry_safe(box, next, &hn->boxes, list)
		kdtls_mailbox_free(box, &hn->quota);
}

static struct pernet_operations kdtls_handshake_net_ops = {
	.init	= handshake_net_init,
	.exit	= handshake_net_exit,
	.id	= &kdtls_handshake_net_id,
	.size	= sizeof(struct kdtls_handshake_net),
};

int __init kdtls_handshake_init(void)
{
	int err;

	kdtls_control_wq = alloc_workqueue("kdtls_control", WQ_UNBOUND, 0);
	if (!kdtls_control_wq)
		return -ENOMEM;
	err = register_pernet_subsys(&kdtls_handshake_net_ops);
	if (err)
		destroy_workqueue(kdtls_control_wq);
	return err;
}

void kdtls_handshake_exit(void)
{
	/* No socket is left, so no timer is armed; one may still run. */
	destroy_workqueue(kdtls_control_wq);
	unregister_pernet_subsys(&kdtls_handshake_net_ops);
}
