// SPDX-License-Identifier: GPL-2.0
/* First touch: setsockopt(fd, SOL_IP, DTLS_ULP, "dtls", 4). */
#include <linux/module.h>
#include <linux/netfilter.h>
#include <linux/wait_bit.h>
#include <net/udp.h>

#include "compat/compat.h"
#include "attach.h"
#include "hooks.h"
#include "idle.h"
#include "inbox.h"
#include "input_work.h"
#include "leftover.h"
#include "listener.h"
#include "peer_table.h"
#include "socket.h"
#include "splice.h"
#include "stats.h"

/* Contexts not yet freed: a packet in a queue may keep a closed socket. */
static atomic_t contexts = ATOMIC_INIT(0);

static void context_free(struct work_struct *work)
{
	struct kdtls_sock *ks = container_of(to_rcu_work(work),
					     struct kdtls_sock, free);

	kdtls_peer_table_put(ks->peers);
	kdtls_listener_free(ks->listener);
	kdtls_records_put(&ks->inbox.records);	/* close emptied it */
	kdtls_splice_free(&ks->splice);
	mutex_destroy(&ks->config);
	kfree(ks);
	if (atomic_dec_and_test(&contexts))
		wake_up_var(&contexts);
}

/*
 * The context is freed with the struct sock: prot->close is not on every path
 * that destroys a socket.
 */
static void hook_destruct(struct sock *sk)
{
	struct kdtls_sock *ks = kdtls_sk(sk);
	void (*destruct)(struct sock *sk) = ks->destruct;

	kdtls_mib_add(sock_net(sk), KDTLS_MIB_CURR_SOCKETS, -1);
	rcu_assign_sk_user_data(sk, NULL);
	sk->sk_destruct = destruct;
	destruct(sk);
	queue_rcu_work(kdtls_wq, &ks->free);
}

static struct kdtls_sock *context_create(struct sock *sk)
{
	struct kdtls_sock *ks = kzalloc(sizeof(*ks), GFP_KERNEL_ACCOUNT);

	if (!ks)
		return NULL;
	ks->sk = sk;
	ks->window_bits = DTLS_WINDOW_DEFAULT;
	ks->peers_limit = U32_MAX;
	ks->read_at = jiffies - HZ;
	mutex_init(&ks->config);
	kdtls_leftover_init(&ks->leftover);
	kdtls_inbox_init(&ks->inbox);
	kdtls_splice_init(&ks->splice);
	INIT_DELAYED_WORK(&ks->input_work, kdtls_input_work);
	kdtls_idle_init(&ks->idle);
	INIT_RCU_WORK(&ks->free, context_free);
	return ks;
}

/* A raw socket of protocol UDP gets here too. */
static bool is_udp(const struct sock *sk)
{
	return (sk->sk_family == AF_INET || sk->sk_family == AF_INET6) &&
	       sk->sk_type == SOCK_DGRAM && sk->sk_protocol == IPPROTO_UDP;
}

static int check_attach(struct sock *sk)
{
	struct udp_sock *up = udp_sk(sk);

	sock_owned_by_me(sk);
	if (kdtls_attached(sk))
		return -EALREADY;
	if (!sk->sk_socket || sock_flag(sk, SOCK_DEAD))
		return -EBADF;
	/* A sockmap's or another module's, or turned by IPV6_ADDRFORM. */
	if (sk->sk_prot != READ_ONCE(sk->sk_prot_creator))
		return -EBUSY;
	if (up->encap_type || up->encap_rcv || up->pending ||
	    udp_test_bit(CORK, sk))
		return -EBUSY;
	return 0;
}

/* As sockmap and L2TP do. */
static int callbacks_take(struct kdtls_sock *ks, struct sock *sk)
{
	int err = -EBUSY;

	write_lock_bh(&sk->sk_callback_lock);
	if (!sk->sk_user_data) {
		ks->data_ready = sk->sk_data_ready;
		ks->destruct = sk->sk_destruct;
		/* publishes the initialized context */
		rcu_assign_sk_user_data(sk, ks);
		sk->sk_destruct = hook_destruct;
		WRITE_ONCE(sk->sk_data_ready, kdtls_data_ready);
		err = 0;
	}
	write_unlock_bh(&sk->sk_callback_lock);
	return err;
}

/* A record is not fragmented unless the application asks for it later. */
static void fragmenting_stop(struct sock *sk)
{
	if (inet_sk(sk)->pmtudisc == IP_PMTUDISC_WANT)
		WRITE_ONCE(inet_sk(sk)->pmtudisc, IP_PMTUDISC_DO);
#if IS_ENABLED(CONFIG_IPV6)
	if (sk->sk_family == AF_INET6 &&
	    inet6_sk(sk)->pmtudisc == IPV6_PMTUDISC_WANT)
		inet6_sk(sk)->pmtudisc = IPV6_PMTUDISC_DO;
#endif
}

static int attach_locked(struct kdtls_sock *ks, struct sock *sk)
{
	int err = check_attach(sk);

	if (err)
		return err;
	ks->hooks = kdtls_hooks_for(sk);
	if (!ks->hooks)
		return -EBUSY;
	err = callbacks_take(ks, sk);
	if (err)
		return err;
	atomic_inc(&contexts);
	__module_get(THIS_MODULE);
	/* Segment sizes are ours: UDP sees sizes of records, by cmsg. */
	ks->gso_size = READ_ONCE(udp_sk(sk)->gso_size);
	WRITE_ONCE(udp_sk(sk)->gso_size, 0);
	fragmenting_stop(sk);
	clear_bit(SOCK_SUPPORT_ZC, &sk->sk_socket->flags);
	WRITE_ONCE(sk->sk_prot, (struct proto *)&ks->hooks->prot);
	WRITE_ONCE(sk->sk_socket->ops, &ks->hooks->ops);
	kdtls_mib_add(sock_net(sk), KDTLS_MIB_CURR_SOCKETS, 1);
	return 0;
}

int kdtls_attach(struct sock *sk)
{
	struct kdtls_sock *ks;
	int err;

	if (!is_udp(sk))
		return -EOPNOTSUPP;
	ks = context_create(sk);
	if (!ks)
		return -ENOMEM;
	lock_sock(sk);
	err = attach_locked(ks, sk);
	release_sock(sk);
	if (err)
		kfree(ks);
	return err;
}

static int ulp_set(struct sock *sk, int optname, sockptr_t arg,
		   unsigned int len)
{
	char name[8] = "";

	if (optname != DTLS_ULP)
		return -ENOPROTOOPT;
	if (len < 4 || len >= sizeof(name))
		return -EINVAL;
	if (copy_from_sockptr(name, arg, len))
		return -EFAULT;
	if (strcmp(name, "dtls"))
		return -ENOENT;
	return kdtls_attach(sk);
}

static struct nf_sockopt_ops ulp_ops = {
	.pf		= PF_INET,
	.set_optmin	= DTLS_ULP,
	.set_optmax	= DTLS_ULP + 1,
	.set		= ulp_set,
	.owner		= THIS_MODULE,
};

int __init kdtls_attach_init(void)
{
	return nf_register_sockopt(&ulp_ops);
}

void kdtls_attach_exit(void)
{
	nf_unregister_sockopt(&ulp_ops);
	wait_var_event(&contexts, !atomic_read(&contexts));
	rcu_barrier();
}
