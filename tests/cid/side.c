// SPDX-License-Identifier: GPL-2.0
#include <string.h>
#include <sys/socket.h>

#include "pair.h"
#include "side.h"
#include "tap.h"
#include "record/header12.h"
#include "record/open12.h"
#include "record/seal12.h"
#include "vectors/crypto.h"
#include "vectors/pad12.h"

void side_init(struct side *s, int cipher, u8 byte, const char *cid)
{
	memset(s, 0, sizeof(*s));
	s->params.cipher = dtls_cipher_by_id(cipher);
	s->params.epoch = 1;
	s->params.cid_len = strlen(cid);
	memcpy(s->params.cid, cid, s->params.cid_len);
	memset(s->params.iv, byte, s->params.cipher->iv_len);
	memset(s->key, byte, s->params.cipher->key_len);
}

void side_keys(struct dtls_direction *dir, const struct side *s)
{
	const struct dtls_record_params *p = &s->params;

	memset(dir, 0, sizeof(*dir));
	dir->epoch = p->epoch;
	dir->cid_len = p->cid_len;
	memcpy(dir->cid, p->cid, p->cid_len);
	memcpy(dir->key, s->key, p->cipher->key_len);
	memcpy(dir->iv, p->iv, p->cipher->iv_len);
}

int side_set_keys(int fd, const struct side *tx, const struct side *rx, bool client,
		  const struct sockaddr_storage *peer,
		  const struct sockaddr_storage *local)
{
	struct dtls_keys keys;

	pair_keys(&keys, tx->params.cipher->id, client);
	side_keys(&keys.tx, tx);
	side_keys(&keys.rx, rx);
	if (peer)
		memcpy(&keys.peer, peer, sizeof(keys.peer));
	if (local)
		memcpy(&keys.local, local, sizeof(keys.local));
	return pair_set_keys(fd, &keys) ? errno : 0;
}

size_t side_seal(const struct side *s, u64 seq, u8 type, const void *data, size_t len,
		 size_t padding, u8 *record)
{
	static u8 buf[DTLS_HEADROOM + 2 * SIDE_MAX_RECORD];
	const struct dtls_record_params *p = &s->params;
	struct dtls12_content c = { .seq = seq, .type = type };
	struct dtls_aead_op op;
	size_t size;

	c.len = pad12(data, len, padding,
		      buf + DTLS_HEADROOM + dtls12_content_offset(p), &c.type);
	dtls12_seal_begin(p, &c, buf, &op);
	need(aead_seal(p->cipher, s->key, buf, &op), "sealing");
	size = dtls12_seal_end(p, &c, buf);
	memcpy(record, buf + DTLS_HEADROOM, size);
	return size;
}

size_t side_data(const struct side *s, u64 seq, const void *data, size_t len,
		 u8 *record)
{
	return side_seal(s, seq, DTLS_TYPE_APPLICATION_DATA, data, len, 0, record);
}

int side_open(const struct side *s, const u8 *record, size_t len,
	      struct side_opened *o)
{
	static u8 buf[DTLS_HEADROOM + 2 * SIDE_MAX_RECORD];
	const struct dtls_record_params *p = &s->params;
	struct dtls_opened opened;
	struct dtls_aead_op op;
	struct dtls_header h;
	int err;

	memcpy(buf + DTLS_HEADROOM, record, len);
	err = dtls12_parse(record, len, p->cid_len, &h);
	if (err)
		return err;
	err = dtls12_open_begin(p, &h, record, buf, &op);
	if (err)
		return err;
	if (!aead_open(p->cipher, s->key, buf, &op))
		return DTLS_DROP_ERR(DTLS_DROP_TAG);
	err = dtls12_open_end(p, &h, buf, &op, &opened);
	if (err)
		return err;
	o->outer = h.type;
	o->type = opened.type;
	o->seq = h.seq;
	o->len = opened.len;
	memcpy(o->content, buf + opened.off, opened.len);
	return 0;
}
