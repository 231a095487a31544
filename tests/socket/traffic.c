// SPDX-License-Identifier: GPL-2.0
#include <netinet/udp.h>
#include <poll.h>
#include <string.h>

#include "tap.h"
#include "traffic.h"

static unsigned char out[65000], in[65536];

static void fill_out(void)
{
	for (size_t i = 0; i < sizeof(out); i++)
		out[i] = i * 7 + i / 256;
}

static bool passes(int from, int to, size_t len)
{
	memset(in, 0, len);
	return send(from, out, len, 0) == (ssize_t)len &&
	       pair_recv(to, in, sizeof(in), 5000) == (ssize_t)len &&
	       !memcmp(in, out, len);
}

unsigned int traffic_sizes(const struct pair *p, size_t largest)
{
	/* 17 of them, say the numbers afterwards */
	static const size_t lens[] = { 1, 2, 15, 16, 17, 100, 300, 320, 321, 1024, 1025,
				       1400, 4000, 4096, 9000, 16383, 16384 };
	unsigned int bad = 0;

	fill_out();
	for (size_t i = 0; i < sizeof(lens) / sizeof(*lens) && lens[i] <= largest; i++)
		bad += !passes(p->a, p->b, lens[i]) + !passes(p->b, p->a, lens[i]);
	return bad;
}

bool traffic_batch(const struct pair *p)
{
	int segment = 1200, on = 1, off = 0;
	size_t len = 20 * 1200 - 100, got = 0, size;

	fill_out();
	need(!setsockopt(p->a, SOL_UDP, UDP_SEGMENT, &segment, sizeof(segment)) &&
	     !setsockopt(p->b, SOL_UDP, UDP_GRO, &on, sizeof(on)), "batches");
	need(send(p->a, out, len, 0) == (ssize_t)len, "a batch");
	while (got < len && pair_poll(p->b, POLLIN, 2000)) {
		ssize_t n = pair_recv_batch(p->b, in + got, sizeof(in) - got, &size);

		need(n > 0, "recvmsg");
		got += n;
	}
	need(!setsockopt(p->a, SOL_UDP, UDP_SEGMENT, &off, sizeof(off)), "no batches");
	return got == len && !memcmp(in, out, len);
}
