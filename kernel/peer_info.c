// SPDX-License-Identifier: GPL-2.0
/* What the daemon found out about the peer: DTLS_PEER*, DTLS_EXPORTER. */
#include <linux/kdtls.h>
#include <linux/kdtls_netlink.h>
#include <net/genetlink.h>

#include "answer.h"
#include "assoc.h"
#include "charge.h"
#include "netlink_attr.h"
#include "peer_info.h"

struct kdtls_peer_info {
	u16			exporter_len;
	u8			exporter[DTLS_MAX_EXPORTER];
	struct dtls_peer	answer;
	u8			bytes[];	/* identity, then certificate */
};

static size_t attr_len(const struct genl_info *info, int attr)
{
	return info->attrs[attr] ? nla_len(info->attrs[attr]) : 0;
}

/* The policy has checked the length. */
static void attr_string(const struct genl_info *info, int attr, char *to)
{
	if (info->attrs[attr])
		nla_strscpy(to, info->attrs[attr], DTLS_MAX_NAME);
}

static void attr_bytes(const struct genl_info *info, int attr, void *to)
{
	if (info->attrs[attr])
		nla_memcpy(to, info->attrs[attr], attr_len(info, attr));
}

static int peer_check(struct genl_info *info, u16 exporter_len)
{
	size_t exporter = attr_len(info, KDTLS_A_HANDSHAKE_EXPORTER);

	if (attr_len(info, KDTLS_A_HANDSHAKE_CERTIFICATE) >
	    DTLS_MAX_CERT)
		return kdtls_netlink_refuse(info, -EINVAL,
					    "certificate is longer than 16384 bytes");
	if (attr_len(info, KDTLS_A_HANDSHAKE_IDENTITY) > DTLS_MAX_IDENTITY)
		return kdtls_netlink_refuse(info, -EINVAL,
					    "identity is longer than 16384 bytes");
	if (exporter && exporter != exporter_len)
		return kdtls_netlink_refuse(info, -EINVAL,
					    "exporter has another length than asked for");
	return 0;
}

static u16 peer_kind(const struct dtls_peer *answer)
{
	if (answer->cert_len)
		return DTLS_PEER_CERTIFICATE;
	return answer->identity_len ? DTLS_PEER_PSK : DTLS_PEER_ANONYMOUS;
}

static void peer_fill(struct kdtls_peer_info *peer,
		      const struct genl_info *info)
{
	struct nlattr **attrs = info->attrs;
	struct dtls_peer *answer = &peer->answer;

	if (attrs[KDTLS_A_HANDSHAKE_SUITE])
		answer->suite = nla_get_u16(attrs[KDTLS_A_HANDSHAKE_SUITE]);
	if (attrs[KDTLS_A_HANDSHAKE_VERIFIED])
		answer->verified = !!nla_get_u32(attrs[KDTLS_A_HANDSHAKE_VERIFIED]);
	answer->cert_len = attr_len(info, KDTLS_A_HANDSHAKE_CERTIFICATE);
	answer->identity_len = attr_len(info, KDTLS_A_HANDSHAKE_IDENTITY);
	answer->kind = peer_kind(answer);
	attr_bytes(info, KDTLS_A_HANDSHAKE_IDENTITY, peer->bytes);
	attr_bytes(info, KDTLS_A_HANDSHAKE_CERTIFICATE,
		   peer->bytes + answer->identity_len);
	attr_bytes(info, KDTLS_A_HANDSHAKE_CERTIFICATE_SHA256,
		   answer->cert_sha256);
	attr_string(info, KDTLS_A_HANDSHAKE_SERVER_NAME, answer->server_name);
	attr_string(info, KDTLS_A_HANDSHAKE_ALPN, answer->alpn);
	peer->exporter_len = attr_len(info, KDTLS_A_HANDSHAKE_EXPORTER);
	attr_bytes(info, KDTLS_A_HANDSHAKE_EXPORTER, peer->exporter);
}

struct kdtls_peer_info *kdtls_peer_info_create(struct sock *sk,
					       struct genl_info *info,
					       u16 exporter_len)
{
	struct kdtls_peer_info *peer;
	int err;

	err = peer_check(info, exporter_len);
	if (err)
		return ERR_PTR(err);
	peer = kdtls_alloc(sk, sizeof(*peer) +
			   attr_len(info, KDTLS_A_HANDSHAKE_IDENTITY) +
			   attr_len(info, KDTLS_A_HANDSHAKE_CERTIFICATE));
	if (!peer)
		return ERR_PTR(-ENOMEM);
	peer_fill(peer, info);
	return peer;
}

void kdtls_peer_info_set(struct kdtls_assoc *assoc,
			 struct kdtls_peer_info *peer)
{
	peer->answer.assoc = assoc->id;
	peer->answer.version = READ_ONCE(assoc->version);
	/* pairs with peer_of: readers hold no lock */
	smp_store_release(&assoc->peer, peer);
}

void kdtls_peer_info_free(struct kdtls_peer_info *peer)
{
	if (!peer)
		return;
	memzero_explicit(peer->exporter, sizeof(peer->exporter));
	kdtls_free(peer);
}

static const struct kdtls_peer_info *peer_of(struct kdtls_assoc *assoc)
{
	/* pairs with kdtls_peer_info_set; it stays until the association is freed */
	return smp_load_acquire(&assoc->peer);
}

int kdtls_peer_info_get(struct kdtls_assoc *assoc, sockptr_t optval,
			sockptr_t optlen)
{
	const struct kdtls_peer_info *peer = peer_of(assoc);

	if (!peer)
		return -ENODATA;
	return kdtls_answer(&peer->answer, sizeof(peer->answer), optval,
			    optlen);
}

int kdtls_peer_info_get_identity(struct kdtls_assoc *assoc, sockptr_t optval,
				 sockptr_t optlen)
{
	const struct kdtls_peer_info *peer = peer_of(assoc);

	if (!peer || !peer->answer.identity_len)
		return -ENODATA;
	return kdtls_answer(peer->bytes, peer->answer.identity_len, optval,
			    optlen);
}

int kdtls_peer_info_get_cert(struct kdtls_assoc *assoc, sockptr_t optval,
			     sockptr_t optlen)
{
	const struct kdtls_peer_info *peer = peer_of(assoc);

	if (!peer || !peer->answer.cert_len)
		return -ENODATA;
	return kdtls_answer(peer->bytes + peer->answer.identity_len,
			    peer->answer.cert_len, optval, optlen);
}

int kdtls_peer_info_get_exporter(struct kdtls_assoc *assoc, sockptr_t optval,
				 sockptr_t optlen)
{
	const struct kdtls_peer_info *peer = peer_of(assoc);

	if (!peer || !peer->exporter_len)
		return -ENODATA;
	return kdtls_answer(peer->exporter, peer->exporter_len, optval, optlen);
}
