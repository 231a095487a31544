// SPDX-License-Identifier: GPL-2.0
/*
 * DTLS_TUN: a connection, from the option to its end.
 *
 * It holds the file of the device's queue, as vhost-net does, and no file of the
 * socket: close() of that undoes it, before UDP closes. Nothing else refers to
 * it but the socket (RCU) and the two wait queues.
 *
 * tun's functions are looked up as they are needed, so that the module loads
 * where tun is absent: a file that is a queue of it keeps it loaded.
 */
#include <linux/file.h>
#include <linux/if_tun.h>
#include <linux/module.h>
#include <linux/net.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/virtio_net.h>
#include <net/sock.h>

#include "assoc.h"
#include "assoc_lookup.h"
#include "charge.h"
#include "gro.h"
#include "socket.h"
#include "trace.h"
#include "tun.h"
#include "tun_input.h"
#include "tun_output.h"

#define DIRECTIONS	(DTLS_TUN_SEND | DTLS_TUN_RECEIVE)

static int check_wish(const struct dtls_tun *want)
{
	if (want->flags & ~DIRECTIONS ||
	    want->header_len > KDTLS_TUN_MAX_HEADER ||
	    (want->header_len &&
	     want->header_len < sizeof(struct virtio_net_hdr)) ||
	    want->prefix_len > DTLS_TUN_MAX_PREFIX ||
	    memchr_inv(want->pad, 0, sizeof(want->pad)) ||
	    memchr_inv(want->prefix + want->prefix_len, 0,
		       DTLS_TUN_MAX_PREFIX - want->prefix_len))
		return -EINVAL;
	return 0;
}

/* A reference to an established one that has its socket for itself. */
static struct kdtls_assoc *find_assoc(struct kdtls_sock *ks, u64 id)
{
	struct kdtls_assoc *assoc;
	int err = 0;

	if (kdtls_peer_table_of(ks))
		return ERR_PTR(-EOPNOTSUPP);
	assoc = kdtls_lookup_connected(ks);
	if (!assoc)
		return ERR_PTR(-ENOTCONN);
	if (id && id != assoc->id)
		err = -ENOENT;
	else if (kdtls_assoc_state(assoc) != DTLS_STATE_ESTABLISHED)
		err = -ENOTCONN;
	if (!err)
		return assoc;
	kdtls_assoc_put(assoc);
	return ERR_PTR(err);
}

/* What the program could do by read() and write(). */
static int check_mode(const struct kdtls_tun *tun)
{
	fmode_t mode = tun->file->f_mode;

	if ((tun->flags & DTLS_TUN_SEND && !(mode & FMODE_READ)) ||
	    (tun->flags & DTLS_TUN_RECEIVE && !(mode & FMODE_WRITE)))
		return -EBADF;
	return 0;
}

/* -EINVAL: no queue of a tun device. */
static int use_file(struct kdtls_tun *tun, struct file *file)
{
	struct socket *(*get_socket)(struct file *file);
	struct ptr_ring *(*get_ring)(struct file *file);
	int err = -EINVAL;

	get_socket = symbol_get(tun_get_socket);
	get_ring = symbol_get(tun_get_tx_ring);
	if (get_socket && get_ring) {
		tun->socket = get_socket(file);
		tun->ring = get_ring(file);
		err = PTR_ERR_OR_ZERO(tun->socket) ?:
		      PTR_ERR_OR_ZERO(tun->ring);
	}
	if (get_ring)
		symbol_put(tun_get_tx_ring);
	if (get_socket)
		symbol_put(tun_get_socket);
	return err;
}

static int packet_queued(struct wait_queue_entry *wait, unsigned int mode,
			 int sync, void *key)
{
	struct kdtls_tun *tun = container_of(wait, struct kdtls_tun,
					     packets_wait);

	if (!key || key_to_poll(key) & EPOLLIN)
		kdtls_tun_worker_wake(&tun->output);
	return 0;
}

static int space_freed(struct wait_queue_entry *wait, unsigned int mode,
		       int sync, void *key)
{
	struct kdtls_tun *tun = container_of(wait, struct kdtls_tun,
					     space_wait);

	if (READ_ONCE(tun->stalled) && (!key || key_to_poll(key) & EPOLLOUT))
		kdtls_tun_worker_wake(&tun->output);
	return 0;
}

static void tun_free(struct kdtls_tun *tun)
{
	kdtls_tun_worker_stop(&tun->output);
	kdtls_tun_worker_stop(&tun->input);
	kdtls_tun_output_free(tun);
	kdtls_tun_merge_free(&tun->merge);
	fput(tun->file);
	kdtls_assoc_put(tun->assoc);
	kdtls_free(tun);
}

/* Takes the references to the association and the file, in any case. */
static struct kdtls_tun *tun_create(struct kdtls_sock *ks,
				    struct kdtls_assoc *assoc,
				    struct file *file,
				    const struct dtls_tun *want)
{
	struct kdtls_tun *tun = kdtls_alloc(ks->sk, sizeof(*tun));
	int err;

	if (!tun) {
		fput(file);
		kdtls_assoc_put(assoc);
		return ERR_PTR(-ENOMEM);
	}
	tun->ks = ks;
	tun->assoc = assoc;
	tun->file = file;
	tun->flags = want->flags ?: DIRECTIONS;
	tun->header_len = want->header_len;
	tun->prefix_len = want->prefix_len;
	kdtls_tun_worker_init(&tun->output, kdtls_tun_output_round, tun);
	kdtls_tun_worker_init(&tun->input, kdtls_tun_input_round, tun);
	init_waitqueue_func_entry(&tun->packets_wait, packet_queued);
	init_waitqueue_func_entry(&tun->space_wait, space_freed);
	err = kdtls_tun_output_init(tun) ?: check_mode(tun) ?:
	      use_file(tun, file);
	if (!err && tun->header_len && tun->flags & DTLS_TUN_RECEIVE)
		err = kdtls_tun_merge_init(&tun->merge, tun->header_len);
	if (err) {
		tun_free(tun);
		return ERR_PTR(err);
	}
	memcpy(tun->prefix, want->prefix, want->prefix_len);
	return tun;
}

static int publish(struct kdtls_sock *ks, struct kdtls_tun *tun)
{
	int err = 0;

	mutex_lock(&ks->config);
	if (rcu_access_pointer(ks->tun)) {
		err = -EALREADY;
	} else {
		if (tun->flags & DTLS_TUN_SEND) {
			add_wait_queue(sk_sleep(tun->socket->sk),
				       &tun->packets_wait);
			add_wait_queue(sk_sleep(ks->sk), &tun->space_wait);
		}
		rcu_assign_pointer(ks->tun, tun);
		/* one packet from UDP's queue, one call of tun */
		if (tun->flags & DTLS_TUN_RECEIVE)
			kdtls_gro_enable(ks);
		/* without the lock another thread may have undone it */
		trace_kdtls_tun_connect(tun->assoc->id, tun->flags);
	}
	mutex_unlock(&ks->config);
	return err;
}

static struct kdtls_tun *withdraw(struct kdtls_sock *ks)
{
	struct kdtls_tun *tun;

	mutex_lock(&ks->config);
	tun = rcu_replace_pointer(ks->tun, NULL, lockdep_is_held(&ks->config));
	if (tun && tun->flags & DTLS_TUN_SEND) {
		remove_wait_queue(sk_sleep(tun->socket->sk),
				  &tun->packets_wait);
		remove_wait_queue(sk_sleep(ks->sk), &tun->space_wait);
	}
	kdtls_gro_disable(ks);
	mutex_unlock(&ks->config);
	return tun;
}

int kdtls_tun_connect(struct kdtls_sock *ks, const struct dtls_tun *want)
{
	struct kdtls_assoc *assoc;
	struct kdtls_tun *tun;
	struct file *file;
	int err = check_wish(want);

	if (err)
		return err;
	file = fget(want->fd);
	if (!file)
		return -EBADF;
	assoc = find_assoc(ks, want->assoc);
	if (IS_ERR(assoc)) {
		fput(file);
		return PTR_ERR(assoc);
	}
	tun = tun_create(ks, assoc, file, want);
	if (IS_ERR(tun))
		return PTR_ERR(tun);
	err = publish(ks, tun);
	if (err) {
		tun_free(tun);
		return err;
	}
	/* what is there already */
	kdtls_tun_look(ks);
	return 0;
}

int kdtls_tun_disconnect(struct kdtls_sock *ks)
{
	struct kdtls_tun *tun = withdraw(ks);

	if (!tun)
		return -ENOTCONN;
	synchronize_rcu();	/* kdtls_tun_data_ready() */
	tun_free(tun);
	/* what is in UDP's queue is the application's again */
	if (!READ_ONCE(ks->closed))
		ks->data_ready(ks->sk);
	return 0;
}

void kdtls_tun_end(struct kdtls_tun *tun, int error)
{
	if (cmpxchg(&tun->error, 0, error))
		return;
	trace_kdtls_tun_end(tun->assoc->id, error);
	tun->ks->data_ready(tun->ks->sk);
}

bool kdtls_tun_ended(struct kdtls_tun *tun)
{
	if (READ_ONCE(tun->error))
		return true;
	if (likely(kdtls_assoc_state(tun->assoc) == DTLS_STATE_ESTABLISHED))
		return false;
	kdtls_tun_end(tun, EPIPE);
	return true;
}

static bool tun_receives(const struct kdtls_tun *tun)
{
	return tun && tun->flags & DTLS_TUN_RECEIVE && !READ_ONCE(tun->error);
}

bool kdtls_tun_receives_any(struct kdtls_sock *ks)
{
	bool yes;

	rcu_read_lock();
	yes = tun_receives(rcu_dereference(ks->tun));
	rcu_read_unlock();
	return yes;
}

bool kdtls_tun_packet_ready(struct kdtls_sock *ks)
{
	struct kdtls_tun *tun = rcu_dereference(ks->tun);

	if (!tun_receives(tun))
		return false;
	kdtls_tun_worker_wake(&tun->input);
	return true;
}

void kdtls_tun_look(struct kdtls_sock *ks)
{
	struct kdtls_tun *tun;

	rcu_read_lock();
	tun = rcu_dereference(ks->tun);
	if (tun && tun->flags & DTLS_TUN_SEND)
		kdtls_tun_worker_wake(&tun->output);
	if (tun && tun->flags & DTLS_TUN_RECEIVE)
		kdtls_tun_worker_wake(&tun->input);
	rcu_read_unlock();
}

int kdtls_tun_error_aside(struct kdtls_tun *tun)
{
	return sock_error(tun->ks->sk);
}

void kdtls_tun_error_back(struct kdtls_tun *tun, int error)
{
	struct sock *sk = tun->ks->sk;

	if (likely(!error) || cmpxchg(&sk->sk_err, 0, -error))
		return;
	sk_error_report(sk);
}

int kdtls_tun_stats(struct kdtls_sock *ks, struct dtls_tun_stats *stats)
{
	struct kdtls_tun *tun;
	int err = -ENOTCONN;

	rcu_read_lock();
	tun = rcu_dereference(ks->tun);
	if (tun) {
		stats->assoc = tun->assoc->id;
		stats->flags = tun->flags;
		stats->error = READ_ONCE(tun->error);
		stats->tx_packets = READ_ONCE(tun->tx_packets);
		stats->tx_bytes = READ_ONCE(tun->tx_bytes);
		stats->rx_packets = READ_ONCE(tun->rx_packets);
		stats->rx_bytes = READ_ONCE(tun->rx_bytes);
		stats->tx_too_large = READ_ONCE(tun->tx_too_large);
		stats->tx_dropped = READ_ONCE(tun->tx_dropped);
		stats->rx_dropped = READ_ONCE(tun->rx_dropped);
		err = 0;
	}
	rcu_read_unlock();
	return err;
}
