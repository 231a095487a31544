// SPDX-License-Identifier: GPL-2.0
/*
 * The known records of DTLS 1.2, with Connection IDs and without, through sockets:
 * tests/socket/known.h.
 *	cid-known FILE...
 */
#include <string.h>

#include "known.h"
#include "side.h"
#include "tap.h"
#include "record/wire.h"

static void entry_keys(const struct entry *e, u64 seq, struct dtls_keys *keys)
{
	struct side s;

	side_init(&s, e->cipher->id, 0, "");
	s.params.epoch = e->epoch;
	s.params.cid_len = e->cid.len;
	if (e->cid.len)
		memcpy(s.params.cid, e->cid.p, e->cid.len);
	memcpy(s.key, e->key.p, e->key.len);
	memcpy(s.params.iv, e->iv.p, e->iv.len);
	pair_keys(keys, e->cipher->id, false);
	side_keys(&keys->tx, &s);
	side_keys(&keys->rx, &s);
	keys->tx.seq = seq;
	keys->rx.seq = seq;
}

/* All of them are close_notify. */
static bool ends(const struct pair *p)
{
	u8 in[10];

	return !pair_recv(p->b, in, sizeof(in), 5000);
}

/* The explicit nonce that the module sends is the record's number. */
static bool own_form(const struct entry *e)
{
	return !e->cipher->explicit_len ||
	       dtls_get64(e->record.p + DTLS12_HEADER + e->cid.len) ==
	       dtls_number(e->epoch, e->seq);
}

int main(int argc, char **argv)
{
	known_files(&(struct known_version){
		.keys = entry_keys,
		.no_data = ends,
		.own_form = own_form,
	}, argc, argv);
	return done_testing();
}
