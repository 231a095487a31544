// SPDX-License-Identifier: GPL-2.0
/* From UDP's queue to the device. */
#include <linux/net.h>
#include <linux/uio.h>
#include <net/sock.h>

#include "assoc.h"
#include "budget.h"
#include "content.h"
#include "inbox.h"
#include "input.h"
#include "reader.h"
#include "recv_queue.h"
#include "socket.h"
#include "stats.h"
#include "trace.h"
#include "tun.h"
#include "tun_input.h"

/* As write() to the device. The driver copies it, and waits for nothing. */
static int write_bytes(struct kdtls_tun *tun, struct kvec *vec, size_t n,
		       size_t len)
{
	struct msghdr msg = { .msg_flags = MSG_DONTWAIT };
	int ret;

	iov_iter_kvec(&msg.msg_iter, WRITE, vec, n, len);
	ret = tun->socket->ops->sendmsg(tun->socket, &msg, len);
	if (ret == -EBADFD)
		kdtls_tun_end(tun, ENODEV);
	return min(ret, 0);
}

static void count_written(struct kdtls_tun *tun, int err, unsigned int packets,
			  size_t bytes)
{
	if (err) {
		WRITE_ONCE(tun->rx_dropped, tun->rx_dropped + packets);
		trace_kdtls_tun_drop(tun->assoc->id, DTLS_TUN_RECEIVE, packets,
				     err);
		return;
	}
	WRITE_ONCE(tun->rx_packets, tun->rx_packets + packets);
	WRITE_ONCE(tun->rx_bytes, tun->rx_bytes + bytes);
}

static void write_packet(struct kdtls_tun *tun, const u8 *data, size_t len)
{
	static const u8 header[KDTLS_TUN_MAX_HEADER];
	struct kvec vec[2] = {
		{ (void *)header, tun->header_len },
		{ (void *)data, len },
	};

	count_written(tun, write_bytes(tun, vec, ARRAY_SIZE(vec),
				       tun->header_len + len), 1, len);
}

/* Bytes are counted as those of the segments: each had headers. */
static void write_merged(struct kdtls_tun *tun)
{
	struct kdtls_tun_merge *merge = &tun->merge;
	unsigned int n = merge->count;
	struct kvec vec = { .iov_base = merge->buf };
	size_t bytes;

	if (!n)
		return;
	bytes = merge->len - merge->header_len +
		(n - 1) * (merge->ip_len + merge->tcp_len);
	vec.iov_len = kdtls_tun_merge_finish(merge);
	count_written(tun, write_bytes(tun, &vec, 1, vec.iov_len), n, bytes);
}

bool kdtls_tun_input(struct kdtls_tun *tun,
		     const struct kdtls_content *content)
{
	const u8 *data = content->data + tun->prefix_len;
	size_t len = content->len - tun->prefix_len;

	if (content->type != DTLS_TYPE_APPLICATION_DATA ||
	    content->len <= tun->prefix_len ||
	    memcmp(content->data, tun->prefix, tun->prefix_len))
		return false;
	if (kdtls_tun_merge_add(&tun->merge, data, len))
		return true;
	write_merged(tun);
	if (!kdtls_tun_merge_add(&tun->merge, data, len))
		write_packet(tun, data, len);
	return true;
}

/*
 * For the application. One that does not read does not stop the tunnel: what
 * has no space in its inbox is dropped.
 */
static void deliver_rest(struct kdtls_tun *tun, struct kdtls_sink *sink)
{
	struct kdtls_record *rec;

	if (likely(list_empty(&sink->kept)))
		return;
	if (!kdtls_inbox_full(tun->ks)) {
		kdtls_recv_deliver(tun->ks, &sink->kept);
		return;
	}
	list_for_each_entry(rec, &sink->kept, list)
		kdtls_drop(sock_net(tun->ks->sk), rec->assoc, DTLS_DROP_QUEUE);
	kdtls_records_put(&sink->kept);
}

bool kdtls_tun_input_round(void *arg)
{
	struct kdtls_tun *tun = arg;
	struct kdtls_budget budget;
	struct kdtls_sink sink;
	int decided, error;
	bool more;

	kdtls_sink_init(&sink, NULL);
	sink.tun = tun;
	kdtls_budget_init(&budget);
	error = kdtls_tun_error_aside(tun);
	do {
		decided = kdtls_tun_ended(tun) ? 0 :
						 kdtls_input(tun->ks, &sink);
		deliver_rest(tun, &sink);
	} while (decided && kdtls_budget_spend(&budget, decided));
	write_merged(tun);
	/* one that came meanwhile ends the round: the next puts it aside */
	more = decided || READ_ONCE(tun->ks->sk->sk_err);
	kdtls_tun_error_back(tun, error);
	return more && !kdtls_tun_ended(tun);
}
