// SPDX-License-Identifier: GPL-2.0
/* Bounds of handshakes in flight; handshake_quota.h. */
#include <linux/hash.h>
#include <linux/module.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "handshake_quota.h"

/* Datagrams that wait for a daemon. */
#define BYTES_PER_USER	SZ_1M
#define BYTES_PER_NET	SZ_16M

static unsigned int handshakes_per_net = 1024;
module_param(handshakes_per_net, uint, 0644);
MODULE_PARM_DESC(handshakes_per_net,
		 "handshakes in flight that sockets requested, per network namespace");

static unsigned int handshakes_per_user = 256;
module_param(handshakes_per_user, uint, 0644);
MODULE_PARM_DESC(handshakes_per_user,
		 "handshakes in flight that sockets requested, per user and network namespace");

static unsigned int admits_per_net = 8192;
module_param(admits_per_net, uint, 0644);
MODULE_PARM_DESC(admits_per_net,
		 "handshakes in flight with clients of listening sockets, per network namespace");

static unsigned int admits_per_user = 4096;
module_param(admits_per_user, uint, 0644);
MODULE_PARM_DESC(admits_per_user,
		 "handshakes in flight with clients of listening sockets, per user and network namespace");

static unsigned int admits_per_listener = 4096;
module_param(admits_per_listener, uint, 0644);
MODULE_PARM_DESC(admits_per_listener,
		 "handshakes in flight with clients of listening sockets, per listening socket");

/* A user or listener with handshakes in flight; freed with its last one. */
struct kdtls_quota_holder {
	struct hlist_node	node;
	u64			id;
	unsigned int		count;
	size_t			bytes;
};

/* Users per kind, and listeners; the ids of these do not overlap. */
static u64 user_id(kuid_t uid, enum kdtls_quota_kind kind)
{
	return U64_MAX - (((u64)kind << 32) | __kuid_val(uid));
}

static unsigned int user_limit(enum kdtls_quota_kind kind)
{
	return kind == KDTLS_QUOTA_ADMITTED ? READ_ONCE(admits_per_user) :
					      READ_ONCE(handshakes_per_user);
}

static unsigned int net_limit(enum kdtls_quota_kind kind)
{
	return kind == KDTLS_QUOTA_ADMITTED ? READ_ONCE(admits_per_net) :
					      READ_ONCE(handshakes_per_net);
}

static struct kdtls_quota_holder *holder_get(struct kdtls_quota *quota, u64 id)
{
	struct hlist_head *head;
	struct kdtls_quota_holder *holder;

	head = &quota->holders[hash_64(id, ilog2(KDTLS_QUOTA_HEADS))];
	hlist_for_each_entry(holder, head, node)
		if (holder->id == id)
			return holder;
	holder = kzalloc(sizeof(*holder), GFP_NOWAIT | __GFP_ACCOUNT |
			 __GFP_NOWARN);
	if (holder) {
		holder->id = id;
		hlist_add_head(&holder->node, head);
	}
	return holder;
}

static void holder_put(struct kdtls_quota_holder *holder)
{
	if (holder->count)
		return;
	hlist_del(&holder->node);
	kfree(holder);
}

/* NULL: the holder is at its limit, or out of memory. */
static struct kdtls_quota_holder *holder_add(struct kdtls_quota *quota, u64 id,
					     unsigned int limit)
{
	struct kdtls_quota_holder *holder = holder_get(quota, id);

	if (!holder)
		return NULL;
	if (holder->count < limit) {
		holder->count++;
		return holder;
	}
	holder_put(holder);
	return NULL;
}

static void holder_sub(struct kdtls_quota_holder *holder)
{
	holder->count--;
	holder_put(holder);
}

void kdtls_quota_init(struct kdtls_quota *quota)
{
	int i;

	memset(quota->in_flight, 0, sizeof(quota->in_flight));
	quota->bytes = 0;
	for (i = 0; i < KDTLS_QUOTA_HEADS; i++)
		INIT_HLIST_HEAD(&quota->holders[i]);
}

bool kdtls_quota_take(struct kdtls_quota *quota, kuid_t uid, u64 listener,
		      struct kdtls_quota_share *share)
{
	enum kdtls_quota_kind kind = listener ? KDTLS_QUOTA_ADMITTED :
						KDTLS_QUOTA_REQUESTED;

	if (quota->in_flight[kind] >= net_limit(kind))
		return false;
	share->kind = kind;
	share->listener = NULL;
	share->user = holder_add(quota, user_id(uid, kind), user_limit(kind));
	if (!share->user)
		return false;
	if (listener) {
		share->listener = holder_add(quota, listener,
					     READ_ONCE(admits_per_listener));
		if (!share->listener) {
			holder_sub(share->user);
			return false;
		}
	}
	quota->in_flight[kind]++;
	return true;
}

void kdtls_quota_give(struct kdtls_quota *quota,
		      struct kdtls_quota_share *share)
{
	holder_sub(share->user);
	if (share->listener)
		holder_sub(share->listener);
	quota->in_flight[share->kind]--;
}

void kdtls_quota_charge(struct kdtls_quota *quota,
			const struct kdtls_quota_share *share, size_t bytes)
{
	quota->bytes += bytes;
	share->user->bytes += bytes;
}

void kdtls_quota_uncharge(struct kdtls_quota *quota,
			  const struct kdtls_quota_share *share, size_t bytes)
{
	quota->bytes -= bytes;
	share->user->bytes -= bytes;
}

bool kdtls_quota_excess(const struct kdtls_quota *quota,
			const struct kdtls_quota_share *share)
{
	return share->user->bytes > BYTES_PER_USER ||
	       quota->bytes > BYTES_PER_NET;
}
