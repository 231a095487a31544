// SPDX-License-Identifier: GPL-2.0
/* Epochs: keys, record numbers, replay window, and their end. */
#include <linux/bitmap.h>
#include <linux/rcupdate.h>
#include <net/sock.h>

#include "aead13.h"
#include "charge.h"
#include "epoch.h"
#include "mask13.h"
#include "record/dtls13/dtls13.h"

/* One at a time: a hundred thousand at once shall not keep a CPU from others. */
static struct workqueue_struct *free_wq;

/* RFC 6347 section 4.1: an epoch has 16 bits, a number 48. */
static bool key_fits12(const struct kdtls_key *key,
		       const struct dtls_cipher *cipher)
{
	return key->iv_len == cipher->iv_len && !key->sn_len && key->epoch &&
	       key->epoch <= U16_MAX;
}

/*
 * RFC 9147 section 4.5.3: an epoch has 48 bits. Section 6.1: application data
 * from 3 on. In 1 it is early data, for which no keys can be installed; 2 is the
 * handshake's (handshake_epoch.c).
 */
static bool key_fits13(const struct kdtls_key *key,
		       const struct dtls_cipher *cipher)
{
	return key->iv_len == DTLS_NONCE && key->sn_len == cipher->key_len &&
	       (key->handshake ? key->epoch == DTLS13_HANDSHAKE_EPOCH :
				 key->epoch > DTLS13_HANDSHAKE_EPOCH) &&
	       key->epoch <= DTLS13_MAX_EPOCH;
}

static int key_check(const struct kdtls_key *key,
		     const struct dtls_cipher *cipher)
{
	bool dtls13 = key->version == DTLS_VERSION_1_3;

	if (!cipher || (dtls13 ? !cipher->dtls13 :
				 key->version != DTLS_VERSION_1_2))
		return -EOPNOTSUPP;
	if (key->key_len != cipher->key_len || key->seq > DTLS_MAX_SEQ ||
	    key->failures > cipher->fail_limit)
		return -EINVAL;
	return (dtls13 ? key_fits13(key, cipher) : key_fits12(key, cipher)) ?
	       0 : -EINVAL;
}

static unsigned int key_bytes(const struct kdtls_epoch *epoch)
{
	return epoch->key.bytes + epoch->mask.bytes;
}

static int key_charge(struct kdtls_epoch *epoch, struct sock *sk)
{
	if (!kdtls_account(sk, key_bytes(epoch)))
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
	if (epoch->dtls13)
		err = kdtls_mask13_init(&epoch->mask, cipher, key->sn_key);
	if (!err)
		err = key_charge(epoch, sk);
	if (err) {
		kdtls_mask13_destroy(&epoch->mask);
		kdtls_aead_key_destroy(&epoch->key);
	}
	return err;
}

static void key_free(struct kdtls_epoch *epoch)
{
	kdtls_unaccount(epoch->payer, key_bytes(epoch));
	kdtls_mask13_destroy(&epoch->mask);
	kdtls_aead_key_destroy(&epoch->key);
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
	params->cid_len = key->cid_len;
	memcpy(params->cid, key->cid, key->cid_len);
	if (epoch->dtls13) {
		epoch->content_off = dtls13_content_offset(params, KDTLS_FORM13);
		epoch->overhead = dtls13_overhead(params, KDTLS_FORM13);
	} else {
		epoch->content_off = dtls12_content_offset(params);
		epoch->overhead = dtls12_overhead(params);
	}
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
	epoch->dtls13 = key->version == DTLS_VERSION_1_3;
	err = key_set(epoch, sk, key, cipher);
	if (err) {
		kdtls_free_sensitive(epoch);
		return ERR_PTR(err);
	}
	params_set(epoch, key, cipher);
	epoch->unconfirmed = key->handshake;
	refcount_set(&epoch->refs, 1);
	atomic64_set(&epoch->next, key->seq);
	/* a flight comes to no limit, and there are no other keys for it */
	epoch->near = key->handshake ? U64_MAX :
				       dtls_limit_near(cipher->seal_limit);
	epoch->data_end = DTLS_LAST_DATA_END;
	atomic64_set(&epoch->failures, key->failures);
	spin_lock_init(&epoch->lock);
	dtls_window_init(&epoch->window, epoch->map, window_bits, key->seq);
	INIT_RCU_WORK(&epoch->free, epoch_free_work);
	return epoch;
}

void kdtls_epoch_last_put(struct kdtls_epoch *epoch)
{
	queue_rcu_work(free_wq, &epoch->free);
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
