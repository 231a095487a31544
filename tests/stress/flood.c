// SPDX-License-Identifier: GPL-2.0
/*
 * Many invalid datagrams of all kinds, some valid ones between: only
 * counters change, nothing is logged per datagram, the valid ones arrive.
 *
 * KDTLS_FLOOD: how many (default 1,000,000; 10,000 on the debug kernel).
 */
#include <poll.h>
#include <sys/klog.h>
#include <time.h>
#include <unistd.h>

#include "capture.h"
#include "pair.h"
#include "tap.h"

#define CIPHER	DTLS_CIPHER_AES_128_GCM
#define BURST	50

static char out[60], in[70000];
static unsigned char bufs[BURST][1500], good[PAIR_MAX_RECORD];
static unsigned char replay[PAIR_MAX_RECORD];
static size_t good_len, replay_len;
static unsigned long long seed = 88172645463325252ULL;

static unsigned int rnd(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed >> 11;
}

/* One bad datagram; its length. */
static size_t make(unsigned char *buf)
{
	size_t len = 13 + 24 + rnd() % 60;

	for (size_t i = 0; i < len; i++)
		buf[i] = rnd();
	memcpy(buf, "\x17\xfe\xfd\0\1\0\0\1", 8);
	buf[11] = (len - 13) >> 8;
	buf[12] = len - 13;
	switch (rnd() % 8) {
	case 0: return len;				/* tag */
	case 1: return rnd() % len;			/* truncated */
	case 2: memcpy(buf, replay, replay_len);	/* replayed */
		return replay_len;
	case 3: buf[4] = rnd() | 2; return len;		/* epoch */
	case 4: buf[2] = rnd() % 0xfc; return len;	/* version */
	case 5: buf[11] = 0x60; return len + 1000;	/* wrong length field */
	case 6: buf[0] = rnd() & 0xdf; return len;	/* type */
	default:					/* random */
		for (size_t i = 0; i < len; i++)
			buf[i] = rnd();
		return len;
	}
}

static void burst(struct pair *p)
{
	static struct mmsghdr msgs[BURST];
	static struct iovec iov[BURST];

	for (int i = 0; i < BURST; i++) {
		iov[i] = (struct iovec){ bufs[i], make(bufs[i]) };
		msgs[i].msg_hdr.msg_iov = &iov[i];
		msgs[i].msg_hdr.msg_iovlen = 1;
	}
	need(sendmmsg(p->a, msgs, BURST, 0) == BURST, "sendmmsg");
}

/*
 * Reads until all sent datagrams are processed: one call opens no more than
 * its budget, and the rest would overflow the queue on a slow machine.
 * Returns records that arrive, which must be none.
 */
static long drain(struct pair *p, unsigned long long sent)
{
	long arrived = 0;

	for (int i = 0; i < 5000; i++) {
		while (recv(p->b, in, sizeof(in), MSG_DONTWAIT) > 0)
			arrived++;
		if (pair_sum_drops(p->b) >= sent)
			break;
		usleep(1000);
	}
	return arrived;
}

static int log_bytes(void)
{
	return klogctl(9 /* SYSLOG_ACTION_SIZE_UNREAD */, NULL, 0);
}

int main(void)
{
	const char *env = getenv("KDTLS_FLOOD");
	struct timeval patience = { .tv_sec = 10 };
	long n = 1000000, sent, rounds = 0, arrived = 0;
	struct dtls_status status;
	socklen_t len = sizeof(status);
	time_t begin = time(NULL);
	struct pair p;
	int log;

	if (on_debug_kernel())
		n = 10000;
	if (env)
		n = atol(env);
	canary_fill(out, sizeof(out), 1);
	pair_victim(&p, AF_INET, CIPHER);
	replay_len = pair_record(CIPHER, 1, 0, out, sizeof(out), replay);
	need(send(p.a, replay, replay_len, 0) > 0, "send");
	need(recv(p.b, in, sizeof(in), 0) == sizeof(out), "recv");
	need(!setsockopt(p.b, SOL_SOCKET, SO_RCVTIMEO, &patience,
			 sizeof(patience)), "SO_RCVTIMEO");
	log = log_bytes();
	for (sent = 0; sent < n; sent += BURST) {
		burst(&p);
		if (sent / BURST % 20 == 0) {
			rounds++;
			good_len = pair_record(CIPHER, 1, rounds, out,
					       sizeof(out), good);
			send(p.a, good, good_len, 0);
			if (pair_poll(p.b, POLLIN, 2000) &&
			    recv(p.b, in, sizeof(in), 0) == sizeof(out) &&
			    !memcmp(in, out, sizeof(out)))
				arrived++;
		}
		if (drain(&p, sent + BURST))
			arrived = -1;
	}
	ok(arrived == rounds, "%ld good records among them arrive", rounds);
	/* some have the reasons of two records, each has at least one */
	ok(pair_sum_drops(p.b) >= (unsigned long long)sent,
	   "%ld bad datagrams are counted", sent);
	need(!getsockopt(p.b, SOL_DTLS, DTLS_STATUS, &status, &len), "status");
	ok(status.state == DTLS_STATE_ESTABLISHED && !status.alert &&
	   status.rx_seq == (unsigned long long)rounds + 1,
	   "nothing else has changed");
	/* a starved machine may log that; a line a datagram would be MBs */
	log = log_bytes() - log;
	ok(log < 4096, "nothing is logged per datagram (%d bytes)", log);
	ok(send(p.b, out, sizeof(out), 0) == sizeof(out), "and it sends");
	diag("%ld s, %llu drops", (long)(time(NULL) - begin),
	     pair_sum_drops(p.b));
	pair_close(&p);
	return done_testing();
}
