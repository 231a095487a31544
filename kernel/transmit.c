// SPDX-License-Identifier: GPL-2.0
/*
 * Sealed bytes (and the daemon's handshake datagrams) to UDP.
 *
 * Pages are handed over, not copied, where the kernel can (6.5 on), so they
 * are never written again: each call cuts new room from the task's page_frag.
 */
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

/* What the page_frag of a task has at most. */
#define ROOM_BYTES	32768

int kdtls_room_get(struct kdtls_room *room, struct sock *sk, size_t len)
{
	struct page_frag *frag = sk_page_frag(sk);
	struct page *page;

	if (skb_page_frag_refill(len, frag, GFP_KERNEL) &&
	    frag->size - frag->offset >= len) {
		room->page = frag->page;
		room->offset = frag->offset;
		frag->offset += len;
		get_page(room->page);
		return 0;
	}
	page = alloc_pages(GFP_KERNEL | __GFP_COMP, get_order(len));
	if (!page)
		return -ENOBUFS;
	room->page = page;
	room->offset = 0;
	return 0;
}

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

static int output(struct kdtls_sock *ks, struct msghdr *msg,
		  const struct kdtls_output *out)
{
	msg->msg_flags = (out->flags & KDTLS_OUTPUT_FLAGS) | MSG_SPLICE_PAGES |
			 MSG_NO_SHARED_FRAGS | MSG_NOSIGNAL;
	iov_iter_bvec(&msg->msg_iter, WRITE, out->vec, out->n, out->len);
	return kdtls_base(ks)->sendmsg(ks->sk, msg, out->len);
}

/* Copies, for a BPF program may rewrite the address of a message. */
static int output_to(struct kdtls_assoc *assoc, struct msghdr *msg,
		     const struct kdtls_output *out)
{
	u8 room[KDTLS_SOURCE_ROOM] __aligned(sizeof(size_t));
	union kdtls_addr to = assoc->remote;

	msg->msg_name = &to;
	msg->msg_namelen = kdtls_addr_len(&to);
	if (assoc->names_source) {
		if (!msg->msg_control)
			msg->msg_control = room;
		add_source(msg, &assoc->local);
	}
	return output(assoc->ks, msg, out);
}

int kdtls_output(struct kdtls_assoc *assoc, const struct kdtls_output *out)
{
	struct msghdr msg = {
		.msg_control = out->control,
		.msg_controllen = out->controllen,
	};
	struct sockaddr_in peer;

	if (assoc->one_of_many)
		return output_to(assoc, &msg, out);
	if (kdtls_mapped_peer(assoc->ks, &peer)) {
		msg.msg_name = &peer;
		msg.msg_namelen = sizeof(peer);
	}
	return output(assoc->ks, &msg, out);
}

static int output_bytes(struct kdtls_assoc *assoc, const void *header,
			size_t header_len, const void *data, size_t len)
{
	struct kdtls_output out = { .flags = MSG_DONTWAIT, .n = 1 };
	struct kdtls_room room;
	struct bio_vec vec;
	void *to;
	int err;

	err = kdtls_room_get(&room, assoc->sk, header_len + len);
	if (err)
		return err;
	to = kdtls_room_address(&room);
	memcpy(to, header, header_len);
	memcpy(to + header_len, data, len);
	out.len = header_len + len;
	out.vec = &vec;
	bvec_set_page(&vec, room.page, out.len, room.offset);
	err = kdtls_output(assoc, &out);
	put_page(room.page);
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
	return output_bytes(assoc, NULL, 0, data, len);
}

int kdtls_transmit_plain(struct kdtls_assoc *assoc, u8 type, u64 seq,
			 const void *data, size_t len)
{
	u8 header[DTLS12_HEADER] = { type, DTLS_VERSION_1_2 >> 8,
				     DTLS_VERSION_1_2 & 0xff };

	if (len > DTLS_MAX_CONTENT || seq > DTLS_MAX_SEQ ||
	    type == DTLS_TYPE_APPLICATION_DATA)
		return -EINVAL;
	dtls_put_number(header + 3, 0, seq);
	dtls_put16(header + 11, len);
	return output_bytes(assoc, header, sizeof(header), data, len);
}

int kdtls_transmit_record(struct kdtls_assoc *assoc, u8 type, const void *data,
			  size_t len)
{
	struct kdtls_output out = { .flags = MSG_DONTWAIT, .n = 1 };
	struct kdtls_epoch *tx = kdtls_epoch_get(&assoc->tx);
	struct kdtls_run run = {
		.type = type, .left = len, .segment = len, .max = 1,
	};
	struct kvec kvec = { .iov_base = (void *)data, .iov_len = len };
	struct iov_iter from;
	int err;

	if (!tx)
		return -ENOKEY;
	iov_iter_kvec(&from, WRITE, &kvec, 1, len);
	err = kdtls_seal_run(assoc, tx, &from, &run);
	if (!err) {
		out.vec = &run.vec;
		out.len = run.vec.bv_len;
		err = kdtls_output(assoc, &out);
		put_page(run.vec.bv_page);
	}
	kdtls_epoch_put(tx);
	return err < 0 ? err : 0;
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

/*
 * DTLS 1.2 cannot change its keys: near the limit of the AEAD an event, once,
 * so that somebody makes a new association. Only the numbers end for good.
 */
static bool near_limit(struct kdtls_epoch *tx, u64 seq)
{
	u64 limit = tx->params.cipher->seal_limit;

	return seq > limit - limit / 8 && !atomic_xchg(&tx->limit_told, 1);
}

/* Copies and seals one record; on failure nothing of it is left in buf. */
static ssize_t seal_one(struct kdtls_assoc *assoc, struct kdtls_epoch *tx,
			struct iov_iter *from, u8 type, void *buf, size_t len)
{
	void *content = buf + DTLS_HEADROOM + dtls12_content_offset(&tx->params);
	ssize_t sealed = -EFAULT;
	u64 seq;

	if (!copy_from_iter_full(content, len, from))
		goto out_wipe;
	/* From here the number is used, whatever fails. */
	sealed = -EKEYEXPIRED;
	if (!kdtls_epoch_number(tx, type != DTLS_TYPE_APPLICATION_DATA, &seq))
		goto out_wipe;
	if (unlikely(near_limit(tx, seq)))
		kdtls_netlink_event(assoc, KDTLS_CMD_LIMIT);
	sealed = kdtls_seal(tx, seq, type, buf, len);
	if (sealed >= 0)
		return sealed;
out_wipe:
	memzero_explicit(content, len);
	return sealed;
}

/*
 * How many records share a room. With a CID the AAD reaches into the tag of
 * the record in front, so that each has a room of its own.
 */
static unsigned int share(const struct kdtls_epoch *tx,
			  const struct kdtls_run *run, size_t record)
{
	size_t n = run->segment ? DIV_ROUND_UP(run->left, run->segment) : 1;

	if (tx->params.cid_len)
		return 1;
	n = min3(n, (size_t)run->max, (ROOM_BYTES - DTLS_HEADROOM) / record);
	return max_t(size_t, n, 1);
}

int kdtls_seal_run(struct kdtls_assoc *assoc, struct kdtls_epoch *tx,
		   struct iov_iter *from, struct kdtls_run *run)
{
	size_t record = dtls12_overhead(&tx->params) + run->segment;
	unsigned int n = share(tx, run, record);
	struct kdtls_room room;
	size_t bytes = 0;
	int err;

	err = kdtls_room_get(&room, assoc->sk, DTLS_HEADROOM + n * record);
	if (err)
		return err;
	run->records = 0;
	run->content = 0;
	do {
		size_t len = min(run->left, run->segment);
		ssize_t sealed;

		sealed = seal_one(assoc, tx, from, run->type,
				  kdtls_room_address(&room) + bytes, len);
		if (sealed < 0) {
			err = sealed;
			break;
		}
		bytes += sealed;
		run->records++;
		run->content += len;
		run->left -= len;
	} while (run->left && run->records < n);
	if (!run->records) {
		put_page(room.page);
		return err;
	}
	bvec_set_page(&run->vec, room.page, bytes, room.offset + DTLS_HEADROOM);
	return 0;
}
