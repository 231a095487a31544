// SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause)
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/kdtls.yaml */
/* YNL-GEN kernel source */

#include <net/netlink.h>
#include <net/genetlink.h>

#include "netlink_gen.h"

#include <uapi/linux/kdtls_netlink.h>

/* KDTLS_CMD_GET - do */
const struct nla_policy kdtls_get_nl_policy[KDTLS_A_ASSOCIATION_ID + 1] = {
	[KDTLS_A_ASSOCIATION_ID] = { .type = NLA_U64, },
};

/* KDTLS_CMD_CLOSE - do */
const struct nla_policy kdtls_close_nl_policy[KDTLS_A_ASSOCIATION_ID + 1] = {
	[KDTLS_A_ASSOCIATION_ID] = { .type = NLA_U64, },
};

/* KDTLS_CMD_ACCEPT - do */
const struct nla_policy kdtls_accept_nl_policy[KDTLS_A_HANDSHAKE_ID + 1] = {
	[KDTLS_A_HANDSHAKE_ID] = { .type = NLA_U64, },
};

/* KDTLS_CMD_DATAGRAM - do */
const struct nla_policy kdtls_datagram_nl_policy[KDTLS_A_HANDSHAKE_CID + 1] = {
	[KDTLS_A_HANDSHAKE_ID] = { .type = NLA_U64, },
	[KDTLS_A_HANDSHAKE_DATA] = { .type = NLA_BINARY, },
	[KDTLS_A_HANDSHAKE_CID] = { .type = NLA_BINARY, },
};

/* KDTLS_CMD_KEY_INSTALL - do */
const struct nla_policy kdtls_key_install_nl_policy[KDTLS_A_HANDSHAKE_CID + 1] = {
	[KDTLS_A_HANDSHAKE_ID] = { .type = NLA_U64, },
	[KDTLS_A_HANDSHAKE_EPOCH] = { .type = NLA_U64, },
	[KDTLS_A_HANDSHAKE_DIRECTION] = NLA_POLICY_RANGE(NLA_U32, 1, 2),
	[KDTLS_A_HANDSHAKE_VERSION] = { .type = NLA_U16, },
	[KDTLS_A_HANDSHAKE_CIPHER] = { .type = NLA_U16, },
	[KDTLS_A_HANDSHAKE_KEY] = { .type = NLA_BINARY, },
	[KDTLS_A_HANDSHAKE_IV] = { .type = NLA_BINARY, },
	[KDTLS_A_HANDSHAKE_SEQ] = { .type = NLA_U64, },
	[KDTLS_A_HANDSHAKE_RECORD_SIZE_LIMIT] = { .type = NLA_U16, },
	[KDTLS_A_HANDSHAKE_SECRET] = { .type = NLA_BINARY, },
	[KDTLS_A_HANDSHAKE_MESSAGE_SEQ] = { .type = NLA_U16, },
	[KDTLS_A_HANDSHAKE_HANDSHAKE_SECRET] = { .type = NLA_BINARY, },
	[KDTLS_A_HANDSHAKE_HANDSHAKE_SEQ] = { .type = NLA_U64, },
	[KDTLS_A_HANDSHAKE_CID] = { .type = NLA_BINARY, },
};

/* KDTLS_CMD_LAST_FLIGHT - do */
const struct nla_policy kdtls_last_flight_nl_policy[KDTLS_A_HANDSHAKE_FLIGHT + 1] = {
	[KDTLS_A_HANDSHAKE_ID] = { .type = NLA_U64, },
	[KDTLS_A_HANDSHAKE_FLIGHT] = { .type = NLA_BINARY, },
};

/* KDTLS_CMD_DONE - do */
const struct nla_policy kdtls_done_nl_policy[KDTLS_A_HANDSHAKE_TICKETS + 1] = {
	[KDTLS_A_HANDSHAKE_ID] = { .type = NLA_U64, },
	[KDTLS_A_HANDSHAKE_STATUS] = NLA_POLICY_MAX(NLA_U32, 511),
	[KDTLS_A_HANDSHAKE_SUITE] = { .type = NLA_U16, },
	[KDTLS_A_HANDSHAKE_ALPN] = { .type = NLA_NUL_STRING, .len = 255, },
	[KDTLS_A_HANDSHAKE_SERVER_NAME] = { .type = NLA_NUL_STRING, .len = 255, },
	[KDTLS_A_HANDSHAKE_IDENTITY] = { .type = NLA_BINARY, },
	[KDTLS_A_HANDSHAKE_CERTIFICATE] = { .type = NLA_BINARY, },
	[KDTLS_A_HANDSHAKE_CERTIFICATE_SHA256] = NLA_POLICY_EXACT_LEN(32),
	[KDTLS_A_HANDSHAKE_EXPORTER] = { .type = NLA_BINARY, },
	[KDTLS_A_HANDSHAKE_VERIFIED] = { .type = NLA_U32, },
	[KDTLS_A_HANDSHAKE_REASON] = { .type = NLA_NUL_STRING, .len = 255, },
	[KDTLS_A_HANDSHAKE_TICKETS] = { .type = NLA_FLAG, },
};

/* KDTLS_CMD_HELLO - do */
const struct nla_policy kdtls_hello_nl_policy[KDTLS_A_HANDSHAKE_LISTENER + 1] = {
	[KDTLS_A_HANDSHAKE_LISTENER] = { .type = NLA_U64, },
};

/* KDTLS_CMD_CHALLENGE - do */
const struct nla_policy kdtls_challenge_nl_policy[KDTLS_A_HANDSHAKE_LINK + 1] = {
	[KDTLS_A_HANDSHAKE_LISTENER] = { .type = NLA_U64, },
	[KDTLS_A_HANDSHAKE_LINK] = { .type = NLA_U32, },
	[KDTLS_A_HANDSHAKE_LOCAL] = { .type = NLA_BINARY, },
	[KDTLS_A_HANDSHAKE_PEER] = { .type = NLA_BINARY, },
	[KDTLS_A_HANDSHAKE_DATA] = { .type = NLA_BINARY, },
};

/* KDTLS_CMD_ADMIT - do */
const struct nla_policy kdtls_admit_nl_policy[KDTLS_A_HANDSHAKE_LINK + 1] = {
	[KDTLS_A_HANDSHAKE_LISTENER] = { .type = NLA_U64, },
	[KDTLS_A_HANDSHAKE_LINK] = { .type = NLA_U32, },
	[KDTLS_A_HANDSHAKE_LOCAL] = { .type = NLA_BINARY, },
	[KDTLS_A_HANDSHAKE_PEER] = { .type = NLA_BINARY, },
};

/* KDTLS_CMD_NEXT - do */
const struct nla_policy kdtls_next_nl_policy[KDTLS_A_HANDSHAKE_COUNT + 1] = {
	[KDTLS_A_HANDSHAKE_COUNT] = { .type = NLA_U32, },
};

/* KDTLS_CMD_PATH - do */
const struct nla_policy kdtls_path_nl_policy[KDTLS_A_HANDSHAKE_MTU + 1] = {
	[KDTLS_A_HANDSHAKE_ID] = { .type = NLA_U64, },
	[KDTLS_A_HANDSHAKE_MTU] = { .type = NLA_U32, },
};

/* Ops table for kdtls */
const struct genl_ops kdtls_nl_ops[12] = {
	{
		.cmd		= KDTLS_CMD_GET,
		.doit		= kdtls_nl_get_doit,
		.dumpit		= kdtls_nl_get_dumpit,
		.policy		= kdtls_get_nl_policy,
		.maxattr	= KDTLS_A_ASSOCIATION_ID,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= KDTLS_CMD_CLOSE,
		.doit		= kdtls_nl_close_doit,
		.policy		= kdtls_close_nl_policy,
		.maxattr	= KDTLS_A_ASSOCIATION_ID,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= KDTLS_CMD_ACCEPT,
		.doit		= kdtls_nl_accept_doit,
		.policy		= kdtls_accept_nl_policy,
		.maxattr	= KDTLS_A_HANDSHAKE_ID,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= KDTLS_CMD_DATAGRAM,
		.doit		= kdtls_nl_datagram_doit,
		.policy		= kdtls_datagram_nl_policy,
		.maxattr	= KDTLS_A_HANDSHAKE_CID,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= KDTLS_CMD_KEY_INSTALL,
		.doit		= kdtls_nl_key_install_doit,
		.policy		= kdtls_key_install_nl_policy,
		.maxattr	= KDTLS_A_HANDSHAKE_CID,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= KDTLS_CMD_LAST_FLIGHT,
		.doit		= kdtls_nl_last_flight_doit,
		.policy		= kdtls_last_flight_nl_policy,
		.maxattr	= KDTLS_A_HANDSHAKE_FLIGHT,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= KDTLS_CMD_DONE,
		.doit		= kdtls_nl_done_doit,
		.policy		= kdtls_done_nl_policy,
		.maxattr	= KDTLS_A_HANDSHAKE_TICKETS,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= KDTLS_CMD_HELLO,
		.doit		= kdtls_nl_hello_doit,
		.policy		= kdtls_hello_nl_policy,
		.maxattr	= KDTLS_A_HANDSHAKE_LISTENER,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= KDTLS_CMD_CHALLENGE,
		.doit		= kdtls_nl_challenge_doit,
		.policy		= kdtls_challenge_nl_policy,
		.maxattr	= KDTLS_A_HANDSHAKE_LINK,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= KDTLS_CMD_ADMIT,
		.doit		= kdtls_nl_admit_doit,
		.policy		= kdtls_admit_nl_policy,
		.maxattr	= KDTLS_A_HANDSHAKE_LINK,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= KDTLS_CMD_NEXT,
		.doit		= kdtls_nl_next_doit,
		.policy		= kdtls_next_nl_policy,
		.maxattr	= KDTLS_A_HANDSHAKE_COUNT,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= KDTLS_CMD_PATH,
		.doit		= kdtls_nl_path_doit,
		.policy		= kdtls_path_nl_policy,
		.maxattr	= KDTLS_A_HANDSHAKE_MTU,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
};
