// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "name.h"
#include "policy.h"
#include "util.h"

static bool allows_user(const struct profile *p, uint32_t uid)
{
	for (size_t i = 0; i < p->n_uids; i++)
		if (p->uids[i] == uid)
			return true;
	return p->any_user;
}

static bool allows_version(const struct profile *p, const struct handshake_request *r)
{
	return (p->dtls12 && request_allows(r, DTLS_VERSION_1_2)) ||
	       (p->dtls13 && request_allows(r, DTLS_VERSION_1_3));
}

static bool same_bits(const uint8_t *a, const uint8_t *b, unsigned int bits)
{
	unsigned int bytes = bits / 8, rest = bits % 8;
	uint8_t mask = 0xff00 >> rest;

	if (memcmp(a, b, bytes))
		return false;
	return !rest || !((a[bytes] ^ b[bytes]) & mask);
}

/* The address bytes; of a v4-mapped address those of IPv4. */
static const uint8_t *get_address_bytes(const union address *a, uint8_t *family)
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

static bool allows_peer(const struct profile *p, const union address *peer)
{
	uint8_t family;
	const uint8_t *addr = get_address_bytes(peer, &family);

	if (!addr)
		return false;
	for (size_t i = 0; i < p->n_peers; i++)
		if (p->peers[i].family == family &&
		    same_bits(addr, p->peers[i].addr, p->peers[i].bits))
			return true;
	return !p->n_peers;
}

/* "*.example.org" matches one additional label. Both are normalised. */
static bool name_fits(const char *pattern, const char *name)
{
	const char *dot;

	if (pattern[0] != '*' || pattern[1] != '.')
		return !strcmp(pattern, name);
	dot = strchr(name, '.');
	return dot && dot != name && !strcmp(pattern + 1, dot);
}

static bool allows_name(const struct profile *p, const struct handshake_request *r)
{
	if (r->role != DTLS_ROLE_CLIENT || !*r->server_name || !p->peer_names.n)
		return true;
	for (size_t i = 0; i < p->peer_names.n; i++)
		if (name_fits(p->peer_names.v[i], r->server_name))
			return true;
	return false;
}

/* RFC 5705 section 4: these labels would export keys of the handshake itself. */
static bool is_reserved_label(const char *label)
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

static int deny_request(char reason[MAX_REASON], int status, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static int deny_request(char reason[MAX_REASON], int status, const char *fmt, ...)
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
		return deny_request(reason, EACCES, "there is no [profile %s]",
				    *r->profile ? r->profile : "default");
	if (!allows_user(p, r->uid))
		return deny_request(reason, EACCES,
				    "uid %u may not use [profile %s]", r->uid,
				    p->name);
	if (r->role > DTLS_ROLE_SERVER || !(p->roles & ROLE_BIT(r->role)))
		return deny_request(reason, EACCES, "[profile %s] is not for a %s",
				    p->name,
				    r->role == DTLS_ROLE_SERVER ? "server" : "client");
	if (!allows_version(p, r))
		return deny_request(reason, EOPNOTSUPP,
				    "[profile %s] is for DTLS %s, which is not between the versions of the program",
				    p->name, profile_versions(p));
	if (!allows_peer(p, &r->peer))
		return deny_request(reason, EACCES, "[profile %s] is not for this peer", p->name);
	why = *r->server_name ? name_normalise(r->server_name, r->server_name) : NULL;
	if (why)
		return deny_request(reason, EINVAL,
				    "\"%.200s\" is not a valid server name: %s",
				    r->server_name, why);
	if (!allows_name(p, r))
		return deny_request(reason, EACCES,
				    "[profile %s] is not for a server of this name",
				    p->name);
	if (is_reserved_label(r->exporter_label))
		return deny_request(reason, EINVAL,
				    "the exporter label is reserved (RFC 5705 section 4)");
	return 0;
}
