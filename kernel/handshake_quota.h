/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How many handshakes are in flight: per user, per listening socket and per
 * network namespace. What sockets ask for and what clients of listening sockets
 * bring has each its own bounds, so that neither takes room from the other.
 * Constant time. All of it under the lock of the namespace's handshakes.
 */
#ifndef KDTLS_HANDSHAKE_QUOTA_H
#define KDTLS_HANDSHAKE_QUOTA_H

#include <linux/list.h>
#include <linux/types.h>
#include <linux/uidgid.h>

#define KDTLS_QUOTA_HEADS	128

enum kdtls_quota_kind {
	KDTLS_QUOTA_REQUESTED,		/* by a connected socket */
	KDTLS_QUOTA_ADMITTED,		/* a client of a listening socket */
	KDTLS_QUOTA_KINDS
};

struct kdtls_quota {
	unsigned int		in_flight[KDTLS_QUOTA_KINDS];
	size_t			bytes;
	struct hlist_head	holders[KDTLS_QUOTA_HEADS];
};

struct kdtls_quota_holder;

/* The places of one handshake. */
struct kdtls_quota_share {
	struct kdtls_quota_holder *user;
	struct kdtls_quota_holder *listener;
	enum kdtls_quota_kind	kind;
};

void kdtls_quota_init(struct kdtls_quota *quota);
/*
 * listener: the id of a listening socket, or 0. False: one of them has as many
 * as it may, or there is no memory; nothing was taken. Does not sleep.
 */
bool kdtls_quota_take(struct kdtls_quota *quota, kuid_t uid, u64 listener,
		      struct kdtls_quota_share *share);
/* Once for each share that was taken. */
void kdtls_quota_give(struct kdtls_quota *quota,
		      struct kdtls_quota_share *share);

/* Bytes that wait for a daemon, of a share that is not given back yet. */
void kdtls_quota_charge(struct kdtls_quota *quota,
			const struct kdtls_quota_share *share, size_t bytes);
void kdtls_quota_uncharge(struct kdtls_quota *quota,
			  const struct kdtls_quota_share *share, size_t bytes);
/* Is it more than the user, or all of them together, may have? */
bool kdtls_quota_excess(const struct kdtls_quota *quota,
			const struct kdtls_quota_share *share);

#endif /* KDTLS_HANDSHAKE_QUOTA_H */
