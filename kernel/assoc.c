// SPDX-License-Identifier: GPL-2.0
/* The object: ids, references, walks. */
#include <linux/pid.h>
#include <linux/slab.h>
#include <linux/xarray.h>

#include "address.h"
#include "assoc.h"
#include "charge.h"
#include "ids.h"
#include "key_update.h"
#include "owner.h"
#include "peer_info.h"
#include "socket.h"
#include "stats.h"

/* By id. Lookups under RCU. */
static DEFINE_XARRAY(associations);

struct kdtls_assoc *kdtls_assoc_create(struct kdtls_sock *ks,
				       const struct kdtls_ends *ends, u16 role,
				       u32 keyed_by,
				       const struct kdtls_owner *owner)
{
	struct kdtls_assoc *assoc;

	assoc = kdtls_alloc(ks->sk, sizeof(*assoc));
	if (!assoc)
		return NULL;
	refcount_set(&assoc->refs, 1);
	mutex_init(&assoc->event_lock);
	spin_lock_init(&assoc->lock);
	INIT_LIST_HEAD(&assoc->early);
	assoc->role = role;
	assoc->version = DTLS_VERSION_1_2;
	assoc->keyed_by = keyed_by;
	assoc->uid = owner->uid;
	assoc->pid = get_pid(owner->pid);
	assoc->sk = ks->sk;
	assoc->ks = ks;
	assoc->local = ends->local;
	assoc->remote = ends->remote;
	seqcount_spinlock_init(&assoc->remote_seq, &assoc->lock);
	assoc->link = ends->link;
	assoc->mibs = kdtls_mibs_of(sock_net(ks->sk));
	if (kdtls_ids_add(&associations, &assoc->id, kdtls_gfp(ks->sk))) {
		put_pid(assoc->pid);
		kdtls_free(assoc);
		return NULL;
	}
	sock_hold(ks->sk);
	kdtls_mib_add(sock_net(ks->sk), KDTLS_MIB_CURR_ASSOCS, 1);
	return assoc;
}

static void assoc_free(struct rcu_head *rcu)
{
	struct kdtls_assoc *assoc = container_of(rcu, struct kdtls_assoc, rcu);

	kdtls_peer_info_free(assoc->peer);
	kdtls_key_update_free(assoc);
	if (assoc->listed && assoc->listed != assoc->ks)
		sock_put(assoc->listed->sk);
	sock_put(assoc->sk);
	put_pid(assoc->pid);
	mutex_destroy(&assoc->event_lock);
	kdtls_free(assoc);
}

void kdtls_assoc_last_put(struct kdtls_assoc *assoc)
{
	call_rcu(&assoc->rcu, assoc_free);
}

void kdtls_assoc_delist(struct kdtls_assoc *assoc)
{
	kdtls_mib_add(sock_net(assoc->sk), KDTLS_MIB_CURR_ASSOCS, -1);
	kdtls_ids_del(&associations, &assoc->id);
	kdtls_assoc_put(assoc);
}

static struct kdtls_assoc *of_id(u64 *id)
{
	return id ? container_of(id, struct kdtls_assoc, id) : NULL;
}

struct kdtls_assoc *kdtls_assoc_by_id(struct net *net, u64 id)
{
	struct kdtls_assoc *assoc;

	rcu_read_lock();
	assoc = of_id(kdtls_ids_find(&associations, id));
	if (assoc && (!net_eq(sock_net(assoc->sk), net) ||
		      !refcount_inc_not_zero(&assoc->refs)))
		assoc = NULL;
	rcu_read_unlock();
	return assoc;
}

/* Looked at without a break: there may be a million of other namespaces. */
#define LOOK	1024

/* Of the next few, a reference or NULL. */
static struct kdtls_assoc *next_of_few(struct net *net,
				       struct kdtls_cursor *cursor)
{
	struct kdtls_assoc *assoc;
	unsigned int seen;

	rcu_read_lock();
	for (seen = 0; seen < LOOK; seen++) {
		assoc = of_id(kdtls_ids_next(&associations, cursor));
		if (!assoc ||
		    ((!net || net_eq(sock_net(assoc->sk), net)) &&
		     refcount_inc_not_zero(&assoc->refs)))
			break;
		assoc = NULL;
	}
	rcu_read_unlock();
	return assoc;
}

struct kdtls_assoc *kdtls_assoc_next(struct net *net,
				     struct kdtls_cursor *cursor)
{
	struct kdtls_assoc *assoc = next_of_few(net, cursor);

	while (!assoc && !cursor->end) {
		cond_resched();
		assoc = next_of_few(net, cursor);
	}
	return assoc;
}

void kdtls_assoc_exit(void)
{
	WARN_ON(!xa_empty(&associations));
	xa_destroy(&associations);
}
