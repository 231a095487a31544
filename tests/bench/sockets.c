// SPDX-License-Identifier: GPL-2.0
/* Plain calls on two sockets: UDP, and kdtls with the same calls. */
#include <netinet/udp.h>

#include "bench.h"
#include "pair.h"
#include "tap.h"

/* With more than this in flight the default buffers are too small. */
#define DEFAULT_ROOM	(64 * 1024)

static struct pair pair;
static int fds[2];

static void make_room(const int ends[2])
{
	int room = 4 << 20, i;

	for (i = 0; i < 2; i++) {
		need(!setsockopt(ends[i], SOL_SOCKET, SO_RCVBUFFORCE, &room,
				 sizeof(room)), "SO_RCVBUFFORCE");
		need(!setsockopt(ends[i], SOL_SOCKET, SO_SNDBUFFORCE, &room,
				 sizeof(room)), "SO_SNDBUFFORCE");
	}
}

void sockets_prepare(const int ends[2], const struct load *load)
{
	int segment = load->bytes, on = 1;

	if (load->bytes * load->count > DEFAULT_ROOM)
		make_room(ends);
	if (load->batch->way != WAY_GSO)
		return;
	need(!setsockopt(ends[0], SOL_UDP, UDP_SEGMENT, &segment,
			 sizeof(segment)), "UDP_SEGMENT");
	need(!setsockopt(ends[1], SOL_UDP, UDP_GRO, &on, sizeof(on)),
	     "UDP_GRO");
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

void sockets_send(int fd, const struct load *load)
{
	size_t len = load->bytes * load->count;
	struct mmsghdr msgs[MMSG_RECORDS];
	struct iovec vec[MMSG_RECORDS];

	if (load->batch->way == WAY_MMSG) {
		vectors(load, load->out, msgs, vec);
		need(sendmmsg(fd, msgs, load->count, 0) == (int)load->count,
		     "sendmmsg");
	} else {
		need(send(fd, load->out, len, 0) == (ssize_t)len, "send");
	}
}

static size_t receive_gro(int fd, const struct load *load, size_t have)
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
	ssize_t len = recvmsg(fd, &msg, 0);
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	need(len > 0 && !(msg.msg_flags & MSG_TRUNC), "recvmsg");
	/* without the message it is one datagram */
	if (!cmsg)
		need(len == (ssize_t)load->bytes, "no UDP_GRO size");
	else
		need(cmsg->cmsg_type == UDP_GRO &&
		     *(int *)CMSG_DATA(cmsg) == (int)load->bytes, "UDP_GRO");
	return len;
}

size_t sockets_receive(int fd, const struct load *load, size_t have)
{
	struct mmsghdr msgs[MMSG_RECORDS];
	struct iovec vec[MMSG_RECORDS];
	unsigned int i;

	switch (load->batch->way) {
	case WAY_GSO:
		return receive_gro(fd, load, have);
	case WAY_MMSG:
		vectors(load, load->in, msgs, vec);
		need(recvmmsg(fd, msgs, load->count, 0, NULL) ==
		     (int)load->count, "recvmmsg");
		for (i = 0; i < load->count; i++)
			need(msgs[i].msg_len == load->bytes, "size");
		return load->count * load->bytes;
	default:
		need(recv(fd, load->in, load->bytes, 0) ==
		     (ssize_t)load->bytes, "recv");
		return load->bytes;
	}
}

void sockets_round(const int ends[2], const struct load *load)
{
	size_t have = 0;

	sockets_send(ends[0], load);
	while (have < load->bytes * load->count)
		have += sockets_receive(ends[1], load, have);
}

void sockets_put(int fd, const struct load *load, const void *data)
{
	need(send(fd, data, load->bytes, 0) == (ssize_t)load->bytes, "send");
}

void sockets_get(int fd, const struct load *load, void *data)
{
	need(recv(fd, data, load->bytes, 0) == (ssize_t)load->bytes, "recv");
}

static void opened(const struct load *load)
{
	fds[0] = pair.a;
	fds[1] = pair.b;
	sockets_prepare(fds, load);
}

static void udp_open(const struct load *load)
{
	pair_plain(&pair, AF_INET);
	opened(load);
}

static void kdtls_open(const struct load *load)
{
	pair_open(&pair, AF_INET, load->cipher->kdtls);
	opened(load);
}

static void kdtls13_open(const struct load *load)
{
	pair_open13(&pair, AF_INET, load->cipher->kdtls);
	opened(load);
}

static void round_(const struct load *load)
{
	sockets_round(fds, load);
}

static void put(const struct load *load, int end, const void *data)
{
	sockets_put(fds[end], load, data);
}

static void get(const struct load *load, int end, void *data)
{
	sockets_get(fds[end], load, data);
}

const struct path path_udp = {
	.name = "udp",
	.ways = { true, true, true, true },
	.spread = SPREAD,
	.plain = true,
	.open = udp_open,
	.round = round_,
	.put = put,
	.get = get,
};

const struct path path_kdtls = {
	.name = "kdtls",
	.ways = { true, true, true, true },
	.spread = SPREAD,
	.open = kdtls_open,
	.round = round_,
	.put = put,
	.get = get,
};

const struct path path_kdtls13 = {
	.name = "kdtls13",
	.ways = { true, true, true, true },
	.spread = SPREAD,
	.open = kdtls13_open,
	.round = round_,
	.put = put,
	.get = get,
};
