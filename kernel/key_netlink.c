// SPDX-License-Identifier: GPL-2.0
/* key-install: the keys of one direction from the daemon that runs the handshake. */
#include <linux/kdtls.h>
#include <linux/netlink.h>
#include <linux/string.h>
#include <net/genetlink.h>

#include "assoc.h"
#include "assoc_state.h"
#include "direction.h"
#include "handshake.h"
#include "handshake_epoch.h"
#include "handshake_netlink.h"
#include "netlink_attr.h"
#include "netlink_gen.h"
#include "peer_table.h"

#define KDTLS_MIN_SIZE_LIMIT	64	/* RFC 8449 section 4 */

static u64 attr_u64(const struct genl_info *info, int attr)
{
	return info->attrs[attr] ? nla_get_u64(info->attrs[attr]) : 0;
}

static u16 attr_u16(const struct genl_info *info, int attr)
{
	return info->attrs[attr] ? nla_get_u16(info->attrs[attr]) : 0;
}

static u16 version_of(const struct genl_info *info)
{
	return attr_u16(info, KDTLS_A_HANDSHAKE_VERSION);
}

static u32 direction_of(const struct genl_info *info)
{
	return nla_get_u32(info->attrs[KDTLS_A_HANDSHAKE_DIRECTION]);
}

/* What it needs, an attribute of each line; the last has attr 0. */
struct needed {
	int		attr;
	const char	*what;
};

static bool has_all(struct genl_info *info, const struct needed *needed)
{
	for (; needed->attr; needed++)
		if (!kdtls_netlink_has(info, needed->attr, needed->what))
			return false;
	return true;
}

static bool key_complete(struct genl_info *info)
{
	static const struct needed both[] = {
		{ KDTLS_A_HANDSHAKE_EPOCH,	"epoch is missing" },
		{ KDTLS_A_HANDSHAKE_DIRECTION,	"direction is missing" },
		{ KDTLS_A_HANDSHAKE_VERSION,	"version is missing" },
		{ KDTLS_A_HANDSHAKE_CIPHER,	"cipher is missing" },
		{ KDTLS_A_HANDSHAKE_SEQ,	"seq is missing" },
		{}
	};
	static const struct needed dtls12[] = {
		{ KDTLS_A_HANDSHAKE_KEY,	"key is missing" },
		{ KDTLS_A_HANDSHAKE_IV,		"iv is missing" },
		{}
	};
	static const struct needed dtls13[] = {
		{ KDTLS_A_HANDSHAKE_SECRET,	"secret is missing" },
		{ KDTLS_A_HANDSHAKE_MESSAGE_SEQ, "message-seq is missing" },
		{}
	};

	return has_all(info, both) &&
	       has_all(info, version_of(info) == DTLS_VERSION_1_3 ? dtls13 :
								     dtls12);
}

/* Is an attribute there that the version does not have? */
static bool key_has_foreign(struct genl_info *info)
{
	struct nlattr **attrs = info->attrs;

	if (version_of(info) == DTLS_VERSION_1_3)
		return attrs[KDTLS_A_HANDSHAKE_KEY] ||
		       attrs[KDTLS_A_HANDSHAKE_IV];
	return attrs[KDTLS_A_HANDSHAKE_SECRET] ||
	       attrs[KDTLS_A_HANDSHAKE_MESSAGE_SEQ] ||
	       attrs[KDTLS_A_HANDSHAKE_HANDSHAKE_SECRET] ||
	       attrs[KDTLS_A_HANDSHAKE_HANDSHAKE_SEQ];
}

static int refuse_unusable(struct genl_info *info, int err)
{
	return kdtls_netlink_refuse(info, err, "these keys cannot be used");
}

/* DTLS 1.2 */

static int key_read(struct genl_info *info, const struct dtls_cipher *cipher,
		    struct dtls_direction *dir)
{
	const struct nlattr *key = info->attrs[KDTLS_A_HANDSHAKE_KEY];
	const struct nlattr *iv = info->attrs[KDTLS_A_HANDSHAKE_IV];

	if (nla_len(key) > sizeof(dir->key) || nla_len(iv) > sizeof(dir->iv))
		return kdtls_netlink_refuse(info, -EINVAL,
					    "key or iv is too long");
	if (nla_len(key) != cipher->key_len || nla_len(iv) != cipher->iv_len)
		return refuse_unusable(info, -EINVAL);
	memcpy(dir->key, nla_data(key), nla_len(key));
	memcpy(dir->iv, nla_data(iv), nla_len(iv));
	return 0;
}

/* DTLS 1.3 */

/* As long as the secrets of this cipher? */
static bool secret_read(const struct nlattr *attr,
			const struct dtls_cipher *cipher, u8 to[DTLS_MAX_KEY])
{
	if (nla_len(attr) != cipher->hash_len)
		return false;
	memcpy(to, nla_data(attr), nla_len(attr));
	return true;
}

/* Of epoch 2, if it is given. */
static int handshake_read(struct kdtls_assoc *assoc, struct genl_info *info,
			  const struct dtls_cipher *cipher,
			  struct dtls_direction *dir)
{
	const struct nlattr *secret =
		info->attrs[KDTLS_A_HANDSHAKE_HANDSHAKE_SECRET];
	const struct nlattr *seq = info->attrs[KDTLS_A_HANDSHAKE_HANDSHAKE_SEQ];

	if (!secret && !seq)
		return 0;
	if (!secret || !seq)
		return kdtls_netlink_refuse(info, -EINVAL,
					    "handshake-secret and handshake-seq go together");
	if (!kdtls_handshake_epoch_fits(assoc->role, direction_of(info),
					dir->epoch))
		return kdtls_netlink_refuse(info, -EINVAL,
					    "handshake-secret is for epoch 3 from client to server");
	dir->flags |= DTLS_DIRECTION_HANDSHAKE;
	dir->handshake_seq = nla_get_u64(seq);
	return secret_read(secret, cipher, dir->handshake_key) ? 0 :
	       kdtls_netlink_refuse(info, -EINVAL,
				    "handshake-secret has a wrong length");
}

static int secrets_read(struct kdtls_assoc *assoc, struct genl_info *info,
			const struct dtls_cipher *cipher,
			struct dtls_direction *dir)
{
	dir->flags = DTLS_DIRECTION_SECRET;
	dir->message_seq = attr_u16(info, KDTLS_A_HANDSHAKE_MESSAGE_SEQ);
	if (!secret_read(info->attrs[KDTLS_A_HANDSHAKE_SECRET], cipher,
			 dir->key))
		return kdtls_netlink_refuse(info, -EINVAL,
					    "secret has a wrong length");
	return handshake_read(assoc, info, cipher, dir);
}

/* Both */

/*
 * RFC 9146 section 3: the receiver chooses, which is the kernel, so that no two that it
 * has to distinguish are the same.
 */
static int cid_read(const struct kdtls_assoc *assoc, struct genl_info *info,
		    struct dtls_direction *dir)
{
	const struct nlattr *attr = info->attrs[KDTLS_A_HANDSHAKE_CID];
	const struct kdtls_cid *ours = &assoc->by_cid.cid;

	if (!attr || !nla_len(attr))
		return 0;
	if (direction_of(info) == KDTLS_DIRECTION_RX &&
	    (nla_len(attr) != ours->len ||
	     memcmp(nla_data(attr), ours->id, ours->len)))
		return kdtls_netlink_refuse(info, -EINVAL,
					    "cid is not the one that the kernel has chosen");
	if (nla_len(attr) > sizeof(dir->cid))
		return kdtls_netlink_refuse(info, -EINVAL, "cid is too long");
	dir->cid_len = nla_len(attr);
	memcpy(dir->cid, nla_data(attr), nla_len(attr));
	return 0;
}

/* Reads the attributes; what they mean kdtls_direction_install() checks. */
static int direction_read(struct kdtls_assoc *assoc, struct genl_info *info,
			  struct dtls_direction *dir)
{
	const struct dtls_cipher *cipher =
		dtls_cipher_by_id(attr_u16(info, KDTLS_A_HANDSHAKE_CIPHER));
	int err;

	if (!cipher)
		return refuse_unusable(info, -EOPNOTSUPP);
	dir->epoch = attr_u64(info, KDTLS_A_HANDSHAKE_EPOCH);
	dir->seq = attr_u64(info, KDTLS_A_HANDSHAKE_SEQ);
	err = version_of(info) == DTLS_VERSION_1_3 ?
	      secrets_read(assoc, info, cipher, dir) :
	      key_read(info, cipher, dir);
	return err ?: cid_read(assoc, info, dir);
}

/* Until `done` records of this direction wait, and are read again then. */
static void expect_cid(struct kdtls_assoc *assoc, u8 len)
{
	WRITE_ONCE(assoc->cid_len, len);
	if (!len && assoc->listed)
		kdtls_peer_table_remove_cid(assoc);
}

static int install_read(struct kdtls_assoc *assoc, struct genl_info *info)
{
	struct dtls_direction dir = {};
	int err = direction_read(assoc, info, &dir);

	if (err)
		goto wipe;
	err = kdtls_direction_install(assoc, version_of(info),
				      attr_u16(info, KDTLS_A_HANDSHAKE_CIPHER),
				      &dir, direction_of(info));
	if (err && err != -EALREADY && err != -EPIPE)
		refuse_unusable(info, err);
	if (!err && direction_of(info) == KDTLS_DIRECTION_RX)
		expect_cid(assoc, dir.cid_len);
wipe:
	memzero_explicit(&dir, sizeof(dir));
	return err;
}

/*
 * Before the keys, by which it is read. False: the other direction has another
 * version.
 */
static bool version_set(struct kdtls_assoc *assoc, u16 version)
{
	bool set;

	spin_lock_bh(&assoc->lock);
	set = version == assoc->version ||
	      (!assoc->tx_epoch && !assoc->rx_epoch);
	if (set)
		WRITE_ONCE(assoc->version, version);
	spin_unlock_bh(&assoc->lock);
	return set;
}

static int install(struct kdtls_assoc *assoc, struct genl_info *info)
{
	u16 version = version_of(info);
	int err;

	if (version != DTLS_VERSION_1_2 && version != DTLS_VERSION_1_3)
		return refuse_unusable(info, -EOPNOTSUPP);
	if (!version_set(assoc, version))
		return kdtls_netlink_refuse(info, -EINVAL,
					    "the other direction has another version");
	err = install_read(assoc, info);
	if (err == -EALREADY)
		return kdtls_netlink_refuse(info, err,
					    "this direction had this epoch or a newer one");
	if (err == -EPIPE)
		return kdtls_netlink_refuse(info, err,
					    "the association takes no keys");
	if (!err)
		kdtls_assoc_complete_limit(assoc, direction_of(info),
					   attr_u16(info, KDTLS_A_HANDSHAKE_RECORD_SIZE_LIMIT));
	return err;
}

static int daemon_key(struct kdtls_handshake *handshake, struct genl_info *info)
{
	u16 limit = attr_u16(info, KDTLS_A_HANDSHAKE_RECORD_SIZE_LIMIT);

	if (!key_complete(info))
		return -EINVAL;
	if (key_has_foreign(info))
		return kdtls_netlink_refuse(info, -EINVAL,
					    "this version takes a key and an iv, or a secret");
	if (limit && limit < KDTLS_MIN_SIZE_LIMIT)
		return kdtls_netlink_refuse(info, -EINVAL,
					    "record-size-limit is below 64");
	return install(handshake->assoc, info);
}

int kdtls_nl_key_install_doit(struct sk_buff *skb, struct genl_info *info)
{
	int err = kdtls_daemon_do(info, daemon_key);

	kdtls_daemon_wipe(info);
	return err;
}
