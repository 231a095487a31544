// SPDX-License-Identifier: GPL-2.0
/* To UDP: sealed records of the application, and what we say ourselves. */
#include <linux/bvec.h>
#include <linux/slab.h>
#include <linux/uio.h>
#include <net/udp.h>

#include <linux/kdtls_netlink.h>

#include "compat/compat.h"
#include "crypt.h"
#include "mapped.h"
#include "netlink.h"
#include "output.h"
#include "record/wire.h"
#include "socket.h"
#include "stats.h"
#include "transmit.h"

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
		  const struct kdtls_output *out, int flags)
{
	struct kvec kvec = { (void *)out->bytes, out->len };

	msg->msg_flags = (flags & KDTLS_OUTPUT_FLAGS) | MSG_NOSIGNAL;
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
 * UDP looks at sk_socket, which close() takes away. Who does not have the file
 * keeps close() waiting for that long, and so does not wait himself.
 */
static noinline int output_beside_close(struct kdtls_sock *ks,
					struct msghdr *msg,
					const struct kdtls_output *out)
{
	int err = -EPIPE;

	down_read(&ks->sending);
	if (!ks->silent)
		err = to_udp(ks, msg, out, out->flags | MSG_DONTWAIT);
	up_read(&ks->sending);
	return err;
}

static int output(struct kdtls_sock *ks, struct msghdr *msg,
		  const struct kdtls_output *out)
{
	if (likely(out->caller == ks))
		return to_udp(ks, msg, out, out->flags);
	return output_beside_close(ks, msg, out);
}

void kdtls_transmit_stop(struct kdtls_sock *ks)
{
	down_write(&ks->sending);
	ks->silent = true;
	up_write(&ks->sending);
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
	return output(ks, msg, out);
}

int kdtls_output(struct kdtls_assoc *assoc, const struct kdtls_output *out)
{
	struct msghdr msg = {
		.msg_control = out->control,
		.msg_controllen = out->controllen,
	};
	struct sockaddr_in peer;

	if (kdtls_assoc_shares(assoc))
		return output_to(assoc->ks, &assoc->remote,
				 assoc->names_source ? &assoc->local : NULL,
				 &msg, out);
	if (kdtls_mapped_peer(assoc->ks, &peer)) {
		msg.msg_name = &peer;
		msg.msg_namelen = sizeof(peer);
	}
	return output(assoc->ks, &msg, out);
}

static int output_bytes(struct kdtls_assoc *assoc, const void *bytes,
			size_t len)
{
	struct kdtls_output out = {
		.flags = MSG_DONTWAIT, .bytes = bytes, .len = len,
	};
	int err = kdtls_output(assoc, &out);

	return err < 0 ? err : 0;
}

/* What a daemon may send as it is: never application data. */
static int handshake_check(const u8 *data, size_t len)
{
	struct dtls_header header;

	while (len) {
		if (dtls12_parse(data, len, 0, &header))
			return -EINVAL;
		if (header.type < DTLS_TYPE_CHANGE_CIPHER_SPEC ||
		    header.type > DTLS_TYPE_HANDSHAKE)
			return -EINVAL;
		data += header.len + header.payload_len;
		len -= header.len + header.payload_len;
	}
	return 0;
}

int kdtls_transmit_handshake(struct kdtls_assoc *assoc, const void *data,
			     size_t len)
{
	if (kdtls_assoc_state(assoc) != DTLS_STATE_HANDSHAKE)
		return -EPIPE;
	if (!len || handshake_check(data, len))
		return -EINVAL;
	return output_bytes(assoc, data, len);
}

#define HELLO_VERIFY_REQUEST	3
/* RFC 6347 section 4.2.1: message header, version, and a cookie of 255 bytes */
#define MAX_CHALLENGE		(12 + 2 + 1 + 255)

static bool is_challenge(const u8 *data, size_t len)
{
	struct dtls_header header;

	return !dtls12_parse(data, len, 0, &header) && !header.epoch &&
	       header.type == DTLS_TYPE_HANDSHAKE && header.payload_len &&
	       header.payload_len <= MAX_CHALLENGE &&
	       header.len + header.payload_len == len &&
	       data[header.len] == HELLO_VERIFY_REQUEST;
}

/*
 * Strangers have a quarter of the send buffer: on a link where nobody has their
 * addresses what is said to them waits for seconds, and poll() says writable
 * only below a half.
 */
static bool strangers_have_room(const struct sock *sk)
{
	return sk_wmem_alloc_get(sk) < READ_ONCE(sk->sk_sndbuf) / 4;
}

int kdtls_transmit_challenge(struct kdtls_sock *ks,
			     const struct kdtls_ends *ends, const void *data,
			     size_t len)
{
	struct kdtls_output out = {
		.flags = MSG_DONTWAIT, .bytes = data, .len = len,
	};
	struct msghdr msg = {};
	int err;

	if (!is_challenge(data, len))
		return -EINVAL;
	if (!strangers_have_room(ks->sk))
		return -EAGAIN;
	err = output_to(ks, &ends->remote,
			kdtls_wildcard(ks->sk) ? &ends->local : NULL, &msg,
			&out);
	return err < 0 ? err : 0;
}

int kdtls_transmit_plain(struct kdtls_assoc *assoc, u8 type, u64 seq,
			 const void *data, size_t len)
{
	u8 *record;
	int err;

	if (len > DTLS_MAX_CONTENT || seq > DTLS_MAX_SEQ ||
	    type == DTLS_TYPE_APPLICATION_DATA)
		return -EINVAL;
	record = kmalloc(DTLS12_HEADER + len, GFP_KERNEL);
	if (!record)
		return -ENOMEM;
	record[0] = type;
	dtls_put16(record + 1, DTLS_VERSION_1_2);
	dtls_put_number(record + 3, 0, seq);
	dtls_put16(record + 11, len);
	memcpy(record + DTLS12_HEADER, data, len);
	err = output_bytes(assoc, record, DTLS12_HEADER + len);
	kfree(record);
	return err;
}

static int transmit_sealed(struct kdtls_assoc *assoc, struct kdtls_epoch *tx,
			   u8 type, struct iov_iter *from, size_t len)
{
	struct kdtls_workspace *ws = kdtls_workspace_get(tx->tfm);
	ssize_t ret;

	if (!ws)
		return -ENOMEM;
	ret = kdtls_seal_record(assoc, ws, tx, from, type, len);
	if (ret >= 0)
		ret = output_bytes(assoc, ws->buf + DTLS_HEADROOM, ret);
	kdtls_workspace_put(ws);
	return ret;
}

int kdtls_transmit_record(struct kdtls_assoc *assoc, u8 type, const void *data,
			  size_t len)
{
	struct kdtls_epoch *tx = kdtls_epoch_get(&assoc->tx);
	struct kvec kvec = { .iov_base = (void *)data, .iov_len = len };
	struct iov_iter from;
	int err;

	if (!tx)
		return -ENOKEY;
	iov_iter_kvec(&from, WRITE, &kvec, 1, len);
	err = transmit_sealed(assoc, tx, type, &from, len);
	kdtls_epoch_put(tx);
	return err;
}

int kdtls_transmit_alert(struct kdtls_assoc *assoc, u8 level, u8 description)
{
	const u8 alert[2] = { level, description };

	if (description == KDTLS_ALERT_CLOSE_NOTIFY) {
		bool again;

		spin_lock_bh(&assoc->lock);
		again = assoc->close_sent;
		assoc->close_sent = true;
		spin_unlock_bh(&assoc->lock);
		if (again)
			return 0;
	}
	return kdtls_transmit_record(assoc, DTLS_TYPE_ALERT, alert,
				     sizeof(alert));
}
