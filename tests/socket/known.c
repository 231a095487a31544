// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "known.h"
#include "tap.h"

static struct {
	unsigned int opened, no_data, sealed, other_form, refused, cid;
} count;

static u8 in[17000];

static u64 first_number(const struct entry *e)
{
	u64 seq = e->seq > 0 ? e->seq : 0;

	return e->next > 0 && (u64)e->next - 1 < seq ? (u64)e->next - 1 : seq;
}

static bool is_data(const struct entry *e)
{
	return e->content_type < 0 || e->content_type == DTLS_TYPE_APPLICATION_DATA;
}

static struct pair keyed_pair(const struct known_version *version,
			      const struct entry *e, u64 seq)
{
	u32 empty = DTLS_RECVINFO_EMPTY;
	struct dtls_keys keys;
	struct pair p;

	pair_plain(&p, AF_INET);
	need(!setsockopt(p.b, SOL_IP, DTLS_ULP, "dtls", 4) &&
	     !setsockopt(p.b, SOL_DTLS, DTLS_RECVINFO, &empty, sizeof(empty)),
	     "attach");
	version->keys(e, seq, &keys);
	need(!pair_set_keys(p.b, &keys), "keys of the entry");
	return p;
}

static void sends(const struct pair *p, const struct entry *e)
{
	need(send(p->a, e->record.p, e->record.len, 0) == (ssize_t)e->record.len,
	     "send");
}

bool known_receives(int fd, const struct bytes *want)
{
	return pair_recv(fd, in, sizeof(in), 5000) == (ssize_t)want->len &&
	       !memcmp(in, want->p, want->len);
}

static bool opens_data(const struct pair *p, const struct entry *e)
{
	for (size_t i = 0; i < e->count; i++)
		if (!known_receives(p->b, &e->contents[i]))
			return false;
	return recv(p->b, in, sizeof(in), MSG_DONTWAIT) < 0;
}

static bool opens(const struct known_version *version, const struct entry *e)
{
	struct pair p = keyed_pair(version, e, first_number(e));
	bool good = !version->bring_to || version->bring_to(&p, e);

	sends(&p, e);
	if (is_data(e)) {
		good = good && opens_data(&p, e);
		count.opened++;
	} else {
		good = good && version->no_data(&p);
		count.no_data++;
	}
	pair_close(&p);
	return good;
}

static bool sendable(const struct known_version *version, const struct entry *e)
{
	return e->count == 1 && e->padding <= 0 &&
	       e->content_type == DTLS_TYPE_APPLICATION_DATA &&
	       e->seq <= (long long)DTLS_MAX_SEQ - 16 && version->own_form(e);
}

static bool seals(const struct known_version *version, const struct entry *e)
{
	struct pair p;
	ssize_t len;
	bool good;

	if (!sendable(version, e)) {
		count.other_form++;
		return true;
	}
	p = keyed_pair(version, e, e->seq);
	good = send(p.b, e->contents[0].p, e->contents[0].len, 0) ==
	       (ssize_t)e->contents[0].len;
	len = pair_recv(p.a, in, sizeof(in), 5000);
	good = good && len == (ssize_t)e->record.len &&
	       !memcmp(in, e->record.p, len);
	count.sealed++;
	pair_close(&p);
	return good;
}

static bool refuses(const struct known_version *version, const struct entry *e)
{
	struct pair p = keyed_pair(version, e, first_number(e));
	bool good;

	sends(&p, e);
	good = pair_only_drops(p.b, 0);
	pair_close(&p);
	count.refused++;
	return good;
}

static bool goes_through(const struct known_version *version, const struct entry *e)
{
	count.cid += !!e->cid.len;
	if (e->refuse)
		return refuses(version, e);
	return opens(version, e) && seals(version, e);
}

static void file(const struct known_version *version, const char *name)
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
		if (!goes_through(version, &e)) {
			diag("entry %zu, %s: %s", n, e.suite,
			     e.refuse ?: e.label ?: "");
			bad++;
		}
		entry_free(&e);
	}
	is_int(bad, 0, "%s: %zu records", strrchr(name, '/') + 1, n);
	diag("opened %u, opened and no data %u, sealed %u, not sent in this form %u, refused %u; with a CID %u",
	     count.opened, count.no_data, count.sealed, count.other_form,
	     count.refused, count.cid);
	ok(count.opened + count.no_data + count.refused == n && n, "... all of them");
	json_decref(list);
}

void known_files(const struct known_version *version, int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		file(version, argv[i]);
}
