// SPDX-License-Identifier: LGPL-2.1-or-later
#include "datagram.h"
#include "record/open12.h"

bool record_open_begin(uint16_t cipher, const struct dtls_direction *dir,
		       const struct record *r, struct record_aead *a)
{
	struct dtls_record_params p = {
		.cipher = dtls_cipher_by_id(cipher),
		.epoch = r->h.epoch,
	};
	struct dtls_aead_op op;

	if (!p.cipher)
		return false;
	memcpy(p.iv, dir->iv, p.cipher->iv_len);
	if (dtls12_open_begin(&p, &r->h, r->start, a->space, &op))
		return false;
	a->cipher = p.cipher;
	a->key = dir->key;
	memcpy(a->nonce, op.nonce, sizeof(a->nonce));
	a->aad = a->space + op.aad_off;
	a->aad_len = op.aad_len;
	a->sealed = r->payload + p.cipher->explicit_len;
	a->sealed_len = op.text_len;
	return true;
}
