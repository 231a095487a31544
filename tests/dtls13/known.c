// SPDX-License-Identifier: GPL-2.0
/*
 * The known records of tests/vectors/data through sockets: each is opened by a
 * socket that has its keys, and sealed by one where it has the form that the
 * module sends; those to be refused are.
 *	dtls13-known FILE...
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ends.h"
#include "pair.h"
#include "tap.h"
#include "vectors/crypto.h"
#include "vectors/entry.h"

static struct {
	unsigned int opened, dropped, sealed, other_form, refused, cid;
} count;

static u8 in[END_MAX_RECORD];

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

static u64 first_number(const struct entry *e)
{
	u64 seq = e->seq > 0 ? e->seq : 0;

	return e->next > 0 && (u64)e->next - 1 < seq ? (u64)e->next - 1 : seq;
}

static bool other_type(const struct entry *e)
{
	return e->content_type >= 0 && e->content_type != DTLS_TYPE_APPLICATION_DATA;
}

/* As the file has them: the secret or, every other time, keys. */
static bool keyed(int fd, const struct entry *e, const struct end *end, u64 seq)
{
	static unsigned int turn;
	struct dtls_keys keys;

	ends_keys(&keys, end, end, true);
	keys.rx.seq = seq;
	keys.tx.seq = seq;
	if (e->key.p && turn++ % 2) {
		end_keys(&keys.rx, end, seq);
		memcpy(keys.rx.key, e->key.p, e->key.len);
		memcpy(keys.rx.iv, e->iv.p, e->iv.len);
		memcpy(keys.rx.sn_key, e->sn_key.p, e->sn_key.len);
		keys.tx = keys.rx;
	}
	/* without a secret in one direction a KeyUpdate or an ACK is dropped */
	if (other_type(e))
		end_keys(&keys.tx, end, seq);
	/* ... and its keys go on behind the limit of their AEAD */
	else if (seq > end->params.cipher->seal_limit / 2)
		end_keys(&keys.rx, end, seq);
	return !ends_set(fd, &keys);
}

static struct pair keyed_pair(const struct entry *e, const struct end *end, u64 seq)
{
	struct pair p;
	u32 empty = DTLS_RECVINFO_EMPTY;

	pair_plain(&p, AF_INET);
	need(!setsockopt(p.b, SOL_IP, DTLS_ULP, "dtls", 4) &&
	     !setsockopt(p.b, SOL_DTLS, DTLS_RECVINFO, &empty, sizeof(empty)),
	     "attach");
	need(keyed(p.b, e, end, seq), "keys of the entry");
	return p;
}

static bool receives(int fd, const struct bytes *want)
{
	return pair_recv(fd, in, sizeof(in), 5000) == (ssize_t)want->len &&
	       !memcmp(in, want->p, want->len);
}

/* The number before is opened first: the file says what is expected then. */
static bool bring_to(const struct pair *p, const struct entry *e,
		     const struct end *end)
{
	u8 record[100];
	const struct bytes word = { (u8 *)"before", 6 };

	if (e->next <= 0)
		return true;
	need(send(p->a, record, end_data(end, e->next - 1, word.p, word.len, record),
		  0) > 0, "send");
	return receives(p->b, &word);
}

static bool opens(const struct entry *e, const struct end *end)
{
	struct pair p = keyed_pair(e, end, first_number(e));
	bool good = bring_to(&p, e, end);
	size_t i;

	need(send(p.a, e->record.p, e->record.len, 0) == (ssize_t)e->record.len,
	     "send");
	if (!other_type(e)) {
		for (i = 0; good && i < e->count; i++)
			good = receives(p.b, &e->contents[i]);
		count.opened++;
	} else {	/* opened, and of no use */
		good = good && pair_only_drops(p.b, 0) &&
		       pair_drops(p.b, DTLS_DROP_TYPE) == 1;
		count.dropped++;
	}
	good = good && recv(p.b, in, sizeof(in), MSG_DONTWAIT) < 0;
	pair_close(&p);
	return good;
}

static bool sendable(const struct entry *e)
{
	return e->count == 1 && e->padding <= 0 && (e->record.p[0] & 0x0c) == 0x0c &&
	       e->content_type == DTLS_TYPE_APPLICATION_DATA &&
	       e->seq <= (long long)DTLS_MAX_SEQ - 16;
}

static bool seals(const struct entry *e, const struct end *end)
{
	struct pair p;
	ssize_t len;
	bool good;

	if (!sendable(e)) {
		count.other_form++;
		return true;
	}
	p = keyed_pair(e, end, e->seq);
	good = send(p.b, e->contents[0].p, e->contents[0].len, 0) ==
	       (ssize_t)e->contents[0].len;
	len = pair_recv(p.a, in, sizeof(in), 5000);
	good = good && len == (ssize_t)e->record.len &&
	       !memcmp(in, e->record.p, len);
	count.sealed++;
	pair_close(&p);
	return good;
}

static bool refuses(const struct entry *e, const struct end *end)
{
	struct pair p = keyed_pair(e, end, first_number(e));
	bool good;

	need(send(p.a, e->record.p, e->record.len, 0) == (ssize_t)e->record.len,
	     "send");
	good = pair_only_drops(p.b, 0);
	pair_close(&p);
	return good;
}

static bool goes_through(const struct entry *e)
{
	struct end end;

	end_of_entry(&end, e);
	count.cid += !!e->cid.len;
	if (e->refuse) {
		count.refused++;
		return refuses(e, &end);
	}
	return opens(e, &end) && seals(e, &end);
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
	diag("opened %u, opened and of no use %u, sealed %u, not sent in this form %u, refused %u; with a CID %u",
	     count.opened, count.dropped, count.sealed, count.other_form,
	     count.refused, count.cid);
	ok(count.opened + count.dropped + count.refused == n && n,
	   "... all of them");
	json_decref(list);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		file(argv[i]);
	return done_testing();
}
