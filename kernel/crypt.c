// SPDX-License-Identifier: GPL-2.0
/*
 * Sealing and opening with crypto_aead. Requests are kept, one a CPU and
 * epoch, and taken out for the time of a call: so a driver that answers later
 * never owns a request that somebody else uses.
 */
#include <linux/crypto.h>
#include <linux/percpu.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

#include "crypt.h"
#include "request.h"

#define CCM_IV		16

struct kdtls_request {
	struct crypto_wait	wait;
	struct scatterlist	sg;
	u8			iv[CCM_IV];
	struct aead_request	req;	/* with its context behind it */
};

static struct kdtls_request *request_alloc(struct crypto_aead *tfm)
{
	struct kdtls_request *kr;

	kr = kmalloc(sizeof(*kr) + crypto_aead_reqsize(tfm), GFP_KERNEL);
	if (!kr)
		return NULL;
	aead_request_set_tfm(&kr->req, tfm);
	crypto_init_wait(&kr->wait);	/* crypto_wait_req() does it again */
	aead_request_set_callback(&kr->req, CRYPTO_TFM_REQ_MAY_SLEEP |
				  CRYPTO_TFM_REQ_MAY_BACKLOG, crypto_req_done,
				  &kr->wait);
	sg_init_table(&kr->sg, 1);
	return kr;
}

static struct kdtls_request *request_get(struct kdtls_epoch *epoch)
{
	struct kdtls_request *kr = this_cpu_xchg(*epoch->requests, NULL);

	return kr ?: request_alloc(epoch->tfm);
}

static void request_put(struct kdtls_epoch *epoch, struct kdtls_request *kr)
{
	if (this_cpu_cmpxchg(*epoch->requests, NULL, kr))
		kfree_sensitive(kr);
}

/* Frees what the epoch kept; nobody uses it any more. */
void kdtls_requests_free(struct kdtls_request * __percpu *requests)
{
	int cpu;

	if (!requests)
		return;
	for_each_possible_cpu(cpu)
		kfree_sensitive(*per_cpu_ptr(requests, cpu));
	free_percpu(requests);
}

/* RFC 3610: the first IV byte of CCM says how long the counter is. */
static void set_iv(struct kdtls_request *kr, const struct dtls_cipher *cipher,
		   const u8 *nonce)
{
	if (!cipher->ccm) {
		memcpy(kr->iv, nonce, DTLS_NONCE);
		return;
	}
	memset(kr->iv, 0, CCM_IV);
	kr->iv[0] = CCM_IV - 1 - DTLS_NONCE - 1;
	memcpy(kr->iv + 1, nonce, DTLS_NONCE);
}

static void request_set(struct kdtls_request *kr,
			const struct kdtls_epoch *epoch,
			const struct dtls_aead_op *op, void *buf, size_t extra)
{
	sg_set_buf(&kr->sg, buf + op->aad_off,
		   op->aad_len + op->text_len + extra);
	set_iv(kr, epoch->params.cipher, op->nonce);
	aead_request_set_ad(&kr->req, op->aad_len);
	aead_request_set_crypt(&kr->req, &kr->sg, &kr->sg, op->text_len,
			       kr->iv);
}

ssize_t kdtls_seal(struct kdtls_epoch *epoch, u64 seq, u8 type, void *buf,
		   size_t content_len)
{
	const struct dtls_record_params *params = &epoch->params;
	struct kdtls_request *kr = request_get(epoch);
	struct dtls_aead_op op;
	int err;

	if (!kr)
		return -ENOMEM;
	dtls12_seal_begin(params, seq, type, NULL, buf, content_len, &op);
	request_set(kr, epoch, &op, buf, params->cipher->tag_len);
	err = crypto_wait_req(crypto_aead_encrypt(&kr->req), &kr->wait);
	request_put(epoch, kr);
	if (err)
		return err;
	return dtls12_seal_end(params, seq, type, NULL, buf, content_len);
}

int kdtls_open(struct kdtls_epoch *epoch, const struct dtls_header *header,
	       void *buf, u8 *type, size_t *content, size_t *content_len)
{
	const struct dtls_record_params *params = &epoch->params;
	struct kdtls_request *kr;
	struct dtls_aead_op op;
	int err;

	err = dtls12_open_begin(params, header, buf, &op);
	if (err)
		return err;
	kr = request_get(epoch);
	if (!kr)
		return DTLS_DROP_ERR(DTLS_DROP_NOMEM);
	request_set(kr, epoch, &op, buf, 0);
	err = crypto_wait_req(crypto_aead_decrypt(&kr->req), &kr->wait);
	request_put(epoch, kr);
	if (err == -EBADMSG)
		return DTLS_DROP_ERR(DTLS_DROP_TAG);
	if (err)
		return DTLS_DROP_ERR(DTLS_DROP_NOMEM);
	return dtls12_open_end(params, header, buf, &op, type, content,
			       content_len);
}
