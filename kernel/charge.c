// SPDX-License-Identifier: GPL-2.0
/* Memory of sockets, charged to their cgroups. */
#include <linux/memcontrol.h>
#include <linux/sched/mm.h>
#include <linux/skbuff.h>
#include <linux/slab.h>

#include "charge.h"
#include "socket.h"

/* NULL: the root's, which has no limit. */
static struct mem_cgroup *memcg_of(const struct sock *sk)
{
#ifdef CONFIG_MEMCG
	return sk->sk_memcg;
#else
	return NULL;
#endif
}

/*
 * Forced charges do not stop at memory.max. A cgroup is often at it, by page
 * cache that its own tasks reclaim; but more than 1/32 above it only forced
 * charges come.
 */
static bool memcg_overdrawn(const struct sock *sk)
{
#ifdef CONFIG_MEMCG
	struct mem_cgroup *memcg = memcg_of(sk);
	unsigned long max;

	for (; memcg; memcg = parent_mem_cgroup(memcg)) {
		max = READ_ONCE(memcg->memory.max);
		if (page_counter_read(&memcg->memory) > max + max / 32)
			return true;
	}
#endif
	return false;
}

/* sk_forward_alloc is under this lock in UDP; with BH off nothing waits. */
static bool charge_forward(struct sock *sk, int bytes)
{
	int missing = bytes - sk->sk_forward_alloc;

	lockdep_assert_held(&sk->sk_receive_queue.lock);
	if (missing > 0 && (memcg_overdrawn(sk) ||
			    !__sk_mem_schedule(sk, missing, SK_MEM_RECV)))
		return false;
	sk_forward_alloc_add(sk, -bytes);
	return true;
}

bool kdtls_skmem_charge(struct sock *sk, unsigned int bytes)
{
	bool charged;

	spin_lock_bh(&sk->sk_receive_queue.lock);
	charged = charge_forward(sk, bytes);
	spin_unlock_bh(&sk->sk_receive_queue.lock);
	return charged;
}

void kdtls_skmem_uncharge(struct sock *sk, unsigned int bytes)
{
	if (!bytes)
		return;
	spin_lock_bh(&sk->sk_receive_queue.lock);
	sk_forward_alloc_add(sk, bytes);
	sk_mem_reclaim(sk);
	spin_unlock_bh(&sk->sk_receive_queue.lock);
}

bool kdtls_rmem_charge(struct sock *sk, unsigned int bytes)
{
	/* first, as UDP does: a little is granted to a socket that has none */
	atomic_add(bytes, &sk->sk_rmem_alloc);
	if (kdtls_skmem_charge(sk, bytes))
		return true;
	atomic_sub(bytes, &sk->sk_rmem_alloc);
	return false;
}

void kdtls_rmem_uncharge(struct sock *sk, unsigned int bytes)
{
	atomic_sub(bytes, &sk->sk_rmem_alloc);
	kdtls_skmem_uncharge(sk, bytes);
}

/*
 * A module can charge a cgroup only by way of a socket, and that of UDP would
 * count what is no datagram in udp_mem, where it takes the place of all other
 * sockets' datagrams. So there is one of no network that pays for the others,
 * a moment each, in a protocol that has no limit.
 */
static DEFINE_PER_CPU(int, proxy_pages_here);
static atomic_long_t proxy_pages;
static long proxy_limits[3] = { LONG_MAX, LONG_MAX, LONG_MAX };

static struct proto proxy_proto = {
	.name			= "kdtls",
	.memory_allocated	= &proxy_pages,
	.per_cpu_fw_alloc	= &proxy_pages_here,
	.sysctl_mem		= proxy_limits,
};

static DEFINE_SPINLOCK(proxy_lock);	/* and of the accounts */
static struct sock proxy = { .sk_prot = &proxy_proto };

static void proxy_use(const struct sock *sk)
{
	lockdep_assert_held(&proxy_lock);
#ifdef CONFIG_MEMCG
	proxy.sk_memcg = memcg_of(sk);
#endif
	proxy.sk_forward_alloc = 0;
}

static bool proxy_charge(const struct sock *sk, unsigned int pages)
{
	if (!pages)
		return true;
	if (memcg_overdrawn(sk))
		return false;
	proxy_use(sk);
	return __sk_mem_schedule(&proxy, pages << PAGE_SHIFT, SK_MEM_RECV);
}

static void proxy_uncharge(const struct sock *sk, unsigned int pages)
{
	if (!pages)
		return;
	proxy_use(sk);
	proxy.sk_forward_alloc = pages << PAGE_SHIFT;
	__sk_mem_reclaim(&proxy, pages << PAGE_SHIFT);
}

/* Pages between two states of an account. */
static unsigned int pages_more(size_t before, size_t after)
{
	return PAGE_ALIGN(after) / PAGE_SIZE - PAGE_ALIGN(before) / PAGE_SIZE;
}

bool kdtls_account(struct sock *sk, size_t bytes)
{
	struct kdtls_sock *ks = kdtls_sk(sk);
	bool charged;

	spin_lock_bh(&proxy_lock);
	charged =
		proxy_charge(sk, pages_more(ks->account, ks->account + bytes));
	if (charged)
		ks->account += bytes;
	spin_unlock_bh(&proxy_lock);
	return charged;
}

void kdtls_unaccount(struct sock *sk, size_t bytes)
{
	struct kdtls_sock *ks = kdtls_sk(sk);

	spin_lock_bh(&proxy_lock);
	proxy_uncharge(sk, pages_more(ks->account - bytes, ks->account));
	ks->account -= bytes;
	spin_unlock_bh(&proxy_lock);
}

/* In front of what kdtls_alloc() returns: small, for sizes are powers of 2. */
struct charged {
	struct sock	*sk;	/* held; NULL: the allocator has charged */
	u8		data[] __aligned(8);
};

/* Is the caller of the socket's cgroup, and waits for it like any other? */
static bool pays_itself(const struct sock *sk)
{
	bool same = true;
#ifdef CONFIG_MEMCG
	struct mem_cgroup *memcg = memcg_of(sk);

	rcu_read_lock();
	same = memcg && mem_cgroup_from_task(current) == memcg;
	rcu_read_unlock();
#endif
	return same;
}

gfp_t kdtls_gfp(const struct sock *sk)
{
	return pays_itself(sk) ? GFP_KERNEL_ACCOUNT : GFP_KERNEL;
}

void *kdtls_alloc(struct sock *sk, size_t size)
{
	gfp_t gfp = kdtls_gfp(sk);
	struct charged *c;

	c = kzalloc(sizeof(*c) + size, gfp | __GFP_NOWARN);
	if (!c)
		return NULL;
	if (gfp & __GFP_ACCOUNT || !memcg_of(sk))
		return c->data;
	if (!kdtls_account(sk, ksize(c))) {
		kfree(c);
		return NULL;
	}
	sock_hold(sk);
	c->sk = sk;
	return c->data;
}

static void free_charged(void *p, void (*free)(const void *p))
{
	struct charged *c = container_of(p, struct charged, data[0]);
	struct sock *sk = c->sk;
	size_t bytes = ksize(c);

	free(c);
	if (!sk)
		return;
	kdtls_unaccount(sk, bytes);
	sock_put(sk);
}

void kdtls_free(void *p)
{
	if (p)
		free_charged(p, kfree);
}

void kdtls_free_sensitive(void *p)
{
	if (p)
		free_charged(p, kfree_sensitive);
}

struct sk_buff *kdtls_alloc_skb(struct sock *sk, unsigned int size)
{
	struct mem_cgroup *memcg = memcg_of(sk), *mine;
	struct sk_buff *skb;

	if (memcg_overdrawn(sk))
		return NULL;
	mine = set_active_memcg(memcg);
	skb = alloc_skb(size, memcg ? GFP_ATOMIC | __GFP_ACCOUNT : GFP_ATOMIC);
	set_active_memcg(mine);
	return skb;
}
