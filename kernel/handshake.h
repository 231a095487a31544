/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Handshakes that a daemon runs for a socket: waiting, accepted by a netlink
 * port, over. Bounded: handshake_quota.h.
 *
 * References: while it is not over, its association points to it and it is on
 * the list of its namespace, which counts as one; its timer holds another. It
 * holds its association, and that the socket, and that the namespace.
 */
#ifndef KDTLS_HANDSHAKE_H
#define KDTLS_HANDSHAKE_H

#include <linux/kdtls.h>
#include <linux/list.h>
#include <linux/netlink.h>
#include <linux/refcount.h>
#include <linux/types.h>
#include <linux/workqueue.h>

#include "mailbox.h"
#include "handshake_quota.h"
#include "turns.h"

struct kdtls_assoc;

/*
 * Start one for an association in state NONE (it is HANDSHAKE afterwards).
 * Process context, may sleep, socket lock not held. The request was checked.
 * -ESRCH: no daemon listens, in any namespace; -EAGAIN: too many in flight;
 * -ENOKEY: assoc->uid has no mapping; -EALREADY: one runs; -ENOMEM.
 */
int kdtls_handshake_start(struct kdtls_assoc *assoc,
			  const struct dtls_request *request);
/*
 * One for a client of a listening socket, in state ACCEPTING for this port; a
 * reference. Errors as above.
 */
struct kdtls_handshake *kdtls_handshake_admit(struct kdtls_assoc *assoc,
					      const struct dtls_request *request,
					      u32 portid);
/*
 * A datagram, or the records of one, from the peer while the handshake runs.
 * Handed to the daemon, kept while none has accepted (bounded), or dropped.
 * Process context. The checksum was verified.
 */
void kdtls_handshake_datagram(struct kdtls_assoc *assoc, const void *data,
			      size_t len);
/*
 * The socket is closing or the association ended (positive errno): notifies the
 * daemon and drops the handshake. Process context, no lock held. Does not change
 * the state of the association.
 */
void kdtls_handshake_cancel(struct kdtls_assoc *assoc, int error);

/* What follows is between handshake.c, handshake_netlink.c and netlink.c. */

enum kdtls_handshake_state {
	KDTLS_HANDSHAKE_NEW,		/* on the list, not announced */
	KDTLS_HANDSHAKE_PENDING,	/* waits for a daemon */
	KDTLS_HANDSHAKE_ACCEPTING,	/* the reply to `accept` is being sent */
	KDTLS_HANDSHAKE_ACCEPTED,
	KDTLS_HANDSHAKE_OVER,
};

struct kdtls_handshake {
	refcount_t		refs;
	struct kdtls_assoc	*assoc;
	unsigned long		deadline;	/* jiffies */
	struct delayed_work	timer;
	struct dtls_request	request;

	/* under the lock of the namespace's table */
	enum kdtls_handshake_state state;
	u32			portid;		/* from ACCEPTING on */
	struct list_head	list;
	/* PENDING: for a daemon; ACCEPTED: with datagrams for a port that asks */
	struct kdtls_turn	turn;
	struct kdtls_quota_share share;		/* while on the list, then: */
	struct kdtls_farewell	*farewell;	/* NULL: it waits for the port */
	struct list_head	waiting;	/* datagrams */
	unsigned int		waiting_count;
	size_t			waiting_bytes;
	unsigned long		second;		/* jiffies, when it began; */
	unsigned int		bytes;		/* handed over in it */
};

struct kdtls_waiting {
	struct list_head	list;
	size_t			len;
	u8			data[];
};

/* One thing for a port: a datagram of a handshake, or a farewell. */
struct kdtls_mail {
	struct kdtls_handshake	*handshake;
	struct kdtls_waiting	*datagram;
	struct kdtls_farewell	*farewell;
};

void kdtls_handshake_put(struct kdtls_handshake *handshake);

/*
 * Binds the oldest of the user that has its turn (id 0), or a certain one, to the
 * port, and returns a reference. ERR_PTR with extack: -EAGAIN: none waits; -ENOENT: no such
 * handshake; -EBUSY: another port has it; -ENOKEY: its user is not known in ns.
 */
struct kdtls_handshake *kdtls_handshake_accept(struct net *net, u64 id,
					       u32 portid,
					       struct user_namespace *ns,
					       struct netlink_ext_ack *extack);
/* The reply could not be sent: the handshake is pending again. */
void kdtls_handshake_unaccept(struct kdtls_handshake *handshake);
/* The reply was sent: delivers the datagrams that waited. May sleep. */
void kdtls_handshake_accepted(struct kdtls_handshake *handshake);

/*
 * The handshake that this port has accepted, a reference. ERR_PTR with extack:
 * -ENOENT: there is none; -EPERM: it is not this port's.
 */
struct kdtls_handshake *kdtls_handshake_of_port(struct net *net, u64 id,
						u32 portid,
						struct netlink_ext_ack *extack);
/* Ends it; true for the one caller that did. Process context. */
bool kdtls_handshake_over(struct kdtls_handshake *handshake);
/* Ends it and fails its association with this positive errno. */
void kdtls_handshake_fail(struct kdtls_handshake *handshake, int error);
/*
 * What waits for this port, and is sent to it no more from now on. -EAGAIN:
 * nothing; -ENOMEM. Whatever came of it, kdtls_mail_end() follows on success.
 */
int kdtls_handshake_next(struct net *net, u32 portid, struct kdtls_mail *mail);
/* err: the port could not hear of it. */
void kdtls_mail_end(struct net *net, u32 portid, struct kdtls_mail *mail,
		    int err);
/* Tickets go to this port, until it is closed or another one wants them. */
void kdtls_handshake_tickets_to(struct net *net, u32 portid);
/* ... or 0. */
u32 kdtls_handshake_ticket_port(struct net *net);
/* A netlink socket was closed. */
void kdtls_handshake_port_closed(struct net *net, u32 portid);

/* Timers of handshakes and flights. */
extern struct workqueue_struct *kdtls_control_wq;

int __init kdtls_handshake_init(void);	/* called by kdtls_netlink_init */
void kdtls_handshake_exit(void);

#endif /* KDTLS_HANDSHAKE_H */
