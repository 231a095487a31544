// SPDX-License-Identifier: GPL-2.0
/*
 * Threads that send and receive on one socket at once: every record number is
 * unique on the wire, and every message arrives once, whole.
 */
#include <poll.h>
#include <pthread.h>
#include <unistd.h>

#include "capture.h"
#include "pair.h"
#include "tap.h"

#define THREADS		4
#define MESSAGES	400
#define ALL		(THREADS * MESSAGES)

static struct pair p;
static unsigned char numbers[ALL * 2];
static unsigned int records, repeated, wild;
static unsigned int arrived[ALL];
static unsigned int client_port;
static _Atomic int received, bad, lost;

static void each(void *arg, const uint8_t *data, size_t len, unsigned int sport)
{
	while (sport == client_port && len >= 13) {
		unsigned int record = 13 + (data[11] << 8 | data[12]);
		unsigned int seq = data[8] << 16 | data[9] << 8 | data[10];

		records++;
		if (seq >= sizeof(numbers))
			wild++;
		else if (numbers[seq]++)
			repeated++;
		if (record > len)
			break;
		data += record;
		len -= record;
	}
}

static void *sender(void *arg)
{
	long me = (long)arg;
	char buf[200];

	for (int i = 0; i < MESSAGES; i++) {
		unsigned int id = me * MESSAGES + i;

		canary_fill(buf, sizeof(buf), id);
		memcpy(buf + 100, &id, 4);
		/* no flow control in UDP: let the readers follow */
		for (int n = 0; i > received / THREADS + 20 && n < 2000 && !lost;
		     n++)
			usleep(1000);
		if (i > received / THREADS + 20)
			lost = 1;
		/* every tenth fails half way: its number may only be lost */
		if (i % 10 == 0)
			send(p.a, (void *)8, 50, 0);
		if (send(p.a, buf, sizeof(buf), 0) != sizeof(buf))
			bad++;
	}
	return NULL;
}

static void *receiver(void *arg)
{
	char buf[300], want[200];
	unsigned int id;

	for (;;) {
		ssize_t got = recv(p.b, buf, sizeof(buf), 0);

		if (got <= 0)
			return NULL;
		memcpy(&id, buf + 100, 4);
		canary_fill(want, sizeof(want), id);
		memcpy(want + 100, &id, 4);
		if (got != 200 || id >= ALL || memcmp(buf, want, 200))
			bad++;
		else
			__atomic_add_fetch(&arrived[id], 1, __ATOMIC_RELAXED);
		received++;
	}
}

static void run(int cipher)
{
	pthread_t tx[THREADS], rx[THREADS];
	struct capture *tap;
	unsigned int once = 0;

	memset(numbers, 0, sizeof(numbers));
	memset(arrived, 0, sizeof(arrived));
	records = repeated = wild = 0;
	received = bad = lost = 0;
	pair_open(&p, AF_INET, cipher);
	client_port = ntohs(((struct sockaddr_in *)&p.addr_a)->sin_port);
	tap = capture_start(each, NULL);
	for (long i = 0; i < THREADS; i++)
		need(!pthread_create(&rx[i], NULL, receiver, NULL) &&
		     !pthread_create(&tx[i], NULL, sender, (void *)i),
		     "threads");
	for (int i = 0; i < THREADS; i++)
		pthread_join(tx[i], NULL);
	for (int i = 0; i < 100 && received < ALL; i++)
		usleep(20000);
	/* not by close_notify, which could reuse a number */
	shutdown(p.b, SHUT_RD);
	close(p.a);
	for (int i = 0; i < THREADS; i++)
		pthread_join(rx[i], NULL);
	close(p.b);
	capture_check(tap, cipher_name(cipher));
	for (int i = 0; i < ALL; i++)
		once += arrived[i] == 1;
	ok(records >= ALL && !repeated && !wild,
	   "%s: no record number twice on the wire", cipher_name(cipher));
	diag("%u records, %u repeated, %u wild", records, repeated, wild);
	ok(once == ALL && !bad, "%s: every message arrived once, whole",
	   cipher_name(cipher));
	if (once != ALL || bad)
		diag("%u of %u, %d bad", once, ALL, bad);
}

int main(void)
{
	run(DTLS_CIPHER_AES_128_GCM);
	run(DTLS_CIPHER_CHACHA20_POLY1305);
	return done_testing();
}
