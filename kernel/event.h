/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Events of associations go to two places: to the netlink group, and to the
 * error queue of the socket if it has asked for them (DTLS_EVENTS).
 */
#ifndef KDTLS_EVENT_H
#define KDTLS_EVENT_H

#include <linux/atomic.h>
#include <linux/types.h>

#include <linux/kdtls.h>

struct kdtls_assoc;
struct kdtls_sock;
union kdtls_addr;

struct kdtls_events {
	u32		mask;		/* DTLS_EVENT_* that it wants */
	atomic_t	lost;		/* not reported yet */
};

/*
 * Queues an event: kind is one DTLS_EVENT_*, other the id of the replacement, or
 * 0. Process context; the caller holds assoc->event_lock.
 */
void kdtls_event(struct kdtls_assoc *assoc, u32 kind, enum dtls_reason reason,
		 u64 other);

/* From now on these. -EINVAL: there is no such event. */
int kdtls_events_choose(struct kdtls_sock *ks, u32 mask);

/* What was lost has an event of its own, if it fits. Any context. */
void kdtls_events_report_lost(struct kdtls_sock *ks);

/*
 * Its keys have been used for 7/8 of what they are good for, in this direction:
 * DTLS_REASON_SEALED or DTLS_REASON_FORGED. Process context.
 */
void kdtls_event_limit(struct kdtls_assoc *assoc, enum dtls_reason direction);
/*
 * Its sending keys have changed (DTLS_REASON_NONE), or could not: that is for the
 * socket only. Process context.
 */
void kdtls_event_updated(struct kdtls_assoc *assoc, enum dtls_reason reason);
/*
 * Its peer is at to now, and was at from (DTLS_REASON_NONE), or a record came from
 * there. For the socket only. False: it was lost. As kdtls_event().
 */
bool kdtls_event_moved(struct kdtls_assoc *assoc, enum dtls_reason reason,
		       const union kdtls_addr *to,
		       const union kdtls_addr *from);
/* Its receiving keys have changed: for netlink only. Process context. */
void kdtls_event_peer_updated(struct kdtls_assoc *assoc);

#endif /* KDTLS_EVENT_H */
