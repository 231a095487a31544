// SPDX-License-Identifier: GPL-2.0
/* Epochs: keys, record numbers, replay window, and their end. */
#include <linux/bitmap.h>
#include <linux/rcupdate.h>
#include <net/sock.h>

#include "charge.h"
#include "epoch.h"

/* One at a time: a hundred thousand at once shall not keep a CPU from others. */
static struct workqueue_struct *free_wq;

static int key_check(const struct kdtls_key *key,
		     const struct dtls_cipher *cipher)
{
	if (key->version != DTLS_VERSION_1_2 || !cipher)
		return -EOPNOTSUPP;
	if (key->key_len != cipher->key_len || key->iv_len != cipher->iv_len)
		return -EINVAL;
	if (!key->epoch || key->seq > DTLS_MAX_SEQ)
		return -EINVAL;
	return 0;
}

static struct crypto_aead *tfm_create(const struct kdtls_key *key,
				      const struct dtls_cipher *cipher)
{
	/* Async drivers are not masked: AES-NI sits behind async wrappers. */
	struct crypto_aead *tfm = crypto_alloc_aead(cipher->aead, 0, 0);
	int err;

	if (IS_ERR(tfm))
		return tfm;
	err = crypto_aead_setauthsize(tfm, cipher->tag_len);
	if (!err)
		err = crypto_aead_setkey(tfm, key->key, key->key_len);
	if (!err)
		return tfm;
	crypto_free_aead(tfm);
	return ERR_PTR(err);
}

/*
 * The crypto API allocates without a charge. What a context takes of the slab
 * allocator, with the AES instructions of x86; and the largest of what is added
 * where they are missing: the key in tables, and GHASH's 4 KB of products.
 */
static size_t tfm_bytes(struct crypto_aead *tfm,
			const struct dtls_cipher *cipher)
{
	const char *driver = crypto_tfm_alg_driver_name(crypto_aead_tfm(tfm));
	size_t bytes = 1152;		/* GCM */

	if (cipher->ccm)
		bytes = 2400;
	else if (cipher->id == DTLS_CIPHER_CHACHA20_POLY1305)
		bytes = 352;
	if (strstr(driver, "ghash-generic"))
		bytes += 4096;
	return bytes;
}

static int tfm_charge(struct kdtls_epoch *epoch, struct sock *sk,
		      const struct dtls_cipher *cipher)
{
	size_t bytes = tfm_bytes(epoch->tfm, cipher);

	if (!kdtls_account(sk, bytes))
		return -ENOMEM;
	sock_hold(sk);
	epoch->payer = sk;
	epoch->tfm_bytes = bytes;
	return 0;
}

static int tfm_set(struct kdtls_epoch *epoch, struct sock *sk,
		   const struct kdtls_key *key,
		   const struct dtls_cipher *cipher)
{
	int err;

	epoch->tfm = tfm_create(key, cipher);
	if (IS_ERR(epoch->tfm))
		return PTR_ERR(epoch->tfm);
	err = tfm_charge(epoch, sk, cipher);
	if (err)
		crypto_free_aead(epoch->tfm);
	return err;
}

static void tfm_free(struct kdtls_epoch *epoch)
{
	crypto_free_aead(epoch->tfm);	/* wipes the key schedule */
	kdtls_unaccount(epoch->payer, epoch->tfm_bytes);
	sock_put(epoch->payer);
}

static void epoch_free(struct kdtls_epoch *epoch)
{
	tfm_free(epoch);
	kdtls_free_sensitive(epoch);
}

static void epoch_free_work(struct work_struct *work)
{
	epoch_free(container_of(to_rcu_work(work), struct kdtls_epoch, free));
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
	err = tfm_set(epoch, sk, key, cipher);
	if (err) {
		kdtls_free(epoch);
		return ERR_PTR(err);
	}
	epoch->params.cipher = cipher;
	epoch->params.epoch = key->epoch;
	memcpy(epoch->params.iv, key->iv, key->iv_len);
	refcount_set(&epoch->refs, 1);
	atomic64_set(&epoch->next, key->seq);
	spin_lock_init(&epoch->lock);
	dtls_window_init(&epoch->window, epoch->map, window_bits, key->seq);
	INIT_RCU_WORK(&epoch->free, epoch_free_work);
	return epoch;
}

void kdtls_epoch_put(struct kdtls_epoch *epoch)
{
	if (epoch && refcount_dec_and_test(&epoch->refs))
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
	return crypto_tfm_alg_driver_name(crypto_aead_tfm(epoch->tfm));
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

bool kdtls_epoch_number(struct kdtls_epoch *epoch, bool alert, u64 *seq)
{
	u64 last = alert ? DTLS_MAX_SEQ : DTLS_MAX_SEQ - KDTLS_RESERVED_NUMBERS;

	/* Past the end it is not incremented: the counter cannot wrap. */
	if ((u64)atomic64_read(&epoch->next) > last)
		return false;
	*seq = atomic64_fetch_inc(&epoch->next);
	return *seq <= last;
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
