// SPDX-License-Identifier: GPL-2.0
#include <net/sock.h>

#include "assoc.h"
#include "daemon_message.h"
#include "handshake.h"
#include "key_update.h"
#include "ticket.h"

void kdtls_ticket_expect(struct kdtls_assoc *assoc, u32 portid)
{
	struct kdtls_key_update *update = kdtls_key_update_of(assoc);

	if (!update || assoc->role != DTLS_ROLE_CLIENT)
		return;
	kdtls_handshake_tickets_to(sock_net(assoc->sk), portid);
	mutex_lock(&update->lock);
	update->ticket.room = KDTLS_TICKET_MAX;
	update->ticket.fragments = KDTLS_TICKET_FRAGMENTS;
	update->ticket.end = jiffies + KDTLS_TICKET_WAIT;
	mutex_unlock(&update->lock);
}

/* What does not fit, or comes late, ends it: the next handshake is a full one. */
static bool takes(struct kdtls_ticket *ticket, size_t len)
{
	if (!ticket->fragments)
		return false;
	if (len > ticket->room || time_after(jiffies, ticket->end)) {
		ticket->fragments = 0;
		return false;
	}
	ticket->room -= len;
	ticket->fragments--;
	return true;
}

void kdtls_ticket_pass(struct kdtls_key_update *update,
		       const struct dtls_fragment *f, const u8 *fragment)
{
	size_t len = DTLS12_FRAGMENT_HEADER + f->len;
	u32 portid;

	lockdep_assert_held(&update->lock);
	if (!takes(&update->ticket, len))
		return;
	/* one ticket */
	if (f->offset + f->len == f->message)
		update->ticket.fragments = 0;
	portid = kdtls_handshake_ticket_port(sock_net(update->assoc->sk));
	if (portid)
		kdtls_daemon_ticket(update->assoc, portid, fragment, len);
}
