/* SPDX-License-Identifier: GPL-2.0 */
/* What the daemon found out about the peer: DTLS_PEER*, DTLS_EXPORTER. */
#ifndef KDTLS_PEER_INFO_H
#define KDTLS_PEER_INFO_H

#include <linux/sockptr.h>
#include <linux/types.h>

struct genl_info;
struct kdtls_assoc;
struct kdtls_peer_info;
struct sock;

/*
 * From the attributes of `done`, for an association of sk; exporter_len bytes
 * of exporter were asked for. An ERR_PTR: -EINVAL, with the extack set, or
 * -ENOMEM. May sleep.
 */
struct kdtls_peer_info *kdtls_peer_info_create(struct sock *sk,
					       struct genl_info *info,
					       u16 exporter_len);
/* Hands it to the association, which must have none. */
void kdtls_peer_info_set(struct kdtls_assoc *assoc,
			 struct kdtls_peer_info *peer);
/* Wipes the exporter. */
void kdtls_peer_info_free(struct kdtls_peer_info *peer);
/* getsockopt: -ENODATA when there is none. optlen as getsockopt has it. */
int kdtls_peer_info_get(struct kdtls_assoc *assoc, sockptr_t optval,
			sockptr_t optlen);
int kdtls_peer_info_get_cert(struct kdtls_assoc *assoc, sockptr_t optval,
			     sockptr_t optlen);
int kdtls_peer_info_get_identity(struct kdtls_assoc *assoc, sockptr_t optval,
				 sockptr_t optlen);
int kdtls_peer_info_get_exporter(struct kdtls_assoc *assoc, sockptr_t optval,
				 sockptr_t optlen);

#endif /* KDTLS_PEER_INFO_H */
