// SPDX-License-Identifier: GPL-2.0
#include <string.h>
#include <sys/socket.h>

#include "ends.h"
#include "pair.h"
#include "tap.h"
#include "vectors/crypto.h"

static void derive(struct end *e)
{
	const struct dtls_cipher *c = e->params.cipher;

	need(expand_label(e->secret, c->hash_len, "key", e->key, c->key_len) &&
	     expand_label(e->secret, c->hash_len, "iv", e->params.iv, DTLS_NONCE) &&
	     expand_label(e->secret, c->hash_len, "sn", e->sn_key, c->key_len),
	     "keys from a secret");
}

void end_use(struct end *e, int cipher, const u8 *secret, u64 epoch)
{
	memset(e, 0, sizeof(*e));
	e->params.cipher = dtls_cipher_by_id(cipher);
	e->params.epoch = epoch;
	memcpy(e->secret, secret, e->params.cipher->hash_len);
	derive(e);
}

void end_init(struct end *e, int cipher, u8 byte, u64 epoch)
{
	u8 secret[DTLS_MAX_KEY];

	memset(secret, byte, sizeof(secret));
	end_use(e, cipher, secret, epoch);
}

void end_set_cid(struct end *e, const char *cid)
{
	e->params.cid_len = strlen(cid);
	memcpy(e->params.cid, cid, e->params.cid_len);
}

void end_next(struct end *e)
{
	size_t len = e->params.cipher->hash_len;
	u8 next[DTLS_MAX_KEY];

	need(expand_label(e->secret, len, "traffic upd", next, len), "next secret");
	memcpy(e->secret, next, len);
	e->params.epoch++;
	derive(e);
}

static void set_number_and_cid(struct dtls_direction *dir, const struct end *e, u64 seq)
{
	dir->epoch = e->params.epoch;
	dir->seq = seq;
	dir->cid_len = e->params.cid_len;
	memcpy(dir->cid, e->params.cid, e->params.cid_len);
}

void end_keys(struct dtls_direction *dir, const struct end *e, u64 seq)
{
	memset(dir, 0, sizeof(*dir));
	set_number_and_cid(dir, e, seq);
	memcpy(dir->key, e->key, e->params.cipher->key_len);
	memcpy(dir->iv, e->params.iv, DTLS_NONCE);
	memcpy(dir->sn_key, e->sn_key, e->params.cipher->key_len);
}

void end_secret(struct dtls_direction *dir, const struct end *e, u64 seq)
{
	memset(dir, 0, sizeof(*dir));
	dir->flags = DTLS_DIRECTION_SECRET;
	set_number_and_cid(dir, e, seq);
	memcpy(dir->key, e->secret, e->params.cipher->hash_len);
}

void end_handshake(struct dtls_direction *dir, const struct end *e, u64 seq)
{
	dir->flags |= DTLS_DIRECTION_HANDSHAKE;
	dir->handshake_seq = seq;
	memcpy(dir->handshake_key, e->secret, e->params.cipher->hash_len);
}

void ends_keys(struct dtls_keys *keys, const struct end *tx, const struct end *rx,
	       bool client)
{
	pair_keys13(keys, tx->params.cipher->id, client);
	end_secret(&keys->tx, tx, 0);
	end_secret(&keys->rx, rx, 0);
}

int ends_set(int fd, const struct dtls_keys *keys)
{
	return setsockopt(fd, SOL_DTLS, DTLS_KEYS, keys, sizeof(*keys)) ? errno : 0;
}

size_t end_seal(const struct end *e, const struct dtls13_content *c,
		const void *data, u8 *record)
{
	static u8 buf[DTLS_HEADROOM + 2 * END_MAX_RECORD];
	size_t off = DTLS_HEADROOM + dtls13_content_offset(&e->params, c->form);
	struct dtls_aead_op op;
	u8 mask[DTLS13_SAMPLE];
	size_t len;

	memcpy(buf + off, data, c->len);
	dtls13_seal_begin(&e->params, c, buf, &op);
	need(aead_seal(e->params.cipher, e->key, buf, &op) &&
	     number_mask(e->params.cipher, e->sn_key, buf + off, mask), "sealing");
	len = dtls13_seal_end(&e->params, c, buf, &op, mask);
	memcpy(record, buf + DTLS_HEADROOM, len);
	return len;
}

size_t end_data(const struct end *e, u64 seq, const void *data, size_t len,
		u8 *record)
{
	const struct dtls13_content c = {
		.seq = seq, .len = len, .type = DTLS_TYPE_APPLICATION_DATA,
		.form = FORM_16,
	};

	return end_seal(e, &c, data, record);
}

size_t end_split(const struct end *e, const u8 *record, size_t len, u64 *seq)
{
	u8 header[1 + DTLS_MAX_CID + 4], mask[DTLS13_SAMPLE];
	struct dtls_header h;

	if (dtls13_parse(record, len, e->params.cid_len, &h))
		return 0;
	need(number_mask(e->params.cipher, e->sn_key, record + h.len, mask), "mask");
	memcpy(header, record, h.len);
	dtls13_unmask(&h, header, mask);
	*seq = h.seq;
	return h.len + h.payload_len;
}

int end_open(const struct end *e, u64 next, const u8 *record, size_t len,
	     struct opened_record *o)
{
	static u8 buf[DTLS_HEADROOM + END_MAX_RECORD];
	u8 *at = buf + DTLS_HEADROOM, mask[DTLS13_SAMPLE];
	struct dtls_opened opened;
	struct dtls_aead_op op;
	struct dtls_header h;
	int err;

	memcpy(at, record, len);
	o->first = record[0];
	err = dtls13_parse(at, len, e->params.cid_len, &h);
	if (err)
		return err;
	need(number_mask(e->params.cipher, e->sn_key, at + h.len, mask), "mask");
	dtls13_unmask(&h, at, mask);
	o->seq = dtls13_seq(&h, next);
	err = dtls13_open_begin(&e->params, &h, o->seq, buf, &op);
	if (err)
		return err;
	if (!aead_open(e->params.cipher, e->key, buf, &op))
		return DTLS_DROP_ERR(DTLS_DROP_TAG);
	err = dtls13_open_end(&e->params, buf, &op, &opened);
	if (err)
		return err;
	o->type = opened.type;
	o->len = opened.len;
	memcpy(o->content, buf + opened.off, opened.len);
	return 0;
}
