// SPDX-License-Identifier: GPL-2.0
/*
 * Our copies of UDP's struct proto and struct proto_ops, one pair an address
 * family, and the replaced functions that are too short for a file: each
 * either refuses, or does our part and calls UDP's.
 */
#include <asm/ioctls.h>
#include <linux/bpf.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <net/udp.h>

#include "compat/ioctl.h"
#include "compat/splice.h"
#include "assoc.h"
#include "assoc_lookup.h"
#include "assoc_state.h"
#include "handshake.h"
#include "hooks.h"
#include "idle.h"
#include "inbox.h"
#include "leftover.h"
#include "listener.h"
#include "output.h"
#include "peer_table.h"
#include "poll.h"
#include "recvmsg.h"
#include "sendmsg.h"
#include "socket.h"
#include "sockopt.h"
#include "tun.h"
#include "v4mapped.h"

static DEFINE_MUTEX(hooks_lock);	/* of making them */

/*
 * A keyed or handshaking socket stays where it is (EISCONN elsewhere), and one
 * with many peers unconnected. ks->config: no association is made meanwhile.
 */
static int hook_connect(struct sock *sk, struct sockaddr_unsized *addr, int len)
{
	struct kdtls_sock *ks = kdtls_sk(sk);
	struct kdtls_assoc *assoc;
	int err;

	mutex_lock(&ks->config);
	assoc = rcu_dereference_protected(ks->assoc,
					  lockdep_is_held(&ks->config));
	if (kdtls_peer_table_of(ks))
		err = -EISCONN;
	else if (assoc)
		err = kdtls_lookup_check_peer(assoc, addr, len);
	else
		err = kdtls_base(ks)->connect(sk, addr, len);
	mutex_unlock(&ks->config);
	return err;
}

static int hook_disconnect(struct sock *sk, int flags)
{
	struct kdtls_sock *ks = kdtls_sk(sk);
	int err = -EISCONN;

	mutex_lock(&ks->config);
	if (!rcu_access_pointer(ks->assoc) && !kdtls_peer_table_of(ks))
		err = kdtls_base(ks)->disconnect(sk, flags);
	mutex_unlock(&ks->config);
	return err;
}

/*
 * ss -K: associations end, then the socket. BPF's sock_destroy comes with
 * the socket locked and may not sleep, as ending an association does: refused.
 */
static int hook_diag_destroy(struct sock *sk, int err)
{
	struct kdtls_sock *ks = kdtls_sk(sk);
	struct kdtls_assoc *assoc;

	if (has_current_bpf_ctx())
		return -EOPNOTSUPP;
	mutex_lock(&ks->config);	/* peeloff.c makes sockets under it */
	assoc = kdtls_lookup_connected(ks);
	mutex_unlock(&ks->config);
	if (assoc) {
		kdtls_handshake_cancel(assoc, err);
		kdtls_assoc_fail(assoc, err);
		kdtls_assoc_put(assoc);
	}
	/* it may take others meanwhile: those end with close() */
	kdtls_peer_table_each(ks, kdtls_assoc_leave);
	return kdtls_base(ks)->diag_destroy(sk, err);
}

static void hook_close(struct sock *sk, long timeout)
{
	struct kdtls_sock *ks = kdtls_sk(sk);
	struct kdtls_assoc *assoc;

	mutex_lock(&ks->config);
	WRITE_ONCE(ks->closed, true);
	assoc = rcu_replace_pointer(ks->assoc, NULL,
				    lockdep_is_held(&ks->config));
	mutex_unlock(&ks->config);
	kdtls_tun_disconnect(ks);	/* before the close_notify, and UDP's close */
	if (cancel_delayed_work_sync(&ks->input_work))
		sock_put(sk);
	kdtls_idle_stop(ks);
	if (assoc)
		kdtls_assoc_end(assoc);
	kdtls_listener_close(ks);
	kdtls_peer_table_end(ks);
	kdtls_output_stop(ks);
	kdtls_inbox_purge(&ks->inbox);
	kdtls_base(ks)->close(sk, timeout);
}

/* The socket's lock goes back: nothing that UDP's own calls left stays. */
static void hook_release_cb(struct sock *sk)
{
	struct kdtls_sock *ks = kdtls_sk(sk);

	kdtls_leftover_flush(ks);
#if IS_ENABLED(CONFIG_IPV6)
	if (sk->sk_family == AF_INET6 && kdtls_v4mapped_hide(ks))
		return;
#endif
	kdtls_base(ks)->release_cb(sk);
}

static int hook_getname(struct socket *sock, struct sockaddr *addr, int peer)
{
	struct kdtls_sock *ks = kdtls_sk(sock->sk);
	int len = ks->hooks->base_ops->getname(sock, addr, peer);

	if (peer && len == sizeof(struct sockaddr_in6))
		kdtls_v4mapped_show(ks,
				    &((struct sockaddr_in6 *)addr)->sin6_addr);
	return len;
}

static int hook_ioctl(struct sock *sk, int cmd, kdtls_ioctl_arg_t arg)
{
	if (cmd != SIOCINQ)
		return kdtls_base(kdtls_sk(sk))->ioctl(sk, cmd, arg);
	return kdtls_ioctl_answer(arg, kdtls_next_len(sk));
}

/* Reading makes room there. */
static int error_read(struct sock *sk, int ret)
{
	kdtls_events_looked(kdtls_sk(sk));
	return ret;
}

#ifdef KDTLS_HAVE_RECVMSG_ADDR_LEN
static int hook_recvmsg(struct sock *sk, struct msghdr *msg, size_t len,
			int flags, int *addr_len)
{
	const struct proto *base = kdtls_base(kdtls_sk(sk));

	if (flags & MSG_ERRQUEUE)
		return error_read(sk, base->recvmsg(sk, msg, len, flags,
						    addr_len));
	kdtls_input_work_unneeded(kdtls_sk(sk));
	return kdtls_recvmsg(sk, msg, len, flags, addr_len);
}
#else
static int hook_recvmsg(struct sock *sk, struct msghdr *msg, size_t len,
			int flags)
{
	const struct proto *base = kdtls_base(kdtls_sk(sk));

	if (flags & MSG_ERRQUEUE)
		return error_read(sk, base->recvmsg(sk, msg, len, flags));
	kdtls_input_work_unneeded(kdtls_sk(sk));
	return kdtls_recvmsg(sk, msg, len, flags, &msg->msg_namelen);
}
#endif

/* Offsets would count bytes of records. */
static int hook_set_peek_off(struct sock *sk, int offset)
{
	return -EOPNOTSUPP;
}

static void say_goodbye(struct kdtls_assoc *assoc)
{
	if (kdtls_assoc_state(assoc) == DTLS_STATE_ESTABLISHED)
		kdtls_output_alert(assoc, KDTLS_ALERT_WARNING,
				   KDTLS_ALERT_CLOSE_NOTIFY);
}

/* Of those listed some have a socket of their own. */
static void say_goodbye_if_here(struct kdtls_assoc *assoc)
{
	if (kdtls_assoc_shares(assoc))
		say_goodbye(assoc);
}

static int hook_shutdown(struct socket *sock, int how)
{
	struct kdtls_sock *ks = kdtls_sk(sock->sk);
	struct kdtls_assoc *assoc = kdtls_lookup_connected(ks);

	if (how == SHUT_WR || how == SHUT_RDWR) {
		if (assoc)
			say_goodbye(assoc);
		kdtls_peer_table_each(ks, say_goodbye_if_here);
	}
	kdtls_assoc_put(assoc);
	return ks->hooks->base_ops->shutdown(sock, how);
}

/* No sockmap: it would read and write records. */
static void forbid_sockmap(struct proto *prot)
{
#ifdef CONFIG_BPF_SYSCALL
	prot->psock_update_sk_prot = NULL;
#endif
}

static void hooks_make(struct kdtls_hooks *hooks, struct sock *sk)
{
	hooks->base = sk->sk_prot;
	hooks->base_ops = sk->sk_socket->ops;

	hooks->prot = *hooks->base;
	hooks->prot.close = hook_close;
	hooks->prot.connect = hook_connect;
	hooks->prot.disconnect = hook_disconnect;
	hooks->prot.diag_destroy = hook_diag_destroy;
	hooks->prot.ioctl = hook_ioctl;
	hooks->prot.setsockopt = kdtls_setsockopt;
	hooks->prot.getsockopt = kdtls_getsockopt;
	hooks->prot.sendmsg = kdtls_sendmsg;
	hooks->prot.recvmsg = hook_recvmsg;
	hooks->prot.release_cb = hook_release_cb;
	forbid_sockmap(&hooks->prot);

	hooks->ops = *hooks->base_ops;
	/* __sock_release drops this reference after release() returned. */
	hooks->ops.owner = THIS_MODULE;
	hooks->ops.getname = hook_getname;
	hooks->ops.poll = kdtls_poll;
	hooks->ops.set_peek_off = hook_set_peek_off;
	hooks->ops.shutdown = hook_shutdown;
	hooks->ops.read_skb = NULL;
	hook_splice_pages(&hooks->prot, &hooks->ops);
	hook_splice_end(&hooks->prot, &hooks->ops);
}

const struct kdtls_hooks *kdtls_hooks_for(struct sock *sk)
{
	struct kdtls_hooks *hooks = sk->sk_family == AF_INET ? &kdtls_hooks4 :
							       &kdtls_hooks6;

	mutex_lock(&hooks_lock);
	if (!hooks->base)
		hooks_make(hooks, sk);
	mutex_unlock(&hooks_lock);
	if (hooks->base != sk->sk_prot || hooks->base_ops != sk->sk_socket->ops)
		return NULL;
	return hooks;
}
