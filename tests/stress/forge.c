// SPDX-License-Identifier: GPL-2.0
/*
 * Every kind of invalid datagram, from the peer's address: the counter of its
 * reason rises by exactly the number sent, nothing else changes, valid traffic
 * continues.
 */
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "capture.h"
#include "pair.h"
#include "tap.h"

#define CIPHER	DTLS_CIPHER_AES_128_GCM

static unsigned char rec[PAIR_MAX_RECORD], bad[70000];
static char out[300], in[70000];
static size_t rec_len;
static unsigned long long seq = 100;
static struct pair p;

struct snapshot {
	struct dtls_stats stats;
	__u64 drops[DTLS_DROP_COUNT];
	struct dtls_status status;
};

static void snap(struct snapshot *s)
{
	socklen_t len = sizeof(s->stats);

	need(!getsockopt(p.b, SOL_DTLS, DTLS_STATS, &s->stats, &len), "stats");
	pair_all_drops(p.b, s->drops);
	len = sizeof(s->status);
	need(!getsockopt(p.b, SOL_DTLS, DTLS_STATUS, &s->status, &len),
	     "status");
}

/* A genuine record with a fresh number, in rec and in bad. */
static void genuine(void)
{
	rec_len = pair_record(CIPHER, 1, seq++, out, 200, rec);
	memcpy(bad, rec, rec_len);
}

static bool delivers(const void *data, size_t len)
{
	need(send(p.a, data, len, 0) == (ssize_t)len, "plain send");
	return pair_poll(p.b, POLLIN, 2000) &&
	       recv(p.b, in, sizeof(in), 0) == 200 && !memcmp(in, out, 200);
}

/* A slow driver exhausts the budget of one call: then poll() makes another. */
static bool nothing_arrives(void)
{
	for (int i = 0; i < 100 && pair_poll(p.b, POLLIN, 30); i++)
		if (recv(p.b, in, sizeof(in), MSG_DONTWAIT) != -1 ||
		    errno != EAGAIN)
			return false;
	return recv(p.b, in, sizeof(in), MSG_DONTWAIT) == -1 && errno == EAGAIN;
}

/* An asynchronous driver may still hold the last of them. */
static void snap_when(struct snapshot *s, enum dtls_drop reason,
		      unsigned long long count)
{
	for (int i = 0; i < 200; i++) {
		snap(s);
		if (s->drops[reason] >= count)
			break;
		usleep(10000);
	}
}

/* Sends bad n times: reason +n, all else unchanged; then a valid one. */
static void dropped(size_t len, int n, enum dtls_drop reason, const char *what)
{
	struct snapshot before, after;
	bool good;

	snap(&before);
	for (int i = 0; i < n; i++)
		need(send(p.a, bad, len, 0) == (ssize_t)len, "plain send");
	good = nothing_arrives();
	before.drops[reason] += n;
	snap_when(&after, reason, before.drops[reason]);
	good = good && !memcmp(&before, &after, sizeof(before));
	if (memcmp(&before, &after, sizeof(before)))
		for (int i = 0; i < DTLS_DROP_COUNT; i++)
			if (before.drops[i] != after.drops[i])
				diag("reason %d: %llu, wanted %llu", i,
				     after.drops[i],
				     before.drops[i]);
	genuine();
	ok(good && delivers(rec, rec_len), "%s", what);
}

static void bytes(void)
{
	genuine();
	bad[rec_len - 1] ^= 1;
	dropped(rec_len, 3, DTLS_DROP_TAG, "a bit of the tag");
	genuine();
	bad[30] ^= 0x80;
	dropped(rec_len, 3, DTLS_DROP_TAG, "a bit of the text");
	genuine();
	bad[14] ^= 1;
	dropped(rec_len, 1, DTLS_DROP_TAG, "a bit of the explicit nonce");
	genuine();
	bad[0] = 22;
	dropped(rec_len, 1, DTLS_DROP_TAG, "another content type");
	genuine();
	bad[9] ^= 1;
	dropped(rec_len, 1, DTLS_DROP_TAG, "another record number");
	genuine();
	bad[4] = 2;
	dropped(rec_len, 3, DTLS_DROP_EPOCH, "another epoch");
	genuine();
	bad[3] = 0xff;
	dropped(rec_len, 1, DTLS_DROP_EPOCH, "epoch 65281");
	genuine();
	bad[4] = 0;
	dropped(rec_len, 3, DTLS_DROP_PLAINTEXT, "epoch 0");
	genuine();
	bad[2] = 0xfc;
	dropped(rec_len, 3, DTLS_DROP_VERSION, "DTLS 1.3 as a version");
	genuine();
	bad[1] = 3;
	bad[2] = 3;
	dropped(rec_len, 1, DTLS_DROP_VERSION, "TLS 1.2 as a version");
	genuine();
	bad[0] = 25;
	dropped(rec_len, 1, DTLS_DROP_CID, "a Connection ID record");
}

static void lengths(void)
{
	static const size_t short_ones[] = { 1, 2, 11, 12 };

	for (unsigned int i = 0; i < 4; i++) {
		genuine();
		dropped(short_ones[i], 2, DTLS_DROP_HEADER, "a torn header");
	}
	genuine();
	dropped(0, 2, DTLS_DROP_HEADER, "an empty datagram");
	genuine();
	dropped(rec_len - 1, 2, DTLS_DROP_LENGTH, "the last byte missing");
	genuine();
	dropped(13, 2, DTLS_DROP_LENGTH, "a header alone");
	genuine();
	bad[11] = 0xff;
	bad[12] = 0xff;
	dropped(rec_len, 1, DTLS_DROP_LENGTH, "a length of 65535");
	genuine();
	bad[11] = 0;
	bad[12] = 0;
	dropped(13, 1, DTLS_DROP_LENGTH, "a length of 0");
	genuine();
	bad[11] = 0;
	bad[12] = 23;
	dropped(36, 1, DTLS_DROP_LENGTH, "a length shorter than nonce and tag");
	genuine();
	bad[11] = 0;
	bad[12] = 24;
	dropped(37, 1, DTLS_DROP_TAG, "no content, and a wrong tag");
	genuine();
	bad[11] = 30000 >> 8;
	bad[12] = 30000 & 255;
	dropped(13 + 30000, 1, DTLS_DROP_LENGTH, "a record over 2^14 + 2048");
}

static void not_dtls(void)
{
	static const unsigned char firsts[] = {
		0, 1, 3, 15, 19, 64, 79, 80, 127, 128, 191, 192, 255
	};

	for (unsigned int i = 0; i < sizeof(firsts); i++) {
		genuine();
		bad[0] = firsts[i];
		dropped(rec_len, 1, DTLS_DROP_NOT_DTLS, "no DTLS by RFC 7983");
	}
	genuine();
	bad[0] = 32;
	dropped(rec_len, 1, DTLS_DROP_VERSION, "a DTLS 1.3 unified header");
}

static void replays(void)
{
	struct snapshot after;

	genuine();
	need(delivers(rec, rec_len), "good one");
	memcpy(bad, rec, rec_len);
	dropped(rec_len, 5, DTLS_DROP_REPLAY, "a replay, five times");
	rec_len = pair_record(CIPHER, 1, seq + 5000, out, 200, rec);
	need(delivers(rec, rec_len), "a jump");
	seq += 5001;
	genuine();
	rec_len = pair_record(CIPHER, 1, seq - 2000, out, 200, bad);
	dropped(rec_len, 2, DTLS_DROP_REPLAY, "left of the window");
	/* a forgery far ahead must not move the window */
	genuine();
	bad[7] = 0x40;
	dropped(rec_len, 1, DTLS_DROP_TAG, "a forgery of a number far ahead");
	snap(&after);
	ok(after.status.rx_seq == seq,
	   "does not move the window");
}

/* Good, bad, good in one datagram. */
static void several(void)
{
	unsigned char all[4000];
	size_t len = 0, second;
	struct snapshot before, after;
	int got = 0;

	genuine();
	memcpy(all, rec, rec_len);
	len = second = rec_len;
	genuine();
	rec[rec_len - 3] ^= 4;
	memcpy(all + len, rec, rec_len);
	len += rec_len;
	genuine();
	memcpy(all + len, rec, rec_len);
	len += rec_len;
	snap(&before);
	need(send(p.a, all, len, 0) == (ssize_t)len, "send");
	while (pair_poll(p.b, POLLIN, 100) &&
	       recv(p.b, in, sizeof(in), 0) == 200 && !memcmp(in, out, 200))
		got++;
	snap(&after);
	ok(got == 1 && after.drops[DTLS_DROP_TAG] ==
	   before.drops[DTLS_DROP_TAG] + 1 &&
	   after.drops[DTLS_DROP_REST] ==
	   before.drops[DTLS_DROP_REST] + 1,
	   "three records in a datagram, the middle one forged: the first arrives");

	genuine();
	memcpy(all, rec, rec_len);
	genuine();
	rec[11] = 0x10;
	memcpy(all + second, rec, rec_len);
	snap(&before);
	need(send(p.a, all, second + rec_len, 0) > 0, "send");
	got = 0;
	while (pair_poll(p.b, POLLIN, 100) &&
	       recv(p.b, in, sizeof(in), 0) == 200)
		got++;
	snap(&after);
	ok(got == 1 && after.drops[DTLS_DROP_LENGTH] ==
	   before.drops[DTLS_DROP_LENGTH] + 1,
	   "the second one's length lies: the first arrives");

	genuine();
	memcpy(all, rec, rec_len);
	memcpy(all + rec_len, rec, rec_len);
	need(send(p.a, all, 2 * rec_len, 0) > 0, "send");
	got = 0;
	while (pair_poll(p.b, POLLIN, 100) &&
	       recv(p.b, in, sizeof(in), 0) == 200)
		got++;
	ok(got == 1, "the same one twice in a datagram arrives once");
}

static void spliced_batch(void)
{
	static unsigned char all[20 * 237];
	int good = 0, got = 0, size = 237;

	need(!setsockopt(p.b, IPPROTO_UDP, 104 /* UDP_GRO */, &(int){ 1 }, 4),
	     "UDP_GRO");
	need(!setsockopt(p.a, IPPROTO_UDP, 103 /* UDP_SEGMENT */, &size, 4),
	     "UDP_SEGMENT");
	for (int i = 0; i < 20; i++) {
		genuine();
		if (i % 3 == 1)
			rec[100] ^= 1;
		else
			good++;
		need(rec_len == 237, "record size");
		memcpy(all + i * 237, rec, 237);
	}
	need(send(p.a, all, sizeof(all), 0) == sizeof(all), "batch");
	/* with UDP_GRO a recv may have several, each as long as the first */
	while (pair_poll(p.b, POLLIN, 200)) {
		ssize_t len = recv(p.b, in, sizeof(in), 0);

		for (ssize_t off = 0; off < len; off += 200)
			got += len - off >= 200 && !memcmp(in + off, out, 200);
	}
	is_int(got, good, "a GRO batch with forged segments: the rest arrives");
}

/* A record of one byte in a packet of padding: the whole packet is kept. */
static void junk(void)
{
	static unsigned char all[60000];
	socklen_t size = sizeof(int);
	int rcvbuf, taken = 0;

	pair_victim(&p, AF_INET, CIPHER);
	need(!getsockopt(p.b, SOL_SOCKET, SO_RCVBUF, &rcvbuf, &size), "rcvbuf");
	while (taken < 60) {
		pair_record(CIPHER, 1, 100 + taken, "x", 1, all);
		if (setsockopt(p.b, SOL_DTLS, DTLS_INJECT, all, sizeof(all)))
			break;
		taken++;
	}
	ok(taken && (taken - 1) * (int)sizeof(all) < rcvbuf,
	   "records in packets of %zu bytes: %d stay in SO_RCVBUF of %d",
	   sizeof(all), taken, rcvbuf);
	for (int i = 0; i < taken; i++)
		recv(p.b, in, sizeof(in), MSG_DONTWAIT);
	pair_record(CIPHER, 1, 100 + taken, "x", 1, all);
	ok(!setsockopt(p.b, SOL_DTLS, DTLS_INJECT, all, sizeof(all)) &&
	   recv(p.b, in, sizeof(in), MSG_DONTWAIT) == 1,
	   "and when those are read there is space again");
	pair_close(&p);
}

int main(void)
{
	struct capture *tap = capture_start(NULL, NULL);

	canary_fill(out, sizeof(out), 1);
	pair_victim(&p, AF_INET, CIPHER);
	bytes();
	lengths();
	not_dtls();
	replays();
	several();
	spliced_batch();
	pair_close(&p);
	junk();
	capture_check(tap, "all of this");
	return done_testing();
}
