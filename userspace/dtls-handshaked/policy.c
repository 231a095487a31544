// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "name.h"
#include "policy.h"
#include "util.h"

static bool may_user(const struct profile *p, uint32_t uid)
{
	for (size_t i = 0; i < p->n_uids; i++)
		if (p->uids[i] == uid)
			return true;
	return p->any_user;
}

static bool same_bits(const uint8_t *a, const uint8_t *b, unsigned int bits)
{
	unsigned int bytes = bits / 8, rest = bits % 8;
	uint8_t mask = 0xff00 >> rest;

	if (memcmp(a, b, bytes))
		return false;
	return !rest || !((a[bytes] ^ b[bytes]) & mask);
}

/* The address bytes, with a v4-mapped one as what it is. */
static const uint8_t *bytes_of(const union address *a, uint8_t *family)
{
	if (a->sa.sa_family == AF_INET) {
		*family = AF_INET;
		return (const uint8_t *)&a->in.sin_addr;
	}
	if (a->sa.sa_family != AF_INET6)
		return NULL;
	if (IN6_IS_ADDR_V4MAPPED(&a->in6.sin6_addr)) {
		*family = AF_INET;
		return a->in6.sin6_addr.s6_addr + 12;
	}
	*family = AF_INET6;
	return a->in6.sin6_addr.s6_addr;
}

static bool may_peer(const struct profile *p, const union address *peer)
{
	uint8_t family;
	const uint8_t *addr = bytes_of(peer, &family);

	if (!addr)
		return false;
	for (size_t i = 0; i < p->n_peers; i++)
		if (p->peers[i].family == family &&
		    same_bits(addr, p->peers[i].addr, p->peers[i].bits))
			return true;
	return !p->n_peers;
}

/* "*.example.org" stands for one more label. Both are normalised. */
static bool name_fits(const char *pattern, const char *name)
{
	const char *dot;

	if (pattern[0] != '*' || pattern[1] != '.')
		return !strcmp(pattern, name);
	dot = strchr(name, '.');
	return dot && dot != name && !strcmp(pattern + 1, dot);
}

static bool may_name(const struct profile *p, const struct handshake_request *r)
{
	if (r->role != DTLS_ROLE_CLIENT || !*r->server_name || !p->peer_names.n)
		return true;
	for (size_t i = 0; i < p->peer_names.n; i++)
		if (name_fits(p->peer_names.v[i], r->server_name))
			return true;
	return false;
}

/* RFC 5705 section 4: these would tell keys of the handshake itself. */
static bool reserved_label(const char *label)
{
	static const char *const reserved[] = {
		"client finished", "server finished", "master secret",
		"extended master secret", "key expansion",
	};

	for (size_t i = 0; i < ARRAY_SIZE(reserved); i++)
		if (!strcmp(label, reserved[i]))
			return true;
	return false;
}

static int deny(char reason[MAX_REASON], int status, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static int deny(char reason[MAX_REASON], int status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(reason, MAX_REASON, fmt, ap);
	va_end(ap);
	return status;
}

int policy_check(const struct config *config, struct handshake_request *r,
		 char reason[MAX_REASON])
{
	const struct profile *p = config_profile(config, r->profile);
	const char *why;

	if (!p)
		return deny(reason, EACCES, "there is no [profile %s]",
			    *r->profile ? r->profile : "default");
	if (!may_user(p, r->uid))
		return deny(reason, EACCES, "uid %u may not use [profile %s]", r->uid, p->name);
	if (r->role > DTLS_ROLE_SERVER || !(p->roles & ROLE_BIT(r->role)))
		return deny(reason, EACCES, "[profile %s] is not for a %s", p->name,
			    r->role == DTLS_ROLE_SERVER ? "server" : "client");
	if (!may_peer(p, &r->peer))
		return deny(reason, EACCES, "[profile %s] is not for this peer", p->name);
	why = *r->server_name ? name_normalise(r->server_name, r->server_name) : NULL;
	if (why)
		return deny(reason, EINVAL, "\"%.200s\" is no server's name: %s",
			    r->server_name, why);
	if (!may_name(p, r))
		return deny(reason, EACCES,
			    "[profile %s] is not for a server of this name",
			    p->name);
	if (reserved_label(r->exporter_label))
		return deny(reason, EINVAL, "the exporter label is reserved (RFC 5705 section 4)");
	return 0;
}
