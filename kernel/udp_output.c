// SPDX-License-Identifier: GPL-2.0
/* Sealed records of the application to UDP's sendmsg. */
#include <linux/bvec.h>
#include <linux/uio.h>
#include <net/udp.h>

#include "compat/compat.h"
#include "address.h"
#include "assoc.h"
#include "leftover.h"
#include "socket.h"
#include "udp_output.h"
#include "v4mapped.h"

/* Adds a control message behind those that are there. */
static void add_control(struct msghdr *msg, int level, int type,
			const void *data, size_t len)
{
	struct cmsghdr *cmsg;

	msg->msg_controllen = CMSG_ALIGN(msg->msg_controllen);
	cmsg = msg->msg_control + msg->msg_controllen;
	cmsg->cmsg_level = level;
	cmsg->cmsg_type = type;
	cmsg->cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(cmsg), data, len);
	msg->msg_controllen += CMSG_SPACE(len);
}

/*
 * A peer knows us by one address, and is behind one link: where there are
 * several, say which.
 */
static void add_source(struct msghdr *msg, const union kdtls_addr *to,
		       const union kdtls_addr *local, u32 link)
{
	struct in6_pktinfo info6 = { .ipi6_ifindex = link };
	struct in_pktinfo info = { .ipi_ifindex = link };

	if (local->sa.sa_family == AF_INET6) {
		info6.ipi6_addr = local->in6.sin6_addr;
		/* IPv4 takes no address but a mapped one, for none too */
		if (ipv6_addr_v4mapped(&to->in6.sin6_addr) &&
		    ipv6_addr_any(&info6.ipi6_addr))
			ipv6_addr_set_v4mapped(0, &info6.ipi6_addr);
		add_control(msg, SOL_IPV6, IPV6_PKTINFO, &info6, sizeof(info6));
	} else {
		info.ipi_spec_dst = local->in.sin_addr;
		add_control(msg, SOL_IP, IP_PKTINFO, &info, sizeof(info));
	}
}

/* Inline, as output_once(): each call sends through both. */
static __always_inline int to_udp(struct kdtls_sock *ks, struct msghdr *msg,
				  const struct kdtls_udp_output *out)
{
	struct kvec kvec = { (void *)out->bytes, out->len };

	msg->msg_flags = (out->flags & KDTLS_SEND_FLAGS) | MSG_NOSIGNAL;
	if (out->n) {
		msg->msg_flags |= MSG_SPLICE_PAGES | MSG_NO_SHARED_FRAGS;
		iov_iter_bvec(&msg->msg_iter, WRITE, out->vec, out->n,
			      out->len);
	} else {
		iov_iter_kvec(&msg->msg_iter, WRITE, &kvec, 1, out->len);
	}
	return kdtls_base(ks)->sendmsg(ks->sk, msg, out->len);
}

/* A socket that is bound to a device sends by that, wherever a peer was before. */
static u32 link_by(const struct kdtls_sock *ks, u32 link)
{
	return READ_ONCE(ks->sk->sk_bound_dev_if) ? 0 : link;
}

/* Copies the address, for a BPF program may rewrite that of a message. */
static noinline int output_to(struct kdtls_sock *ks,
			      const struct kdtls_assoc *assoc,
			      struct msghdr *msg,
			      const struct kdtls_udp_output *out)
{
	u8 room[KDTLS_SOURCE_ROOM] __aligned(sizeof(size_t));
	union kdtls_addr name;
	u32 link = link_by(ks, assoc->link);

	kdtls_assoc_remote(assoc, &name);
	msg->msg_name = &name;
	msg->msg_namelen = kdtls_addr_len(&name);
	if (assoc->names_source || link) {
		if (!msg->msg_control)
			msg->msg_control = room;
		add_source(msg, &name, &assoc->local, link);
	}
	return to_udp(ks, msg, out);
}

static noinline int output_connected6(struct kdtls_sock *ks,
				      struct msghdr *msg,
				      const struct kdtls_udp_output *out)
{
	struct sockaddr_in peer;

	if (kdtls_v4mapped_peer(ks, &peer)) {
		msg->msg_name = &peer;
		msg->msg_namelen = sizeof(peer);
	}
	return to_udp(ks, msg, out);
}

static __always_inline int output_once(struct kdtls_sock *ks,
				       struct kdtls_assoc *assoc,
				       const struct kdtls_udp_output *out)
{
	struct msghdr msg = {
		.msg_control = out->control,
		.msg_controllen = out->controllen,
	};

	if (kdtls_assoc_shares(assoc))
		return output_to(ks, assoc, &msg, out);
	if (ks->sk->sk_family == AF_INET6)
		return output_connected6(ks, &msg, out);
	return to_udp(ks, &msg, out);
}

/* The peer drops a record that comes twice. */
int kdtls_udp_output(struct kdtls_assoc *assoc,
		     const struct kdtls_udp_output *out)
{
	struct kdtls_sock *ks = out->caller;
	unsigned int begin;
	int err;

	/* it has left for another socket, whose file the caller may lack */
	if (unlikely(READ_ONCE(assoc->ks) != ks))
		return -ENOTCONN;
	for (;;) {
		begin = kdtls_leftover_begin(&ks->leftover);
		err = output_once(ks, assoc, out);
		if (likely(!kdtls_leftover_met(&ks->leftover, ks->sk, begin)))
			return err;
		kdtls_leftover_undo(ks);
	}
}
