// SPDX-License-Identifier: GPL-2.0
/* Sealed records of the application to UDP's sendmsg. */
#include <linux/bvec.h>
#include <linux/uio.h>
#include <net/udp.h>

#include "compat/compat.h"
#include "leftover.h"
#include "mapped.h"
#include "output.h"
#include "socket.h"

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

/* A peer knows us by one address: where there are several, say which. */
static void add_source(struct msghdr *msg, const union kdtls_addr *local)
{
	struct in6_pktinfo info6 = {};
	struct in_pktinfo info = {};

	if (local->sa.sa_family == AF_INET6) {
		info6.ipi6_addr = local->in6.sin6_addr;
		info6.ipi6_ifindex = local->in6.sin6_scope_id;
		add_control(msg, SOL_IPV6, IPV6_PKTINFO, &info6, sizeof(info6));
	} else {
		info.ipi_spec_dst = local->in.sin_addr;
		add_control(msg, SOL_IP, IP_PKTINFO, &info, sizeof(info));
	}
}

static int to_udp(struct kdtls_sock *ks, struct msghdr *msg,
		  const struct kdtls_output *out)
{
	struct kvec kvec = { (void *)out->bytes, out->len };

	msg->msg_flags = (out->flags & KDTLS_OUTPUT_FLAGS) | MSG_NOSIGNAL;
	if (out->n) {
		msg->msg_flags |= MSG_SPLICE_PAGES | MSG_NO_SHARED_FRAGS;
		iov_iter_bvec(&msg->msg_iter, WRITE, out->vec, out->n,
			      out->len);
	} else {
		iov_iter_kvec(&msg->msg_iter, WRITE, &kvec, 1, out->len);
	}
	return kdtls_base(ks)->sendmsg(ks->sk, msg, out->len);
}

/*
 * from: NULL: as the socket is bound. Copies the address, for a BPF program may
 * rewrite that of a message.
 */
static int output_to(struct kdtls_sock *ks, const union kdtls_addr *to,
		     const union kdtls_addr *from, struct msghdr *msg,
		     const struct kdtls_output *out)
{
	u8 room[KDTLS_SOURCE_ROOM] __aligned(sizeof(size_t));
	union kdtls_addr name = *to;

	msg->msg_name = &name;
	msg->msg_namelen = kdtls_addr_len(&name);
	if (from) {
		if (!msg->msg_control)
			msg->msg_control = room;
		add_source(msg, from);
	}
	return to_udp(ks, msg, out);
}

static int output_once(struct kdtls_sock *ks, struct kdtls_assoc *assoc,
		       const struct kdtls_output *out)
{
	struct msghdr msg = {
		.msg_control = out->control,
		.msg_controllen = out->controllen,
	};
	struct sockaddr_in peer;

	if (kdtls_assoc_shares(assoc))
		return output_to(ks, &assoc->remote,
				 assoc->names_source ? &assoc->local : NULL,
				 &msg, out);
	if (kdtls_mapped_peer(ks, &peer)) {
		msg.msg_name = &peer;
		msg.msg_namelen = sizeof(peer);
	}
	return to_udp(ks, &msg, out);
}

/* The peer drops a record that comes twice. */
int kdtls_output(struct kdtls_assoc *assoc, const struct kdtls_output *out)
{
	struct kdtls_sock *ks = out->caller;
	unsigned int begin;
	int err;

	/* it has left for a socket whose file the caller may not have */
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
