// SPDX-License-Identifier: GPL-2.0
/*
 * Operations on handshakes, from `accept` to `done`, of the netlink port that
 * accepted.
 *
 * A message with a flight or an exporter in it is wiped in the request's buffer
 * whatever comes of it, which also keeps them out of the copy of the request
 * that netlink puts into an error.
 */
#include <linux/kdtls.h>
#include <linux/netlink.h>
#include <linux/string.h>
#include <net/genetlink.h>

#include "assoc.h"
#include "assoc_state.h"
#include "daemon_record.h"
#include "handshake.h"
#include "handshake_netlink.h"
#include "last_flight.h"
#include "mailbox.h"
#include "netlink_attr.h"
#include "netlink_gen.h"
#include "output.h"
#include "owner.h"
#include "path_mtu.h"
#include "peer_info.h"
#include "ticket.h"

/* next */

static int put_mail(struct sk_buff *msg, const struct kdtls_mail *mail)
{
	const struct kdtls_farewell *farewell = mail->farewell;

	if (farewell)
		return kdtls_netlink_put_u64(msg, KDTLS_A_HANDSHAKE_ID,
					     farewell->id) ?:
		       nla_put_u32(msg, KDTLS_A_HANDSHAKE_STATUS,
				   farewell->error);
	return kdtls_netlink_put_u64(msg, KDTLS_A_HANDSHAKE_ID,
				     mail->handshake->assoc->id) ?:
	       nla_put(msg, KDTLS_A_HANDSHAKE_DATA, mail->datagram->len,
		       mail->datagram->data);
}

static int mail_reply(const struct kdtls_mail *mail, struct genl_info *info)
{
	size_t len = mail->datagram ? mail->datagram->len : 0;
	struct sk_buff *msg;
	void *hdr;

	msg = kdtls_netlink_reply(info, KDTLS_CMD_NEXT,
				  2 * nla_total_size_64bit(sizeof(u64)) +
				  nla_total_size(len), &hdr);
	if (IS_ERR(msg))
		return PTR_ERR(msg);
	return kdtls_netlink_reply_end(info, msg, hdr, put_mail(msg, mail));
}

/* One message. */
static int daemon_next(struct genl_info *info)
{
	struct net *net = genl_info_net(info);
	struct kdtls_mail mail = {};
	int err;

	err = kdtls_handshake_next(net, info->snd_portid, &mail);
	if (err)
		return err;
	err = mail_reply(&mail, info);
	kdtls_mail_end(net, info->snd_portid, &mail, err);
	return err;
}

int kdtls_nl_next_doit(struct sk_buff *skb, struct genl_info *info)
{
	const struct nlattr *attr = info->attrs[KDTLS_A_HANDSHAKE_COUNT];
	u32 i, count = attr ? nla_get_u32(attr) : 1;
	int err = daemon_next(info);

	if (err == -EAGAIN)
		return kdtls_netlink_refuse(info, err, "nothing waits");
	if (err)
		return err;
	/* what is wrong later the next request says */
	for (i = 1; i < count && !daemon_next(info); i++)
		;
	return 0;
}

/* accept */

/* Present but empty is another context than none: RFC 5705 section 4. */
static int put_context(struct sk_buff *msg, const struct dtls_request *request)
{
	if (!(request->flags & DTLS_REQUEST_EXPORTER_CONTEXT))
		return 0;
	return nla_put(msg, KDTLS_A_HANDSHAKE_EXPORTER_CONTEXT,
		       request->exporter_context_len,
		       request->exporter_context);
}

static int put_versions(struct sk_buff *msg, const struct dtls_request *request)
{
	if (request->min_version &&
	    nla_put_u16(msg, KDTLS_A_HANDSHAKE_MIN_VERSION,
			request->min_version))
		return -EMSGSIZE;
	if (request->max_version &&
	    nla_put_u16(msg, KDTLS_A_HANDSHAKE_MAX_VERSION,
			request->max_version))
		return -EMSGSIZE;
	return 0;
}

static int put_request(struct sk_buff *msg, const struct dtls_request *request)
{
	if (put_context(msg, request) || put_versions(msg, request) ||
	    nla_put_string(msg, KDTLS_A_HANDSHAKE_PROFILE, request->profile) ||
	    nla_put_string(msg, KDTLS_A_HANDSHAKE_SERVER_NAME,
			   request->server_name) ||
	    nla_put_string(msg, KDTLS_A_HANDSHAKE_ALPN, request->alpn) ||
	    nla_put_string(msg, KDTLS_A_HANDSHAKE_EXPORTER_LABEL,
			   request->exporter_label) ||
	    nla_put_u16(msg, KDTLS_A_HANDSHAKE_EXPORTER_LEN,
			request->exporter_len))
		return -EMSGSIZE;
	return 0;
}

/* What the peer may be asked for. */
static int put_cid(struct sk_buff *msg, const struct kdtls_cid *cid)
{
	return cid->len ?
	       nla_put(msg, KDTLS_A_HANDSHAKE_CID, cid->len, cid->id) : 0;
}

static int put_handshake(struct sk_buff *msg,
			 const struct kdtls_handshake *handshake,
			 struct user_namespace *ns)
{
	struct kdtls_assoc *assoc = handshake->assoc;
	long left = handshake->deadline - jiffies;

	if (kdtls_netlink_put_u64(msg, KDTLS_A_HANDSHAKE_ID, assoc->id) ||
	    nla_put_u16(msg, KDTLS_A_HANDSHAKE_ROLE, assoc->role) ||
	    kdtls_netlink_put_addr(msg, KDTLS_A_HANDSHAKE_LOCAL,
				   &assoc->local) ||
	    kdtls_netlink_put_addr(msg, KDTLS_A_HANDSHAKE_PEER,
				   &assoc->remote) ||
	    nla_put_u32(msg, KDTLS_A_HANDSHAKE_MTU, kdtls_path_mtu(assoc)) ||
	    nla_put_u32(msg, KDTLS_A_HANDSHAKE_UID,
			from_kuid(ns, assoc->uid)) ||
	    nla_put_u32(msg, KDTLS_A_HANDSHAKE_PID,
			kdtls_pid_here(assoc->pid)) ||
	    nla_put_u32(msg, KDTLS_A_HANDSHAKE_TIMEOUT,
			jiffies_to_msecs(max(left, 0L))) ||
	    put_cid(msg, &assoc->by_cid.cid))
		return -EMSGSIZE;
	return put_request(msg, &handshake->request);
}

int kdtls_daemon_reply(struct kdtls_handshake *handshake,
		       struct genl_info *info, u8 cmd,
		       struct user_namespace *ns)
{
	struct sk_buff *msg;
	void *hdr;

	msg = kdtls_netlink_reply(info, cmd, GENLMSG_DEFAULT_SIZE, &hdr);
	if (IS_ERR(msg))
		return PTR_ERR(msg);
	return kdtls_netlink_reply_end(info, msg, hdr,
				       put_handshake(msg, handshake, ns));
}

int kdtls_nl_accept_doit(struct sk_buff *skb, struct genl_info *info)
{
	const struct nlattr *attr = info->attrs[KDTLS_A_HANDSHAKE_ID];
	struct user_namespace *ns = sk_user_ns(NETLINK_CB(skb).sk);
	struct kdtls_handshake *handshake;
	int err;

	handshake = kdtls_handshake_accept(genl_info_net(info),
					   attr ? nla_get_u64(attr) : 0,
					   info->snd_portid, ns, info->extack);
	if (IS_ERR(handshake))
		return PTR_ERR(handshake);
	err = kdtls_daemon_reply(handshake, info, KDTLS_CMD_ACCEPT, ns);
	if (err)
		kdtls_handshake_unaccept(handshake);
	else
		kdtls_handshake_accepted(handshake);
	kdtls_handshake_put(handshake);
	return err;
}

/* Everything else names a handshake that this port has accepted. */
static struct kdtls_handshake *daemon_handshake(struct genl_info *info)
{
	if (!kdtls_netlink_has(info, KDTLS_A_HANDSHAKE_ID, "id is missing"))
		return ERR_PTR(-EINVAL);
	return kdtls_handshake_of_port(genl_info_net(info),
				       nla_get_u64(info->attrs[KDTLS_A_HANDSHAKE_ID]),
				       info->snd_portid, info->extack);
}

int kdtls_daemon_do(struct genl_info *info,
		    int (*command)(struct kdtls_handshake *handshake,
				   struct genl_info *info))
{
	struct kdtls_handshake *handshake = daemon_handshake(info);
	int err;

	if (IS_ERR(handshake))
		return PTR_ERR(handshake);
	err = command(handshake, info);
	kdtls_handshake_put(handshake);
	return err;
}

void kdtls_daemon_wipe(struct genl_info *info)
{
	memzero_explicit(genlmsg_data(info->genlhdr),
			 genlmsg_len(info->genlhdr));
}

/* datagram */

static int daemon_send(struct kdtls_handshake *handshake,
		       struct genl_info *info)
{
	const struct nlattr *data = info->attrs[KDTLS_A_HANDSHAKE_DATA];
	const struct nlattr *cid = info->attrs[KDTLS_A_HANDSHAKE_CID];
	struct kdtls_daemon_datagram dg = {};
	int err;

	if (!kdtls_netlink_has(info, KDTLS_A_HANDSHAKE_DATA, "data is missing"))
		return -EINVAL;
	if (cid && nla_len(cid) > DTLS_MAX_CID)
		return kdtls_netlink_refuse(info, -EINVAL, "cid is too long");
	dg.data = nla_data(data);
	dg.len = nla_len(data);
	if (cid) {
		dg.cid = nla_data(cid);
		dg.cid_len = nla_len(cid);
	}
	err = kdtls_output_handshake(handshake->assoc, &dg);
	if (err == -EINVAL)
		kdtls_netlink_refuse(info, err,
				     "not a datagram of handshake records");
	else if (err == -EMSGSIZE)
		kdtls_netlink_refuse(info, err,
				     "the datagram does not fit the path");
	else if (err)
		kdtls_netlink_refuse(info, err,
				     "the datagram could not be sent");
	return err;
}

int kdtls_nl_datagram_doit(struct sk_buff *skb, struct genl_info *info)
{
	return kdtls_daemon_do(info, daemon_send);
}

/* path */

static int path_reply(struct kdtls_assoc *assoc, struct genl_info *info)
{
	struct sk_buff *msg;
	void *hdr;
	int err;

	msg = kdtls_netlink_reply(info, KDTLS_CMD_PATH,
				  nla_total_size_64bit(sizeof(u64)) +
				  nla_total_size(sizeof(u32)), &hdr);
	if (IS_ERR(msg))
		return PTR_ERR(msg);
	err = kdtls_netlink_put_u64(msg, KDTLS_A_HANDSHAKE_ID, assoc->id) ?:
	      nla_put_u32(msg, KDTLS_A_HANDSHAKE_MTU, kdtls_path_mtu(assoc));
	return kdtls_netlink_reply_end(info, msg, hdr, err);
}

static int daemon_path(struct kdtls_handshake *handshake,
		       struct genl_info *info)
{
	const struct nlattr *mtu = info->attrs[KDTLS_A_HANDSHAKE_MTU];

	if (mtu && nla_get_u32(mtu) < KDTLS_PATH_MIN)
		return kdtls_netlink_refuse(info, -EINVAL,
					    "mtu is below 228");
	if (mtu)
		kdtls_path_mtu_lower(handshake->assoc, nla_get_u32(mtu));
	return path_reply(handshake->assoc, info);
}

int kdtls_nl_path_doit(struct sk_buff *skb, struct genl_info *info)
{
	return kdtls_daemon_do(info, daemon_path);
}

/* last-flight */

static int daemon_flight(struct kdtls_handshake *handshake,
			 struct genl_info *info)
{
	const struct nlattr *attr = info->attrs[KDTLS_A_HANDSHAKE_FLIGHT];
	struct dtls_flight *flight;
	int err;

	if (!kdtls_netlink_has(info, KDTLS_A_HANDSHAKE_FLIGHT,
			       "flight is missing"))
		return -EINVAL;
	/* a copy, for attributes are aligned to 4 bytes only */
	flight = kmemdup(nla_data(attr), nla_len(attr), GFP_KERNEL);
	if (!flight)
		return -ENOMEM;
	err = kdtls_flight_set(handshake->assoc, flight, nla_len(attr));
	kfree_sensitive(flight);
	if (err)
		kdtls_netlink_refuse(info, err, err == -EALREADY ?
				     "the association has a flight" :
				     "this flight cannot be kept");
	return err;
}

int kdtls_nl_last_flight_doit(struct sk_buff *skb, struct genl_info *info)
{
	int err = kdtls_daemon_do(info, daemon_flight);

	kdtls_daemon_wipe(info);
	return err;
}

/* done */

static bool assoc_keyed(struct kdtls_assoc *assoc)
{
	bool keyed;

	spin_lock_bh(&assoc->lock);
	keyed = assoc->tx_epoch && assoc->rx_epoch;
	spin_unlock_bh(&assoc->lock);
	return keyed;
}

/* Takes the peer over. */
static int handshake_succeed(struct kdtls_handshake *handshake,
			     struct kdtls_peer_info *peer,
			     struct genl_info *info)
{
	if (!kdtls_handshake_over(handshake)) {
		kdtls_peer_info_free(peer);
		return kdtls_netlink_refuse(info, -ENOENT,
					    "the handshake is over");
	}
	kdtls_peer_info_set(handshake->assoc, peer);
	if (info->attrs[KDTLS_A_HANDSHAKE_TICKETS])
		kdtls_ticket_expect(handshake->assoc, info->snd_portid);
	if (!kdtls_assoc_established(handshake->assoc))
		return kdtls_netlink_refuse(info, -EPIPE,
					    "the association has ended");
	return 0;
}

static int daemon_success(struct kdtls_handshake *handshake,
			  struct genl_info *info)
{
	struct kdtls_peer_info *peer;

	if (!assoc_keyed(handshake->assoc))
		return kdtls_netlink_refuse(info, -ENOTCONN,
					    "both directions must be keyed first");
	peer = kdtls_peer_info_create(handshake->assoc->sk, info,
				      handshake->request.exporter_len);
	if (IS_ERR(peer))
		return PTR_ERR(peer);
	return handshake_succeed(handshake, peer, info);
}

static int daemon_done(struct kdtls_handshake *handshake,
		       struct genl_info *info)
{
	u32 status;

	if (!kdtls_netlink_has(info, KDTLS_A_HANDSHAKE_STATUS,
			       "status is missing"))
		return -EINVAL;
	status = nla_get_u32(info->attrs[KDTLS_A_HANDSHAKE_STATUS]);
	if (!status)
		return daemon_success(handshake, info);
	if (!kdtls_handshake_over(handshake))
		return kdtls_netlink_refuse(info, -ENOENT,
					    "the handshake is over");
	kdtls_assoc_fail(handshake->assoc, status);
	return 0;
}

int kdtls_nl_done_doit(struct sk_buff *skb, struct genl_info *info)
{
	int err = kdtls_daemon_do(info, daemon_done);

	kdtls_daemon_wipe(info);
	return err;
}
