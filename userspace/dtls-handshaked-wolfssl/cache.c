// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Bounded in number, and for each user: a user with many servers takes the place of its own
 * sessions first. A worker's cache ends with the worker, and so with the configuration.
 */
#include <stdlib.h>
#include <string.h>

#include "cache.h"
#include "clock.h"

#define SLOTS	64
#define OF_USER	16	/* at most */

struct key {
	uint32_t uid;
	uint32_t link;
	union address peer;
	char profile[DTLS_MAX_PROFILE];
	char server_name[DTLS_MAX_NAME];
};

struct slot {
	struct remembered what;	/* no session: the slot is free */
	uint64_t used;		/* order of the last cache_put() */
	struct key key;
};

static struct slot slots[SLOTS];
static uint64_t order;

struct chain *chain_copy(const gnutls_datum_t *certs, unsigned int n)
{
	struct chain *c;
	size_t len = 0;

	for (unsigned int i = 0; i < n; i++)
		len += certs[i].size <= MAX_CHAIN_BYTES ? certs[i].size : MAX_CHAIN_BYTES + 1;
	if (!n || n > MAX_CHAIN || len > MAX_CHAIN_BYTES)
		return NULL;
	c = malloc(sizeof(*c) + len);
	if (!c)
		return NULL;
	c->n = n;
	c->len = 0;
	for (unsigned int i = 0; i < n; i++) {
		memcpy(c->data + c->len, certs[i].data, certs[i].size);
		c->sizes[i] = certs[i].size;
		c->len += certs[i].size;
	}
	return c;
}

void chain_list(const struct chain *c, gnutls_datum_t certs[MAX_CHAIN])
{
	const uint8_t *at = c->data;

	for (unsigned int i = 0; i < c->n; at += c->sizes[i++])
		certs[i] = (gnutls_datum_t){ (unsigned char *)at, c->sizes[i] };
}

void remembered_forget(struct remembered *m)
{
	if (m->session)
		explicit_bzero(m->session, m->len);
	free(m->session);
	free(m->chain);
	memset(m, 0, sizeof(*m));
}

/* Without padding that differs. */
static void put_address(union address *to, const union address *a)
{
	to->sa.sa_family = a->sa.sa_family;
	if (a->sa.sa_family == AF_INET6) {
		to->in6.sin6_port = a->in6.sin6_port;
		to->in6.sin6_addr = a->in6.sin6_addr;
		to->in6.sin6_scope_id = a->in6.sin6_scope_id;
	} else {
		to->in.sin_port = a->in.sin_port;
		to->in.sin_addr = a->in.sin_addr;
	}
}

static void make_key(const struct handshake_request *r, struct key *k)
{
	memset(k, 0, sizeof(*k));
	k->uid = r->uid;
	k->link = r->link;
	put_address(&k->peer, &r->peer);
	strcpy(k->profile, r->profile);
	strcpy(k->server_name, r->server_name);
}

static bool in_use(struct slot *s, uint64_t now)
{
	if (s->what.session && now >= s->what.end)
		remembered_forget(&s->what);
	return s->what.session;
}

static struct slot *find(const struct key *k)
{
	uint64_t now = clock_seconds();

	for (struct slot *s = slots; s < slots + SLOTS; s++)
		if (in_use(s, now) && !memcmp(&s->key, k, sizeof(*k)))
			return s;
	return NULL;
}

static bool is_older(const struct slot *s, const struct slot *than)
{
	return !than || s->used < than->used;
}

/* A free one; else the oldest, of the user if it has many. */
static struct slot *make_room(uint32_t uid)
{
	struct slot *empty = NULL, *oldest = NULL, *own = NULL;
	unsigned int owned = 0;

	for (struct slot *s = slots; s < slots + SLOTS; s++) {
		if (!s->what.session) {
			empty = s;
			continue;
		}
		if (is_older(s, oldest))
			oldest = s;
		if (s->key.uid != uid)
			continue;
		owned++;
		if (is_older(s, own))
			own = s;
	}
	if (owned >= OF_USER)
		return own;
	return empty ? empty : oldest;
}

void cache_put(const struct handshake_request *r, const struct remembered *m)
{
	struct slot *s;
	struct key k;

	make_key(r, &k);
	s = find(&k);
	if (!s)
		s = make_room(k.uid);
	remembered_forget(&s->what);
	s->what = *m;
	s->key = k;
	s->used = order++;
}

bool cache_take(const struct handshake_request *r, struct remembered *m)
{
	struct slot *s;
	struct key k;

	make_key(r, &k);
	s = find(&k);
	if (!s)
		return false;
	*m = s->what;
	memset(&s->what, 0, sizeof(s->what));
	return true;
}
