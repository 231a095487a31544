// SPDX-License-Identifier: GPL-2.0
/*
 * UDP_SEGMENT and UDP_GRO. The application uses sizes of content, the wire
 * those of records; calls legal for UDP stay legal although records are longer.
 */
#include <netinet/udp.h>
#include <poll.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include "capture.h"
#include "pair.h"
#include "tap.h"

#define OVERHEAD	37	/* AES-GCM: header 13, nonce 8, tag 16 */

static char out[70000], in[70000];
static unsigned int sizes[4096], n_sizes;

static void each(void *arg, const uint8_t *data, size_t len, unsigned int sport)
{
	while (len >= 13 && data[0] == 23) {
		unsigned int record = 13 + (data[11] << 8 | data[12]);

		if (record > len)
			break;
		if (n_sizes < 4096)
			sizes[n_sizes++] = record;
		data += record;
		len -= record;
	}
}

static ssize_t send_segments(int fd, size_t len, unsigned short size)
{
	char control[CMSG_SPACE(2)] = { 0 };
	struct iovec iov = { out, len };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	c->cmsg_level = SOL_UDP;
	c->cmsg_type = UDP_SEGMENT;
	c->cmsg_len = CMSG_LEN(2);
	memcpy(CMSG_DATA(c), &size, 2);
	return sendmsg(fd, &msg, 0);
}

static void set(int fd, int name, int value)
{
	need(!setsockopt(fd, SOL_UDP, name, &value, sizeof(value)), "option");
}

static int get(int fd, int name)
{
	int value = -1;
	socklen_t len = sizeof(value);

	getsockopt(fd, SOL_UDP, name, &value, &len);
	return value;
}

/* All segments arrive with their content, in order. */
static bool arrive(int fd, size_t len, size_t size)
{
	bool gro = get(fd, UDP_GRO) > 0;

	for (size_t off = 0; off < len;) {
		size_t part = len - off < size ? len - off : size, said = 0;
		ssize_t got = -1;

		if (pair_poll(fd, POLLIN, 3000))
			got = pair_recv_batch(fd, in, sizeof(in), &said);
		if (said != part || (got != (ssize_t)part && !gro) ||
		    got > (ssize_t)(len - off) ||
		    /* only the last of a batch may be short */
		    (got % part && off + got != len) ||
		    memcmp(in, out + off, got)) {
			diag("at %zu of %zu: got %zd by %zu, wanted %zu", off,
			     len, got, said, part);
			return false;
		}
		off += got;
	}
	return !pair_poll(fd, POLLIN, 50);
}

static void batches(struct pair *p, const char *how)
{
	static const struct {
		size_t len, size;
		const char *what;
	} cases[] = {
		{ 4000, 1000, "four equal segments" },
		{ 4100, 1000, "a short last segment" },
		{ 900, 1000, "less than a segment" },
		{ 1000, 1000, "exactly one segment" },
		{ 1001, 1000, "one byte over a segment" },
		{ 64 * 100, 100, "64 segments of 100" },
		{ 64, 1, "64 segments of one byte" },
		{ 46 * 1400, 1400, "46 x 1400: records pass 65,507 bytes" },
		{ 65000, 1100, "65000 by 1100: two packets and a rest" },
		{ 48000, 16000, "segments of 16000" },
	};

	for (unsigned int i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		ssize_t sent = send_segments(p->a, cases[i].len,
					     cases[i].size);

		if (sent != (ssize_t)cases[i].len)
			diag("sent %zd: %s", sent, strerror(errno));
		ok(sent == (ssize_t)cases[i].len &&
		   arrive(p->b, cases[i].len, cases[i].size),
		   "%s: %s", how, cases[i].what);
	}
}

static void wire(struct pair *p)
{
	struct capture *tap;
	bool good = true;

	n_sizes = 0;
	tap = capture_start(each, NULL);
	send_segments(p->a, 46 * 1400 - 100, 1400);
	arrive(p->b, 46 * 1400 - 100, 1400);
	capture_check(tap, "a batch");
	for (unsigned int i = 0; i < 45 && i < n_sizes; i++)
		good = good && sizes[i] == 1400 + OVERHEAD;
	ok(n_sizes == 46 && good && sizes[45] == 1300 + OVERHEAD,
	   "the wire has records of segment size + %d", OVERHEAD);
}

static void option(struct pair *p)
{
	ok(get(p->a, UDP_SEGMENT) == 0, "UDP_SEGMENT is off at first");
	set(p->a, UDP_SEGMENT, 1400);
	ok(get(p->a, UDP_SEGMENT) == 1400, "UDP_SEGMENT reads back");
	ok(send(p->a, out, 5000, 0) == 5000 && arrive(p->b, 5000, 1400),
	   "send() with UDP_SEGMENT set");
	ok(send(p->a, out, 1400, 0) == 1400 && arrive(p->b, 1400, 1400),
	   "one whole segment is not split by its record's size");
	ok(send_segments(p->a, 5000, 700) == 5000 && arrive(p->b, 5000, 700),
	   "the control message wins over the option");
	ok(send_segments(p->a, 5000, 0) == 5000 && arrive(p->b, 5000, 5000),
	   "a control message of 0 turns it off");
	set(p->a, UDP_SEGMENT, 0);
	ok(send(p->a, out, 5000, 0) == 5000 && arrive(p->b, 5000, 5000),
	   "and 0 turns the option off");
	ok(send_segments(p->a, 65536 + 1000, 1000) == -1 && errno == EMSGSIZE,
	   "more than a UDP datagram can be is EMSGSIZE");
	ok(send_segments(p->a, 40000, 17000) == -1 && errno == EMSGSIZE,
	   "a segment over 2^14 is EMSGSIZE");
}

static void before_attach(void)
{
	struct dtls_keys keys;
	struct pair p;

	pair_plain(&p, AF_INET);
	set(p.a, UDP_SEGMENT, 1000);
	set(p.b, UDP_GRO, 1);
	pair_attach(&p);
	pair_keys(&keys, DTLS_CIPHER_AES_128_GCM, true);
	need(!pair_set_keys(p.a, &keys), "keys");
	pair_keys(&keys, DTLS_CIPHER_AES_128_GCM, false);
	need(!pair_set_keys(p.b, &keys), "keys");
	ok(get(p.a, UDP_SEGMENT) == 1000 && send(p.a, out, 4500, 0) == 4500 &&
	   arrive(p.b, 4500, 1000), "UDP_SEGMENT set before the attach");
	pair_close(&p);
}

int main(void)
{
	struct capture *tap = capture_start(NULL, NULL);
	struct pair p;

	for (size_t i = 0; i < sizeof(out); i += 100)
		canary_fill(out + i, 100, i);
	pair_open(&p, AF_INET, DTLS_CIPHER_AES_128_GCM);
	batches(&p, "IPv4");
	wire(&p);
	option(&p);
	set(p.b, UDP_GRO, 1);
	batches(&p, "IPv4, UDP_GRO");
	pair_close(&p);
	pair_open(&p, AF_INET6, DTLS_CIPHER_CHACHA20_POLY1305);
	batches(&p, "IPv6");
	set(p.b, UDP_GRO, 1);
	batches(&p, "IPv6, UDP_GRO");
	pair_close(&p);
	before_attach();
	capture_check(tap, "all of this");
	return done_testing();
}
