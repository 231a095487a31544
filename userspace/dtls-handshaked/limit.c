// SPDX-License-Identifier: GPL-2.0-or-later
#include <gnutls/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "limit.h"

#define TOKEN 1000		/* of a handshake */

struct who {
	uint32_t family;
	uint8_t prefix[8];
};

/* Zero where an IPv4 address has nothing to say. */
static void who_is(const union address *a, struct who *who)
{
	memset(who, 0, sizeof(*who));
	if (a->sa.sa_family == AF_INET) {
		who->family = AF_INET;
		memcpy(who->prefix, &a->in.sin_addr, 4);
	} else if (IN6_IS_ADDR_V4MAPPED(&a->in6.sin6_addr)) {
		who->family = AF_INET;
		memcpy(who->prefix, a->in6.sin6_addr.s6_addr + 12, 4);
	} else {
		who->family = AF_INET6;
		memcpy(who->prefix, a->in6.sin6_addr.s6_addr, 8);
	}
}

/* Keyed, so that nobody can choose addresses that meet in one place. */
static uint32_t hash(const struct limits *l, const void *data, size_t len)
{
	uint8_t mac[32] = { 0 };
	uint32_t n;

	gnutls_hmac_fast(GNUTLS_MAC_SHA256, l->key, sizeof(l->key), data, len, mac);
	memcpy(&n, mac, sizeof(n));
	return n;
}

static struct limit_slot *bucket_of(const struct limits *l, const struct who *who)
{
	return l->slots + hash(l, who, sizeof(*who)) % LIMIT_BUCKETS * LIMIT_WAYS;
}

uint32_t limits_hash(const struct limits *l, const union address *peer)
{
	return hash(l, peer, sizeof(*peer));
}

static struct limit_slot *find(struct limit_slot *bucket, const struct who *who)
{
	for (struct limit_slot *s = bucket; s < bucket + LIMIT_WAYS; s++)
		if (s->seen && s->family == who->family &&
		    !memcmp(s->prefix, who->prefix, sizeof(s->prefix)))
			return s;
	return NULL;
}

/* Can a be done without rather than b? An empty one was seen at time 0. */
static bool lesser(const struct limit_slot *a, const struct limit_slot *b)
{
	if (!a->in_flight != !b->in_flight)
		return !a->in_flight;
	return a->seen < b->seen;
}

static struct limit_slot *replace(struct limit_slot *bucket, const struct who *who,
				  const struct limit_rule *rule, uint64_t now)
{
	struct limit_slot *least = bucket;

	for (struct limit_slot *s = bucket + 1; s < bucket + LIMIT_WAYS; s++)
		if (lesser(s, least))
			least = s;
	*least = (struct limit_slot){
		.seen = now,
		.tokens = (uint64_t)rule->burst * TOKEN,
		.family = who->family,
	};
	memcpy(least->prefix, who->prefix, sizeof(least->prefix));
	return least;
}

static void refill(struct limit_slot *s, const struct limit_rule *rule, uint64_t now)
{
	uint64_t most = (uint64_t)rule->burst * TOKEN;

	/* rate a second is rate thousandths a millisecond */
	s->tokens += (now - s->seen) * rule->rate;
	if (s->tokens > most)
		s->tokens = most;
	s->seen = now;
}

bool limits_init(struct limits *l)
{
	l->slots = calloc(LIMIT_BUCKETS * LIMIT_WAYS, sizeof(*l->slots));
	return l->slots && !gnutls_rnd(GNUTLS_RND_KEY, l->key, sizeof(l->key));
}

void limits_free(struct limits *l)
{
	free(l->slots);
	l->slots = NULL;
}

enum limit_verdict limits_begin(struct limits *l, const struct limit_rule *rule,
				const union address *peer, uint64_t now)
{
	struct limit_slot *bucket, *s;
	struct who who;

	who_is(peer, &who);
	bucket = bucket_of(l, &who);
	s = find(bucket, &who);
	if (!s)
		s = replace(bucket, &who, rule, now);
	refill(s, rule, now);
	if (s->in_flight >= rule->in_flight)
		return LIMIT_IN_FLIGHT;
	if (s->tokens < TOKEN)
		return LIMIT_RATE;
	s->tokens -= TOKEN;
	s->in_flight++;
	return LIMIT_OK;
}

/* NULL: it was forgotten meanwhile. */
static struct limit_slot *slot_of(struct limits *l, const union address *peer)
{
	struct who who;

	who_is(peer, &who);
	return find(bucket_of(l, &who), &who);
}

void limits_end(struct limits *l, const union address *peer)
{
	struct limit_slot *s = slot_of(l, peer);

	if (s && s->in_flight)
		s->in_flight--;
}

void limits_undo(struct limits *l, const union address *peer)
{
	struct limit_slot *s = slot_of(l, peer);

	if (!s)
		return;
	s->tokens += TOKEN;
	if (s->in_flight)
		s->in_flight--;
}
