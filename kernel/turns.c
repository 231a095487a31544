// SPDX-License-Identifier: GPL-2.0
/* Turns at what waits for the daemon; turns.h. */
#include "turns.h"

static struct kdtls_turn *find_first(const struct list_head *ring, kuid_t uid)
{
	struct kdtls_turn *turn;

	list_for_each_entry(turn, ring, users)
		if (uid_eq(turn->uid, uid))
			return turn;
	return NULL;
}

void kdtls_turn_init(struct kdtls_turn *turn, kuid_t uid)
{
	INIT_LIST_HEAD(&turn->users);
	INIT_LIST_HEAD(&turn->same);
	turn->uid = uid;
}

bool kdtls_turn_waits(const struct kdtls_turn *turn)
{
	return !list_empty(&turn->users) || !list_empty(&turn->same);
}

void kdtls_turn_add(struct kdtls_turn *turn, struct list_head *ring)
{
	struct kdtls_turn *first = find_first(ring, turn->uid);

	if (first)
		list_add_tail(&turn->same, &first->same);
	else
		list_add_tail(&turn->users, ring);
}

void kdtls_turn_return(struct kdtls_turn *turn, struct list_head *ring)
{
	struct kdtls_turn *first = find_first(ring, turn->uid);

	if (first) {
		list_add_tail(&turn->same, &first->same);
		list_del_init(&first->users);
	}
	list_add(&turn->users, ring);
}

void kdtls_turn_leave(struct kdtls_turn *turn)
{
	struct kdtls_turn *next = list_next_entry(turn, same);

	if (next != turn && !list_empty(&turn->users))
		list_replace_init(&turn->users, &next->users);
	list_del_init(&turn->users);
	list_del_init(&turn->same);
}

void kdtls_turn_serve(struct kdtls_turn *turn, struct list_head *ring)
{
	struct kdtls_turn *next = list_next_entry(turn, same);
	bool first = !list_empty(&turn->users);

	kdtls_turn_leave(turn);
	if (first && next != turn)
		list_move_tail(&next->users, ring);
}

struct kdtls_turn *kdtls_turn_take(struct list_head *ring)
{
	struct kdtls_turn *turn;

	turn = list_first_entry_or_null(ring, struct kdtls_turn, users);
	if (turn)
		kdtls_turn_serve(turn, ring);
	return turn;
}
