// SPDX-License-Identifier: GPL-2.0
/*
 * The association of a socket is made from keys, from a request or for an
 * admitted client; with ks->config held, unless the socket listens.
 */
#include <net/inet_sock.h>

#include "address.h"
#include "app_keys.h"
#include "assoc.h"
#include "assoc_lookup.h"
#include "assoc_setup.h"
#include "assoc_state.h"
#include "direction.h"
#include "epoch.h"
#include "handshake.h"
#include "input_work.h"
#include "listener.h"
#include "owner.h"
#include "peer_table.h"
#include "socket.h"

#include <linux/kdtls_netlink.h>

/* May a connected socket have its association now? */
static int check_vacant(struct kdtls_sock *ks)
{
	struct kdtls_assoc *old;

	lockdep_assert_held(&ks->config);
	if (READ_ONCE(ks->closed))
		return -EBADF;
	if (ks->sk->sk_state != TCP_ESTABLISHED)
		return -ENOTCONN;
	old = rcu_dereference_protected(ks->assoc,
					lockdep_is_held(&ks->config));
	if (!old)
		return 0;
	return kdtls_assoc_state(old) == DTLS_STATE_CLOSED ? -EPIPE : -EALREADY;
}

static bool same_port(const struct sock *sk, const union kdtls_addr *local)
{
	return !local->in.sin_port ||
	       local->in.sin_port == inet_sk(sk)->inet_sport;
}

/* Our end: what the socket is bound to, or on a wildcard what was asked for. */
static int local_end(struct sock *sk, const struct dtls_keys *keys,
		     union kdtls_addr *local)
{
	struct kdtls_ends bound;
	int err;

	kdtls_ends_of_socket(sk, &bound);
	*local = bound.local;
	if (!keys->local.ss_family)
		return 0;
	err = kdtls_addr_read(sk, &keys->local, sizeof(keys->local), local);
	if (err)
		return err;
	if (!same_port(sk, local))
		return -EADDRNOTAVAIL;
	local->in.sin_port = bound.local.in.sin_port;
	if (!kdtls_wildcard(sk) && !kdtls_addr_same_host(local, &bound.local))
		return -EADDRNOTAVAIL;
	if (!kdtls_addr_unicast(local))
		return -EINVAL;
	return !kdtls_wildcard(sk) || kdtls_addr_bindable(sk, local) ?
	       0 : -EADDRNOTAVAIL;
}

/* Many are found by Connection IDs of one length. */
static bool cid_fits(const struct kdtls_sock *ks, const struct dtls_keys *keys)
{
	return !keys->rx.cid_len || keys->rx.cid_len == ks->cid_len;
}

/* The two ends of one of many. */
static int named_ends(struct kdtls_sock *ks, const struct dtls_keys *keys,
		      struct kdtls_ends *ends)
{
	struct sock *sk = ks->sk;
	int err;

	lockdep_assert_held(&ks->config);
	if (READ_ONCE(ks->closed))
		return -EBADF;
	if (sk->sk_state == TCP_ESTABLISHED || rcu_access_pointer(ks->assoc))
		return -EISCONN;
	if (!inet_sk(sk)->inet_num)
		return -EADDRNOTAVAIL;
	if (!cid_fits(ks, keys))
		return -EINVAL;
	err = kdtls_addr_read(sk, &keys->peer, sizeof(keys->peer),
			      &ends->remote);
	if (err)
		return err;
	if (!kdtls_addr_unicast(&ends->remote))
		return -EINVAL;
	err = local_end(sk, keys, &ends->local);
	if (err)
		return err;
	ends->iif = 0;
	ends->link = kdtls_ends_link(sk, ends, 0);
	return 0;
}

static int ends_of(struct kdtls_sock *ks, const struct dtls_keys *keys,
		   struct kdtls_ends *ends)
{
	int err;

	if (keys->peer.ss_family)
		return named_ends(ks, keys, ends);
	if (keys->local.ss_family)
		return -EINVAL;
	err = check_vacant(ks);
	if (!err)
		kdtls_ends_of_socket(ks->sk, ends);
	return err;
}

/* The reference goes to the socket. */
static void publish_assoc(struct kdtls_sock *ks, struct kdtls_assoc *assoc)
{
	rcu_assign_pointer(ks->assoc, assoc);
}

static int install_given(struct kdtls_assoc *assoc,
			 const struct dtls_keys *keys)
{
	u32 given = kdtls_app_keys_given(keys);
	int err = 0;

	if (given & DTLS_KEYS_TX)
		err = kdtls_direction_install(assoc, keys->version,
					      keys->cipher, &keys->tx,
					      KDTLS_DIRECTION_TX);
	if (!err && given & DTLS_KEYS_RX)
		err = kdtls_direction_install(assoc, keys->version,
					      keys->cipher, &keys->rx,
					      KDTLS_DIRECTION_RX);
	return err;
}

/* With keys of one direction it waits for the other. False: it has ended. */
static bool begin_assoc(struct kdtls_assoc *assoc, const struct dtls_keys *keys)
{
	if (kdtls_app_keys_given(keys) == (DTLS_KEYS_TX | DTLS_KEYS_RX))
		return kdtls_assoc_established(assoc);
	return kdtls_assoc_handshaking(assoc);
}

/* The Connection ID of records to it, before the keys of those that have it. */
static void set_cid(struct kdtls_assoc *assoc, const struct dtls_keys *keys,
		    bool one_of_many)
{
	WRITE_ONCE(assoc->cid_len, keys->rx.cid_len);
	if (one_of_many)
		kdtls_cid_set(&assoc->by_cid.cid, keys->rx.cid,
			      keys->rx.cid_len);
}

/* The socket, or its table, has the reference then. */
static int install_keys(struct kdtls_sock *ks, struct kdtls_assoc *assoc,
			const struct dtls_keys *keys)
{
	int err;

	assoc->version = keys->version;
	assoc->size_limit = kdtls_size_limit(keys->version, keys->tx.cid_len,
					     keys->record_size_limit);
	set_cid(assoc, keys, keys->peer.ss_family);
	err = install_given(assoc, keys);
	if (!err && keys->peer.ss_family)
		err = kdtls_peer_table_add(ks, assoc);
	if (err) {
		kdtls_assoc_end(assoc);
		return err;
	}
	if (!assoc->one_of_many)
		publish_assoc(ks, assoc);
	/* one of many is not to stay if it has failed already (vmfork.c) */
	if (!begin_assoc(assoc, keys))
		kdtls_assoc_leave(assoc);
	return 0;
}

/* An association of this socket, with a reference, or NULL. */
static struct kdtls_assoc *find_assoc(struct kdtls_sock *ks, u64 id)
{
	struct kdtls_assoc *assoc;

	if (kdtls_peer_table_of(ks))
		return kdtls_lookup_id(ks, id);
	assoc = kdtls_lookup_connected(ks);
	if (assoc && assoc->id == id)
		return assoc;
	kdtls_assoc_put(assoc);
	return NULL;
}

/* The cipher of the direction that has its keys. */
static u16 cipher_of(struct kdtls_assoc *assoc)
{
	unsigned int slot = kdtls_rx_slot(READ_ONCE(assoc->rx_epoch));
	struct kdtls_epoch *epoch = kdtls_epoch_get(&assoc->tx);
	u16 cipher = 0;

	if (!epoch)
		epoch = kdtls_epoch_get(&assoc->rx[slot]);
	if (epoch)
		cipher = epoch->params.cipher->id;
	kdtls_epoch_put(epoch);
	return cipher;
}

/* A direction is keyed once. */
static int check_completion(struct kdtls_assoc *assoc,
			    const struct dtls_keys *keys)
{
	u32 given = kdtls_app_keys_given(keys);

	if (kdtls_assoc_state(assoc) >= DTLS_STATE_CLOSED)
		return -EPIPE;
	if (assoc->keyed_by != KDTLS_KEYER_APPLICATION ||
	    (given & DTLS_KEYS_TX && READ_ONCE(assoc->tx_epoch)) ||
	    (given & DTLS_KEYS_RX && READ_ONCE(assoc->rx_epoch)))
		return -EALREADY;
	return keys->role == assoc->role && keys->version == assoc->version &&
	       keys->cipher == cipher_of(assoc) ? 0 : -EINVAL;
}

/* To receive, with a Connection ID or none; after an error as if never tried. */
static int install_rx(struct kdtls_assoc *assoc, const struct dtls_keys *keys)
{
	int err;

	if (assoc->one_of_many && !cid_fits(assoc->ks, keys))
		return -EINVAL;
	set_cid(assoc, keys, assoc->one_of_many);
	err = kdtls_peer_table_add_cid(assoc);
	if (!err)
		err = install_given(assoc, keys);
	if (err) {
		kdtls_peer_table_remove_cid(assoc);
		WRITE_ONCE(assoc->cid_len, 0);
	}
	return err;
}

/* The direction that an association lacks. */
static int complete_assoc(struct kdtls_assoc *assoc,
			  const struct dtls_keys *keys)
{
	enum kdtls_direction direction =
		kdtls_app_keys_given(keys) & DTLS_KEYS_RX ?
		KDTLS_DIRECTION_RX : KDTLS_DIRECTION_TX;
	int err = check_completion(assoc, keys);

	if (!err)
		err = direction == KDTLS_DIRECTION_RX ?
		      install_rx(assoc, keys) : install_given(assoc, keys);
	if (err)
		return err;
	kdtls_assoc_complete_limit(assoc, direction, keys->record_size_limit);
	return kdtls_assoc_established(assoc) ? 0 : -EPIPE;
}

static int complete_locked(struct kdtls_sock *ks, const struct dtls_keys *keys)
{
	struct kdtls_assoc *assoc = find_assoc(ks, keys->assoc);
	int err;

	lockdep_assert_held(&ks->config);
	if (!assoc)
		return -ENOENT;
	err = complete_assoc(assoc, keys);
	kdtls_assoc_put(assoc);
	return err;
}

static int keys_locked(struct kdtls_sock *ks, const struct dtls_keys *keys)
{
	bool decided = kdtls_peer_table_of(ks);
	struct kdtls_assoc *assoc;
	const struct kdtls_owner owner = kdtls_owner_current();
	struct kdtls_ends ends;
	int err = ends_of(ks, keys, &ends);

	if (err)
		return err;
	assoc = kdtls_assoc_create(ks, &ends, keys->role,
				   KDTLS_KEYER_APPLICATION, &owner);
	if (!assoc)
		return -ENOMEM;
	/* as soon as it is listed a holder of its id may end it */
	refcount_inc(&assoc->refs);
	err = install_keys(ks, assoc, keys);
	kdtls_assoc_put(assoc);
	/* the first of many: datagrams that had no association may wait */
	if (!decided && kdtls_peer_table_of(ks))
		kdtls_data_ready(ks->sk);
	return err;
}

int kdtls_setup_keys(struct kdtls_sock *ks, const struct dtls_keys *keys)
{
	int err = kdtls_app_keys_check(keys);

	if (err)
		return err;
	mutex_lock(&ks->config);
	err = keys->assoc ? complete_locked(ks, keys) : keys_locked(ks, keys);
	mutex_unlock(&ks->config);
	return err;
}

/* A server, bound, and with no certain client? */
static bool may_listen(struct kdtls_sock *ks, u16 role)
{
	return role == DTLS_ROLE_SERVER && inet_sk(ks->sk)->inet_num &&
	       ks->sk->sk_state != TCP_ESTABLISHED &&
	       !rcu_access_pointer(ks->assoc);
}

static int request_locked(struct kdtls_sock *ks,
			  const struct dtls_request *request, u16 role)
{
	const struct kdtls_owner owner = kdtls_owner_current();
	struct kdtls_assoc *assoc;
	struct kdtls_ends ends;
	int err;

	if (may_listen(ks, role))
		return kdtls_listener_create(ks, request);
	err = check_vacant(ks);
	if (err)
		return err;
	kdtls_ends_of_socket(ks->sk, &ends);
	assoc = kdtls_assoc_create(ks, &ends, role, KDTLS_KEYER_DAEMON,
				   &owner);
	if (!assoc)
		return -ENOMEM;
	kdtls_cid_choose(&assoc->by_cid.cid, ks->cid_len);
	publish_assoc(ks, assoc);
	err = kdtls_handshake_start(assoc, request);
	if (err) {
		RCU_INIT_POINTER(ks->assoc, NULL);
		kdtls_assoc_end(assoc);
	}
	return err;
}

/* Strings must end within their members. */
static bool strings_end(const struct dtls_request *request)
{
	return strnlen(request->profile, DTLS_MAX_PROFILE) < DTLS_MAX_PROFILE &&
	       strnlen(request->server_name, DTLS_MAX_NAME) < DTLS_MAX_NAME &&
	       strnlen(request->alpn, DTLS_MAX_ALPN) < DTLS_MAX_ALPN &&
	       strnlen(request->exporter_label, DTLS_MAX_LABEL) <
	       DTLS_MAX_LABEL;
}

static bool version_known(u16 version)
{
	return !version || version == DTLS_VERSION_1_0 ||
	       version == DTLS_VERSION_1_2 || version == DTLS_VERSION_1_3;
}

/* Later versions have lower numbers (RFC 6347 section 4.1). 0: no bound. */
static int check_versions(const struct dtls_request *request)
{
	u16 min = request->min_version, max = request->max_version;

	if (!version_known(min) || !version_known(max) ||
	    (min && max && max > min))
		return -EINVAL;
	return max && max > DTLS_VERSION_1_2 ? -EOPNOTSUPP : 0;
}

/* No context value differs from an empty one: RFC 5705 section 4. */
static bool context_valid(const struct dtls_request *request)
{
	if (request->flags & DTLS_REQUEST_EXPORTER_CONTEXT)
		return request->exporter_context_len <= DTLS_MAX_CONTEXT;
	return !request->exporter_context_len &&
	       !memchr_inv(request->exporter_context, 0, DTLS_MAX_CONTEXT);
}

static int check_request(const struct dtls_request *request)
{
	if (request->assoc || !strings_end(request) || !context_valid(request) ||
	    request->flags & ~(DTLS_REQUEST_CID |
			       DTLS_REQUEST_EXPORTER_CONTEXT) ||
	    request->exporter_len > DTLS_MAX_EXPORTER)
		return -EINVAL;
	if (request->flags & DTLS_REQUEST_CID)
		return -EOPNOTSUPP;
	return check_versions(request);
}

int kdtls_setup_request(struct kdtls_sock *ks,
			const struct dtls_request *request, u16 role)
{
	int err = check_request(request);

	if (err)
		return err;
	mutex_lock(&ks->config);
	err = request_locked(ks, request, role);
	mutex_unlock(&ks->config);
	return err;
}

/* The table has the reference then. */
static struct kdtls_handshake *start_client(struct kdtls_listener *listener,
					    struct kdtls_assoc *assoc,
					    u32 portid)
{
	struct kdtls_handshake *handshake;
	int err;

	err = kdtls_peer_table_add(listener->ks, assoc);
	if (err) {
		kdtls_assoc_end(assoc);
		return ERR_PTR(err);
	}
	handshake = kdtls_handshake_admit(assoc, &listener->request, portid);
	if (IS_ERR(handshake))
		kdtls_assoc_leave(assoc);
	return handshake;
}

/*
 * Without ks->config: DTLS_PEELOFF holds it while it waits for the socket lock,
 * which an application can hold without limit. The daemon must not wait for it.
 */
struct kdtls_handshake *kdtls_setup_client(struct kdtls_listener *listener,
					   const struct kdtls_ends *ends,
					   u32 portid)
{
	const struct kdtls_owner owner = { listener->uid, listener->pid };
	struct kdtls_handshake *handshake;
	struct kdtls_assoc *assoc;

	assoc = kdtls_assoc_create(listener->ks, ends, DTLS_ROLE_SERVER,
				   KDTLS_KEYER_DAEMON, &owner);
	if (!assoc)
		return ERR_PTR(-ENOMEM);
	/* as in keys_locked() */
	refcount_inc(&assoc->refs);
	handshake = start_client(listener, assoc, portid);
	kdtls_assoc_put(assoc);
	return handshake;
}
