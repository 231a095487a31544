/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What an association needs to change its keys (RFC 9147 section 8): the traffic
 * secrets of both directions, and which messages were sent and received. It is there
 * from DTLS_KEYS with a traffic secret until the association is freed; its secrets
 * are wiped when the association ends.
 */
#ifndef KDTLS_KEY_UPDATE_H
#define KDTLS_KEY_UPDATE_H

#include <linux/mutex.h>
#include <linux/types.h>
#include <linux/workqueue.h>

#include "assoc.h"
#include "ticket.h"
#include "record/dtls13/flight13.h"
#include "record/dtls13/handshake13.h"

/*
 * A KeyUpdate is sent so often at most, then the event says that it was not
 * acknowledged. RFC 9147 section 5.8.2: after a second, then twice as long each
 * time, but not longer than a minute: in all about five minutes.
 */
#define KDTLS_UPDATE_TRIES	10

/* In jiffies, behind so many tries: RFC 9147 section 5.8.2. */
static inline unsigned long kdtls_pause_after(unsigned int tries)
{
	return min(HZ << (tries - 1), 60 * HZ);
}

/* Receiving: update_rx.c. */
struct kdtls_update_rx {
	u8			secret[DTLS_MAX_KEY];	/* of assoc->rx_epoch */
	struct dtls13_inbound	inbound;
	bool			asked;		/* a KeyUpdate waits for apply */
	u8			request;	/* what it says */
	struct dtls13_number	number;		/* of its record */
	unsigned long		earliest;	/* jiffies: not before is it applied */
	struct delayed_work	apply;
	u64			confirmed;	/* the peer uses this epoch */
	struct delayed_work	forget;		/* those before it */
};

/* Sending: update_tx.c. */
struct kdtls_update_tx {
	u8			secret[DTLS_MAX_KEY];	/* of assoc->tx_epoch */
	u8			next_secret[DTLS_MAX_KEY];	/* of next */
	struct kdtls_epoch	*next;		/* until its ACK comes; or NULL */
	u32			message_seq;	/* of the KeyUpdate, sent or next */
	u8			request;	/* what it says */
	bool			wanted;		/* the work is to send it (again) */
	bool			owed;		/* one more, behind this one */
	u8			owed_request;	/* what that is to say */
	unsigned int		tries;
	u64			sent[KDTLS_UPDATE_TRIES]; /* numbers of its records */
	struct delayed_work	again;
};

/* A client's last flight, or a server's tickets: flight13.c. */
struct kdtls_flight13 {
	struct kdtls_epoch	*epoch;		/* to send with; a client's from its keys on */
	struct dtls13_flight	*kept;		/* until all is acknowledged; or NULL */
	unsigned int		tries;
	bool			prompted;	/* an ACK of a part came: not a try */
	struct dtls13_piece	last;		/* of this try; zero: none yet */
	unsigned long		sent_at;	/* jiffies */
	struct delayed_work	again;
};

/* Limits of the keys in use: key_limit.c, limit_work.c. */
enum kdtls_reached {
	KDTLS_SEALED_NEAR,	/* records that this end seals */
	KDTLS_FAILED_NEAR,	/* records that did not authenticate */
	KDTLS_FAILED_OVER,
};

struct kdtls_key_update {
	/*
	 * Of all below to handshake_over. Process context. Work items hold it while they
	 * derive keys and send, which waits for no lock of a user's and for no charge to
	 * its cgroup; others allocate nothing under it.
	 */
	struct mutex		lock;
	struct kdtls_assoc	*assoc;		/* held while a work is pending */
	u32			given;		/* secrets, DTLS_KEYS_*; acquire without lock */
	bool			ended;
	struct kdtls_update_rx	rx;
	struct kdtls_update_tx	tx;
	struct kdtls_flight13	flight;
	struct kdtls_ticket	ticket;
	struct delayed_work	handshake_over;	/* of epoch 2: handshake_epoch.c */
	/* no lock */
	unsigned long		limits;		/* bits: enum kdtls_reached */
	struct work_struct	limit;
};

/*
 * A traffic secret of len bytes, of one direction (DTLS_KEYS_TX or DTLS_KEYS_RX), and
 * the next message_seq there. 0, -ENOMEM, -EALREADY (it was given), -EPIPE (ended).
 */
int kdtls_key_update_give(struct kdtls_assoc *assoc, u32 direction,
			  const u8 *secret, size_t len, u16 message_seq);
/* The association ends: nothing is sent or derived any more, secrets are wiped. */
void kdtls_key_update_end(struct kdtls_assoc *assoc);
/* With the association. Any context. */
void kdtls_key_update_free(struct kdtls_assoc *assoc);

/* NULL: not both directions have a traffic secret, so that their keys cannot change. */
static inline struct kdtls_key_update *
kdtls_key_update_of(const struct kdtls_assoc *assoc)
{
	struct kdtls_key_update *update = READ_ONCE(assoc->key_update);

	/* pairs with kdtls_key_update_give() */
	if (update && smp_load_acquire(&update->given) ==
		      (DTLS_KEYS_TX | DTLS_KEYS_RX))
		return update;
	return NULL;
}

/* Is an ACK expected? Lockless hint. */
static inline bool kdtls_key_update_waits(const struct kdtls_assoc *assoc)
{
	const struct kdtls_key_update *update = READ_ONCE(assoc->key_update);

	return update && (READ_ONCE(update->flight.kept) ||
			  (READ_ONCE(update->tx.next) &&
			   READ_ONCE(update->tx.tries) < KDTLS_UPDATE_TRIES));
}

/* Behind an end, and behind our own close_notify, nothing is sent. */
static inline bool kdtls_key_update_speaks(const struct kdtls_assoc *assoc)
{
	return kdtls_assoc_state(assoc) == DTLS_STATE_ESTABLISHED &&
	       !READ_ONCE(assoc->close_sent);
}

/*
 * A work of update in so many jiffies from now: one that was planned is moved. While it
 * is pending it holds the association. The caller holds update->lock, and has not
 * found it ended.
 */
void kdtls_key_update_plan(struct kdtls_key_update *update,
			   struct delayed_work *work, unsigned long delay);
/* Not any more. One that runs meanwhile finds that there is nothing to do. */
void kdtls_key_update_unplan(struct kdtls_key_update *update,
			     struct delayed_work *work);

#endif /* KDTLS_KEY_UPDATE_H */
