// SPDX-License-Identifier: GPL-2.0
/*
 * Many associations on one socket, by the peer's address.
 *
 * The hash is keyed with a secret of this boot: who may choose addresses and
 * ports cannot choose buckets. Lookups take no lock; adding is under the
 * socket's mutex, removing under the lock of a bucket.
 */
#include <linux/module.h>
#include <linux/random.h>
#include <linux/rhashtable.h>
#include <linux/siphash.h>
#include <linux/slab.h>
#include <net/ipv6.h>
#include <net/netns/generic.h>

#include <linux/kdtls_netlink.h>

#include "assoc.h"
#include "peers.h"
#include "socket.h"

static unsigned int peers_per_socket = 131072;
module_param(peers_per_socket, uint, 0644);
MODULE_PARM_DESC(peers_per_socket,
		 "associations of one socket that is not connected");

static unsigned int peers_per_net = 1048576;
module_param(peers_per_net, uint, 0644);
MODULE_PARM_DESC(peers_per_net,
		 "associations of such sockets per network namespace");

struct kdtls_peers {
	struct rhltable	table;
};

struct kdtls_peers_net {
	atomic_t	count;
};

static unsigned int kdtls_peers_net_id;
static hsiphash_key_t secret __ro_after_init;

static u32 hash(const void *key, u32 len, u32 seed)
{
	hsiphash_key_t with_seed = secret;

	with_seed.key[0] ^= seed;
	return hsiphash(key, len, &with_seed);
}

static const struct rhashtable_params params = {
	.head_offset		= offsetof(struct kdtls_assoc, peers_node),
	.key_offset		= offsetof(struct kdtls_assoc, peers_key),
	.key_len		= sizeof(struct kdtls_peer_key),
	.hashfn			= hash,
	.automatic_shrinking	= true,
};

static void key_set(struct kdtls_peer_key *key, const union kdtls_addr *addr)
{
	memset(key, 0, sizeof(*key));
	if (addr->sa.sa_family == AF_INET6) {
		key->host = addr->in6.sin6_addr;
		key->port = addr->in6.sin6_port;
		key->link = addr->in6.sin6_scope_id;
		return;
	}
	ipv6_addr_set_v4mapped(addr->in.sin_addr.s_addr, &key->host);
	key->port = addr->in.sin_port;
}

/* Does the datagram that came to this address belong to it? */
static bool meant(const struct kdtls_assoc *assoc,
		  const union kdtls_addr *local)
{
	if (!local)	/* who asks by address means one of this socket */
		return READ_ONCE(assoc->one_of_many);
	return !assoc->names_source ||
	       kdtls_addr_same_host(&assoc->local, local);
}

static bool in_states(const struct kdtls_assoc *assoc, enum dtls_state first,
		      enum dtls_state last)
{
	enum dtls_state state = kdtls_assoc_state(assoc);

	return state >= first && state <= last;
}

/* One that names our address goes before one that does not, then the newest. */
static bool better(const struct kdtls_assoc *a, const struct kdtls_assoc *b)
{
	if (!b || a->names_source != b->names_source)
		return !b || a->names_source;
	return a->id > b->id;
}

/*
 * The best that has reached this state, and has not ended, of those with a
 * larger id. Under RCU.
 */
static struct kdtls_assoc *best_of(struct rhlist_head *list,
				   const union kdtls_addr *local,
				   enum dtls_state reached, u64 id)
{
	struct kdtls_assoc *assoc, *best = NULL;
	struct rhlist_head *pos;

	rhl_for_each_entry_rcu(assoc, pos, list, peers_node)
		if (in_states(assoc, reached, DTLS_STATE_ESTABLISHED) &&
		    assoc->id > id && meant(assoc, local) &&
		    better(assoc, best))
			best = assoc;
	return best && refcount_inc_not_zero(&best->refs) ? best : NULL;
}

struct kdtls_assoc *kdtls_peers_find(struct kdtls_sock *ks,
				     const union kdtls_addr *remote,
				     const union kdtls_addr *local,
				     struct kdtls_assoc **successor)
{
	struct kdtls_peers *peers = kdtls_peers_of(ks);
	struct kdtls_peer_key key;
	struct kdtls_assoc *assoc;
	struct rhlist_head *list;

	if (!peers)
		return NULL;
	key_set(&key, remote);
	rcu_read_lock();
	list = rhltable_lookup(&peers->table, &key, params);
	assoc = best_of(list, local, DTLS_STATE_ESTABLISHED, 0);
	if (!assoc)
		assoc = best_of(list, local, DTLS_STATE_HANDSHAKE, 0);
	else if (successor && rcu_access_pointer(list->next))
		*successor = best_of(list, local, DTLS_STATE_HANDSHAKE,
				     assoc->id);
	rcu_read_unlock();
	return assoc;
}

static bool same_ends(const struct kdtls_assoc *a, const struct kdtls_assoc *b)
{
	return a->names_source == b->names_source && meant(a, &b->local);
}

/* A reference to another between the same two ends, in one of these states. */
static struct kdtls_assoc *twin(struct kdtls_assoc *assoc,
				enum dtls_state first, enum dtls_state last)
{
	struct kdtls_peers *peers = kdtls_peers_of(assoc->listed);
	struct kdtls_assoc *other, *found = NULL;
	struct rhlist_head *list, *pos;

	rcu_read_lock();
	list = rhltable_lookup(&peers->table, &assoc->peers_key, params);
	rhl_for_each_entry_rcu(other, pos, list, peers_node) {
		if (other == assoc || !in_states(other, first, last) ||
		    !same_ends(other, assoc))
			continue;
		if (refcount_inc_not_zero(&other->refs)) {
			found = other;
			break;
		}
	}
	rcu_read_unlock();
	return found;
}

static bool has_twin(struct kdtls_assoc *assoc, enum dtls_state first,
		     enum dtls_state last)
{
	struct kdtls_assoc *other = twin(assoc, first, last);
	bool there = other;

	kdtls_assoc_put(other);
	return there;
}

void kdtls_peers_supersede(struct kdtls_assoc *assoc)
{
	struct kdtls_assoc *old;

	while ((old = twin(assoc, DTLS_STATE_ESTABLISHED,
			   DTLS_STATE_ESTABLISHED))) {
		kdtls_assoc_close(old);
		kdtls_assoc_put(old);
	}
}

int kdtls_peers_prepare(struct kdtls_sock *ks)
{
	struct kdtls_peers *peers;

	if (kdtls_peers_of(ks))
		return 0;
	peers = kzalloc(sizeof(*peers), GFP_KERNEL_ACCOUNT);
	if (!peers)
		return -ENOMEM;
	if (rhltable_init(&peers->table, &params)) {
		kfree(peers);
		return -ENOMEM;
	}
	/* pairs with kdtls_peers_of() */
	smp_store_release(&ks->peers, peers);
	return 0;
}

void kdtls_peers_free(struct kdtls_peers *peers)
{
	if (!peers)
		return;
	rhltable_destroy(&peers->table);
	kfree(peers);
}

unsigned int kdtls_peers_count(const struct kdtls_sock *ks)
{
	const struct kdtls_peers *peers = kdtls_peers_of(ks);

	return peers ? atomic_read(&peers->table.ht.nelems) : 0;
}

u32 kdtls_peers_limit(const struct kdtls_sock *ks)
{
	return min(READ_ONCE(ks->peers_limit), READ_ONCE(peers_per_socket));
}

static struct kdtls_peers_net *peers_net(const struct kdtls_sock *ks)
{
	return net_generic(sock_net(ks->sk), kdtls_peers_net_id);
}

static bool net_reserve(const struct kdtls_sock *ks)
{
	struct kdtls_peers_net *pn = peers_net(ks);
	unsigned int limit = READ_ONCE(peers_per_net);

	if ((unsigned int)atomic_inc_return(&pn->count) <= limit)
		return true;
	atomic_dec(&pn->count);
	return false;
}

static void join(struct kdtls_sock *ks, struct kdtls_assoc *assoc)
{
	assoc->listed = ks;
	assoc->one_of_many = true;
	assoc->names_source = kdtls_wildcard(ks->sk) &&
			      !kdtls_addr_any(&assoc->local);
	key_set(&assoc->peers_key, &assoc->remote);
}

static int insert(struct kdtls_peers *peers, struct kdtls_assoc *assoc)
{
	int err = rhltable_insert(&peers->table, &assoc->peers_node, params);

	/* a table that cannot grow now, in the words of one errno */
	return err ? -ENOMEM : 0;
}

/* A new handshake may run beside what is established: nothing else may. */
static bool taken(struct kdtls_assoc *assoc)
{
	return has_twin(assoc, DTLS_STATE_HANDSHAKE,
			assoc->keyed_by == KDTLS_KEYER_DAEMON ?
			DTLS_STATE_HANDSHAKE : DTLS_STATE_ESTABLISHED);
}

/* Who comes back will have the place that he has. */
static bool has_place(struct kdtls_sock *ks, struct kdtls_assoc *assoc)
{
	return kdtls_peers_count(ks) < kdtls_peers_limit(ks) ||
	       has_twin(assoc, DTLS_STATE_ESTABLISHED, DTLS_STATE_ESTABLISHED);
}

int kdtls_peers_add(struct kdtls_sock *ks, struct kdtls_assoc *assoc)
{
	int err = kdtls_peers_prepare(ks);

	if (err)
		return err;
	join(ks, assoc);
	if (taken(assoc))
		return -EEXIST;
	if (!has_place(ks, assoc))
		return -ENOSPC;
	if (!net_reserve(ks))
		return -EUSERS;
	err = insert(kdtls_peers_of(ks), assoc);
	if (err)
		atomic_dec(&peers_net(ks)->count);
	return err;
}

/* Of those listed some have a socket of their own by now (peeloff.c). */
static bool leave(struct kdtls_assoc *assoc)
{
	bool shared;

	spin_lock_bh(&assoc->lock);
	assoc->leaving = true;
	shared = assoc->one_of_many;
	spin_unlock_bh(&assoc->lock);
	return shared;
}

bool kdtls_peers_remove(struct kdtls_assoc *assoc)
{
	struct kdtls_sock *ks = assoc->listed;

	if (!ks || rhltable_remove(&kdtls_peers_of(ks)->table,
				   &assoc->peers_node, params))
		return false;
	atomic_dec(&peers_net(ks)->count);
	if (leave(assoc))
		return true;
	kdtls_assoc_put(assoc);
	return false;
}

#define WALK	64

/* The next few, with references. False: these were the last. */
static bool walk(struct rhashtable_iter *iter, struct kdtls_assoc **some,
		 unsigned int *n)
{
	struct kdtls_assoc *assoc;

	*n = 0;
	rhashtable_walk_start(iter);
	while (*n < WALK && (assoc = rhashtable_walk_next(iter))) {
		/* -EAGAIN: the table was resized, and is begun again */
		if (!IS_ERR(assoc) && refcount_inc_not_zero(&assoc->refs))
			some[(*n)++] = assoc;
	}
	rhashtable_walk_stop(iter);
	return *n == WALK;
}

void kdtls_peers_each(struct kdtls_sock *ks,
		      void (*fn)(struct kdtls_assoc *assoc))
{
	struct kdtls_peers *peers = kdtls_peers_of(ks);
	struct kdtls_assoc *some[WALK];
	struct rhashtable_iter iter;
	unsigned int i, n;
	bool more;

	if (!peers)
		return;
	rhltable_walk_enter(&peers->table, &iter);
	do {
		more = walk(&iter, some, &n);
		for (i = 0; i < n; i++) {
			fn(some[i]);
			kdtls_assoc_put(some[i]);
		}
		cond_resched();
	} while (more);
	rhashtable_walk_exit(&iter);
}

/*
 * A walk that stops where an element is removed goes on by counting, and so
 * passes over others of that bucket: once may not be enough.
 */
void kdtls_peers_end(struct kdtls_sock *ks)
{
	while (kdtls_peers_count(ks))
		kdtls_peers_each(ks, kdtls_assoc_leave);
}

static struct pernet_operations peers_net_ops = {
	.id	= &kdtls_peers_net_id,
	.size	= sizeof(struct kdtls_peers_net),
};

int __init kdtls_peers_init(void)
{
	get_random_bytes(&secret, sizeof(secret));
	return register_pernet_subsys(&peers_net_ops);
}

void kdtls_peers_exit(void)
{
	unregister_pernet_subsys(&peers_net_ops);
}
