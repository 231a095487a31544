// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <linux/kdtls_netlink.h>

#include "dtlsctl.h"

const char *keyer_name(uint32_t keyer)
{
	switch (keyer) {
	case KDTLS_KEYER_APPLICATION:
		return "application";
	case KDTLS_KEYER_DAEMON:
		return "daemon";
	default:
		return NULL;
	}
}

/* A newer kernel may send a longer attribute, an older one a shorter. */
static void get_value(struct nlattr *attr, void *to, size_t size)
{
	size_t len;

	if (!attr)
		return;
	len = nla_len(attr);
	memcpy(to, nla_data(attr), len < size ? len : size);
}

static void get_string(struct nlattr *attr, char *to, size_t size)
{
	if (attr)
		nla_strlcpy(to, attr, size);
}

int association_parse(struct nl_msg *msg, struct association *a)
{
	struct nlattr *t[KDTLS_A_ASSOCIATION_MAX + 1];

	memset(a, 0, sizeof(*a));
	if (genlmsg_parse(nlmsg_hdr(msg), 0, t, KDTLS_A_ASSOCIATION_MAX,
			  NULL) < 0 ||
	    !t[KDTLS_A_ASSOCIATION_ID])
		return -1;
#define GET(ATTR, member) \
	get_value(t[KDTLS_A_ASSOCIATION_##ATTR], &a->member, sizeof(a->member))
	GET(ID, id);
	GET(STATE, state);
	GET(ROLE, role);
	GET(VERSION, version);
	GET(CIPHER, cipher);
	get_string(t[KDTLS_A_ASSOCIATION_DRIVER], a->driver, sizeof(a->driver));
	GET(LOCAL, local);
	GET(PEER, peer);
	GET(MTU, mtu);
	GET(UID, uid);
	GET(PID, pid);
	GET(TX_EPOCH, tx_epoch);
	GET(RX_EPOCH, rx_epoch);
	GET(TX_SEQ, tx_seq);
	GET(RX_SEQ, rx_seq);
	GET(TX_RECORDS, tx_records);
	GET(TX_BYTES, tx_bytes);
	GET(RX_RECORDS, rx_records);
	GET(RX_BYTES, rx_bytes);
	GET(DROPS, drops);
	GET(KEYED_BY, keyed_by);
	GET(ERROR, error);
	GET(INODE, inode);
	GET(TUNNEL, tunnel);
	GET(TX_CID_LEN, tx_cid_len);
	GET(RX_CID_LEN, rx_cid_len);
	GET(MOVES, moves);
	GET(OLD_PEER, old_peer);
#undef GET
	return 0;
}
