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

#include "assoc.h"
#include "assoc_state.h"
#include "charge.h"
#include "daemon_message.h"
#include "handshake.h"
#include "handshake_quota.h"
#include "handshake_table.h"
#include "listener.h"
#include "mailbox.h"
#include "socket.h"
#include "stats.h"
#include "turns.h"

#define KDTLS_ACCEPT_TIME	(5 * HZ)	/* for a daemon to accept */
#define KDTLS_DEFAULT_TIMEOUT	60000		/* ms, as linux/kdtls.h says */
#define KDTLS_MAX_TIMEOUT	3600000		/* ms */
#define KDTLS_HINTS		32	/* unheard, before one a second is given */

struct workqueue_struct *kdtls_control_wq;

unsigned int kdtls_handshake_net_id;

/* References */

void kdtls_handshake_put(struct kdtls_handshake *handshake)
{
	if (!refcount_dec_and_test(&handshake->refs))
		return;
	kdtls_waiting_free(&handshake->waiting);
	kdtls_assoc_put(handshake->assoc);
	kdtls_free(handshake->farewell);
	kdtls_free(handshake);
}

struct kdtls_handshake *kdtls_handshake_get(struct kdtls_assoc *assoc)
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

/* The port that accepted it is to hear of its end, if there is one. */
static void handshake_farewell(struct kdtls_handshake *handshake, int error,
			       struct kdtls_news *news)
{
	struct kdtls_mailbox *box = kdtls_handshake_box(handshake);
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
	struct kdtls_handshake_net *hn = kdtls_handshake_table(handshake);

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
	struct kdtls_handshake_net *hn = kdtls_handshake_table(handshake);
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

	kdtls_waiting_free(&waiting);
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
	kdtls_handshake_wake(handshake, news.wake);
	return true;
}

void kdtls_handshake_fail(struct kdtls_handshake *handshake, int error)
{
	if (handshake_notify_over(handshake, error))
		kdtls_assoc_fail(handshake->assoc, error);
}

void kdtls_handshake_cancel(struct kdtls_assoc *assoc, int error)
{
	struct kdtls_handshake *handshake = kdtls_handshake_get(assoc);

	if (!handshake)
		return;
	handshake_notify_over(handshake, error);
	kdtls_handshake_put(handshake);
}

/* The timer: no daemon accepted in time, or the handshake took too long */

/* True if it goes on; then the timer keeps its reference. */
static bool timer_again(struct kdtls_handshake *handshake)
{
	struct kdtls_handshake_net *hn = kdtls_handshake_table(handshake);
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
	struct kdtls_handshake_net *hn = kdtls_handshake_table(handshake);
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
	struct kdtls_handshake_net *hn = kdtls_handshake_table(handshake);
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
	struct kdtls_handshake_net *hn = kdtls_handshakes_of(net);
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

/* Namespaces and module */

static int __net_init handshake_net_init(struct net *net)
{
	struct kdtls_handshake_net *hn = kdtls_handshakes_of(net);

	spin_lock_init(&hn->lock);
	INIT_LIST_HEAD(&hn->all);
	INIT_LIST_HEAD(&hn->pending);
	INIT_LIST_HEAD(&hn->boxes);
	kdtls_quota_init(&hn->quota);
	return 0;
}

static void __net_exit handshake_net_exit(struct net *net)
{
	struct kdtls_handshake_net *hn = kdtls_handshakes_of(net);

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
