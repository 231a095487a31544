// SPDX-License-Identifier: GPL-2.0
/*
 * Messages to dtls-handshaked: `handshake-wanted` to every daemon that listens,
 * all others to the netlink port that accepted the handshake.
 */
#include <net/genetlink.h>
#include <net/sock.h>

#include "assoc.h"
#include "daemon_message.h"
#include "netlink.h"
#include "netlink_attr.h"
#include "netlink_gen.h"

bool kdtls_daemon_listens(struct net *net)
{
	return genl_has_listeners(&kdtls_nl_family, net,
				  KDTLS_NLGRP_HANDSHAKES);
}

/* A message that begins with an id; *hdr to end it. */
static struct sk_buff *daemon_msg(u64 id, u8 cmd, size_t payload, void **hdr,
				  gfp_t gfp)
{
	struct sk_buff *msg;

	msg = genlmsg_new(nla_total_size(sizeof(u64)) + payload,
			  gfp | __GFP_NOWARN);
	if (!msg)
		return NULL;
	*hdr = genlmsg_put(msg, 0, 0, &kdtls_nl_family, 0, cmd);
	if (*hdr && !kdtls_netlink_put_u64(msg, KDTLS_A_HANDSHAKE_ID, id))
		return msg;
	nlmsg_free(msg);
	return NULL;
}

void kdtls_daemon_wanted(struct net *net, u64 id)
{
	struct sk_buff *msg;
	void *hdr;

	msg = daemon_msg(id, KDTLS_CMD_HANDSHAKE_WANTED, 0, &hdr,
			 GFP_KERNEL);
	if (!msg)
		return;
	genlmsg_end(msg, hdr);
	genlmsg_multicast_netns(&kdtls_nl_family, net, msg, 0,
				KDTLS_NLGRP_HANDSHAKES, GFP_KERNEL);
}

static int send_data(struct kdtls_assoc *assoc, u32 portid, u8 cmd,
		     const void *data, size_t len, gfp_t gfp)
{
	struct sk_buff *msg;
	void *hdr;

	msg = daemon_msg(assoc->id, cmd, nla_total_size(len), &hdr, gfp);
	if (!msg)
		return -ENOMEM;
	if (nla_put(msg, KDTLS_A_HANDSHAKE_DATA, len, data)) {
		nlmsg_free(msg);
		return -ENOMEM;
	}
	genlmsg_end(msg, hdr);
	return genlmsg_unicast(sock_net(assoc->sk), msg, portid);
}

int kdtls_daemon_datagram(struct kdtls_assoc *assoc, u32 portid,
			  const void *data, size_t len)
{
	return send_data(assoc, portid, KDTLS_CMD_DATAGRAM, data, len,
			 GFP_KERNEL);
}

/* Best effort, and without waiting: others may need what the caller holds. */
void kdtls_daemon_ticket(struct kdtls_assoc *assoc, u32 portid,
			 const void *fragment, size_t len)
{
	send_data(assoc, portid, KDTLS_CMD_TICKET, fragment, len, GFP_NOWAIT);
}

void kdtls_daemon_cancelled(struct kdtls_assoc *assoc, u32 portid, int error)
{
	struct sk_buff *msg;
	void *hdr;

	msg = daemon_msg(assoc->id, KDTLS_CMD_CANCELLED,
			 nla_total_size(sizeof(u32)), &hdr, GFP_KERNEL);
	if (!msg)
		return;
	if (nla_put_u32(msg, KDTLS_A_HANDSHAKE_STATUS, error)) {
		nlmsg_free(msg);
		return;
	}
	genlmsg_end(msg, hdr);
	genlmsg_unicast(sock_net(assoc->sk), msg, portid);
}

/* Best effort: netlink reports ENOBUFS to a port whose queue is full. */
void kdtls_daemon_waiting(struct kdtls_assoc *assoc, u32 portid)
{
	struct sk_buff *msg;
	void *hdr;

	msg = daemon_msg(assoc->id, KDTLS_CMD_WAITING, 0, &hdr, GFP_KERNEL);
	if (!msg)
		return;
	genlmsg_end(msg, hdr);
	genlmsg_unicast(sock_net(assoc->sk), msg, portid);
}
