// SPDX-License-Identifier: GPL-2.0
/*
 * Many associations on one socket, or a group of them, by the peer's address.
 *
 * The hash is keyed with a secret of this boot: a sender that chooses addresses
 * and ports cannot choose buckets. Lookups take no lock; adding is under the
 * table's mutex, removing under the lock of a bucket.
 */
#include <linux/module.h>
#include <linux/random.h>
#include <linux/rhashtable.h>
#include <linux/siphash.h>
#include <linux/slab.h>
#include <net/ipv6.h>
#include <net/netns/generic.h>

#include <linux/kdtls_netlink.h>

#include "address.h"
#include "assoc.h"
#include "assoc_state.h"
#include "cid_table.h"
#include "peer_table.h"
#include "reuseport.h"
#include "socket.h"

static unsigned int peers_per_socket = 131072;
module_param(peers_per_socket, uint, 0644);
MODULE_PARM_DESC(peers_per_socket,
		 "associations of an unconnected socket");

static unsigned int peers_per_net = 1048576;
module_param(peers_per_net, uint, 0644);
MODULE_PARM_DESC(peers_per_net,
		 "associations of unconnected sockets, per network namespace");

static unsigned int peers_per_address = 64;
module_param(peers_per_address, uint, 0644);
MODULE_PARM_DESC(peers_per_address,
		 "associations of an unconnected socket with one address and port");

/* Random ones that are tried: two of 2^20 peers with 4 bytes are rarely the same. */
#define CID_CHOICES	8

struct kdtls_peer_table {
	refcount_t	refs;	/* a socket one */
	struct mutex	adding;	/* inside of ks->config; held shortly */
	struct rhltable	table;
	u8		cid_len;	/* DTLS_CID of its sockets */
	struct rhashtable cids;		/* if cid_len */
};

struct kdtls_peer_table_net {
	atomic_t	count;
};

static unsigned int kdtls_peer_table_net_id;
/* Of which table a socket gets; inside of ks->config. */
static DEFINE_MUTEX(choosing);
static hsiphash_key_t secret __ro_after_init;

static u32 keyed_hash(const void *key, u32 len, u32 seed)
{
	hsiphash_key_t with_seed = secret;

	with_seed.key[0] ^= seed;
	return hsiphash(key, len, &with_seed);
}

static const struct rhashtable_params params = {
	.head_offset		= offsetof(struct kdtls_peer_entry, node),
	.key_offset		= offsetof(struct kdtls_peer_entry, key),
	.key_len		= sizeof(struct kdtls_peer_key),
	.hashfn			= keyed_hash,
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
static bool is_addressed(const struct kdtls_assoc *assoc,
			 const union kdtls_addr *local)
{
	return !assoc->names_source ||
	       kdtls_addr_same_host(&assoc->local, local);
}

static bool came_by(u32 link, const struct kdtls_ends *ends)
{
	return !link || link == ends->link || link == ends->iif;
}

/*
 * UDP has compared the device of the socket that it gave the datagram to, not
 * of one that was of the same group when it got its first peer.
 */
static bool reaches_socket(const struct kdtls_assoc *assoc,
			   const struct kdtls_sock *ks,
			   const struct kdtls_ends *ends)
{
	const struct sock *sk = READ_ONCE(assoc->sk);

	return sk == ks->sk || came_by(READ_ONCE(sk->sk_bound_dev_if), ends);
}

/* Without ends one of this socket is asked for. */
static bool asked_for(const struct kdtls_assoc *assoc,
		      const struct kdtls_sock *ks,
		      const struct kdtls_ends *ends)
{
	if (!ends)
		return READ_ONCE(assoc->ks) == ks;
	return is_addressed(assoc, &ends->local) &&
	       came_by(assoc->link, ends) && reaches_socket(assoc, ks, ends);
}

static bool in_states(const struct kdtls_assoc *assoc, enum dtls_state first,
		      enum dtls_state last)
{
	enum dtls_state state = kdtls_assoc_state(assoc);

	return state >= first && state <= last;
}

/* One that is running, and that asked_for() finds. */
static bool may_be_found(const struct kdtls_assoc *assoc,
			 const struct kdtls_sock *ks,
			 const struct kdtls_ends *ends)
{
	return in_states(assoc, DTLS_STATE_HANDSHAKE, DTLS_STATE_ESTABLISHED) &&
	       asked_for(assoc, ks, ends);
}

/*
 * What goes first: one of a link, for the others may be another host's; one that
 * is established; one that names our address. Of several that is the newest.
 */
static unsigned int lookup_rank(const struct kdtls_assoc *assoc)
{
	return (assoc->link ? 4 : 0) + (assoc->names_source ? 1 : 0) +
	       (kdtls_assoc_state(assoc) == DTLS_STATE_ESTABLISHED ? 2 : 0);
}

/* May it be what ends this one? NULL: it need not. */
static bool can_follow(const struct kdtls_assoc *assoc,
		       const struct kdtls_assoc *old)
{
	return !old || (assoc->id > old->id && assoc->link == old->link);
}

/*
 * A reference to the best that is in its handshake or established; old: of those
 * that are to end it. The list is short, see address_crowded(). Under RCU.
 */
static struct kdtls_assoc *best_of(struct rhlist_head *list,
				   const struct kdtls_sock *ks,
				   const struct kdtls_ends *ends,
				   const struct kdtls_assoc *old)
{
	struct kdtls_assoc *assoc, *best = NULL;
	unsigned int rank_now, rank_best = 0;
	struct kdtls_peer_entry *entry;
	struct rhlist_head *pos;

	rhl_for_each_entry_rcu(entry, pos, list, node) {
		assoc = entry->assoc;
		if (!can_follow(assoc, old) || !may_be_found(assoc, ks, ends))
			continue;
		rank_now = lookup_rank(assoc);
		if (best && (rank_now < rank_best || (rank_now == rank_best &&
						      assoc->id < best->id)))
			continue;
		best = assoc;
		rank_best = rank_now;
	}
	return best && refcount_inc_not_zero(&best->refs) ? best : NULL;
}

struct kdtls_assoc *kdtls_peer_table_find(struct kdtls_sock *ks,
					  const struct kdtls_ends *ends,
					  struct kdtls_assoc **successor)
{
	struct kdtls_peer_table *peers = kdtls_peer_table_of(ks);
	struct kdtls_peer_key key;
	struct kdtls_assoc *assoc;
	struct rhlist_head *list;

	if (!peers)
		return NULL;
	key_set(&key, &ends->remote);
	rcu_read_lock();
	list = rhltable_lookup(&peers->table, &key, params);
	assoc = best_of(list, ks, ends, NULL);
	if (assoc && successor && rcu_access_pointer(list->next) &&
	    kdtls_assoc_state(assoc) == DTLS_STATE_ESTABLISHED)
		*successor = best_of(list, ks, ends, assoc);
	rcu_read_unlock();
	return assoc;
}

struct kdtls_assoc *
kdtls_peer_table_find_address(struct kdtls_sock *ks,
			      const union kdtls_addr *remote)
{
	struct kdtls_peer_table *peers = kdtls_peer_table_of(ks);
	struct kdtls_peer_key key;
	struct kdtls_assoc *assoc;

	if (!peers)
		return NULL;
	key_set(&key, remote);
	rcu_read_lock();
	assoc = best_of(rhltable_lookup(&peers->table, &key, params), ks, NULL,
			NULL);
	rcu_read_unlock();
	return assoc;
}

/*
 * Until its handshake by the daemon is over a peer is where that began: nothing says
 * that it has moved.
 */
static bool may_be_elsewhere(const struct kdtls_assoc *assoc,
			     const union kdtls_addr *remote)
{
	union kdtls_addr known;

	if (assoc->keyed_by != KDTLS_KEYER_DAEMON ||
	    kdtls_assoc_state(assoc) == DTLS_STATE_ESTABLISHED)
		return true;
	kdtls_assoc_remote(assoc, &known);
	return kdtls_addr_equal(&known, remote);
}

struct kdtls_assoc *kdtls_peer_table_find_cid(struct kdtls_sock *ks,
					      const struct kdtls_ends *ends,
					      const struct kdtls_cid *cid)
{
	struct kdtls_peer_table *peers = kdtls_peer_table_of(ks);
	struct kdtls_assoc *assoc;

	if (!peers || !peers->cid_len)
		return NULL;
	rcu_read_lock();
	assoc = kdtls_cid_table_find(&peers->cids, cid);
	if (assoc && (!may_be_found(assoc, ks, ends) ||
		      !may_be_elsewhere(assoc, &ends->remote) ||
		      !refcount_inc_not_zero(&assoc->refs)))
		assoc = NULL;
	rcu_read_unlock();
	return assoc;
}

static bool same_ends(const struct kdtls_assoc *a, const struct kdtls_assoc *b)
{
	return a->names_source == b->names_source && a->link == b->link &&
	       is_addressed(a, &b->local);
}

/*
 * A reference to another between our end and this one, in one of these states.
 */
static struct kdtls_assoc *find_at(struct kdtls_assoc *assoc,
				   const union kdtls_addr *remote,
				   enum dtls_state first, enum dtls_state last)
{
	struct kdtls_peer_table *peers = kdtls_peer_table_of(assoc->listed);
	struct kdtls_assoc *other, *found = NULL;
	struct kdtls_peer_entry *entry;
	struct rhlist_head *list, *pos;
	struct kdtls_peer_key key;

	key_set(&key, remote);
	rcu_read_lock();
	list = rhltable_lookup(&peers->table, &key, params);
	rhl_for_each_entry_rcu(entry, pos, list, node) {
		other = entry->assoc;
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

/* Is there another, in a state up to this one? */
static bool address_taken(struct kdtls_assoc *assoc,
			  const union kdtls_addr *remote, enum dtls_state last)
{
	struct kdtls_assoc *other = find_at(assoc, remote, DTLS_STATE_NONE,
					    last);

	kdtls_assoc_put(other);
	return other;
}

/* An established one between its own two ends. */
static struct kdtls_assoc *find_twin(struct kdtls_assoc *assoc)
{
	union kdtls_addr remote;

	kdtls_assoc_remote(assoc, &remote);
	return find_at(assoc, &remote, DTLS_STATE_ESTABLISHED,
		       DTLS_STATE_ESTABLISHED);
}

void kdtls_peer_table_supersede(struct kdtls_assoc *assoc)
{
	struct kdtls_assoc *old;

	while ((old = find_twin(assoc))) {
		kdtls_assoc_replace(old, assoc);
		kdtls_assoc_put(old);
	}
}

static int tables_init(struct kdtls_peer_table *peers)
{
	int err = rhltable_init(&peers->table, &params);

	if (err || !peers->cid_len)
		return err;
	err = kdtls_cid_table_init(&peers->cids);
	if (err)
		rhltable_destroy(&peers->table);
	return err;
}

static struct kdtls_peer_table *table_create(u8 cid_len)
{
	struct kdtls_peer_table *peers =
		kzalloc(sizeof(*peers), GFP_KERNEL_ACCOUNT);

	if (!peers)
		return NULL;
	peers->cid_len = cid_len;
	if (tables_init(peers)) {
		kfree(peers);
		return NULL;
	}
	refcount_set(&peers->refs, 1);
	mutex_init(&peers->adding);
	return peers;
}

void kdtls_peer_table_hold(struct kdtls_peer_table *peers)
{
	refcount_inc(&peers->refs);
}

void kdtls_peer_table_put(struct kdtls_peer_table *peers)
{
	if (!peers || !refcount_dec_and_test(&peers->refs))
		return;
	if (peers->cid_len)
		rhashtable_destroy(&peers->cids);
	rhltable_destroy(&peers->table);
	mutex_destroy(&peers->adding);
	kfree(peers);
}

/* That of the group, or if it has none the fresh one. */
static int choose_table(struct kdtls_sock *ks, struct kdtls_peer_table *fresh)
{
	struct kdtls_peer_table *shared;

	lockdep_assert_held(&choosing);
	shared = kdtls_reuseport_table(ks->sk);
	if (shared && shared->cid_len != ks->cid_len) {
		kdtls_peer_table_put(shared);
		return -EINVAL;
	}
	if (!shared)
		kdtls_peer_table_hold(fresh);
	/* pairs with kdtls_peer_table_of() */
	smp_store_release(&ks->peers, shared ?: fresh);
	return 0;
}

int kdtls_peer_table_prepare(struct kdtls_sock *ks)
{
	struct kdtls_peer_table *fresh;
	int err;

	if (kdtls_peer_table_of(ks))
		return 0;
	fresh = table_create(ks->cid_len);
	if (!fresh)
		return -ENOMEM;
	mutex_lock(&choosing);
	err = choose_table(ks, fresh);
	mutex_unlock(&choosing);
	kdtls_peer_table_put(fresh);
	return err;
}

static unsigned int table_count(const struct kdtls_sock *ks)
{
	return atomic_read(&ks->peers_count);
}

u32 kdtls_peer_table_limit(const struct kdtls_sock *ks)
{
	return min(READ_ONCE(ks->peers_limit), READ_ONCE(peers_per_socket));
}

static struct kdtls_peer_table_net *peers_net(const struct kdtls_sock *ks)
{
	return net_generic(sock_net(ks->sk), kdtls_peer_table_net_id);
}

/* A place of the socket, and of its namespace if that has one. */
static bool reserve_place(struct kdtls_sock *ks)
{
	struct kdtls_peer_table_net *pn = peers_net(ks);
	unsigned int limit = READ_ONCE(peers_per_net);

	if ((unsigned int)atomic_inc_return(&pn->count) <= limit) {
		atomic_inc(&ks->peers_count);
		return true;
	}
	atomic_dec(&pn->count);
	return false;
}

static void give_back(struct kdtls_sock *ks)
{
	atomic_dec(&ks->peers_count);	/* close() waits for it */
	atomic_dec(&peers_net(ks)->count);
}

static void join_table(struct kdtls_sock *ks, struct kdtls_assoc *assoc)
{
	assoc->listed = ks;
	assoc->one_of_many = true;
	assoc->names_source = kdtls_wildcard(ks->sk) &&
			      !kdtls_addr_any(&assoc->local);
}

/* By this address. */
static int insert_entry(struct kdtls_peer_table *peers,
			struct kdtls_assoc *assoc,
			struct kdtls_peer_entry *entry,
			const union kdtls_addr *remote)
{
	int err;

	lockdep_assert_held(&assoc->lock);
	entry->assoc = assoc;
	key_set(&entry->key, remote);
	err = rhltable_insert(&peers->table, &entry->node, params);
	/* a table that cannot grow now, in the words of one errno */
	if (err)
		return -ENOMEM;
	assoc->peers_place.listed = entry;
	return 0;
}

static int insert_assoc(struct kdtls_peer_table *peers,
			struct kdtls_assoc *assoc)
{
	struct kdtls_peer_place *place = &assoc->peers_place;
	int err;

	place->unused_since = get_completed_synchronize_rcu();
	spin_lock_bh(&assoc->lock);
	err = insert_entry(peers, assoc, &place->entries[0], &assoc->remote);
	spin_unlock_bh(&assoc->lock);
	return err;
}

int kdtls_peer_table_add_cid(struct kdtls_assoc *assoc)
{
	if (!assoc->by_cid.cid.len)
		return 0;
	return kdtls_cid_table_add(&kdtls_peer_table_of(assoc->listed)->cids,
				   assoc);
}

void kdtls_peer_table_remove_cid(struct kdtls_assoc *assoc)
{
	if (assoc->by_cid.cid.len)
		kdtls_cid_table_remove(&kdtls_peer_table_of(assoc->listed)->cids,
				       assoc);
}

/*
 * A new handshake may run beside what is established: nothing else may. What
 * has no state yet was just added, by another socket of the group.
 */
static bool ends_taken(struct kdtls_assoc *assoc)
{
	return address_taken(assoc, &assoc->remote,
			     assoc->keyed_by == KDTLS_KEYER_DAEMON ?
			     DTLS_STATE_HANDSHAKE : DTLS_STATE_ESTABLISHED);
}

/* Has this address as many as one may have? */
static bool crowded_at(struct kdtls_peer_table *peers,
		       const union kdtls_addr *remote)
{
	unsigned int room = READ_ONCE(peers_per_address);
	struct kdtls_peer_entry *entry;
	struct rhlist_head *list, *pos;
	struct kdtls_peer_key key;

	key_set(&key, remote);
	rcu_read_lock();
	list = rhltable_lookup(&peers->table, &key, params);
	rhl_for_each_entry_rcu(entry, pos, list, node)
		if (room && !--room)
			break;
	rcu_read_unlock();
	return !room;
}

static bool address_crowded(struct kdtls_peer_table *peers,
			    const struct kdtls_assoc *assoc)
{
	return crowded_at(peers, &assoc->remote); /* not listed yet: it stays */
}

/* A peer that comes back is counted already: by which socket? NULL: by none. */
static const struct kdtls_sock *place_of(struct kdtls_assoc *assoc)
{
	const struct kdtls_sock *ks;
	struct kdtls_assoc *old;

	old = find_twin(assoc);
	ks = old ? old->listed : NULL;
	kdtls_assoc_put(old);
	return ks;
}

/* The application's, or one for a handshake of the daemon that no other has. */
static int insert_cid(struct kdtls_peer_table *peers, struct kdtls_assoc *assoc)
{
	int tries = CID_CHOICES, err;

	if (assoc->keyed_by != KDTLS_KEYER_DAEMON)
		return kdtls_peer_table_add_cid(assoc);
	do {
		kdtls_cid_choose(&assoc->by_cid.cid, peers->cid_len);
		err = kdtls_peer_table_add_cid(assoc);
	} while (err == -EEXIST && --tries);
	return err;
}

static int insert_both(struct kdtls_peer_table *peers,
		       struct kdtls_assoc *assoc)
{
	int err = insert_cid(peers, assoc);

	if (err)
		return err;
	err = insert_assoc(peers, assoc);
	if (err)
		kdtls_peer_table_remove_cid(assoc);
	return err;
}

/* Of two that are between the same ends one comes in. */
static int add_locked(struct kdtls_sock *ks, struct kdtls_assoc *assoc)
{
	struct kdtls_peer_table *peers = kdtls_peer_table_of(ks);
	int err;

	lockdep_assert_held(&peers->adding);
	if (READ_ONCE(ks->closed))
		return -ENOENT;
	if (ends_taken(assoc))
		return -EEXIST;
	if (address_crowded(peers, assoc) && !place_of(assoc))
		return -EMLINK;
	if (table_count(ks) >= kdtls_peer_table_limit(ks) &&
	    place_of(assoc) != ks)
		return -ENOSPC;
	if (!reserve_place(ks))
		return -EUSERS;
	err = insert_both(peers, assoc);
	if (err)
		give_back(ks);
	return err;
}

int kdtls_peer_table_add(struct kdtls_sock *ks, struct kdtls_assoc *assoc)
{
	int err = kdtls_peer_table_prepare(ks);
	struct kdtls_peer_table *peers = kdtls_peer_table_of(ks);

	if (err)
		return err;
	join_table(ks, assoc);
	mutex_lock(&peers->adding);
	err = add_locked(ks, assoc);
	mutex_unlock(&peers->adding);
	return err;
}

static void remove_entry(struct kdtls_peer_table *peers,
			 struct kdtls_peer_entry *entry)
{
	WARN_ON(rhltable_remove(&peers->table, &entry->node, params));
}

/* To be known before peers->adding is taken, and under it. */
static bool other_entry_free(const struct kdtls_peer_place *place)
{
	return poll_state_synchronize_rcu(READ_ONCE(place->unused_since));
}

/* By the other entry, and then no more by the one. */
static int move_entry(struct kdtls_peer_table *peers, struct kdtls_assoc *assoc,
		      const union kdtls_addr *to)
{
	struct kdtls_peer_place *place = &assoc->peers_place;
	struct kdtls_peer_entry *old = place->listed;
	struct kdtls_peer_entry *other = &place->entries[old == place->entries];
	int err;

	if (!other_entry_free(place))
		return -EAGAIN;
	err = insert_entry(peers, assoc, other, to);
	if (err)
		return err;
	remove_entry(peers, old);
	WRITE_ONCE(place->unused_since, start_poll_synchronize_rcu());
	return 0;
}

/* What was found out about the way there is not true of another. */
static void set_remote(struct kdtls_assoc *assoc, const union kdtls_addr *to)
{
	lockdep_assert_held(&assoc->lock);
	write_seqcount_begin(&assoc->remote_seq);
	assoc->remote = *to;
	write_seqcount_end(&assoc->remote_seq);
	WRITE_ONCE(assoc->narrow, 0);
	memset(&assoc->seen_at, 0, sizeof(assoc->seen_at));
}

static int move_checked(struct kdtls_peer_table *peers,
			struct kdtls_assoc *assoc, const union kdtls_addr *to,
			union kdtls_addr *from)
{
	int err;

	lockdep_assert_held(&assoc->lock);
	if (!assoc->peers_place.listed || !assoc->one_of_many)
		return -ENOENT;
	if (kdtls_addr_equal(to, &assoc->remote))
		return -EALREADY;
	err = move_entry(peers, assoc, to);
	if (err)
		return err;
	*from = assoc->remote;
	set_remote(assoc, to);
	return 0;
}

int kdtls_peer_table_move(struct kdtls_assoc *assoc,
			  const union kdtls_addr *to, union kdtls_addr *from)
{
	struct kdtls_peer_table *peers = kdtls_peer_table_of(assoc->listed);
	u32 scope = kdtls_addr_scope(to);
	int err;

	if (scope && scope != assoc->link)
		return -EINVAL;
	if (!other_entry_free(&assoc->peers_place))
		return -EAGAIN;
	mutex_lock(&peers->adding);
	if (address_taken(assoc, to, DTLS_STATE_ESTABLISHED)) {
		err = -EEXIST;
	} else if (crowded_at(peers, to)) {
		err = -EMLINK;
	} else {
		spin_lock_bh(&assoc->lock);
		err = move_checked(peers, assoc, to, from);
		spin_unlock_bh(&assoc->lock);
	}
	mutex_unlock(&peers->adding);
	return err;
}

/* Of those listed some have a socket of their own by now (peeloff.c). */
bool kdtls_peer_table_remove(struct kdtls_assoc *assoc)
{
	struct kdtls_sock *ks = assoc->listed;
	struct kdtls_peer_entry *entry;
	bool shared;

	if (!ks)
		return false;
	spin_lock_bh(&assoc->lock);
	entry = assoc->peers_place.listed;
	assoc->peers_place.listed = NULL;
	if (entry) {
		remove_entry(kdtls_peer_table_of(ks), entry);
		assoc->leaving = true;
	}
	shared = assoc->one_of_many;
	spin_unlock_bh(&assoc->lock);
	if (!entry)
		return false;
	kdtls_peer_table_remove_cid(assoc);
	give_back(ks);
	if (shared)
		return true;
	kdtls_assoc_put(assoc);
	return false;
}

#define WALK	64

/* The socket's own among the next few, with references. False: the end. */
static bool walk_some(struct rhashtable_iter *iter, const struct kdtls_sock *ks,
		      struct kdtls_assoc **some, unsigned int *n)
{
	struct kdtls_peer_entry *entry;
	unsigned int seen = 0;

	*n = 0;
	rhashtable_walk_start(iter);
	while (seen < WALK && (entry = rhashtable_walk_next(iter))) {
		seen++;
		/* -EAGAIN: the table was resized, and is begun again */
		if (!IS_ERR(entry) && entry->assoc->listed == ks &&
		    refcount_inc_not_zero(&entry->assoc->refs))
			some[(*n)++] = entry->assoc;
	}
	rhashtable_walk_stop(iter);
	return seen == WALK;
}

void kdtls_peer_table_walk_end(struct kdtls_peer_table_walk *walk)
{
	if (walk->begun)
		rhashtable_walk_exit(&walk->iter);
	walk->begun = false;
}

bool kdtls_peer_table_some(struct kdtls_sock *ks,
			   struct kdtls_peer_table_walk *walk,
			   void (*fn)(struct kdtls_assoc *assoc))
{
	struct kdtls_peer_table *peers = kdtls_peer_table_of(ks);
	struct kdtls_assoc *some[WALK];
	unsigned int i, n;
	bool more;

	if (!peers || (!walk->begun && !table_count(ks)))
		return false;
	if (!walk->begun)
		rhltable_walk_enter(&peers->table, &walk->iter);
	walk->begun = true;
	more = walk_some(&walk->iter, ks, some, &n);
	for (i = 0; i < n; i++) {
		fn(some[i]);
		kdtls_assoc_put(some[i]);
	}
	if (!more)
		kdtls_peer_table_walk_end(walk);
	return more;
}

void kdtls_peer_table_each(struct kdtls_sock *ks,
			   void (*fn)(struct kdtls_assoc *assoc))
{
	struct kdtls_peer_table_walk walk = {};

	while (kdtls_peer_table_some(ks, &walk, fn))
		cond_resched();
}

/*
 * A walk that stops where an element is removed goes on by counting, and so
 * passes over others of that bucket: once may not be enough.
 */
void kdtls_peer_table_end(struct kdtls_sock *ks)
{
	struct kdtls_peer_table *peers = kdtls_peer_table_of(ks);

	if (!peers)
		return;
	/* a caller that takes the mutex later sees that the socket is closed */
	mutex_lock(&peers->adding);
	mutex_unlock(&peers->adding);
	while (table_count(ks))
		kdtls_peer_table_each(ks, kdtls_assoc_leave);
}

static struct pernet_operations peers_net_ops = {
	.id	= &kdtls_peer_table_net_id,
	.size	= sizeof(struct kdtls_peer_table_net),
};

int __init kdtls_peer_table_init(void)
{
	get_random_bytes(&secret, sizeof(secret));
	return register_pernet_subsys(&peers_net_ops);
}

void kdtls_peer_table_exit(void)
{
	unregister_pernet_subsys(&peers_net_ops);
}
