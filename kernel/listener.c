// SPDX-License-Identifier: GPL-2.0
/* Listening sockets, and the queue of their unknown clients. */
#include <linux/cred.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/user_namespace.h>
#include <linux/xarray.h>
#include <net/netns/generic.h>
#include <net/udp.h>

#include "address.h"
#include "charge.h"
#include "daemon_message.h"
#include "idle.h"
#include "ids.h"
#include "input_work.h"
#include "listener.h"
#include "peer_table.h"
#include "socket.h"
#include "stats.h"
#include "turns.h"
#include "record/handshake12.h"

#define HELLO_BYTES	8000	/* of one datagram; with its header 8 KiB */

static unsigned int hellos_per_socket = 128;
module_param(hellos_per_socket, uint, 0644);
MODULE_PARM_DESC(hellos_per_socket,
		 "ClientHellos of unknown clients that may wait, per listening socket");

static unsigned int hellos_per_net = 512;
module_param(hellos_per_net, uint, 0644);
MODULE_PARM_DESC(hellos_per_net,
		 "ClientHellos of unknown clients that may wait, per network namespace");

static unsigned int hellos_per_user = 256;
module_param(hellos_per_user, uint, 0644);
MODULE_PARM_DESC(hellos_per_user,
		 "ClientHellos of unknown clients that may wait, per user and network namespace");

struct kdtls_listener_net {
	spinlock_t		lock;	/* process context; of what follows */
	struct list_head	turns;	/* ring of listeners */
	unsigned int		waiting;
};

static unsigned int kdtls_listener_net_id;
static DEFINE_XARRAY(listeners);	/* by id */

static struct kdtls_listener_net *net_of(const struct net *net)
{
	return net_generic(net, kdtls_listener_net_id);
}

static struct kdtls_listener_net *
queue_of(const struct kdtls_listener *listener)
{
	return net_of(sock_net(listener->ks->sk));
}

/* Life */

static struct kdtls_listener *alloc_listener(struct kdtls_sock *ks,
					     const struct dtls_request *request)
{
	struct kdtls_listener *listener;

	listener = kzalloc(sizeof(*listener), GFP_KERNEL_ACCOUNT);
	if (!listener)
		return NULL;
	listener->ks = ks;
	listener->uid = current_uid();
	listener->pid = get_pid(task_tgid(current));
	listener->request = *request;
	kdtls_turn_init(&listener->turn, listener->uid);
	INIT_LIST_HEAD(&listener->hellos);
	return listener;
}

void kdtls_listener_free(struct kdtls_listener *listener)
{
	if (!listener)
		return;
	put_pid(listener->pid);
	kfree(listener);
}

int kdtls_listener_create(struct kdtls_sock *ks,
			  const struct dtls_request *request)
{
	struct net *net = sock_net(ks->sk);
	struct kdtls_listener *listener;
	int err;

	if (READ_ONCE(ks->closed))
		return -EBADF;
	if (kdtls_listener_of(ks))
		return -EALREADY;
	if (!kuid_has_mapping(net->user_ns, current_uid()))
		return -ENOKEY;
	if (!kdtls_daemon_listens(net))
		return -ESRCH;
	listener = alloc_listener(ks, request);
	if (!listener)
		return -ENOMEM;
	err = kdtls_peer_table_prepare(ks);
	if (!err &&
	    kdtls_ids_add(&listeners, &listener->id, GFP_KERNEL_ACCOUNT))
		err = -ENOMEM;
	if (err) {
		kdtls_listener_free(listener);
		return err;
	}
	/* pairs with kdtls_listener_of() */
	smp_store_release(&ks->listener, listener);
	kdtls_idle_listens(ks);
	kdtls_data_ready(ks->sk);	/* clients may have come already */
	return 0;
}

static void hellos_purge(struct kdtls_listener *listener)
{
	struct kdtls_listener_net *ln = queue_of(listener);
	struct kdtls_hello *hello, *next;
	LIST_HEAD(mine);

	spin_lock(&ln->lock);
	kdtls_turn_leave(&listener->turn);
	list_splice_init(&listener->hellos, &mine);
	ln->waiting -= listener->waiting;
	listener->waiting = 0;
	spin_unlock(&ln->lock);
	list_for_each_entry_safe(hello, next, &mine, list)
		kdtls_hello_free(hello);
}

void kdtls_listener_close(struct kdtls_sock *ks)
{
	struct kdtls_listener *listener = kdtls_listener_of(ks);

	if (!listener)
		return;
	kdtls_ids_del(&listeners, &listener->id);
	hellos_purge(listener);
}

struct kdtls_listener *kdtls_listener_get(struct net *net, u64 id)
{
	struct kdtls_listener *listener;
	u64 *found;

	rcu_read_lock();
	found = kdtls_ids_find(&listeners, id);
	listener = found ? container_of(found, struct kdtls_listener, id) :
			   NULL;
	if (listener && (!net_eq(sock_net(listener->ks->sk), net) ||
			 !refcount_inc_not_zero(&listener->ks->sk->sk_refcnt)))
		listener = NULL;
	rcu_read_unlock();
	return listener;
}

void kdtls_listener_put(struct kdtls_listener *listener)
{
	sock_put(listener->ks->sk);
}

/* ClientHellos */

void kdtls_hello_free(struct kdtls_hello *hello)
{
	sock_put(hello->listener->ks->sk);
	kdtls_free(hello);
}

/*
 * Bytes of the record, if it is of epoch 0 and a fragment of a ClientHello
 * (RFC 6347 section 4.2.3); else 0.
 */
static size_t hello_record(const u8 *data, size_t len, bool *whole)
{
	struct dtls_fragment fragment;
	struct dtls_header header;

	if (dtls12_parse(data, len, 0, &header) || header.epoch ||
	    header.type != DTLS_TYPE_HANDSHAKE ||
	    !dtls12_parse_only_fragment(data + header.len, header.payload_len,
					&fragment) ||
	    fragment.type != DTLS_CLIENT_HELLO || !fragment.len)
		return 0;
	*whole = fragment.len == fragment.message;
	return header.len + header.payload_len;
}

/* No record spans two datagrams; segment: of a GRO packet, or 0. */
static size_t datagram_end(size_t off, size_t len, size_t segment)
{
	return segment ? min(len, rounddown(off, segment) + segment) : len;
}

/* Bytes of the ClientHello, or of the fragments of one, at the beginning. */
static size_t hello_length(const u8 *data, size_t len, size_t segment)
{
	size_t used = 0, record;
	bool whole = false;

	while (!whole && used < len) {
		record = hello_record(data + used,
				      datagram_end(used, len, segment) - used,
				      &whole);
		if (!record)
			break;
		used += record;
	}
	return used;
}

/* What of the packet is a ClientHello, or some fragments of one. */
static struct kdtls_hello *hello_read(struct kdtls_listener *listener,
				      struct sk_buff *skb)
{
	size_t segment = skb_is_gso(skb) ? skb_shinfo(skb)->gso_size : 0;
	size_t len = min_t(size_t, skb->len, HELLO_BYTES);
	struct sock *sk = listener->ks->sk;
	struct kdtls_hello *hello;

	if (len < DTLS12_HEADER + DTLS12_FRAGMENT_HEADER)
		return NULL;
	hello = kdtls_alloc(sk, struct_size(hello, data, len));
	if (!hello)
		return NULL;
	skb_copy_bits(skb, 0, hello->data, len);
	hello->len = hello_length(hello->data, len, segment);
	if (!hello->len) {
		kdtls_free(hello);
		return NULL;
	}
	hello->listener = listener;
	kdtls_ends_of_skb(sk, skb, &hello->ends);
	sock_hold(sk);
	return hello;
}

/* Sent to this host alone, not broadcast or multicast, and its checksum is right. */
static bool can_answer(struct sk_buff *skb)
{
	return skb->pkt_type == PACKET_HOST &&
	       (skb_is_gso(skb) || !udp_lib_checksum_complete(skb));
}

static unsigned int waiting_of_user(const struct kdtls_listener_net *ln,
				    kuid_t uid)
{
	const struct kdtls_listener *first, *listener;
	unsigned int n = 0;

	list_for_each_entry(first, &ln->turns, turn.users) {
		if (!uid_eq(first->uid, uid))
			continue;
		n = first->waiting;
		list_for_each_entry(listener, &first->turn.same, turn.same)
			n += listener->waiting;
		break;
	}
	return n;
}

/* Does the user have room? A walk only when many wait. */
static bool user_has_room(const struct kdtls_listener_net *ln, kuid_t uid)
{
	unsigned int limit = READ_ONCE(hellos_per_user);

	lockdep_assert_held(&ln->lock);
	if (ln->waiting < limit)
		return true;
	return waiting_of_user(ln, uid) < limit;
}

/* False: the queue is full. *first: the daemon is not notified yet. */
static bool hello_queue(struct kdtls_hello *hello, bool *first)
{
	struct kdtls_listener *listener = hello->listener;
	struct kdtls_listener_net *ln = queue_of(listener);
	bool room;

	spin_lock(&ln->lock);
	room = ln->waiting < READ_ONCE(hellos_per_net) &&
	       listener->waiting < READ_ONCE(hellos_per_socket) &&
	       user_has_room(ln, listener->uid) &&
	       !READ_ONCE(listener->ks->closed);
	if (room) {
		*first = !ln->waiting;
		list_add_tail(&hello->list, &listener->hellos);
		ln->waiting++;
		if (!listener->waiting++)
			kdtls_turn_add(&listener->turn, &ln->turns);
	}
	spin_unlock(&ln->lock);
	return room;
}

bool kdtls_listener_hello(struct kdtls_sock *ks, struct sk_buff *skb)
{
	struct kdtls_listener *listener = kdtls_listener_of(ks);
	struct net *net = sock_net(ks->sk);
	struct kdtls_hello *hello;
	bool first = false;

	if (!listener || !can_answer(skb))
		return false;
	hello = hello_read(listener, skb);
	if (!hello)
		return false;
	if (!hello_queue(hello, &first)) {
		kdtls_drop(net, NULL, DTLS_DROP_QUEUE);
		kdtls_hello_free(hello);
	} else if (first) {
		kdtls_daemon_wanted(net, listener->id);
	}
	return true;
}

static struct kdtls_listener *listener_waiting(struct kdtls_listener_net *ln,
					       u64 id)
{
	struct kdtls_listener *listener;

	lockdep_assert_held(&ln->lock);
	if (!id)
		return list_first_entry_or_null(&ln->turns,
						struct kdtls_listener,
						turn.users);
	rcu_read_lock();
	listener = xa_load(&listeners, id);
	if (listener && (queue_of(listener) != ln || !listener->waiting))
		listener = NULL;
	rcu_read_unlock();
	return listener;	/* each that waits holds the socket */
}

struct kdtls_hello *kdtls_hello_take(struct net *net, u64 id)
{
	struct kdtls_listener_net *ln = net_of(net);
	struct kdtls_hello *hello = NULL;
	struct kdtls_listener *listener;

	spin_lock(&ln->lock);
	listener = listener_waiting(ln, id);
	if (listener) {
		hello = list_first_entry(&listener->hellos, struct kdtls_hello,
					 list);
		list_del(&hello->list);
		ln->waiting--;
		kdtls_turn_serve(&listener->turn, &ln->turns);
		if (--listener->waiting)
			kdtls_turn_add(&listener->turn, &ln->turns);
	}
	spin_unlock(&ln->lock);
	return hello;
}

void kdtls_hello_untake(struct kdtls_hello *hello)
{
	struct kdtls_listener_net *ln = queue_of(hello->listener);
	bool open;

	spin_lock(&ln->lock);
	open = !READ_ONCE(hello->listener->ks->closed);
	if (open) {
		list_add(&hello->list, &hello->listener->hellos);
		kdtls_turn_leave(&hello->listener->turn);
		kdtls_turn_return(&hello->listener->turn, &ln->turns);
		ln->waiting++;
		hello->listener->waiting++;
	}
	spin_unlock(&ln->lock);
	if (!open)
		kdtls_hello_free(hello);
}

/* Namespaces and module */

static int __net_init listener_net_init(struct net *net)
{
	struct kdtls_listener_net *ln = net_of(net);

	spin_lock_init(&ln->lock);
	INIT_LIST_HEAD(&ln->turns);
	return 0;
}

static struct pernet_operations listener_net_ops = {
	.init	= listener_net_init,
	.id	= &kdtls_listener_net_id,
	.size	= sizeof(struct kdtls_listener_net),
};

int __init kdtls_listener_init(void)
{
	return register_pernet_subsys(&listener_net_ops);
}

void kdtls_listener_exit(void)
{
	unregister_pernet_subsys(&listener_net_ops);
	WARN_ON(!xa_empty(&listeners));
	xa_destroy(&listeners);
}
