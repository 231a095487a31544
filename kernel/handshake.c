// SPDX-License-Identifier: GPL-2.0
/*
 * The life of a handshake that a daemon runs for a socket.
 *
 *	NEW -> PENDING -> ACCEPTING -> ACCEPTED -> OVER
 *
 * Every state can go to OVER, whoever comes first: `done`, the timer, close()
 * of the socket, the end of the daemon's netlink socket. kdtls_handshake_over()
 * decides, and only its winner tells anybody. The table's lock is never held
 * while anything is sent, and never together with an association's.
 */
#include <linux/list.h>
#include <linux/slab.h>
#include <linux/user_namespace.h>
#include <net/netns/generic.h>

#include "assoc.h"
#include "daemon.h"
#include "handshake.h"
#include "listener.h"
#include "socket.h"
#include "stats.h"

#define KDTLS_ACCEPT_TIME	(5 * HZ)	/* for a daemon to accept */
#define KDTLS_DEFAULT_TIMEOUT	60000		/* ms, as linux/kdtls.h says */
#define KDTLS_MAX_TIMEOUT	3600000		/* ms */
#define KDTLS_WAITING_COUNT	8		/* datagrams before accept */
#define KDTLS_WAITING_BYTES	16384
#define KDTLS_BYTES_A_SECOND	65536	/* that a daemon gets of one peer */

struct kdtls_handshake_net {
	spinlock_t		lock;		/* see struct kdtls_handshake */
	struct list_head	pending;	/* oldest first */
	struct list_head	others;		/* NEW, or a port's */
	struct kdtls_quota	quota;
};

struct kdtls_waiting {
	struct list_head	list;
	size_t			len;
	u8			data[];
};

struct workqueue_struct *kdtls_control_wq;

static unsigned int kdtls_handshake_net_id;

static struct kdtls_handshake_net *kdtls_handshakes(const struct net *net)
{
	return net_generic(net, kdtls_handshake_net_id);
}

static struct net *kdtls_handshake_netns(const struct kdtls_handshake *handshake)
{
	return sock_net(handshake->assoc->sk);
}

static struct kdtls_handshake_net *
kdtls_handshake_table(const struct kdtls_handshake *handshake)
{
	return kdtls_handshakes(kdtls_handshake_netns(handshake));
}

/* References */

static void kdtls_waiting_free(struct list_head *waiting)
{
	struct kdtls_waiting *w, *next;

	list_for_each_entry_safe(w, next, waiting, list)
		kfree(w);
	INIT_LIST_HEAD(waiting);
}

void kdtls_handshake_put(struct kdtls_handshake *handshake)
{
	if (!refcount_dec_and_test(&handshake->refs))
		return;
	kdtls_waiting_free(&handshake->waiting);
	kdtls_assoc_put(handshake->assoc);
	kfree(handshake);
}

static struct kdtls_handshake *kdtls_handshake_get(struct kdtls_assoc *assoc)
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
static bool kdtls_handshake_attach(struct kdtls_handshake *handshake)
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

static void kdtls_handshake_detach(struct kdtls_handshake *handshake)
{
	struct kdtls_assoc *assoc = handshake->assoc;

	spin_lock_bh(&assoc->lock);
	if (assoc->handshake == handshake)
		assoc->handshake = NULL;
	spin_unlock_bh(&assoc->lock);
}

/* The end */

static void kdtls_timer_cancel(struct kdtls_handshake *handshake)
{
	if (cancel_delayed_work(&handshake->timer))
		kdtls_handshake_put(handshake);
}

/*
 * Says in *portid who had accepted it, 0 for nobody. The caller's reference
 * stays his.
 */
static bool kdtls_handshake_claim(struct kdtls_handshake *handshake,
				  u32 *portid)
{
	struct kdtls_handshake_net *hn = kdtls_handshake_table(handshake);
	bool mine;

	spin_lock(&hn->lock);
	mine = handshake->state != KDTLS_HANDSHAKE_OVER;
	if (mine) {
		*portid = handshake->portid;
		handshake->state = KDTLS_HANDSHAKE_OVER;
		list_del_init(&handshake->list);
		kdtls_quota_give(&hn->quota, &handshake->share);
	}
	spin_unlock(&hn->lock);
	if (!mine)
		return false;

	kdtls_handshake_detach(handshake);
	kdtls_timer_cancel(handshake);
	kdtls_handshake_put(handshake);		/* the table's */
	return true;
}

bool kdtls_handshake_over(struct kdtls_handshake *handshake)
{
	u32 portid;

	return kdtls_handshake_claim(handshake, &portid);
}

static bool kdtls_handshake_tell_over(struct kdtls_handshake *handshake,
				      int error)
{
	u32 portid;

	if (!kdtls_handshake_claim(handshake, &portid))
		return false;
	if (portid)
		kdtls_daemon_cancelled(handshake->assoc, portid, error);
	return true;
}

void kdtls_handshake_fail(struct kdtls_handshake *handshake, int error)
{
	if (kdtls_handshake_tell_over(handshake, error))
		kdtls_assoc_fail(handshake->assoc, error);
}

void kdtls_handshake_cancel(struct kdtls_assoc *assoc, int error)
{
	struct kdtls_handshake *handshake = kdtls_handshake_get(assoc);

	if (!handshake)
		return;
	kdtls_handshake_tell_over(handshake, error);
	kdtls_handshake_put(handshake);
}

/* The timer: nobody accepted in time, or the whole took too long */

/* True if it goes on; then the timer keeps its reference. */
static bool kdtls_timer_again(struct kdtls_handshake *handshake)
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

static void kdtls_handshake_timeout(struct work_struct *work)
{
	struct kdtls_handshake *handshake =
		container_of(to_delayed_work(work), struct kdtls_handshake,
			     timer);

	if (kdtls_timer_again(handshake))
		return;
	kdtls_handshake_fail(handshake, ETIMEDOUT);
	kdtls_handshake_put(handshake);
}

/* The beginning */

static struct kdtls_handshake *
kdtls_handshake_create(struct kdtls_assoc *assoc,
		       const struct dtls_request *request)
{
	struct kdtls_handshake *handshake;
	u32 timeout = request->timeout_ms ?: KDTLS_DEFAULT_TIMEOUT;

	handshake = kzalloc(sizeof(*handshake), GFP_KERNEL_ACCOUNT);
	if (!handshake)
		return NULL;
	refcount_set(&handshake->refs, 1);
	refcount_inc(&assoc->refs);
	handshake->assoc = assoc;
	handshake->request = *request;
	timeout = min_t(u32, timeout, KDTLS_MAX_TIMEOUT);
	handshake->deadline = jiffies + msecs_to_jiffies(timeout);
	handshake->state = KDTLS_HANDSHAKE_NEW;
	handshake->second = jiffies;
	INIT_DELAYED_WORK(&handshake->timer, kdtls_handshake_timeout);
	INIT_LIST_HEAD(&handshake->list);
	INIT_LIST_HEAD(&handshake->waiting);
	return handshake;
}

/*
 * Takes a place in the table, which has a reference then. listener: who admits
 * the client, or 0.
 */
static bool kdtls_handshake_reserve(struct kdtls_handshake *handshake,
				    u64 listener)
{
	struct kdtls_handshake_net *hn = kdtls_handshake_table(handshake);
	bool room;

	spin_lock(&hn->lock);
	room = kdtls_quota_take(&hn->quota, handshake->assoc->uid, listener,
				&handshake->share);
	if (room) {
		refcount_inc(&handshake->refs);
		list_add_tail(&handshake->list, &hn->others);
	}
	spin_unlock(&hn->lock);
	return room;
}

/*
 * From here on its time runs: a daemon can accept it (portid 0), or has done
 * so. False if it was cancelled already.
 */
static bool kdtls_handshake_offer(struct kdtls_handshake *handshake, u32 portid)
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
			list_move_tail(&handshake->list, &hn->pending);
		refcount_inc(&handshake->refs);		/* the timer's */
		queue_delayed_work(kdtls_control_wq, &handshake->timer,
				   min_t(unsigned long, left,
					 KDTLS_ACCEPT_TIME));
	}
	spin_unlock(&hn->lock);
	return offered;
}

/* Takes its places: in the table and in the association. */
static int kdtls_handshake_enter(struct kdtls_handshake *handshake,
				 u64 listener)
{
	if (!kdtls_handshake_reserve(handshake, listener))
		return -EAGAIN;
	if (kdtls_handshake_attach(handshake) &&
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
	handshake = kdtls_handshake_create(assoc, request);
	if (!handshake)
		return -ENOMEM;
	err = kdtls_handshake_enter(handshake, 0);
	if (!err && kdtls_handshake_offer(handshake, 0))
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

	handshake = kdtls_handshake_create(assoc, request);
	if (!handshake)
		return ERR_PTR(-ENOMEM);
	err = kdtls_handshake_enter(handshake, listener->id);
	if (!err && !kdtls_handshake_offer(handshake, portid))
		err = -EALREADY;
	if (!err)
		return handshake;
	kdtls_handshake_put(handshake);
	return ERR_PTR(err);
}

/* Datagrams from the peer */

static struct kdtls_waiting *kdtls_waiting_first(struct kdtls_handshake *handshake)
{
	return list_first_entry_or_null(&handshake->waiting,
					struct kdtls_waiting, list);
}

static struct kdtls_waiting *kdtls_waiting_take(struct kdtls_handshake *handshake)
{
	struct kdtls_waiting *w = kdtls_waiting_first(handshake);

	if (w) {
		list_del(&w->list);
		handshake->waiting_count--;
		handshake->waiting_bytes -= w->len;
	}
	return w;
}

/* Old datagrams make room, for the peer has sent them again. */
static void kdtls_waiting_add(struct kdtls_handshake *handshake,
			      struct kdtls_waiting *w, struct list_head *out)
{
	list_add_tail(&w->list, &handshake->waiting);
	handshake->waiting_count++;
	handshake->waiting_bytes += w->len;
	while (handshake->waiting_count > KDTLS_WAITING_COUNT ||
	       handshake->waiting_bytes > KDTLS_WAITING_BYTES)
		list_add_tail(&kdtls_waiting_take(handshake)->list, out);
}

static void kdtls_waiting_drop(struct kdtls_assoc *assoc,
			       struct list_head *dropped)
{
	struct kdtls_waiting *w;

	list_for_each_entry(w, dropped, list)
		kdtls_drop(sock_net(assoc->sk), assoc, DTLS_DROP_QUEUE);
	kdtls_waiting_free(dropped);
}

/* Who says more than a handshake has to say shall not drown the others. */
static bool kdtls_handshake_modest(struct kdtls_handshake *handshake, size_t len)
{
	if (time_after_eq(jiffies, handshake->second + HZ)) {
		handshake->second = jiffies;
		handshake->bytes = 0;
	}
	if (len > KDTLS_BYTES_A_SECOND - handshake->bytes)
		return false;
	handshake->bytes += len;
	return true;
}

/*
 * Returns the port that takes the datagram now; 0: it waits, it is over, or the
 * peer says too much.
 */
static u32 kdtls_handshake_wait(struct kdtls_handshake *handshake,
				struct kdtls_waiting *w)
{
	struct kdtls_handshake_net *hn = kdtls_handshake_table(handshake);
	LIST_HEAD(dropped);
	u32 portid = 0;

	spin_lock(&hn->lock);
	if (handshake->state < KDTLS_HANDSHAKE_ACCEPTED)
		kdtls_waiting_add(handshake, w, &dropped);
	else if (handshake->state == KDTLS_HANDSHAKE_ACCEPTED &&
		 kdtls_handshake_modest(handshake, w->len))
		portid = handshake->portid;
	else
		list_add(&w->list, &dropped);
	spin_unlock(&hn->lock);
	kdtls_waiting_drop(handshake->assoc, &dropped);
	return portid;
}

static void kdtls_handshake_deliver(struct kdtls_handshake *handshake,
				    u32 portid, const struct kdtls_waiting *w)
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

static struct kdtls_waiting *kdtls_waiting_create(const void *data, size_t len)
{
	struct kdtls_waiting *w;

	w = kmalloc(struct_size(w, data, len),
		    GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (w) {
		w->len = len;
		memcpy(w->data, data, len);
	}
	return w;
}

void kdtls_handshake_datagram(struct kdtls_assoc *assoc, const void *data,
			      size_t len)
{
	struct kdtls_handshake *handshake = kdtls_handshake_get(assoc);
	struct kdtls_waiting *w;
	u32 portid;

	if (!handshake) {
		kdtls_drop(sock_net(assoc->sk), assoc, DTLS_DROP_QUEUE);
		return;
	}
	w = kdtls_waiting_create(data, len);
	if (!w) {
		kdtls_drop(sock_net(assoc->sk), assoc, DTLS_DROP_NOMEM);
	} else {
		portid = kdtls_handshake_wait(handshake, w);
		if (portid) {
			kdtls_handshake_deliver(handshake, portid, w);
			kfree(w);
		}
	}
	kdtls_handshake_put(handshake);
}

/* Accepting */

static int kdtls_acceptable(const struct kdtls_handshake *handshake,
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

static void kdtls_handshake_bind(struct kdtls_handshake_net *hn,
				 struct kdtls_handshake *handshake, u32 portid)
{
	list_move_tail(&handshake->list, &hn->others);
	handshake->state = KDTLS_HANDSHAKE_ACCEPTING;
	handshake->portid = portid;
	refcount_inc(&handshake->refs);
}

static struct kdtls_handshake *
kdtls_handshake_accept_next(struct net *net, u32 portid,
			    struct user_namespace *ns,
			    struct netlink_ext_ack *extack)
{
	struct kdtls_handshake_net *hn = kdtls_handshakes(net);
	struct kdtls_handshake *handshake;

	spin_lock(&hn->lock);
	list_for_each_entry(handshake, &hn->pending, list) {
		if (kdtls_acceptable(handshake, ns, NULL))
			continue;
		kdtls_handshake_bind(hn, handshake, portid);
		spin_unlock(&hn->lock);
		return handshake;
	}
	spin_unlock(&hn->lock);
	NL_SET_ERR_MSG(extack, "no handshake waits");
	return ERR_PTR(-EAGAIN);
}

/* A reference to the handshake of this association, or -ENOENT. */
static struct kdtls_handshake *
kdtls_handshake_by_id(struct net *net, u64 id, struct netlink_ext_ack *extack)
{
	struct kdtls_assoc *assoc = kdtls_assoc_by_id(net, id);
	struct kdtls_handshake *handshake;

	if (!assoc) {
		NL_SET_ERR_MSG(extack, "no association has this id");
		return ERR_PTR(-ENOENT);
	}
	handshake = kdtls_handshake_get(assoc);
	kdtls_assoc_put(assoc);
	if (!handshake) {
		NL_SET_ERR_MSG(extack, "the association has no handshake");
		return ERR_PTR(-ENOENT);
	}
	return handshake;
}

static struct kdtls_handshake *
kdtls_handshake_accept_id(struct net *net, u64 id, u32 portid,
			  struct user_namespace *ns,
			  struct netlink_ext_ack *extack)
{
	struct kdtls_handshake_net *hn = kdtls_handshakes(net);
	struct kdtls_handshake *handshake;
	int err;

	handshake = kdtls_handshake_by_id(net, id, extack);
	if (IS_ERR(handshake))
		return handshake;
	spin_lock(&hn->lock);
	err = kdtls_acceptable(handshake, ns, extack);
	if (!err)
		kdtls_handshake_bind(hn, handshake, portid);
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
		return kdtls_handshake_accept_id(net, id, portid, ns, extack);
	return kdtls_handshake_accept_next(net, portid, ns, extack);
}

void kdtls_handshake_unaccept(struct kdtls_handshake *handshake)
{
	struct kdtls_handshake_net *hn = kdtls_handshake_table(handshake);

	spin_lock(&hn->lock);
	if (handshake->state == KDTLS_HANDSHAKE_ACCEPTING) {
		handshake->state = KDTLS_HANDSHAKE_PENDING;
		handshake->portid = 0;
		list_move(&handshake->list, &hn->pending);
	}
	spin_unlock(&hn->lock);
}

/* The next that waited; when none is left, later ones need not wait. */
static struct kdtls_waiting *
kdtls_handshake_waited(struct kdtls_handshake *handshake, u32 *portid)
{
	struct kdtls_handshake_net *hn = kdtls_handshake_table(handshake);
	struct kdtls_waiting *w = NULL;

	spin_lock(&hn->lock);
	if (handshake->state == KDTLS_HANDSHAKE_ACCEPTING) {
		*portid = handshake->portid;
		w = kdtls_waiting_take(handshake);
		if (!w)
			handshake->state = KDTLS_HANDSHAKE_ACCEPTED;
	}
	spin_unlock(&hn->lock);
	return w;
}

void kdtls_handshake_accepted(struct kdtls_handshake *handshake)
{
	struct kdtls_waiting *w;
	u32 portid;

	while ((w = kdtls_handshake_waited(handshake, &portid))) {
		kdtls_handshake_deliver(handshake, portid, w);
		kfree(w);
	}
}

struct kdtls_handshake *kdtls_handshake_of_port(struct net *net, u64 id,
						u32 portid,
						struct netlink_ext_ack *extack)
{
	struct kdtls_handshake_net *hn = kdtls_handshakes(net);
	struct kdtls_handshake *handshake;
	bool mine;

	handshake = kdtls_handshake_by_id(net, id, extack);
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

static struct kdtls_handshake *kdtls_handshake_first_of_port(struct net *net,
							     u32 portid)
{
	struct kdtls_handshake_net *hn = kdtls_handshakes(net);
	struct kdtls_handshake *handshake;

	spin_lock(&hn->lock);
	list_for_each_entry(handshake, &hn->others, list) {
		if (handshake->portid != portid)
			continue;
		refcount_inc(&handshake->refs);
		spin_unlock(&hn->lock);
		return handshake;
	}
	spin_unlock(&hn->lock);
	return NULL;
}

void kdtls_handshake_port_closed(struct net *net, u32 portid)
{
	struct kdtls_handshake *handshake;

	/* Who fails is off the list, so this ends. */
	while ((handshake = kdtls_handshake_first_of_port(net, portid))) {
		if (kdtls_handshake_over(handshake))
			kdtls_assoc_fail(handshake->assoc, ECONNABORTED);
		kdtls_handshake_put(handshake);
	}
}

/* Namespaces and module */

static int __net_init kdtls_handshake_net_init(struct net *net)
{
	struct kdtls_handshake_net *hn = kdtls_handshakes(net);

	spin_lock_init(&hn->lock);
	INIT_LIST_HEAD(&hn->pending);
	INIT_LIST_HEAD(&hn->others);
	kdtls_quota_init(&hn->quota);
	return 0;
}

static void __net_exit kdtls_handshake_net_exit(struct net *net)
{
	struct kdtls_handshake_net *hn = kdtls_handshakes(net);

	/* Each handshake holds a socket, and that the namespace. */
	WARN_ON_ONCE(!list_empty(&hn->pending) || !list_empty(&hn->others));
}

static struct pernet_operations kdtls_handshake_net_ops = {
	.init	= kdtls_handshake_net_init,
	.exit	= kdtls_handshake_net_exit,
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
