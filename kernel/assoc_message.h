/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KDTLS_ASSOC_MESSAGE_H
#define KDTLS_ASSOC_MESSAGE_H

#include <linux/types.h>

struct kdtls_assoc;
struct pid_namespace;
struct sk_buff;
struct user_namespace;
union kdtls_addr;

/* The namespaces in which a message is read. */
struct kdtls_netlink_ns {
	struct user_namespace	*users;
	struct pid_namespace	*pids;	/* NULL: not known */
};

/*
 * All of a message behind its header, hdr (NULL: there was no space for that);
 * uids and pids are as ns sees them. -EMSGSIZE: no space; it is cancelled.
 */
int kdtls_netlink_put_assoc(struct sk_buff *msg, struct kdtls_assoc *assoc,
			    const struct kdtls_netlink_ns *ns, void *hdr);
/*
 * Event to the group "events": cmd is KDTLS_CMD_ESTABLISHED and the like. For
 * kdtls_event(). Process context, no spinlock held.
 */
void kdtls_netlink_event(struct kdtls_assoc *assoc, u8 cmd);
/* The peer has another address, before that old_peer. Context as above. */
void kdtls_netlink_event_moved(struct kdtls_assoc *assoc,
			       const union kdtls_addr *old_peer);

#endif /* KDTLS_ASSOC_MESSAGE_H */
