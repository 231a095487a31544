// SPDX-License-Identifier: GPL-2.0
/*
 * Netlink ports of daemons: one accepts a handshake, asks for what waits for it, and
 * is closed.
 */
#include <linux/list.h>
#include <linux/user_namespace.h>

#include "assoc.h"
#include "assoc_state.h"
#include "charge.h"
#include "handshake.h"
#include "handshake_quota.h"
#include "handshake_table.h"
#include "mailbox.h"
#include "socket.h"
#include "stats.h"
#include "turns.h"

static int check_acceptable(const struct kdtls_handshake *handshake,
			    struct user_namespace *ns,
			    struct netlink_ext_ack *extack)
{
	switch (handshake->state) {
	case KDTLS_HANDSHAKE_PENDING:
		if (kuid_has_mapping(ns, handshake->assoc->uid))
			return 0;
		NL_SET_ERR_MSG(extack,
			       "who asks has no uid in your user namespace");
		return -ENOKEY;
	case KDTLS_HANDSHAKE_ACCEPTING:
	case KDTLS_HANDSHAKE_ACCEPTED:
		NL_SET_ERR_MSG(extack, "the handshake was accepted already");
		return -EBUSY;
	default:
		NL_SET_ERR_MSG(extack, "no handshake waits with this id");
		return -ENOENT;
	}
}

static void handshake_bind(struct kdtls_handshake_net *hn,
			   struct kdtls_handshake *handshake, u32 portid)
{
	lockdep_assert_held(&hn->lock);
	kdtls_turn_serve(&handshake->turn, &hn->pending);
	handshake->state = KDTLS_HANDSHAKE_ACCEPTING;
	handshake->portid = portid;
	refcount_inc(&handshake->refs);
}

static struct kdtls_handshake *
handshake_accept_next(struct net *net, u32 portid, struct user_namespace *ns,
		      struct netlink_ext_ack *extack)
{
	struct kdtls_handshake_net *hn = kdtls_handshakes_of(net);
	struct kdtls_handshake *handshake;

	spin_lock(&hn->lock);
	hn->hints = 0;
	/* only the first of each user is looked at: the others have its uid */
	list_for_each_entry(handshake, &hn->pending, turn.users) {
		if (check_acceptable(handshake, ns, NULL))
			continue;
		handshake_bind(hn, handshake, portid);
		spin_unlock(&hn->lock);
		return handshake;
	}
	spin_unlock(&hn->lock);
	NL_SET_ERR_MSG(extack, "no handshake waits");
	return ERR_PTR(-EAGAIN);
}

/* A reference to the handshake of this association, or -ENOENT. */
static struct kdtls_handshake *
handshake_by_id(struct net *net, u64 id, struct netlink_ext_ack *extack)
{
	struct kdtls_assoc *assoc = kdtls_assoc_by_id(net, id);
	struct kdtls_handshake *handshake;

	if (!assoc) {
		NL_SET_ERR_MSG(extack, "no association has this id");
		return ERR_PTR(-ENOENT);
	}
	handshake = kdtls_handshake_get(assoc);
	kdtls_assoc_put(assoc);
	if (!handshake) {
		NL_SET_ERR_MSG(extack, "the association has no handshake");
		return ERR_PTR(-ENOENT);
	}
	return handshake;
}

static struct kdtls_handshake *
handshake_accept_id(struct net *net, u64 id, u32 portid,
		    struct user_namespace *ns, struct netlink_ext_ack *extack)
{
	struct kdtls_handshake_net *hn = kdtls_handshakes_of(net);
	struct kdtls_handshake *handshake;
	int err;

	handshake = handshake_by_id(net, id, extack);
	if (IS_ERR(handshake))
		return handshake;
	spin_lock(&hn->lock);
	hn->hints = 0;
	err = check_acceptable(handshake, ns, extack);
	if (!err)
		handshake_bind(hn, handshake, portid);
	spin_unlock(&hn->lock);
	kdtls_handshake_put(handshake);
	return err ? ERR_PTR(err) : handshake;
}

struct kdtls_handshake *kdtls_handshake_accept(struct net *net, u64 id,
					       u32 portid,
					       struct user_namespace *ns,
					       struct netlink_ext_ack *extack)
{
	if (id)
		return handshake_accept_id(net, id, portid, ns, extack);
	return handshake_accept_next(net, portid, ns, extack);
}

void kdtls_handshake_unaccept(struct kdtls_handshake *handshake)
{
	struct kdtls_handshake_net *hn = kdtls_handshake_table(handshake);

	spin_lock(&hn->lock);
	if (handshake->state == KDTLS_HANDSHAKE_ACCEPTING) {
		handshake->state = KDTLS_HANDSHAKE_PENDING;
		handshake->portid = 0;
		kdtls_turn_return(&handshake->turn, &hn->pending);
	}
	spin_unlock(&hn->lock);
}

struct kdtls_handshake *kdtls_handshake_of_port(struct net *net, u64 id,
						u32 portid,
						struct netlink_ext_ack *extack)
{
	struct kdtls_handshake_net *hn = kdtls_handshakes_of(net);
	struct kdtls_handshake *handshake;
	bool mine;

	handshake = handshake_by_id(net, id, extack);
	if (IS_ERR(handshake))
		return handshake;
	spin_lock(&hn->lock);
	mine = handshake->portid == portid &&
	       handshake->state != KDTLS_HANDSHAKE_OVER;
	spin_unlock(&hn->lock);
	if (mine)
		return handshake;
	kdtls_handshake_put(handshake);
	NL_SET_ERR_MSG(extack, "this netlink socket did not accept the handshake");
	return ERR_PTR(-EPERM);
}

static struct kdtls_handshake *handshake_first_of_port(struct net *net,
						       u32 portid)
{
	struct kdtls_handshake_net *hn = kdtls_handshakes_of(net);
	struct kdtls_handshake *handshake;

	spin_lock(&hn->lock);
	list_for_each_entry(handshake, &hn->all, list) {
		if (handshake->portid != portid)
			continue;
		refcount_inc(&handshake->refs);
		spin_unlock(&hn->lock);
		return handshake;
	}
	spin_unlock(&hn->lock);
	return NULL;
}

static void box_close(struct net *net, u32 portid)
{
	struct kdtls_handshake_net *hn = kdtls_handshakes_of(net);
	struct kdtls_mailbox *box;

	spin_lock(&hn->lock);
	box = kdtls_mailbox_of(&hn->boxes, portid);
	if (box) {
		list_del(&box->list);
		kdtls_mailbox_free(box, &hn->quota);
	}
	spin_unlock(&hn->lock);
}

void kdtls_handshake_tickets_to(struct net *net, u32 portid)
{
	struct kdtls_handshake_net *hn = kdtls_handshakes_of(net);

	spin_lock(&hn->lock);
	WRITE_ONCE(hn->ticket_port, portid);
	spin_unlock(&hn->lock);
}

u32 kdtls_handshake_ticket_port(struct net *net)
{
	return READ_ONCE(kdtls_handshakes_of(net)->ticket_port);
}

static void tickets_end(struct net *net, u32 portid)
{
	struct kdtls_handshake_net *hn = kdtls_handshakes_of(net);

	spin_lock(&hn->lock);
	if (hn->ticket_port == portid)
		WRITE_ONCE(hn->ticket_port, 0);
	spin_unlock(&hn->lock);
}

void kdtls_handshake_port_closed(struct net *net, u32 portid)
{
	struct kdtls_handshake *handshake;

	/* A failed handshake leaves the list, so this ends. */
	while ((handshake = handshake_first_of_port(net, portid))) {
		if (kdtls_handshake_over(handshake))
			kdtls_assoc_fail(handshake->assoc, ECONNABORTED);
		kdtls_handshake_put(handshake);
	}
	box_close(net, portid);
	tickets_end(net, portid);
}

/* What a port asks for */

/* Makes the port one that asks. */
static int box_open(struct net *net, u32 portid)
{
	struct kdtls_handshake_net *hn = kdtls_handshakes_of(net);
	struct kdtls_mailbox *fresh, *box;

	spin_lock(&hn->lock);
	box = kdtls_mailbox_of(&hn->boxes, portid);
	spin_unlock(&hn->lock);
	if (box)
		return 0;
	fresh = kdtls_mailbox_create(portid);
	if (!fresh)
		return -ENOMEM;
	spin_lock(&hn->lock);
	box = kdtls_mailbox_of(&hn->boxes, portid);
	if (!box)
		list_add_tail(&fresh->list, &hn->boxes);
	spin_unlock(&hn->lock);
	if (box)	/* two threads ask with one socket */
		kdtls_mailbox_free(fresh, NULL);
	return 0;
}

/* A datagram of the handshake that has its turn. */
static void mail_read(struct kdtls_handshake_net *hn, struct kdtls_mailbox *box,
		      struct kdtls_turn *turn, struct kdtls_mail *mail)
{
	lockdep_assert_held(&hn->lock);
	mail->handshake = container_of(turn, struct kdtls_handshake, turn);
	refcount_inc(&mail->handshake->refs);
	mail->datagram = kdtls_waiting_take(mail->handshake);
	if (mail->handshake->waiting_count)
		kdtls_turn_add(turn, &box->handshakes);
}

int kdtls_handshake_next(struct net *net, u32 portid, struct kdtls_mail *mail)
{
	struct kdtls_handshake_net *hn = kdtls_handshakes_of(net);
	struct kdtls_mailbox *box;
	struct kdtls_turn *turn = NULL;
	int err = box_open(net, portid);

	if (err)
		return err;
	spin_lock(&hn->lock);
	box = kdtls_mailbox_of(&hn->boxes, portid);
	if (box)
		kdtls_mailbox_take(box, &turn, &mail->farewell);
	if (turn)
		mail_read(hn, box, turn, mail);
	spin_unlock(&hn->lock);
	return turn || mail->farewell ? 0 : -EAGAIN;
}

/* The daemon does not know yet: it is next again. */
static bool farewell_return(struct kdtls_handshake_net *hn, u32 portid,
			    struct kdtls_farewell *farewell)
{
	struct kdtls_mailbox *box = kdtls_mailbox_of(&hn->boxes, portid);

	lockdep_assert_held(&hn->lock);
	if (box)
		kdtls_turn_return(&farewell->turn, &box->ends);
	return box;
}

static void farewell_end(struct net *net, u32 portid,
			 struct kdtls_farewell *farewell, int err)
{
	struct kdtls_handshake_net *hn = kdtls_handshakes_of(net);

	spin_lock(&hn->lock);
	if (err && farewell_return(hn, portid, farewell))
		farewell = NULL;
	else
		kdtls_quota_give(&hn->quota, &farewell->share);
	spin_unlock(&hn->lock);
	kdtls_free(farewell);
}

void kdtls_mail_end(struct net *net, u32 portid, struct kdtls_mail *mail,
		    int err)
{
	if (mail->farewell)
		farewell_end(net, portid, mail->farewell, err);
	if (!mail->handshake)
		return;
	if (err)
		kdtls_drop(net, mail->handshake->assoc, DTLS_DROP_QUEUE);
	kdtls_free(mail->datagram);
	kdtls_handshake_put(mail->handshake);
}
