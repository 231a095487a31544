/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Round robin between users for the daemon's attention: one item of a user, then
 * one of the next. An item embeds a kdtls_turn; a ring holds the first item of
 * each user. No memory is allocated, so queueing never fails. The lock of the
 * ring's owner guards all of it.
 */
#ifndef KDTLS_TURNS_H
#define KDTLS_TURNS_H

#include <linux/list.h>
#include <linux/types.h>
#include <linux/uidgid.h>

struct kdtls_turn {
	struct list_head	users;	/* in the ring, if first of its user */
	struct list_head	same;	/* others of this user; has no head */
	kuid_t			uid;
};

void kdtls_turn_init(struct kdtls_turn *turn, kuid_t uid);
bool kdtls_turn_waits(const struct kdtls_turn *turn);
/* Last of its user. A walk over the users that have something waiting. */
void kdtls_turn_add(struct kdtls_turn *turn, struct list_head *ring);
/* Next of all: it was taken, and could not be used. */
void kdtls_turn_return(struct kdtls_turn *turn, struct list_head *ring);
/* Waits no longer, if it did. */
void kdtls_turn_leave(struct kdtls_turn *turn);
/* It is served: if it was the turn of its user, the others wait longest now. */
void kdtls_turn_serve(struct kdtls_turn *turn, struct list_head *ring);
/* Serves the next and returns it, or NULL. */
struct kdtls_turn *kdtls_turn_take(struct list_head *ring);

#endif /* KDTLS_TURNS_H */
