// SPDX-License-Identifier: GPL-2.0-or-later
#include <gnutls/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "limit.h"

#define TOKEN 1000		/* of a handshake */

struct subnet {
	uint32_t family;
	uint8_t prefix[8];
};

/* The rest of the prefix of an IPv4 address is zero. */
static void get_subnet(const union address *a, struct subnet *subnet)
{
	memset(subnet, 0, sizeof(*subnet));
	if (a->sa.sa_family == AF_INET) {
		subnet->family = AF_INET;
		memcpy(subnet->prefix, &a->in.sin_addr, 4);
	} else if (IN6_IS_ADDR_V4MAPPED(&a->in6.sin6_addr)) {
		subnet->family = AF_INET;
		memcpy(subnet->prefix, a->in6.sin6_addr.s6_addr + 12, 4);
	} else {
		subnet->family = AF_INET6;
		memcpy(subnet->prefix, a->in6.sin6_addr.s6_addr, 8);
	}
}

/* Keyed, so that a client cannot choose addresses of one bucket. */
static uint32_t hash_bytes(const struct limits *l, const void *data, size_t len)
{
	uint8_t mac[32] = { 0 };
	uint32_t n;

	gnutls_hmac_fast(GNUTLS_MAC_SHA256, l->key, sizeof(l->key), data, len, mac);
	memcpy(&n, mac, sizeof(n));
	return n;
}

static struct limit_slot *bucket_of(const struct limits *l, const struct subnet *subnet)
{
	return l->slots + hash_bytes(l, subnet, sizeof(*subnet)) % LIMIT_BUCKETS * LIMIT_WAYS;
}

uint32_t limits_hash(const struct limits *l, const union address *peer)
{
	return hash_bytes(l, peer, sizeof(*peer));
}

static struct limit_slot *find_slot(struct limit_slot *bucket, const struct subnet *subnet)
{
	for (struct limit_slot *s = bucket; s < bucket + LIMIT_WAYS; s++)
		if (s->seen && s->family == subnet->family &&
		    !memcmp(s->prefix, subnet->prefix, sizeof(s->prefix)))
			return s;
	return NULL;
}

/* a is replaced before b. An empty slot was seen at time 0. */
static bool is_lesser(const struct limit_slot *a, const struct limit_slot *b)
{
	if (!a->in_flight != !b->in_flight)
		return !a->in_flight;
	return a->seen < b->seen;
}

static struct limit_slot *replace_slot(struct limit_slot *bucket,
				       const struct subnet *subnet,
				       const struct limit_rule *rule,
				       uint64_t now)
{
	struct limit_slot *least = bucket;

	for (struct limit_slot *s = bucket + 1; s < bucket + LIMIT_WAYS; s++)
		if (is_lesser(s, least))
			least = s;
	*least = (struct limit_slot){
		.seen = now,
		.tokens = (uint64_t)rule->burst * TOKEN,
		.family = subnet->family,
	};
	memcpy(least->prefix, subnet->prefix, sizeof(least->prefix));
	return least;
}

static void refill_tokens(struct limit_slot *s, const struct limit_rule *rule, uint64_t now)
{
	uint64_t most = (uint64_t)rule->burst * TOKEN;

	/* N tokens a second are N thousandths a millisecond */
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
	struct subnet subnet;

	get_subnet(peer, &subnet);
	bucket = bucket_of(l, &subnet);
	s = find_slot(bucket, &subnet);
	if (!s)
		s = replace_slot(bucket, &subnet, rule, now);
	refill_tokens(s, rule, now);
	if (s->in_flight >= rule->in_flight)
		return LIMIT_IN_FLIGHT;
	if (s->tokens < TOKEN)
		return LIMIT_RATE;
	s->tokens -= TOKEN;
	s->in_flight++;
	return LIMIT_OK;
}

/* NULL: the slot was replaced. */
static struct limit_slot *slot_of(struct limits *l, const union address *peer)
{
	struct subnet subnet;

	get_subnet(peer, &subnet);
	return find_slot(bucket_of(l, &subnet), &subnet);
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
