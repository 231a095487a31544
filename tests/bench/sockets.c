// SPDX-License-Identifier: GPL-2.0
/* Plain calls on a pair of sockets: UDP, and kdtls, which looks the same. */
#include <netinet/udp.h>
#include <unistd.h>

#include "bench.h"
#include "pair.h"
#include "tap.h"

static struct pair pair;

void sockets_offload(int a, int b, const struct load *load)
{
	int segment = load->bytes, on = 1;

	if (load->batch != BATCH_GSO)
		return;
	need(!setsockopt(a, SOL_UDP, UDP_SEGMENT, &segment, sizeof(segment)),
	     "UDP_SEGMENT");
	need(!setsockopt(b, SOL_UDP, UDP_GRO, &on, sizeof(on)), "UDP_GRO");
}

static void vectors(const struct load *load, unsigned char *data,
		    struct mmsghdr *msgs, struct iovec *vec)
{
	unsigned int i;

	memset(msgs, 0, sizeof(*msgs) * load->count);
	for (i = 0; i < load->count; i++) {
		vec[i].iov_base = data + i * load->bytes;
		vec[i].iov_len = load->bytes;
		msgs[i].msg_hdr.msg_iov = &vec[i];
		msgs[i].msg_hdr.msg_iovlen = 1;
	}
}

void sockets_send(int a, const struct load *load)
{
	size_t len = load->bytes * load->count;
	struct mmsghdr msgs[MMSG_RECORDS];
	struct iovec vec[MMSG_RECORDS];

	if (load->batch == BATCH_MMSG) {
		vectors(load, load->out, msgs, vec);
		need(sendmmsg(a, msgs, load->count, 0) == (int)load->count,
		     "sendmmsg");
	} else {
		need(send(a, load->out, len, 0) == (ssize_t)len, "send");
	}
}

static size_t receive_gro(int b, const struct load *load, size_t have)
{
	struct iovec vec = {
		.iov_base = load->in + have,
		.iov_len = load->bytes * load->count - have,
	};
	char control[CMSG_SPACE(sizeof(int))];
	struct msghdr msg = {
		.msg_iov = &vec, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	ssize_t len = recvmsg(b, &msg, 0);
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	need(len > 0 && !(msg.msg_flags & MSG_TRUNC), "recvmsg");
	/* without the message it is one datagram */
	if (!cmsg)
		need(len == (ssize_t)load->bytes, "UDP_GRO said nothing");
	else
		need(cmsg->cmsg_type == UDP_GRO &&
		     *(int *)CMSG_DATA(cmsg) == (int)load->bytes, "UDP_GRO");
	return len;
}

size_t sockets_receive(int b, const struct load *load, size_t have)
{
	struct mmsghdr msgs[MMSG_RECORDS];
	struct iovec vec[MMSG_RECORDS];
	unsigned int i;

	switch (load->batch) {
	case BATCH_GSO:
		return receive_gro(b, load, have);
	case BATCH_MMSG:
		vectors(load, load->in, msgs, vec);
		need(recvmmsg(b, msgs, load->count, 0, NULL) ==
		     (int)load->count, "recvmmsg");
		for (i = 0; i < load->count; i++)
			need(msgs[i].msg_len == load->bytes, "size");
		return load->count * load->bytes;
	default:
		need(recv(b, load->in, load->bytes, 0) ==
		     (ssize_t)load->bytes, "recv");
		return load->bytes;
	}
}

static void sockets_round(const struct load *load)
{
	size_t have = 0;

	sockets_send(pair.a, load);
	while (have < load->bytes * load->count)
		have += sockets_receive(pair.b, load, have);
}

static void udp_open(const struct load *load)
{
	pair_plain(&pair, AF_INET);
	sockets_offload(pair.a, pair.b, load);
}

static void kdtls_open(const struct load *load)
{
	pair_open(&pair, AF_INET, DTLS_CIPHER_AES_128_GCM);
	sockets_offload(pair.a, pair.b, load);
}

static void sockets_close(void)
{
	pair_close(&pair);
}

const struct path path_udp = {
	.name = "udp",
	.batches = { true, true, true },
	.open = udp_open,
	.round = sockets_round,
	.close = sockets_close,
};

const struct path path_kdtls = {
	.name = "kdtls",
	.batches = { true, true, true },
	.cipher = "AES-128-GCM",
	.open = kdtls_open,
	.round = sockets_round,
	.close = sockets_close,
};
