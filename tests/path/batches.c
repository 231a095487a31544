// SPDX-License-Identifier: GPL-2.0
/*
 * Batches and single messages from end to end over any path: all
 * arrive, once, with a number each. (The order is not guaranteed: the work
 * item that reads control records may run in parallel.) Both families; with and
 * without UDP_SEGMENT at one end and UDP_GRO at the other. Exit status 0 if so.
 */
#include <netinet/udp.h>
#include <poll.h>
#include <stdbool.h>
#include <unistd.h>

#include "ends.h"
#include "tap.h"

#define SIZE	900
#define COUNT	20
#define ROUNDS	5

static unsigned char out[SIZE * COUNT], in[70000];

static void set(int fd, int name, int value)
{
	need(!setsockopt(fd, SOL_UDP, name, &value, sizeof(value)), "option");
}

/* A batch in one call, or its segments by a call each. The last is short. */
static size_t send_all(struct pair *p, bool segment)
{
	size_t len = sizeof(out) - 100, off, part;

	if (segment)
		return send(p->a, out, len, 0) == (ssize_t)len ? len : 0;
	for (off = 0; off < len; off += part) {
		part = len - off < SIZE ? len - off : SIZE;
		if (send(p->a, out + off, part, 0) != (ssize_t)part)
			return 0;
	}
	return len;
}

/* Its number, from the first byte; -1: none, or corrupt. */
static int which(const unsigned char *segment, size_t size, size_t len)
{
	size_t off = segment[0] * SIZE, part;

	if (off >= len)
		return -1;
	part = len - off < SIZE ? len - off : SIZE;
	return size == part && !memcmp(segment, out + off, size) ?
	       segment[0] : -1;
}

static bool arrives(struct pair *p, size_t len)
{
	bool seen[COUNT] = {};
	size_t all, off, part, size;
	ssize_t got;
	int i;

	for (all = 0; all < len; all += got) {
		got = pair_poll(p->b, POLLIN, 5000) ?
		      pair_recv_batch(p->b, in, sizeof(in), &size) : -1;
		for (off = 0; got > 0 && off < (size_t)got; off += size) {
			part = got - off < size ? got - off : size;
			i = which(in + off, part, len);
			if (i < 0 || seen[i])
				break;
			seen[i] = true;
		}
		if (got <= 0 || off < (size_t)got) {
			diag("after %zu of %zu: got %zd by %zu", all, len, got,
			     size);
			return false;
		}
	}
	return true;
}

static bool numbers_are_once(struct pair *p, int records)
{
	struct dtls_status status;
	struct dtls_stats stats;
	socklen_t len = sizeof(status);
	bool good;

	need(!getsockopt(p->a, SOL_DTLS, DTLS_STATUS, &status, &len), "status");
	len = sizeof(stats);
	need(!getsockopt(p->b, SOL_DTLS, DTLS_STATS, &stats, &len), "stats");
	good = status.tx_seq == (unsigned int)records &&
	       stats.rx_records == (unsigned int)records &&
	       !pair_sum_drops(p->b);
	if (!good)
		diag("%d records, next number %llu, %llu received", records,
		     status.tx_seq, stats.rx_records);
	return good;
}

static bool exchange(int family, bool segment, bool gro)
{
	bool good = true;
	struct pair p;
	int i;

	ends_open(&p, family, DTLS_CIPHER_AES_128_GCM);
	if (segment)
		set(p.a, UDP_SEGMENT, SIZE);
	set(p.b, UDP_GRO, gro);
	for (i = 0; good && i < ROUNDS; i++)
		good = arrives(&p, send_all(&p, segment) ?: 1);
	good = good && numbers_are_once(&p, ROUNDS * COUNT);
	if (!good)
		diag("IPv%c, UDP_SEGMENT %d, UDP_GRO %d",
		     family == AF_INET ? '4' : '6', segment, gro);
	pair_close(&p);
	return good;
}

int main(void)
{
	bool good = true;
	int i;

	for (i = 0; i < (int)sizeof(out); i++)
		out[i] = i % SIZE ? i * 31 ^ i >> 8 : i / SIZE;
	for (i = 0; i < 8; i++)
		good = exchange(i & 1 ? AF_INET : AF_INET6, i & 2, i & 4) &&
		       good;
	return !good;
}
