// SPDX-License-Identifier: GPL-2.0
/*
 * Datagrams full of records: one costs at most one failed tag, a call that does
 * not wait has a budget of records, and one that waits has one deadline.
 */
#include <linux/sockios.h>
#include <netinet/udp.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "capture.h"
#include "pair.h"
#include "tap.h"

#define CIPHER		DTLS_CIPHER_AES_128_GCM
#define LEAST		37	/* bytes of an empty record */
#define MOST		1750	/* such records in a datagram */
#define TEXT		50
#define UNOPENED	64	/* records of a datagram; the rest is dropped */
#define BUDGET		64	/* records, for a call that does not wait */

static unsigned char dg[70000];
static char in[70000], text[TEXT];
static unsigned long long seq, forged_seq;
static size_t len;		/* bytes in dg */
static struct pair p;

/* Records at the end of dg. */
static void genuine(unsigned int n)
{
	while (n--)
		len += pair_record(CIPHER, 1, seq++, text, TEXT, dg + len);
}

static void forged(unsigned int n)
{
	for (; n--; len += LEAST) {
		memset(dg + len, 0xee, LEAST);
		memcpy(dg + len, "\x17\xfe\xfd\0\1\0\0\1", 8);
		dg[len + 8] = forged_seq >> 16;
		dg[len + 9] = forged_seq >> 8;
		dg[len + 10] = forged_seq++;
		dg[len + 11] = 0;
		dg[len + 12] = LEAST - 13;
	}
}

/* The first record of dg, n more times. */
static void again(unsigned int n)
{
	size_t one = TEXT + LEAST;

	for (; n--; len += one)
		memcpy(dg + len, dg, one);
}

static void unprotected(unsigned int n)
{
	for (; n--; len += 14)
		memcpy(dg + len, "\x16\xfe\xfd\0\0\0\0\0\0\0\1\0\1", 14);
}

static void give(void)
{
	need(send(p.a, dg, len, 0) == (ssize_t)len, "send");
	len = 0;
}

/* Contents that can be read. */
static unsigned int arrived(void)
{
	unsigned int n = 0;

	while (pair_poll(p.b, POLLIN, 30) && recv(p.b, in, sizeof(in), 0) == TEXT)
		n += !memcmp(in, text, TEXT);
	return n;
}

struct drops {
	unsigned int tag, rest, replay, plaintext, other;
};

static void count(struct drops *d)
{
	__u64 all[DTLS_DROP_COUNT];

	pair_all_drops(p.b, all);
	*d = (struct drops){
		.tag = all[DTLS_DROP_TAG],
		.rest = all[DTLS_DROP_REST],
		.replay = all[DTLS_DROP_REPLAY],
		.plaintext = all[DTLS_DROP_PLAINTEXT],
	};
	for (int i = 0; i < DTLS_DROP_COUNT; i++)
		d->other += all[i];
	d->other -= d->tag + d->rest + d->replay + d->plaintext;
}

/* Sends dg: this many arrive, this many are dropped. */
static void becomes(unsigned int contents, struct drops want, const char *what)
{
	struct drops a, b;
	unsigned int got;

	count(&a);
	give();
	got = arrived();
	count(&b);
	b.tag -= a.tag;
	b.rest -= a.rest;
	b.replay -= a.replay;
	b.plaintext -= a.plaintext;
	b.other -= a.other;
	ok(got == contents && !memcmp(&b, &want, sizeof(want)),
	   "%s: %u arrive", what, contents);
	if (got != contents || memcmp(&b, &want, sizeof(want)))
		diag("%u arrive; tag %u, rest %u, replay %u, plaintext %u, other %u",
		     got, b.tag, b.rest, b.replay, b.plaintext, b.other);
}

static void datagrams(void)
{
	genuine(30);
	becomes(30, (struct drops){ 0 }, "30 records in a datagram");
	forged(39);
	becomes(0, (struct drops){ .tag = 1, .rest = 1 }, "39 forged ones");
	forged(MOST);
	becomes(0, (struct drops){ .tag = 1, .rest = 1 }, "1,750 forged ones");
	genuine(2);
	forged(1);
	becomes(2, (struct drops){ .tag = 1 }, "a forged one behind two");
	forged(1);
	genuine(2);
	becomes(0, (struct drops){ .tag = 1, .rest = 1 },
		"a forged one before two");
	genuine(1);
	again(3);
	genuine(1);
	becomes(2, (struct drops){ .replay = 3 }, "three replays before one");
	genuine(1);
	again(UNOPENED + 20);
	genuine(1);
	becomes(1, (struct drops){ .replay = UNOPENED, .rest = 1 },
		"too many replays before one");
	unprotected(8);
	genuine(1);
	becomes(1, (struct drops){ .plaintext = 8 }, "a flight before one");
	unprotected(4000);
	becomes(0, (struct drops){ .plaintext = UNOPENED, .rest = 1 },
		"4,000 unprotected ones");
}

static void option(int fd, int level, int name, int value)
{
	need(!setsockopt(fd, level, name, &value, sizeof(value)), "option");
}

/* Three datagrams of two records each in one packet, for a reader of batches. */
static void packets(void)
{
	option(p.b, SOL_UDP, UDP_GRO, 1);
	option(p.a, SOL_UDP, UDP_SEGMENT, 2 * (TEXT + LEAST));
	genuine(6);
	dg[2 * (TEXT + LEAST) + 20] ^= 1;	/* the third one */
	need(send(p.a, dg, len, 0) == (ssize_t)len, "a batch");
	len = 0;
	while (pair_poll(p.b, POLLIN, 100))
		len += recv(p.b, in + len, sizeof(in) - len, 0);
	is_int(len, 4 * TEXT,
	       "of a GRO batch one datagram's first is forged: the others arrive");
	is_int(pair_drops(p.b, DTLS_DROP_TAG), 5, "... one wrong tag");
	len = 0;
}

static void ask_recv(void)
{
	recv(p.b, in, sizeof(in), MSG_DONTWAIT);
}

static void ask_peek(void)
{
	recv(p.b, in, sizeof(in), MSG_DONTWAIT | MSG_PEEK);
}

static void ask_poll(void)
{
	pair_poll(p.b, POLLIN, 0);
}

static void ask_inq(void)
{
	int n;

	need(!ioctl(p.b, SIOCINQ, &n), "SIOCINQ");
}

static const struct asking {
	void (*call)(void);
	const char *name;
} askings[] = {
	{ ask_recv, "recv(MSG_DONTWAIT)" }, { ask_peek, "recv(MSG_PEEK)" },
	{ ask_poll, "poll() that does not wait" }, { ask_inq, "SIOCINQ" },
};

/* Packets of 50 datagrams wait: a call opens one, and a second one. */
static void budgets(const struct asking *asking)
{
	unsigned long long before;

	option(p.a, SOL_UDP, UDP_SEGMENT, LEAST);
	for (int i = 0; i < 12; i++) {
		forged(50);
		give();
	}
	before = pair_drops(p.b, DTLS_DROP_TAG);
	asking->call();
	before = pair_drops(p.b, DTLS_DROP_TAG) - before;
	ok(before && before < BUDGET + 50, "%s opens %llu records of 600",
	   asking->name, before);
	for (int i = 0; i < 12; i++)
		ask_recv();
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static pid_t flood(unsigned int n)
{
	pid_t pid = fork();

	need(pid >= 0, "fork");
	if (pid)
		return pid;
	option(p.a, SOL_UDP, UDP_SEGMENT, 0);
	len = 0;
	forged(n);
	for (double end = now() + 4; now() < end; )
		send(p.a, dg, len, MSG_DONTWAIT);
	_exit(0);
}

/* 64 datagrams of 64 KB wait. */
static void ends(const struct asking *asking)
{
	double took;

	option(p.a, SOL_UDP, UDP_SEGMENT, 0);
	for (int i = 0; i < 64; i++) {
		forged(MOST);
		give();
	}
	took = now();
	asking->call();
	took = now() - took;
	ok(took < 0.7, "%s on 112,000 forged records ends (%.3f s)",
	   asking->name, took);
	while (pair_poll(p.b, POLLIN, 0))
		ask_recv();
}

static void deadlines(unsigned int n)
{
	struct timeval tv = { .tv_usec = 500000 };
	double took;
	pid_t pid;

	need(!setsockopt(p.b, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)),
	     "SO_RCVTIMEO");
	pid = flood(n);
	usleep(300000);
	took = now();
	ok(recv(p.b, in, sizeof(in), 0) == -1 && errno == EAGAIN,
	   "a flood of datagrams of %zu bytes: recv() has nothing",
	   (size_t)n * LEAST);
	took = now() - took;
	ok(took > 0.4 && took < 1.5, "... at its deadline of 0.5 s (%.2f s)",
	   took);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	while (pair_poll(p.b, POLLIN, 0))
		ask_recv();
}

int main(void)
{
	struct capture *tap = capture_start(NULL, NULL);

	canary_fill(text, sizeof(text), 1);
	pair_victim(&p, AF_INET, CIPHER);
	option(p.a, SOL_SOCKET, SO_SNDBUFFORCE, 1 << 22);
	option(p.b, SOL_SOCKET, SO_RCVBUFFORCE, 1 << 24);
	datagrams();
	packets();
	for (unsigned int i = 0; i < 4; i++)
		budgets(&askings[i]);
	capture_check(tap, "all of this");
	for (unsigned int i = 0; i < 4; i++)
		ends(&askings[i]);
	deadlines(39);
	deadlines(MOST);
	genuine(1);
	option(p.a, SOL_UDP, UDP_SEGMENT, 0);
	give();
	is_int(arrived(), 1, "then a good one arrives");
	pair_close(&p);
	return done_testing();
}
