// SPDX-License-Identifier: GPL-2.0
/*
 * Operations of dtls-handshaked on unknown clients: `hello` takes a ClientHello,
 * `challenge` answers it with a cookie, `admit` makes the association of a client
 * that has shown it. Until then the kernel keeps nothing of the client.
 */
#include <linux/kdtls.h>
#include <net/genetlink.h>

#include "address.h"
#include "assoc_setup.h"
#include "handshake.h"
#include "handshake_netlink.h"
#include "listener.h"
#include "netlink_attr.h"
#include "netlink_gen.h"
#include "output.h"
#include "owner.h"
#include "socket.h"

#include <linux/kdtls_netlink.h>

/* hello */

static int put_hello(struct sk_buff *msg, const struct kdtls_hello *hello,
		     struct user_namespace *ns)
{
	const struct kdtls_listener *listener = hello->listener;
	u32 link = hello->ends.link;

	if (link && nla_put_u32(msg, KDTLS_A_HANDSHAKE_LINK, link))
		return -EMSGSIZE;
	if (kdtls_netlink_put_u64(msg, KDTLS_A_HANDSHAKE_LISTENER,
				  listener->id) ||
	    kdtls_netlink_put_addr(msg, KDTLS_A_HANDSHAKE_LOCAL,
				   &hello->ends.local) ||
	    kdtls_netlink_put_addr(msg, KDTLS_A_HANDSHAKE_PEER,
				   &hello->ends.remote) ||
	    nla_put_u32(msg, KDTLS_A_HANDSHAKE_UID,
			from_kuid(ns, listener->uid)) ||
	    nla_put_u32(msg, KDTLS_A_HANDSHAKE_PID,
			kdtls_pid_here(listener->pid)) ||
	    nla_put_string(msg, KDTLS_A_HANDSHAKE_PROFILE,
			   listener->request.profile) ||
	    nla_put(msg, KDTLS_A_HANDSHAKE_DATA, hello->len, hello->data))
		return -EMSGSIZE;
	return 0;
}

static int hello_reply(const struct kdtls_hello *hello, struct genl_info *info,
		       struct user_namespace *ns)
{
	struct sk_buff *msg;
	void *hdr;

	msg = kdtls_netlink_reply(info, KDTLS_CMD_HELLO,
				  GENLMSG_DEFAULT_SIZE + hello->len, &hdr);
	if (IS_ERR(msg))
		return PTR_ERR(msg);
	return kdtls_netlink_reply_end(info, msg, hdr,
				       put_hello(msg, hello, ns));
}

int kdtls_nl_hello_doit(struct sk_buff *skb, struct genl_info *info)
{
	const struct nlattr *attr = info->attrs[KDTLS_A_HANDSHAKE_LISTENER];
	struct user_namespace *ns = sk_user_ns(NETLINK_CB(skb).sk);
	struct kdtls_hello *hello;
	int err;

	hello = kdtls_hello_take(genl_info_net(info),
				 attr ? nla_get_u64(attr) : 0);
	if (!hello)
		return kdtls_netlink_refuse(info, -EAGAIN, "none waits");
	err = hello_reply(hello, info, ns);
	if (err)
		kdtls_hello_untake(hello);
	else
		kdtls_hello_free(hello);
	return err;
}

/* challenge, admit */

/* Reads an address of the listener's socket. */
static int attr_addr(struct genl_info *info, int attr,
		     const struct kdtls_listener *listener,
		     union kdtls_addr *addr)
{
	const struct nlattr *a = info->attrs[attr];

	if (!a || kdtls_addr_read(listener->ks->sk, nla_data(a), nla_len(a),
				  addr) ||
	    !kdtls_addr_unicast(addr))
		return kdtls_netlink_refuse(info, -EINVAL,
					    "local and peer must be addresses of the listener's family");
	return 0;
}

static int attr_ends(struct genl_info *info,
		     const struct kdtls_listener *listener,
		     struct kdtls_ends *ends)
{
	const struct nlattr *link = info->attrs[KDTLS_A_HANDSHAKE_LINK];
	int err;

	err = attr_addr(info, KDTLS_A_HANDSHAKE_LOCAL, listener,
			&ends->local) ?:
	      attr_addr(info, KDTLS_A_HANDSHAKE_PEER, listener, &ends->remote);
	if (err)
		return err;
	ends->iif = 0;
	ends->link = link ? nla_get_u32(link) :
			    kdtls_ends_link(listener->ks->sk, ends, 0);
	return 0;
}

/* Runs a command about a client of the listener that the request names. */
static int listener_do(struct genl_info *info, struct sk_buff *skb,
		       int (*command)(struct kdtls_listener *listener,
				      const struct kdtls_ends *ends,
				      struct sk_buff *skb,
				      struct genl_info *info))
{
	struct kdtls_listener *listener;
	struct kdtls_ends ends;
	int err;

	if (!kdtls_netlink_has(info, KDTLS_A_HANDSHAKE_LISTENER,
			       "listener is missing"))
		return -EINVAL;
	listener = kdtls_listener_get(genl_info_net(info),
				      nla_get_u64(info->attrs[KDTLS_A_HANDSHAKE_LISTENER]));
	if (!listener)
		return kdtls_netlink_refuse(info, -ENOENT,
					    "no listening socket has this id");
	err = attr_ends(info, listener, &ends) ?:
	      command(listener, &ends, skb, info);
	kdtls_listener_put(listener);
	return err;
}

static int send_challenge(struct kdtls_listener *listener,
			  const struct kdtls_ends *ends, struct sk_buff *skb,
			  struct genl_info *info)
{
	const struct nlattr *data = info->attrs[KDTLS_A_HANDSHAKE_DATA];
	int err;

	if (!kdtls_netlink_has(info, KDTLS_A_HANDSHAKE_DATA, "data is missing"))
		return -EINVAL;
	err = kdtls_output_challenge(listener->ks, ends, nla_data(data),
				     nla_len(data));
	if (err == -EINVAL)
		kdtls_netlink_refuse(info, err, "not one HelloVerifyRequest");
	return err;
}

int kdtls_nl_challenge_doit(struct sk_buff *skb, struct genl_info *info)
{
	return listener_do(info, skb, send_challenge);
}

static const char *admit_refusal(int err)
{
	switch (err) {
	case -EEXIST:
		return "these addresses have a handshake";
	case -EMLINK:
		return "the peer's address has as many associations as one may";
	case -ENOSPC:
		return "the socket has as many associations as it may";
	case -EUSERS:
		return "the network namespace has as many associations as it may";
	case -EAGAIN:
		return "too many handshakes are in flight";
	default:
		return "the association could not be made";
	}
}

static int admit_client(struct kdtls_listener *listener,
			const struct kdtls_ends *ends, struct sk_buff *skb,
			struct genl_info *info)
{
	struct user_namespace *ns = sk_user_ns(NETLINK_CB(skb).sk);
	struct kdtls_handshake *handshake;
	int err;

	if (!kuid_has_mapping(ns, listener->uid))
		return kdtls_netlink_refuse(info, -ENOKEY,
					    "who asks has no uid in your user namespace");
	handshake = kdtls_setup_client(listener, ends, info->snd_portid);
	if (IS_ERR(handshake))
		return kdtls_netlink_refuse(info, PTR_ERR(handshake),
					    admit_refusal(PTR_ERR(handshake)));
	err = kdtls_daemon_reply(handshake, info, KDTLS_CMD_ADMIT, ns);
	if (err)
		kdtls_handshake_fail(handshake, ECONNABORTED);
	else
		kdtls_handshake_accepted(handshake);
	kdtls_handshake_put(handshake);
	return err;
}

int kdtls_nl_admit_doit(struct sk_buff *skb, struct genl_info *info)
{
	return listener_do(info, skb, admit_client);
}
