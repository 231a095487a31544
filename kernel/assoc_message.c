// SPDX-License-Identifier: GPL-2.0
/* An association as a netlink message: for `get`, and for events. */
#include <linux/kdtls.h>
#include <net/genetlink.h>
#include <net/sock.h>

#include "address.h"
#include "assoc.h"
#include "assoc_message.h"
#include "assoc_status.h"
#include "epoch.h"
#include "netlink.h"
#include "netlink_attr.h"
#include "netlink_gen.h"
#include "owner.h"
#include "path_mtu.h"
#include "tun.h"

static int put_keys(struct sk_buff *msg, const struct kdtls_snapshot *snap)
{
	if (!snap->tx)
		return 0;
	if (nla_put_u16(msg, KDTLS_A_ASSOCIATION_VERSION, snap->version) ||
	    nla_put_u16(msg, KDTLS_A_ASSOCIATION_CIPHER, snap->cipher) ||
	    nla_put_string(msg, KDTLS_A_ASSOCIATION_DRIVER,
			   kdtls_epoch_driver(snap->tx)) ||
	    nla_put_u32(msg, KDTLS_A_ASSOCIATION_TX_CID_LEN,
			snap->tx->params.cid_len) ||
	    kdtls_netlink_put_u64(msg, KDTLS_A_ASSOCIATION_TX_EPOCH,
				  snap->tx_epoch) ||
	    kdtls_netlink_put_u64(msg, KDTLS_A_ASSOCIATION_RX_EPOCH,
				  snap->rx_epoch) ||
	    kdtls_netlink_put_u64(msg, KDTLS_A_ASSOCIATION_TX_SEQ,
				  snap->tx_seq) ||
	    kdtls_netlink_put_u64(msg, KDTLS_A_ASSOCIATION_RX_SEQ,
				  snap->rx_seq))
		return -EMSGSIZE;
	return 0;
}

static int put_state(struct sk_buff *msg, struct kdtls_assoc *assoc)
{
	struct kdtls_snapshot snap;
	int err;

	kdtls_snapshot_take(assoc, &snap);
	err = nla_put_u32(msg, KDTLS_A_ASSOCIATION_STATE, snap.state) ?:
	      nla_put_u32(msg, KDTLS_A_ASSOCIATION_ERROR, snap.error) ?:
	      put_keys(msg, &snap);
	kdtls_snapshot_put(&snap);
	return err;
}

static int put_counters(struct sk_buff *msg, struct kdtls_assoc *assoc)
{
	static const int attrs[KDTLS_DROPS] = {
		[KDTLS_TX_RECORDS]	= KDTLS_A_ASSOCIATION_TX_RECORDS,
		[KDTLS_TX_BYTES]	= KDTLS_A_ASSOCIATION_TX_BYTES,
		[KDTLS_RX_RECORDS]	= KDTLS_A_ASSOCIATION_RX_RECORDS,
		[KDTLS_RX_BYTES]	= KDTLS_A_ASSOCIATION_RX_BYTES,
	};
	u64 drops[DTLS_DROP_COUNT];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(attrs); i++)
		if (kdtls_netlink_put_u64(msg, attrs[i],
					  atomic64_read(&assoc->counters[i])))
			return -EMSGSIZE;
	for (i = 0; i < ARRAY_SIZE(drops); i++)
		drops[i] = atomic64_read(&assoc->counters[KDTLS_DROPS + i]);
	return nla_put(msg, KDTLS_A_ASSOCIATION_DROPS, sizeof(drops), drops);
}

static int put_tunnel(struct sk_buff *msg, struct kdtls_assoc *assoc)
{
	struct dtls_tun_stats stats = {};

	/* that of its socket may be of a successor */
	if (kdtls_tun_stats(READ_ONCE(assoc->ks), &stats) ||
	    stats.assoc != assoc->id)
		return 0;
	return nla_put(msg, KDTLS_A_ASSOCIATION_TUNNEL, sizeof(stats), &stats);
}

static int put_identity(struct sk_buff *msg, struct kdtls_assoc *assoc,
			const struct kdtls_netlink_ns *ns)
{
	union kdtls_addr remote;

	kdtls_assoc_remote(assoc, &remote);
	if (kdtls_netlink_put_u64(msg, KDTLS_A_ASSOCIATION_ID, assoc->id) ||
	    nla_put_u16(msg, KDTLS_A_ASSOCIATION_ROLE, assoc->role) ||
	    kdtls_netlink_put_addr(msg, KDTLS_A_ASSOCIATION_LOCAL,
				   &assoc->local) ||
	    kdtls_netlink_put_addr(msg, KDTLS_A_ASSOCIATION_PEER,
				   &remote) ||
	    nla_put_u32(msg, KDTLS_A_ASSOCIATION_MTU,
			kdtls_path_mtu_content(assoc)) ||
	    nla_put_u32(msg, KDTLS_A_ASSOCIATION_UID,
			from_kuid_munged(ns->users, assoc->uid)) ||
	    nla_put_u32(msg, KDTLS_A_ASSOCIATION_PID,
			kdtls_pid_in(assoc->pid, ns->pids)) ||
	    nla_put_u32(msg, KDTLS_A_ASSOCIATION_KEYED_BY, assoc->keyed_by) ||
	    nla_put_u32(msg, KDTLS_A_ASSOCIATION_RX_CID_LEN,
			READ_ONCE(assoc->cid_len)) ||
	    nla_put_u32(msg, KDTLS_A_ASSOCIATION_MOVES,
			READ_ONCE(assoc->moves)) ||
	    kdtls_netlink_put_u64(msg, KDTLS_A_ASSOCIATION_INODE,
				  sock_i_ino(assoc->sk)))
		return -EMSGSIZE;
	return 0;
}

static int put_assoc(struct sk_buff *msg, struct kdtls_assoc *assoc,
		     const struct kdtls_netlink_ns *ns)
{
	return put_identity(msg, assoc, ns) ?: put_state(msg, assoc) ?:
	       put_counters(msg, assoc) ?: put_tunnel(msg, assoc);
}

static int message_end(struct sk_buff *msg, void *hdr, int err)
{
	if (err)
		genlmsg_cancel(msg, hdr);
	else
		genlmsg_end(msg, hdr);
	return err;
}

int kdtls_netlink_put_assoc(struct sk_buff *msg, struct kdtls_assoc *assoc,
			    const struct kdtls_netlink_ns *ns, void *hdr)
{
	return message_end(msg, hdr, hdr ? put_assoc(msg, assoc, ns) :
					   -EMSGSIZE);
}

/* Events */

/* old_peer may be NULL. Many read it: no process has a number that is right for each. */
static int put_event(struct sk_buff *msg, struct kdtls_assoc *assoc, u8 cmd,
		     const union kdtls_addr *old_peer)
{
	const struct kdtls_netlink_ns ns = {
		.users = sock_net(assoc->sk)->user_ns,
	};
	void *hdr = genlmsg_put(msg, 0, 0, &kdtls_nl_family, 0, cmd);
	int err;

	if (!hdr)
		return -EMSGSIZE;
	err = put_assoc(msg, assoc, &ns);
	if (!err && old_peer)
		err = kdtls_netlink_put_addr(msg,
					     KDTLS_A_ASSOCIATION_OLD_PEER,
					     old_peer);
	return message_end(msg, hdr, err);
}

static void send_event(struct kdtls_assoc *assoc, u8 cmd,
		       const union kdtls_addr *old_peer)
{
	struct net *net = sock_net(assoc->sk);
	struct sk_buff *msg;

	if (!genl_has_listeners(&kdtls_nl_family, net, KDTLS_NLGRP_EVENTS))
		return;
	msg = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!msg)
		return;
	if (put_event(msg, assoc, cmd, old_peer)) {
		nlmsg_free(msg);
		return;
	}
	genlmsg_multicast_netns(&kdtls_nl_family, net, msg, 0,
				KDTLS_NLGRP_EVENTS, GFP_KERNEL);
}

void kdtls_netlink_event(struct kdtls_assoc *assoc, u8 cmd)
{
	send_event(assoc, cmd, NULL);
}

void kdtls_netlink_event_moved(struct kdtls_assoc *assoc,
			       const union kdtls_addr *old_peer)
{
	send_event(assoc, KDTLS_CMD_MOVED, old_peer);
}
