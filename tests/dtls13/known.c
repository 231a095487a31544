// SPDX-License-Identifier: GPL-2.0
/*
 * The known records of DTLS 1.3 through sockets: tests/socket/known.h.
 *	dtls13-known FILE...
 */
#include <string.h>

#include "ends.h"
#include "known.h"
#include "tap.h"
#include "vectors/crypto.h"

static void end_of_entry(struct end *end, const struct entry *e)
{
	const struct dtls_cipher *c = e->cipher;

	memset(end, 0, sizeof(*end));
	end->params.cipher = c;
	end->params.epoch = e->epoch;
	end->params.cid_len = e->cid.len;
	if (e->cid.len)
		memcpy(end->params.cid, e->cid.p, e->cid.len);
	memcpy(end->secret, e->secret.p, e->secret.len);
	need(expand_label(e->secret.p, e->secret.len, "key", end->key, c->key_len) &&
	     expand_label(e->secret.p, e->secret.len, "iv", end->params.iv,
			  DTLS_NONCE) &&
	     expand_label(e->secret.p, e->secret.len, "sn", end->sn_key, c->key_len),
	     "keys of the entry");
}

static bool other_type(const struct entry *e)
{
	return e->content_type >= 0 && e->content_type != DTLS_TYPE_APPLICATION_DATA;
}

/* As the file has them: the secret or, every other time, keys. */
static void entry_keys(const struct entry *e, u64 seq, struct dtls_keys *keys)
{
	static unsigned int turn;
	struct end end;

	end_of_entry(&end, e);
	ends_keys(keys, &end, &end, true);
	keys->rx.seq = seq;
	keys->tx.seq = seq;
	if (e->key.p && turn++ % 2) {
		end_keys(&keys->rx, &end, seq);
		memcpy(keys->rx.key, e->key.p, e->key.len);
		memcpy(keys->rx.iv, e->iv.p, e->iv.len);
		memcpy(keys->rx.sn_key, e->sn_key.p, e->sn_key.len);
		keys->tx = keys->rx;
	}
	/* without a secret in one direction a KeyUpdate or an ACK is dropped */
	if (other_type(e))
		end_keys(&keys->tx, &end, seq);
	/* ... and its keys go on behind the limit of their AEAD */
	else if (seq > end.params.cipher->seal_limit / 2)
		end_keys(&keys->rx, &end, seq);
}

/* The number before is opened first: the file says what is expected then. */
static bool bring_to(const struct pair *p, const struct entry *e)
{
	u8 record[100];
	const struct bytes word = { (u8 *)"before", 6 };
	struct end end;

	if (e->next <= 0)
		return true;
	end_of_entry(&end, e);
	need(send(p->a, record, end_data(&end, e->next - 1, word.p, word.len, record),
		  0) > 0, "send");
	return known_receives(p->b, &word);
}

/* Opened, and of no use without secrets. */
static bool dropped_by_type(const struct pair *p)
{
	return pair_only_drops(p->b, 0) && pair_drops(p->b, DTLS_DROP_TYPE) == 1;
}

/* A 16-bit number and a length. */
static bool own_form(const struct entry *e)
{
	return (e->record.p[0] & FORM_16) == FORM_16;
}

int main(int argc, char **argv)
{
	known_files(&(struct known_version){
		.keys = entry_keys,
		.bring_to = bring_to,
		.no_data = dropped_by_type,
		.own_form = own_form,
	}, argc, argv);
	return done_testing();
}
