/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/kdtls.yaml */
/* YNL-GEN kernel header */

#ifndef _LINUX_KDTLS_GEN_H
#define _LINUX_KDTLS_GEN_H

#include <net/netlink.h>
#include <net/genetlink.h>

#include <uapi/linux/kdtls_netlink.h>

extern const struct nla_policy kdtls_get_nl_policy[KDTLS_A_ASSOCIATION_ID + 1];

extern const struct nla_policy kdtls_close_nl_policy[KDTLS_A_ASSOCIATION_ID + 1];

extern const struct nla_policy kdtls_accept_nl_policy[KDTLS_A_HANDSHAKE_ID + 1];

extern const struct nla_policy kdtls_datagram_nl_policy[KDTLS_A_HANDSHAKE_CID + 1];

extern const struct nla_policy kdtls_key_install_nl_policy[KDTLS_A_HANDSHAKE_CID + 1];

extern const struct nla_policy kdtls_last_flight_nl_policy[KDTLS_A_HANDSHAKE_FLIGHT + 1];

extern const struct nla_policy kdtls_done_nl_policy[KDTLS_A_HANDSHAKE_TICKETS + 1];

extern const struct nla_policy kdtls_hello_nl_policy[KDTLS_A_HANDSHAKE_LISTENER + 1];

extern const struct nla_policy kdtls_challenge_nl_policy[KDTLS_A_HANDSHAKE_LINK + 1];

extern const struct nla_policy kdtls_admit_nl_policy[KDTLS_A_HANDSHAKE_LINK + 1];

extern const struct nla_policy kdtls_next_nl_policy[KDTLS_A_HANDSHAKE_COUNT + 1];

extern const struct nla_policy kdtls_path_nl_policy[KDTLS_A_HANDSHAKE_MTU + 1];

/* Ops table for kdtls */
extern const struct genl_ops kdtls_nl_ops[12];

int kdtls_nl_get_doit(struct sk_buff *skb, struct genl_info *info);
int kdtls_nl_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int kdtls_nl_close_doit(struct sk_buff *skb, struct genl_info *info);
int kdtls_nl_accept_doit(struct sk_buff *skb, struct genl_info *info);
int kdtls_nl_datagram_doit(struct sk_buff *skb, struct genl_info *info);
int kdtls_nl_key_install_doit(struct sk_buff *skb, struct genl_info *info);
int kdtls_nl_last_flight_doit(struct sk_buff *skb, struct genl_info *info);
int kdtls_nl_done_doit(struct sk_buff *skb, struct genl_info *info);
int kdtls_nl_hello_doit(struct sk_buff *skb, struct genl_info *info);
int kdtls_nl_challenge_doit(struct sk_buff *skb, struct genl_info *info);
int kdtls_nl_admit_doit(struct sk_buff *skb, struct genl_info *info);
int kdtls_nl_next_doit(struct sk_buff *skb, struct genl_info *info);
int kdtls_nl_path_doit(struct sk_buff *skb, struct genl_info *info);

enum {
	KDTLS_NLGRP_HANDSHAKES,
	KDTLS_NLGRP_EVENTS,
};

#endif /* _LINUX_KDTLS_GEN_H */
