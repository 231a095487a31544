// SPDX-License-Identifier: GPL-2.0
/*
 * One of many peers gets a connected UDP socket, and the caller a file for it.
 * Meanwhile no record of the peer is lost, delivered twice or to a wrong socket,
 * because
 *
 *	- the child is connected before it has a port: it enters UDP's hash as
 *	  the socket of this peer only;
 *	- the association stays one object, and in the table of the socket that
 *	  it leaves until it ends. What UDP still gives that socket (it looked
 *	  before the child was there) is opened with it and handed on, by the
 *	  caller that dequeues it, however late;
 *	- the association leaves first, under its lock, and then the inbox is
 *	  sorted under the inbox's: what a reader opened before and adds
 *	  afterwards is sent on by kdtls_inbox_add().
 *
 * It may leave but once, for a connected socket, and only while established.
 * Both sockets are held until the last reference to it goes: the holder of one
 * may have read the old socket from it.
 */
#include <linux/file.h>
#include <linux/kdtls.h>
#include <linux/net.h>
#include <net/inet_sock.h>
#include <net/ipv6.h>
#include <net/transp_v6.h>
#include <net/udp.h>

#include "compat/compat.h"
#include "address.h"
#include "assoc.h"
#include "assoc_lookup.h"
#include "attach.h"
#include "inbox.h"
#include "inherit.h"
#include "input.h"
#include "input_work.h"
#include "peeloff.h"
#include "peer_table.h"
#include "reader.h"
#include "recv_queue.h"
#include "socket.h"

/* As accept4() has them. */
#define FLAGS	(SOCK_CLOEXEC | SOCK_NONBLOCK)
/* What one call opens of UDP's queue, in records. */
#define SORT_RECORDS	1024

/* A socket without a file. */
static struct socket *child_create(struct kdtls_sock *ks)
{
	struct kdtls_sock *child;
	struct socket *sock;
	int err;

	/* not sock_create_kern(): it must hold its network namespace */
	err = __sock_create(sock_net(ks->sk), ks->sk->sk_family, SOCK_DGRAM,
			    IPPROTO_UDP, &sock, 0);
	if (err)
		return ERR_PTR(err);
	err = kdtls_attach(sock->sk);
	if (!err) {
		child = kdtls_sk(sock->sk);
		child->recvinfo = READ_ONCE(ks->recvinfo);
		child->events.mask = READ_ONCE(ks->events.mask);
		child->gso_size = READ_ONCE(ks->gso_size);
		err = kdtls_inherit(sock->sk, ks->sk);
	}
	if (!err)
		return sock;
	sock_release(sock);
	return ERR_PTR(err);
}

/* As bind() would; if it is none, connecting chooses one. */
static void set_local(struct sock *sk, const union kdtls_addr *local)
{
	struct inet_sock *inet = inet_sk(sk);
	__be32 host = 0;

	if (kdtls_addr_any(local))
		return;
	if (local->sa.sa_family == AF_INET)
		host = local->in.sin_addr.s_addr;
#if IS_ENABLED(CONFIG_IPV6)
	if (local->sa.sa_family == AF_INET6) {
		const struct in6_addr *host6 = &local->in6.sin6_addr;

		sk->sk_v6_rcv_saddr = *host6;
		inet6_sk(sk)->saddr = *host6;
		host = LOOPBACK4_IPV6;
		if (ipv6_addr_v4mapped(host6))
			host = host6->s6_addr32[3];
		else
			sk->sk_ipv6only = 1;
	}
#endif
	inet->inet_rcv_saddr = host;
	inet->inet_saddr = host;
	sk->sk_userlocks |= SOCK_BINDADDR_LOCK;
}

static int connect_to(struct kdtls_sock *child, const union kdtls_addr *peer)
{
	union kdtls_addr addr = *peer;	/* UDP may write to it */

	return kdtls_base(child)->connect(child->sk, (void *)&addr,
					  kdtls_addr_len(&addr));
}

/*
 * UDP lets two sockets share a port if both say so. The child goes on saying
 * it, for those that come after; the other has its own word back at once. A
 * group of SO_REUSEPORT chooses a member before UDP looks for a better one.
 */
static int take_port(struct sock *sk, struct sock *listener)
{
	unsigned int reuse = listener->sk_reuse;
	int err;

	if (!inet_sk(listener)->inet_num)
		return -EADDRNOTAVAIL;
	if (listener->sk_reuseport ||
	    rcu_access_pointer(listener->sk_reuseport_cb))
		return -EOPNOTSUPP;
	listener->sk_reuse = SK_CAN_REUSE;
	err = sk->sk_prot->get_port(sk, inet_sk(listener)->inet_num);
	listener->sk_reuse = reuse;
	return err;
}

/* Into UDP's hash, connected as it is. */
static int enter_socket(struct sock *sk, struct sock *listener)
{
	int err;

	lock_sock(listener);
	lock_sock_nested(sk, SINGLE_DEPTH_NESTING);
	sk->sk_reuse = SK_CAN_REUSE;
	err = take_port(sk, listener);
	if (!err) {
		inet_sk(sk)->inet_sport = htons(inet_sk(sk)->inet_num);
		sk->sk_userlocks |= SOCK_BINDPORT_LOCK;
	}
	release_sock(sk);
	release_sock(listener);
	return err;
}

/* The association leaves for the child. -ENOTCONN: it ends, or moves, just now. */
static int move_assoc(struct kdtls_assoc *assoc, struct kdtls_sock *child)
{
	struct kdtls_ends ends;
	int err = -ENOTCONN;

	kdtls_ends_of_socket(child->sk, &ends);
	spin_lock_bh(&assoc->lock);
	if (assoc->state == DTLS_STATE_ESTABLISHED && assoc->one_of_many &&
	    !assoc->leaving && kdtls_addr_equal(&ends.remote, &assoc->remote)) {
		/* only for show if it named none */
		if (kdtls_addr_any(&assoc->local))
			assoc->local = ends.local;
		/* the old socket's reference is that of assoc->listed now */
		sock_hold(child->sk);
		WRITE_ONCE(assoc->sk, child->sk);
		WRITE_ONCE(assoc->ks, child);
		/* pairs with kdtls_assoc_shares() */
		smp_store_release(&assoc->one_of_many, false);
		refcount_inc(&assoc->refs);
		rcu_assign_pointer(child->assoc, assoc);
		err = 0;
	}
	spin_unlock_bh(&assoc->lock);
	return err;
}

/* The peer has lost its state: a new handshake will end the association. */
static bool comes_back(struct kdtls_sock *ks, struct kdtls_assoc *assoc)
{
	struct kdtls_assoc *found, *successor = NULL;
	struct kdtls_ends ends;
	bool yes;

	kdtls_assoc_ends(assoc, &ends);
	found = kdtls_peer_table_find(ks, &ends, &successor);
	yes = successor;
	kdtls_assoc_put(successor);
	kdtls_assoc_put(found);
	return yes;
}

/*
 * With both mutexes no call closes, keys or takes off, and ss -K finds a child
 * with its association or none. The daemon may admit the peer anew: that
 * handshake ends by its time, as if the ClientHello had come a little later.
 */
static int take_off(struct kdtls_sock *ks, struct kdtls_assoc *assoc,
		    struct kdtls_sock *child)
{
	union kdtls_addr remote;
	int err;

	lockdep_assert_held(&ks->config);
	lockdep_assert_held(&child->config);
	kdtls_assoc_remote(assoc, &remote);
	if (READ_ONCE(assoc->ks) != ks)
		return -ENOENT;
	if (comes_back(ks, assoc))
		return -EBUSY;
	set_local(child->sk, &assoc->local);
	/* as the association is sent to, and more narrow than the old one */
	child->sk->sk_bound_dev_if = READ_ONCE(ks->sk->sk_bound_dev_if) ?:
				     assoc->link;
	err = connect_to(child, &remote);
	if (!err)
		err = enter_socket(child->sk, ks->sk);
	if (err)
		return err;
	/* Kernels with a hash of connected sockets take it in only now. */
	connect_to(child, &remote);
	return move_assoc(assoc, child);
}

static int take_off_locked(struct kdtls_sock *ks, struct kdtls_assoc *assoc,
			   struct kdtls_sock *child)
{
	int err;

	mutex_lock(&ks->config);
	mutex_lock_nested(&child->config, SINGLE_DEPTH_NESTING);
	err = take_off(ks, assoc, child);
	mutex_unlock(&child->config);
	mutex_unlock(&ks->config);
	return err;
}

/* What UDP's queue holds now is opened, and goes where it belongs. */
static void open_queued(struct kdtls_sock *ks)
{
	struct sock *sk = ks->sk;
	int left = SORT_RECORDS, decided;
	struct kdtls_sink sink;
	unsigned int n;

	n = skb_queue_len_lockless(&sk->sk_receive_queue) +
	    skb_queue_len_lockless(&udp_sk(sk)->reader_queue);
	kdtls_sink_init(&sink, NULL);
	while (n-- && left > 0 && !kdtls_inbox_full(ks)) {
		decided = kdtls_input(ks, &sink);
		if (!decided)
			break;
		left -= decided;
		kdtls_recv_keep(ks, &sink.kept);
		cond_resched();
	}
}

/*
 * What waits to be read goes where it belongs, the oldest first: the inbox,
 * what the work item has in its hands, UDP's queue; a long queue's rest is the
 * work item's again. That must not open beside us, and queues itself again when
 * its time is over: so it is cancelled, not waited for. What another thread is
 * opening just now comes when it comes.
 */
static void sort_out(struct kdtls_sock *ks)
{
	kdtls_inbox_sort(&ks->inbox);
	if (cancel_delayed_work_sync(&ks->input_work))
		sock_put(ks->sk);
	open_queued(ks);
	if (kdtls_recv_queued(ks))
		kdtls_input_work_schedule(ks);
}

/* Everything that can fail comes before the association leaves. */
static int with_fd(struct kdtls_sock *ks, struct kdtls_assoc *assoc, u32 flags,
		   int fd)
{
	struct socket *sock = child_create(ks);
	struct file *file;
	int err;

	if (IS_ERR(sock))
		return PTR_ERR(sock);
	file = sock_alloc_file(sock, flags & SOCK_NONBLOCK ? O_NONBLOCK : 0,
			       NULL);
	if (IS_ERR(file))
		return PTR_ERR(file);	/* sock was released */
	err = take_off_locked(ks, assoc, kdtls_sk(sock->sk));
	if (err) {
		fput(file);
		return err;
	}
	sort_out(ks);
	fd_install(fd, file);
	return 0;
}

/* The fd is written before the first step that cannot be undone. */
static int peeloff_assoc(struct kdtls_sock *ks, struct kdtls_assoc *assoc,
			 u32 flags, sockptr_t fd_to)
{
	int fd = get_unused_fd_flags(flags & SOCK_CLOEXEC ? O_CLOEXEC : 0);
	int err;

	if (fd < 0)
		return fd;
	err = copy_to_sockptr_offset(fd_to, offsetof(struct dtls_peeloff, fd),
				     &fd, sizeof(fd)) ? -EFAULT : 0;
	if (!err)
		err = with_fd(ks, assoc, flags, fd);
	if (err)
		put_unused_fd(fd);
	return err;
}

int kdtls_peeloff(struct kdtls_sock *ks, sockptr_t optval, sockptr_t optlen)
{
	struct dtls_peeloff want;
	struct kdtls_assoc *assoc;
	int len, err;

	if (copy_from_sockptr(&len, optlen, sizeof(len)))
		return -EFAULT;
	if (len < DTLS_PEELOFF_SIZE_VER0)
		return -EINVAL;
	if (copy_from_sockptr(&want, optval, sizeof(want)))
		return -EFAULT;
	if (want.flags & ~FLAGS)
		return -EINVAL;
	if (!kdtls_peer_table_of(ks))
		return -EOPNOTSUPP;
	BUILD_BUG_ON(sizeof(want) != DTLS_PEELOFF_SIZE_VER0);
	len = sizeof(want);
	if (copy_to_sockptr(optlen, &len, sizeof(len)))
		return -EFAULT;
	assoc = kdtls_lookup_id(ks, want.assoc);
	if (!assoc)
		return -ENOENT;
	err = -ENOTCONN;
	if (kdtls_assoc_state(assoc) == DTLS_STATE_ESTABLISHED)
		err = peeloff_assoc(ks, assoc, want.flags, optval);
	kdtls_assoc_put(assoc);
	return err;
}
