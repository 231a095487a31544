// SPDX-License-Identifier: GPL-2.0
/* The next generation of keys of one direction. */
#include "epoch.h"
#include "generation13.h"
#include "secret13.h"
#include "record/dtls13/dtls13.h"

static int derive(const struct dtls_cipher *cipher, const u8 *secret, u8 *next,
		  struct kdtls_key *key)
{
	int err = kdtls_secret13_next(cipher, secret, next);

	return err ?: kdtls_secret13_keys(cipher, next, key);
}

/* Numbers begin anew in each epoch: RFC 9147 section 4.2.1. */
static struct kdtls_epoch *follow(struct sock *sk,
				  const struct kdtls_epoch *epoch,
				  const u8 *secret, u8 *next)
{
	const struct dtls_cipher *cipher = epoch->params.cipher;
	struct kdtls_key key = {
		.version = DTLS_VERSION_1_3,
		.cipher = cipher->id,
		.epoch = epoch->params.epoch + 1,
		.cid_len = epoch->params.cid_len,
	};
	struct kdtls_epoch *created;
	int err;

	if (key.epoch > DTLS13_MAX_EPOCH)
		return ERR_PTR(-EKEYEXPIRED);
	memcpy(key.cid, epoch->params.cid, sizeof(key.cid));
	err = derive(cipher, secret, next, &key);
	created = err ? ERR_PTR(err) :
		  kdtls_epoch_create(sk, &key, epoch->window.bits);
	memzero_explicit(&key, sizeof(key));
	return created;
}

struct kdtls_epoch *kdtls_generation13_next(struct sock *sk,
					    struct kdtls_epoch __rcu **slot,
					    const u8 *secret, u8 *next)
{
	struct kdtls_epoch *epoch = kdtls_epoch_get(slot), *created;

	if (!epoch)
		return ERR_PTR(-EPIPE);
	created = follow(sk, epoch, secret, next);
	kdtls_epoch_put(epoch);
	return created;
}
