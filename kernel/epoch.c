// SPDX-License-Identifier: GPL-2.0
/* Epochs: keys, record numbers, replay window, and their end. */
#include <linux/bitmap.h>
#include <linux/rcupdate.h>
#include <net/sock.h>

#include "charge.h"
#include "epoch.h"
#include "record/record.h"

/* One at a time: a hundred thousand at once shall not keep a CPU from others. */
static struct workqueue_struct *free_wq;

static int key_check(const struct kdtls_key *key,
		     const struct dtls_cipher *cipher)
{
	if (key->version != DTLS_VERSION_1_2 || !cipher)
		return -EOPNOTSUPP;
	if (key->key_len != cipher->key_len || key->iv_len != cipher->iv_len)
		return -EINVAL;
	/* RFC 6347 section 4.1: 16 and 48 bits */
	if (!key->epoch || key->epoch > U16_MAX || key->seq > DTLS_MAX_SEQ)
		return -EINVAL;
	return 0;
}

static int key_charge(struct kdtls_epoch *epoch, struct sock *sk)
{
	if (!kdtls_account(sk, epoch->key.bytes))
		return -ENOMEM;
	sock_hold(sk);
	epoch->payer = sk;
	return 0;
}

static int key_set(struct kdtls_epoch *epoch, struct sock *sk,
		   const struct kdtls_key *key,
		   const struct dtls_cipher *cipher)
{
	int err = kdtls_aead_key_init(&epoch->key, cipher, key->key);

	if (err)
		return err;
	err = key_charge(epoch, sk);
	if (err)
		kdtls_aead_key_destroy(&epoch->key);
	return err;
}

static void key_free(struct kdtls_epoch *epoch)
{
	kdtls_aead_key_destroy(&epoch->key);
	kdtls_unaccount(epoch->payer, epoch->key.bytes);
	sock_put(epoch->payer);
}

static void epoch_free(struct kdtls_epoch *epoch)
{
	key_free(epoch);
	kdtls_free_sensitive(epoch);
}

static void epoch_free_work(struct work_struct *work)
{
	epoch_free(container_of(to_rcu_work(work), struct kdtls_epoch, free));
}

static void params_set(struct kdtls_epoch *epoch, const struct kdtls_key *key,
		       const struct dtls_cipher *cipher)
{
	struct dtls_record_params *params = &epoch->params;

	params->cipher = cipher;
	params->epoch = key->epoch;
	memcpy(params->iv, key->iv, key->iv_len);
	epoch->content_off = dtls12_content_offset(params);
	epoch->overhead = dtls12_overhead(params);
}

struct kdtls_epoch *kdtls_epoch_create(struct sock *sk,
				       const struct kdtls_key *key,
				       u32 window_bits)
{
	const struct dtls_cipher *cipher = dtls_cipher_by_id(key->cipher);
	struct kdtls_epoch *epoch;
	int err = key_check(key, cipher);

	if (err)
		return ERR_PTR(err);
	epoch = kdtls_alloc(sk, struct_size(epoch, map,
					    BITS_TO_LONGS(window_bits)));
	if (!epoch)
		return ERR_PTR(-ENOMEM);
	err = key_set(epoch, sk, key, cipher);
	if (err) {
		kdtls_free_sensitive(epoch);
		return ERR_PTR(err);
	}
	params_set(epoch, key, cipher);
	refcount_set(&epoch->refs, 1);
	atomic64_set(&epoch->next, key->seq);
	spin_lock_init(&epoch->lock);
	dtls_window_init(&epoch->window, epoch->map, window_bits, key->seq);
	INIT_RCU_WORK(&epoch->free, epoch_free_work);
	return epoch;
}

void kdtls_epoch_last_put(struct kdtls_epoch *epoch)
{
	queue_rcu_work(free_wq, &epoch->free);
}

struct kdtls_epoch *kdtls_epoch_get(struct kdtls_epoch __rcu **slot)
{
	struct kdtls_epoch *epoch;

	rcu_read_lock();
	epoch = rcu_dereference(*slot);
	if (epoch && !refcount_inc_not_zero(&epoch->refs))
		epoch = NULL;
	rcu_read_unlock();
	return epoch;
}

const char *kdtls_epoch_driver(const struct kdtls_epoch *epoch)
{
	return kdtls_aead_key_driver(&epoch->key);
}

u64 kdtls_epoch_tx_seq(struct kdtls_epoch *epoch)
{
	return min_t(u64, atomic64_read(&epoch->next), DTLS_MAX_SEQ + 1);
}

u64 kdtls_epoch_rx_seq(struct kdtls_epoch *epoch)
{
	u64 next;

	spin_lock(&epoch->lock);
	next = epoch->window.next;
	spin_unlock(&epoch->lock);
	return next;
}

void kdtls_epoch_stop(struct kdtls_epoch *epoch)
{
	atomic64_set(&epoch->next, DTLS_MAX_SEQ + 1);
}

int __init kdtls_epoch_init(void)
{
	free_wq = alloc_workqueue("kdtls_free", WQ_UNBOUND | WQ_MEM_RECLAIM, 1);
	return free_wq ? 0 : -ENOMEM;
}

void kdtls_epoch_exit(void)
{
	destroy_workqueue(free_wq);
}
