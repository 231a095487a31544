// SPDX-License-Identifier: GPL-2.0
/*
 * The limit of forged records of AES-CCM (RFC 9147 section 4.5.3): at 7/8 of
 * it an event is queued, once. A datagram costs one failed tag at most, so 64
 * datagrams are sent in a packet.
 */
#include <netinet/udp.h>
#include <poll.h>
#include <unistd.h>

#include "capture.h"
#include "pair.h"
#include "tap.h"

#define CIPHER	DTLS_CIPHER_AES_128_CCM_8
#define LIMIT	11863283ULL	/* 2^23.5 */
#define RECORD	(13 + 8 + 8)	/* header, explicit nonce, tag */
#define RECORDS	64

static char datagram[RECORDS * RECORD], out[100], in[100];

static void forge(void)
{
	static const char header[13] = { 23, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0,
					 9, 0, 16 };

	for (int i = 0; i < RECORDS; i++)
		memcpy(datagram + i * RECORD, header, sizeof(header));
}

/* 0: a datagram a send. */
static void segments(int fd, int size)
{
	need(!setsockopt(fd, SOL_UDP, UDP_SEGMENT, &size, sizeof(size)),
	     "UDP_SEGMENT");
}

static void said(struct pair *p, const void *data, size_t len)
{
	need(send(p->a, data, len, 0) == (ssize_t)len, "send");
}

/* The queued event, if there is one. */
static bool told(int fd, struct dtls_event *event)
{
	return pair_poll(fd, POLLERR, 0) &&
	       recv(fd, event, sizeof(*event), MSG_ERRQUEUE) ==
	       sizeof(*event);
}

/* Until the event, or n are sent. */
static bool forgeries(struct pair *p, unsigned long long n,
		      struct dtls_event *event)
{
	unsigned long long sent;

	for (sent = 0; sent < n; sent += RECORDS) {
		said(p, datagram, sizeof(datagram));
		if (told(p->b, event))
			return true;
	}
	return false;
}

int main(void)
{
	const unsigned long long early = LIMIT - LIMIT / 8;
	__u32 mask = DTLS_EVENT_LIMIT;
	unsigned long long before;
	unsigned char rec[PAIR_MAX_RECORD];
	struct dtls_event event;
	struct pair p;
	int one = 1;
	size_t len;

	forge();
	pair_victim(&p, AF_INET, CIPHER);
	need(!setsockopt(p.b, SOL_DTLS, DTLS_EVENTS, &mask, sizeof(mask)),
	     "DTLS_EVENTS");
	need(!setsockopt(p.b, SOL_UDP, UDP_GRO, &one, sizeof(one)), "UDP_GRO");
	segments(p.a, RECORD);
	ok(!forgeries(&p, early - early % RECORDS, &event),
	   "below seven eighths of the limit");
	before = pair_drops(p.b, DTLS_DROP_TAG);
	is_int(before, early - early % RECORDS, "each is counted");
	ok(forgeries(&p, RECORDS, &event) &&
	   event.kind == DTLS_EVENT_LIMIT &&
	   event.reason == DTLS_REASON_FORGED && event.assoc &&
	   !event.error && !event.alert, "above it the event is queued");
	ok(!forgeries(&p, 10 * RECORDS, &event), "... once");
	canary_fill(out, sizeof(out), 1);
	segments(p.a, 0);
	len = pair_record(CIPHER, 1, 100, out, sizeof(out), rec);
	said(&p, rec, len);
	ok(recv(p.b, in, sizeof(in), 0) == sizeof(out) &&
	   !memcmp(in, out, sizeof(out)), "and the association stays established");
	pair_close(&p);
	return done_testing();
}
