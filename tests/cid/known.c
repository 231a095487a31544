// SPDX-License-Identifier: GPL-2.0
/*
 * The known records of DTLS 1.2 in tests/vectors/data, with Connection IDs and
 * without, through sockets: each is opened by a socket that has its keys, and
 * sealed by one where it has the form that the module sends; those to be refused
 * are.
 *	cid-known FILE...
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pair.h"
#include "side.h"
#include "tap.h"
#include "record/wire.h"
#include "vectors/entry.h"

static struct {
	unsigned int opened, ended, sealed, other_form, refused;
} count;

static u8 in[SIDE_MAX_RECORD];

static void side_of_entry(struct side *s, const struct entry *e)
{
	char none[] = "";

	side_init(s, e->cipher->id, 0, none);
	s->params.epoch = e->epoch;
	s->params.cid_len = e->cid.len;
	if (e->cid.len)
		memcpy(s->params.cid, e->cid.p, e->cid.len);
	memcpy(s->key, e->key.p, e->key.len);
	memcpy(s->params.iv, e->iv.p, e->iv.len);
}

static struct pair keyed_pair(const struct side *s, u64 seq)
{
	u32 empty = DTLS_RECVINFO_EMPTY;
	struct dtls_keys keys;
	struct pair p;

	pair_plain(&p, AF_INET);
	need(!setsockopt(p.b, SOL_IP, DTLS_ULP, "dtls", 4) &&
	     !setsockopt(p.b, SOL_DTLS, DTLS_RECVINFO, &empty, sizeof(empty)),
	     "attach");
	pair_keys(&keys, s->params.cipher->id, false);
	side_keys(&keys.tx, s);
	side_keys(&keys.rx, s);
	keys.tx.seq = seq;
	keys.rx.seq = seq;
	need(!pair_set_keys(p.b, &keys), "keys of the entry");
	return p;
}

static bool is_data(const struct entry *e)
{
	return e->content_type == DTLS_TYPE_APPLICATION_DATA;
}

static bool opens(const struct entry *e, const struct side *s)
{
	struct pair p = keyed_pair(s, e->seq);
	bool good;

	need(send(p.a, e->record.p, e->record.len, 0) == (ssize_t)e->record.len,
	     "send");
	if (is_data(e)) {
		good = pair_recv(p.b, in, sizeof(in), 5000) ==
		       (ssize_t)e->contents[0].len &&
		       !memcmp(in, e->contents[0].p, e->contents[0].len);
		count.opened++;
	} else {	/* close_notify */
		good = !pair_recv(p.b, in, sizeof(in), 5000);
		count.ended++;
	}
	pair_close(&p);
	return good;
}

/* The explicit nonce that the module sends is the record's number. */
static bool own_form(const struct entry *e)
{
	size_t at = DTLS12_HEADER + e->cid.len;

	return is_data(e) && e->padding <= 0 &&
	       e->seq <= (long long)DTLS_MAX_SEQ - 16 &&
	       (!e->cipher->explicit_len ||
		dtls_get64(e->record.p + at) == dtls_number(e->epoch, e->seq));
}

static bool seals(const struct entry *e, const struct side *s)
{
	struct pair p;
	ssize_t len;
	bool good;

	if (!own_form(e)) {
		count.other_form++;
		return true;
	}
	p = keyed_pair(s, e->seq);
	good = send(p.b, e->contents[0].p, e->contents[0].len, 0) ==
	       (ssize_t)e->contents[0].len;
	len = pair_recv(p.a, in, sizeof(in), 5000);
	good = good && len == (ssize_t)e->record.len &&
	       !memcmp(in, e->record.p, len);
	count.sealed++;
	pair_close(&p);
	return good;
}

static bool refuses(const struct entry *e, const struct side *s)
{
	struct pair p = keyed_pair(s, 0);
	bool good;

	need(send(p.a, e->record.p, e->record.len, 0) == (ssize_t)e->record.len,
	     "send");
	good = pair_only_drops(p.b, 0);
	pair_close(&p);
	count.refused++;
	return good;
}

static bool goes_through(const struct entry *e)
{
	struct side s;

	side_of_entry(&s, e);
	if (e->refuse)
		return refuses(e, &s);
	return opens(e, &s) && seals(e, &s);
}

static void file(const char *name)
{
	json_t *json, *list = json_load_file(name, 0, NULL);
	unsigned int bad = 0;
	size_t n;

	need(json_is_array(list), name);
	memset(&count, 0, sizeof(count));
	json_array_foreach(list, n, json) {
		char why[100] = "";
		struct entry e;

		need(entry_read(json, &e, why, sizeof(why)), why);
		if (!goes_through(&e)) {
			diag("entry %zu, %s: %s", n, e.suite,
			     e.refuse ?: e.label ?: "");
			bad++;
		}
		entry_free(&e);
	}
	is_int(bad, 0, "%s: %zu records", strrchr(name, '/') + 1, n);
	diag("opened %u, alerts %u, sealed %u, not sent in this form %u, refused %u",
	     count.opened, count.ended, count.sealed, count.other_form,
	     count.refused);
	ok(count.opened + count.ended + count.refused == n && n,
	   "... all of them");
	json_decref(list);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		file(argv[i]);
	return done_testing();
}
