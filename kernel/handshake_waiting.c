// SPDX-License-Identifier: GPL-2.0
/*
 * Datagrams of the peer on their way to the daemon: they wait until a port has accepted
 * the handshake, and until one that asks has asked; bounded for each handshake, each
 * user and in all, and in the bytes that a daemon gets in a second.
 */
#include <linux/list.h>

#include "assoc.h"
#include "charge.h"
#include "daemon_message.h"
#include "handshake.h"
#include "handshake_quota.h"
#include "handshake_table.h"
#include "mailbox.h"
#include "socket.h"
#include "stats.h"
#include "turns.h"

/* Datagrams of one handshake that wait. */
struct kdtls_bound {
	unsigned int		count;
	size_t			bytes;
};

/* before it is accepted */
static const struct kdtls_bound kdtls_bound_early = { 8, 16384 };
/* until the port asks: flights of 16 KB of certificates in small datagrams */
static const struct kdtls_bound kdtls_bound_asked = { 64, 65536 };

#define KDTLS_BYTES_A_SECOND	65536	/* that a daemon gets of one peer */
#define KDTLS_LEAST_BYTES	512	/* as which a smaller datagram counts */

void kdtls_waiting_free(struct list_head *waiting)
{
	struct kdtls_waiting *w, *next;

	list_for_each_entry_safe(w, next, waiting, list)
		kdtls_free(w);
	INIT_LIST_HEAD(waiting);
}

static struct kdtls_waiting *waiting_first(struct kdtls_handshake *handshake)
{
	return list_first_entry_or_null(&handshake->waiting,
					struct kdtls_waiting, list);
}

static size_t waiting_size(const struct kdtls_waiting *w)
{
	return struct_size(w, data, w->len);
}

struct kdtls_waiting *kdtls_waiting_take(struct kdtls_handshake *handshake)
{
	struct kdtls_handshake_net *hn = kdtls_handshake_table(handshake);
	struct kdtls_waiting *w = waiting_first(handshake);

	lockdep_assert_held(&hn->lock);
	if (w) {
		list_del(&w->list);
		handshake->waiting_count--;
		handshake->waiting_bytes -= waiting_size(w);
		kdtls_quota_uncharge(&hn->quota, &handshake->share,
				     waiting_size(w));
	}
	return w;
}

static bool waiting_excess(const struct kdtls_handshake *handshake,
			   const struct kdtls_bound *bound)
{
	const struct kdtls_handshake_net *hn = kdtls_handshake_table(handshake);

	return handshake->waiting_count > bound->count ||
	       handshake->waiting_bytes > bound->bytes ||
	       kdtls_quota_excess(&hn->quota, &handshake->share);
}

/* Old datagrams make room, for the peer has sent them again. */
static void waiting_add(struct kdtls_handshake *handshake,
			struct kdtls_waiting *w,
			const struct kdtls_bound *bound, struct list_head *out)
{
	struct kdtls_handshake_net *hn = kdtls_handshake_table(handshake);

	lockdep_assert_held(&hn->lock);
	list_add_tail(&w->list, &handshake->waiting);
	handshake->waiting_count++;
	handshake->waiting_bytes += waiting_size(w);
	kdtls_quota_charge(&hn->quota, &handshake->share,
			   waiting_size(w));
	while (handshake->waiting_count &&
	       waiting_excess(handshake, bound))
		list_add_tail(&kdtls_waiting_take(handshake)->list, out);
}

static void waiting_drop(struct kdtls_assoc *assoc, struct list_head *dropped)
{
	struct kdtls_waiting *w;

	list_for_each_entry(w, dropped, list)
		kdtls_drop(sock_net(assoc->sk), assoc, DTLS_DROP_QUEUE);
	kdtls_waiting_free(dropped);
}

/* Rate limit per handshake, so that one does not delay the others. */
static bool handshake_modest(struct kdtls_handshake *handshake, size_t len)
{
	len = max_t(size_t, len, KDTLS_LEAST_BYTES);
	if (time_after_eq(jiffies, handshake->second + HZ)) {
		handshake->second = jiffies;
		handshake->bytes = 0;
	}
	if (len > KDTLS_BYTES_A_SECOND - handshake->bytes)
		return false;
	handshake->bytes += len;
	return true;
}

/* It waits until its port asks, or is sent to that. */
static void handshake_post(struct kdtls_handshake *handshake,
			   struct kdtls_waiting *w, struct list_head *dropped,
			   struct kdtls_news *news)
{
	struct kdtls_mailbox *box = kdtls_handshake_box(handshake);

	if (!box) {
		news->send = handshake->portid;
		return;
	}
	waiting_add(handshake, w, &kdtls_bound_asked, dropped);
	if (handshake->waiting_count)
		news->wake = kdtls_mailbox_add(box, &handshake->turn);
	else
		kdtls_turn_leave(&handshake->turn);
}

/* Unless news says where it is to be sent, the datagram is the handshake's. */
static void handshake_wait(struct kdtls_handshake *handshake,
			   struct kdtls_waiting *w, struct kdtls_news *news)
{
	struct kdtls_handshake_net *hn = kdtls_handshake_table(handshake);
	LIST_HEAD(dropped);

	spin_lock(&hn->lock);
	if (handshake->state < KDTLS_HANDSHAKE_ACCEPTED)
		waiting_add(handshake, w, &kdtls_bound_early, &dropped);
	else if (handshake->state == KDTLS_HANDSHAKE_ACCEPTED &&
		 handshake_modest(handshake, w->len))
		handshake_post(handshake, w, &dropped, news);
	else
		list_add(&w->list, &dropped);
	spin_unlock(&hn->lock);
	waiting_drop(handshake->assoc, &dropped);
}

void kdtls_handshake_wake(const struct kdtls_handshake *handshake, u32 portid)
{
	if (portid)
		kdtls_daemon_waiting(handshake->assoc, portid);
}

static void handshake_deliver(struct kdtls_handshake *handshake, u32 portid,
			      const struct kdtls_waiting *w)
{
	struct kdtls_assoc *assoc = handshake->assoc;

	switch (kdtls_daemon_datagram(assoc, portid, w->data, w->len)) {
	case 0:
		break;
	case -ECONNREFUSED:
		kdtls_handshake_fail(handshake, ECONNABORTED);
		break;
	case -ENOMEM:
		kdtls_drop(sock_net(assoc->sk), assoc, DTLS_DROP_NOMEM);
		break;
	default:
		kdtls_drop(sock_net(assoc->sk), assoc, DTLS_DROP_QUEUE);
	}
}

static struct kdtls_waiting *waiting_create(struct kdtls_assoc *assoc,
					    const void *data, size_t len)
{
	struct kdtls_waiting *w;

	w = kdtls_alloc(assoc->sk, struct_size(w, data, len));
	if (w) {
		w->len = len;
		memcpy(w->data, data, len);
	}
	return w;
}

void kdtls_handshake_datagram(struct kdtls_assoc *assoc, const void *data,
			      size_t len)
{
	struct kdtls_handshake *handshake = kdtls_handshake_get(assoc);
	struct kdtls_news news = {};
	struct kdtls_waiting *w;

	if (!handshake) {
		kdtls_drop(sock_net(assoc->sk), assoc, DTLS_DROP_QUEUE);
		return;
	}
	w = waiting_create(assoc, data, len);
	if (!w) {
		kdtls_drop(sock_net(assoc->sk), assoc, DTLS_DROP_NOMEM);
	} else {
		handshake_wait(handshake, w, &news);
		if (news.send) {
			handshake_deliver(handshake, news.send, w);
			kdtls_free(w);
		}
		kdtls_handshake_wake(handshake, news.wake);
	}
	kdtls_handshake_put(handshake);
}

/* Its port asks for what waited. False: it has to be sent. */
static bool handshake_asked(struct kdtls_handshake *handshake,
			    struct kdtls_news *news)
{
	struct kdtls_mailbox *box = kdtls_handshake_box(handshake);

	if (!box)
		return false;
	handshake->state = KDTLS_HANDSHAKE_ACCEPTED;
	if (handshake->waiting_count)
		news->wake = kdtls_mailbox_add(box, &handshake->turn);
	return true;
}

/* The next that waited; when none is left, later ones need not wait. */
static struct kdtls_waiting *handshake_waited(struct kdtls_handshake *handshake,
					      struct kdtls_news *news)
{
	struct kdtls_handshake_net *hn = kdtls_handshake_table(handshake);
	struct kdtls_waiting *w = NULL;

	spin_lock(&hn->lock);
	if (handshake->state == KDTLS_HANDSHAKE_ACCEPTING &&
	    !handshake_asked(handshake, news)) {
		news->send = handshake->portid;
		w = kdtls_waiting_take(handshake);
		if (!w)
			handshake->state = KDTLS_HANDSHAKE_ACCEPTED;
	}
	spin_unlock(&hn->lock);
	return w;
}

void kdtls_handshake_accepted(struct kdtls_handshake *handshake)
{
	struct kdtls_news news = {};
	struct kdtls_waiting *w;

	while ((w = handshake_waited(handshake, &news))) {
		handshake_deliver(handshake, news.send, w);
		kdtls_free(w);
	}
	kdtls_handshake_wake(handshake, news.wake);
}
