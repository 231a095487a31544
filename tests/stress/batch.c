// SPDX-License-Identifier: GPL-2.0
/*
 * GRO batches with segments that are valid, forged, of different sizes,
 * replayed, with alerts and empty records between: each content arrives once,
 * in order, and the segment size that UDP_GRO reports applies to all data of
 * one read.
 *
 * KDTLS_BATCHES: how many (default 100 for each way to read).
 */
#include <netinet/udp.h>
#include <poll.h>
#include <unistd.h>

#include "capture.h"
#include "pair.h"
#include "tap.h"

#define CIPHER		DTLS_CIPHER_AES_128_GCM
#define OVERHEAD	37
#define SEGMENTS	24
#define EXPECTED	(2 * SEGMENTS)

static struct content {
	unsigned char type;
	size_t len;
	char data[1500];
} expected[EXPECTED];

static unsigned int n_expected;
static unsigned char batch[SEGMENTS * 1600], before[1600];
static char text[1500];
static unsigned long long seq, rx_data, bad;
static struct pair p;
static unsigned int several;	/* reads that returned more than one */
static bool with_type;		/* alerts are delivered, too */
static uint64_t state = 88172645463325252ULL;

static unsigned int below(unsigned int n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (state >> 11) % n;
}

/* A genuine record with this much content; expected: it must arrive. */
static size_t genuine(unsigned char *to, unsigned char type, const void *data,
		      size_t len, bool arrives)
{
	struct content *c;

	if (arrives) {
		need(n_expected < EXPECTED, "room");
		c = &expected[n_expected++];
		c->type = type;
		c->len = len;
		memcpy(c->data, data, len);
	}
	return pair_record_typed(CIPHER, 1, seq++, type, data, len, to);
}

static size_t data_record(unsigned char *to, size_t len, bool arrives)
{
	canary_fill(text, len, seq);
	rx_data += arrives;
	return genuine(to, DTLS_TYPE_APPLICATION_DATA, text, len, arrives);
}

/* user_canceled, a warning */
static size_t alert_record(unsigned char *to)
{
	return genuine(to, DTLS_TYPE_ALERT, "\1\132", 2, with_type);
}

/* A whole segment of size bytes, of one of many kinds. */
static void segment(unsigned char *to, size_t size)
{
	size_t len;

	switch (below(11)) {
	case 0:				/* forged */
		data_record(to, size - OVERHEAD, false);
		to[13 + below(size - 13)] ^= 1 << below(8);
		bad++;
		break;
	case 1:				/* forged, says it is shorter */
		data_record(to, size - OVERHEAD, false);
		to[11] = 0;
		to[12] = below(size - OVERHEAD);
		bad++;
		break;
	case 2:				/* forged, says it is longer */
		data_record(to, size - OVERHEAD, false);
		to[11] += 1 + below(100);
		bad++;
		break;
	case 3:				/* replayed */
		memcpy(to, before, size);
		bad++;
		break;
	case 4:				/* two records of other sizes */
		len = 1 + below(size - 2 * OVERHEAD - 1);
		len = data_record(to, len, true);
		data_record(to + len, size - OVERHEAD - len, true);
		break;
	case 5:				/* an alert, then a smaller one */
		len = alert_record(to);
		data_record(to + len, size - OVERHEAD - len, true);
		break;
	case 6:				/* an empty one, then a smaller one */
		len = genuine(to, DTLS_TYPE_APPLICATION_DATA, text, 0, false);
		rx_data++;
		data_record(to + len, size - OVERHEAD - len, true);
		break;
	case 7:				/* a smaller one, then no record */
		len = data_record(to, size / 3, true);
		memset(to + len, 0xff, size - len);
		bad++;
		break;
	default:
		data_record(to, size - OVERHEAD, true);
	}
}

static void send_batch(size_t size)
{
	size_t n = 2 + below(SEGMENTS - 1), last = size - below(size / 3), i;
	int value = size;

	n_expected = 0;
	/* the record to replay */
	data_record(before, size - OVERHEAD, true);
	memcpy(batch, before, size);
	for (i = 1; i + 1 < n; i++)
		segment(batch + i * size, size);
	if (n > 1 && last > size / 2)
		data_record(batch + i * size, last - OVERHEAD, true);
	need(!setsockopt(p.a, SOL_UDP, UDP_SEGMENT, &value, sizeof(value)),
	     "UDP_SEGMENT");
	size = i * size + last;
	need(send(p.a, batch, size, 0) == (ssize_t)size, "a batch");
}

/* One read; its segment size (its length if none was reported) and type. */
static ssize_t read_some(char *in, size_t room, size_t *size,
			 unsigned char *type)
{
	char control[200];
	struct iovec iov = { in, room };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *c;
	ssize_t got = -1;

	if (pair_poll(p.b, POLLIN, 3000))
		got = recvmsg(p.b, &msg, 0);
	*size = got;
	*type = DTLS_TYPE_APPLICATION_DATA;
	for (c = CMSG_FIRSTHDR(&msg); got > 0 && c; c = CMSG_NXTHDR(&msg, c)) {
		if (c->cmsg_level == SOL_UDP && c->cmsg_type == UDP_GRO)
			*size = *(int *)CMSG_DATA(c);
		if (c->cmsg_level == SOL_DTLS &&
		    c->cmsg_type == DTLS_RECORD_TYPE)
			*type = *CMSG_DATA(c);
	}
	return got;
}

/* Number of contents in the data read, 0 if it is not the expected data. */
static unsigned int due(unsigned int at, const char *in, size_t got,
			size_t size, unsigned char type)
{
	unsigned int n = 0;
	size_t off;

	for (off = 0; off < got; off += size, n++) {
		const struct content *c = &expected[at + n];
		size_t part = got - off < size ? got - off : size;

		if (at + n >= n_expected || c->len != part || c->type != type ||
		    memcmp(c->data, in + off, part)) {
			diag("content %u of %u: got %zu by %zu, type %u; at %zu wanted %zu, type %u",
			     at + n, n_expected, got, size, type, off,
			     at + n < n_expected ? c->len : 0,
			     at + n < n_expected ? c->type : 0);
			return 0;
		}
	}
	return n;
}

static bool arrive(void)
{
	static char in[70000];
	unsigned char type;
	unsigned int at, n;
	ssize_t got;
	size_t size;

	for (at = 0; at < n_expected; at += n) {
		got = read_some(in, sizeof(in), &size, &type);
		n = got > 0 ? due(at, in, got, size, type) : 0;
		several += n > 1;
		if (!n) {
			diag("batch ends at %u of %u: %zd", at, n_expected, got);
			return false;
		}
	}
	return !pair_poll(p.b, POLLIN, 0);
}

static void counters(const char *how)
{
	struct dtls_stats stats;
	unsigned long long drops;
	socklen_t len = sizeof(stats);

	need(!getsockopt(p.b, SOL_DTLS, DTLS_STATS, &stats, &len), "stats");
	drops = pair_sum_drops(p.b);
	ok(stats.rx_records == rx_data && drops >= bad,
	   "%s: all is counted", how);
	diag("%llu records, wanted %llu; %llu drops, at least %llu",
	     stats.rx_records, rx_data, drops, bad);
}

static void run(const char *how, int family, bool gro, bool type)
{
	const char *env = getenv("KDTLS_BATCHES");
	int n = env ? atoi(env) : 100, good = 0;
	unsigned int info = DTLS_RECVINFO_TYPE;

	with_type = type;
	several = 0;
	rx_data = 0;
	bad = 0;
	pair_victim(&p, family, CIPHER);
	need(!setsockopt(p.b, SOL_UDP, UDP_GRO, &(int){ gro }, sizeof(int)),
	     "UDP_GRO");
	need(!type || !setsockopt(p.b, SOL_DTLS, DTLS_RECVINFO, &info,
				  sizeof(info)), "DTLS_RECVINFO");
	for (int i = 0; i < n && good == i; i++) {
		send_batch(200 + below(1200));
		good += arrive();
	}
	ok(good == n, "%s: what is good in %d batches, and the sizes are true",
	   how, n);
	ok(gro == !!several, "%s: %u reads returned more than one", how, several);
	counters(how);
	pair_close(&p);
}

int main(void)
{
	struct capture *tap = capture_start(NULL, NULL);

	run("UDP_GRO", AF_INET, true, false);
	run("UDP_GRO, alerts too", AF_INET, true, true);
	run("UDP_GRO, IPv6", AF_INET6, true, true);
	run("one at a time, alerts too", AF_INET, false, true);
	capture_check(tap, "all of this");
	return done_testing();
}
