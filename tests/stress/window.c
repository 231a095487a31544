// SPDX-License-Identifier: GPL-2.0
/*
 * The replay window over the wire, against a naive model: the set of accepted
 * numbers and the highest of them. RFC 6347 section 4.1.2.6.
 */
#include <poll.h>
#include <unistd.h>

#include "capture.h"
#include "pair.h"
#include "tap.h"

#define CIPHER	DTLS_CIPHER_AES_128_GCM
#define MAX_SEQ	((1ULL << 48) - 1)

static unsigned char rec[PAIR_MAX_RECORD];
static char out[40], in[100];

static void victim(struct pair *p, unsigned int bits, unsigned long long first)
{
	struct dtls_keys keys;

	pair_plain(p, AF_INET);
	need(!setsockopt(p->b, SOL_IP, DTLS_ULP, "dtls", 4), "attach");
	need(!setsockopt(p->b, SOL_DTLS, DTLS_REPLAY_WINDOW, &bits, 4),
	     "DTLS_REPLAY_WINDOW");
	pair_keys(&keys, CIPHER, false);
	keys.rx.seq = first;
	need(!pair_set_keys(p->b, &keys), "keys");
}

static bool arrives(struct pair *p, unsigned long long seq)
{
	size_t len = pair_record(CIPHER, 1, seq, out, sizeof(out), rec);

	need(send(p->a, rec, len, 0) == (ssize_t)len, "send");
	return recv(p->b, in, sizeof(in), MSG_DONTWAIT) == sizeof(out);
}

static void table(void)
{
	static const struct {
		unsigned long long seq;
		bool arrives;
		const char *what;
	} steps[] = {
		{ 0, true, "the first record has number 0" },
		{ 0, false, "0 again" },
		{ 2, true, "2 before 1" },
		{ 1, true, "1 after 2" },
		{ 1, false, "1 again" },
		{ 65, true, "65: the window of 64 is 2 to 65" },
		{ 1, false, "left of it" },
		{ 2, false, "its left edge, seen" },
		{ 3, true, "next to its left edge, new" },
		{ 1000000, true, "a jump" },
		{ 65, false, "all before it is gone" },
		{ 1000000 - 63, true, "its left edge" },
		{ 1000000 - 64, false, "one left of it" },
		{ 1ULL << 32, true, "2^32" },
		{ (1ULL << 32) - 1, true, "2^32 - 1 after it" },
		{ MAX_SEQ - 17, true, "near the last number" },
		{ MAX_SEQ - 18, true, "one before it" },
		{ MAX_SEQ - 17, false, "again" },
		{ 5, false, "and nothing wraps" },
	};
	struct pair p;

	victim(&p, 64, 0);
	for (unsigned int i = 0; i < sizeof(steps) / sizeof(*steps); i++)
		is_int(arrives(&p, steps[i].seq), steps[i].arrives, "%s",
		       steps[i].what);
	pair_close(&p);
}

static void floors(void)
{
	struct pair p;

	victim(&p, 64, 10);
	ok(!arrives(&p, 9) && arrives(&p, 10) && arrives(&p, 12) &&
	   arrives(&p, 11) && !arrives(&p, 3),
	   "numbers below dtls_keys.rx.seq are replays");
	pair_close(&p);
}

static void model(void)
{
	static bool seen[2000];
	unsigned int highest = 0, wrong = 0;
	struct pair p;

	victim(&p, 128, 0);
	srand(1);
	for (unsigned int i = 0; i < 1500; i++) {
		unsigned int seq = i + rand() % 200 - (i > 200 ? 150 : 0);
		bool want = seq + 128 > highest && !seen[seq];

		if (arrives(&p, seq) != want)
			wrong++;
		if (want)
			seen[seq] = true;
		if (want && seq > highest)
			highest = seq;
	}
	is_int(wrong, 0, "1,500 records in disorder: as a set would have it");
	pair_close(&p);
}

int main(void)
{
	struct capture *tap = capture_start(NULL, NULL);

	canary_fill(out, sizeof(out), 1);
	table();
	floors();
	model();
	capture_check(tap, "all of this");
	return done_testing();
}
