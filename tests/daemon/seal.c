// SPDX-License-Identifier: GPL-2.0-or-later
#include <gnutls/crypto.h>
#include <string.h>

#include "gnutls_aead.h"
#include "seal.h"
#include "record/seal12.h"

size_t record_seal(uint16_t cipher, struct dtls_direction *dir, uint8_t type,
		   const void *plain, size_t len, uint8_t *out, size_t room)
{
	struct dtls_record_params p = { .cipher = dtls_cipher_by_id(cipher), .epoch = 1 };
	struct dtls12_content content = { .seq = dir->seq++, .len = len, .type = type };
	gnutls_datum_t key = { dir->key, p.cipher->key_len };
	uint8_t buf[8192], *text;
	gnutls_aead_cipher_hd_t aead;
	struct dtls_aead_op op;
	size_t n;
	int ret;

	if (len + dtls12_overhead(&p) > room || room + DTLS_HEADROOM > sizeof(buf))
		return 0;
	memcpy(p.iv, dir->iv, p.cipher->iv_len);
	dtls12_seal_begin(&p, &content, buf, &op);
	text = buf + op.aad_off + op.aad_len;
	n = room;
	if (gnutls_aead_cipher_init(&aead, gnutls_aead_algorithm(cipher), &key))
		return 0;
	ret = gnutls_aead_cipher_encrypt(aead, op.nonce, sizeof(op.nonce),
					 buf + op.aad_off, op.aad_len, p.cipher->tag_len,
					 plain, len, text, &n);
	gnutls_aead_cipher_deinit(aead);
	if (ret)
		return 0;
	n = dtls12_seal_end(&p, &content, buf);
	memcpy(out, buf + DTLS_HEADROOM, n);
	return n;
}

size_t record_plain(uint64_t seq, uint8_t type, const void *data, size_t len, uint8_t *out)
{
	out[0] = type;
	dtls_put16(out + 1, DTLS_VERSION_1_2);
	dtls_put_number(out + DTLS12_NUMBER_OFF, 0, seq);
	dtls_put16(out + DTLS12_LENGTH_OFF, len);
	memcpy(out + DTLS12_HEADER, data, len);
	return DTLS12_HEADER + len;
}
