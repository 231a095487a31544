// SPDX-License-Identifier: GPL-2.0
/*
 * The association of a socket is made from keys, from a request or for an
 * admitted client; with ks->config held, unless the socket listens.
 */
#include <net/inet_sock.h>

#include "address.h"
#include "assoc.h"
#include "assoc_setup.h"
#include "assoc_state.h"
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

static int install_direction(struct kdtls_assoc *assoc,
			     const struct dtls_keys *keys,
			     const struct dtls_direction *dir,
			     enum kdtls_direction direction)
{
	const struct dtls_cipher *cipher = dtls_cipher_by_id(keys->cipher);
	struct kdtls_epoch *epoch;
	struct kdtls_key key = {
		.version = keys->version,
		.cipher = keys->cipher,
		.epoch = keys->epoch,
		.seq = dir->seq,
	};

	if (!cipher)
		return -EOPNOTSUPP;
	key.key_len = cipher->key_len;
	key.iv_len = cipher->iv_len;
	memcpy(key.key, dir->key, key.key_len);
	memcpy(key.iv, dir->iv, key.iv_len);
	epoch = kdtls_epoch_create(assoc->sk, &key, assoc->ks->window_bits);
	memzero_explicit(&key, sizeof(key));
	if (IS_ERR(epoch))
		return PTR_ERR(epoch);
	return kdtls_assoc_install(assoc, epoch, direction);
}

/* The socket, or its table, has the reference then. */
static int install_keys(struct kdtls_sock *ks, struct kdtls_assoc *assoc,
			const struct dtls_keys *keys)
{
	int err;

	assoc->size_limit = kdtls_size_limit(keys->record_size_limit);
	err = install_direction(assoc, keys, &keys->tx, KDTLS_DIRECTION_TX);
	if (!err)
		err = install_direction(assoc, keys, &keys->rx,
					KDTLS_DIRECTION_RX);
	if (!err && keys->peer.ss_family)
		err = kdtls_peer_table_add(ks, assoc);
	if (err) {
		kdtls_assoc_end(assoc);
		return err;
	}
	if (!assoc->one_of_many)
		publish_assoc(ks, assoc);
	/* one of many is not to stay if it has failed already (vmfork.c) */
	if (!kdtls_assoc_established(assoc))
		kdtls_assoc_leave(assoc);
	return 0;
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

static bool reserved_zero(const struct dtls_keys *keys)
{
	return !keys->assoc && !keys->flags && !keys->pad &&
	       !memchr_inv(keys->tx.pad, 0, sizeof(keys->tx.pad)) &&
	       !memchr_inv(keys->rx.pad, 0, sizeof(keys->rx.pad));
}

int kdtls_setup_keys(struct kdtls_sock *ks, const struct dtls_keys *keys)
{
	int err;

	if (!reserved_zero(keys) ||
	    (keys->role != DTLS_ROLE_CLIENT && keys->role != DTLS_ROLE_SERVER))
		return -EINVAL;
	if (keys->record_size_limit && keys->record_size_limit < 64)
		return -EINVAL;		/* RFC 8449 section 4 */
	mutex_lock(&ks->config);
	err = keys_locked(ks, keys);
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

int kdtls_setup_request(struct kdtls_sock *ks,
			const struct dtls_request *request, u16 role)
{
	int err;

	if (request->assoc || request->flags || !strings_end(request) ||
	    request->exporter_len > DTLS_MAX_EXPORTER ||
	    memchr_inv(request->pad, 0, sizeof(request->pad)))
		return -EINVAL;
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
