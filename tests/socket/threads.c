// SPDX-License-Identifier: GPL-2.0
/*
 * Threads that send and receive on one socket at once: every record number is
 * unique on the wire, and every message arrives once, whole. In DTLS 1.3 both ends
 * change their keys meanwhile, too.
 */
#include <poll.h>
#include <pthread.h>
#include <unistd.h>

#include "capture.h"
#include "dtls13/ends.h"
#include "pair.h"
#include "tap.h"

#define THREADS		4
#define MESSAGES	400
#define ALL		(THREADS * MESSAGES)
#define OVERTAKEN	16	/* records of old epochs, at most */
#define UPDATES		30	/* of each end */
#define EPOCHS		(2 * UPDATES + 2)	/* one may ask the other, too */

static struct pair p;
static unsigned char numbers[EPOCHS][ALL * 2];
static struct end epochs[EPOCHS];	/* of the client, DTLS 1.3 */
static unsigned int newest;		/* of epochs, on the wire */
static bool dtls13;
static unsigned int records, repeated, wild;
static unsigned int arrived[ALL];
static unsigned int client_port;
static _Atomic int received, bad, lost;

/* The record's length, 0: none; its epoch and number. */
static size_t split12(const uint8_t *data, size_t len, unsigned int *epoch, u64 *seq)
{
	size_t record = len < 13 ? 0 : 13 + (data[11] << 8 | data[12]);

	if (!record || record > len)
		return 0;
	*epoch = 0;
	*seq = data[8] << 16 | data[9] << 8 | data[10];
	return record;
}

/* Of the epochs that may be on the wire one has these two bits. */
static size_t split13(const uint8_t *data, size_t len, unsigned int *epoch, u64 *seq)
{
	unsigned int e = newest + 1;

	while (e && (e >= EPOCHS || (data[0] ^ epochs[e].params.epoch) & 3))
		e--;
	if (e > newest)
		newest = e;
	*epoch = e;
	return end_split(&epochs[e], data, len, seq);
}

static void each(void *arg, const uint8_t *data, size_t len, unsigned int sport)
{
	unsigned int epoch;
	size_t record;
	u64 seq;

	while (sport == client_port && len) {
		record = dtls13 ? split13(data, len, &epoch, &seq) :
				  split12(data, len, &epoch, &seq);
		records++;
		if (!record || seq >= sizeof(numbers[0]))
			wild++;
		else if (numbers[epoch][seq]++)
			repeated++;
		if (!record)
			break;
		data += record;
		len -= record;
	}
}

static unsigned int updates(int fd)
{
	const struct dtls_key_update want = {};

	return !setsockopt(fd, SOL_DTLS, DTLS_KEY_UPDATE, &want, sizeof(want));
}

/* Both ends at once, until the messages are through. */
static void *updater(void *arg)
{
	unsigned int *made = arg;

	for (int i = 0; i < UPDATES && received < ALL && !lost; i++) {
		made[0] += updates(p.a);
		made[1] += updates(p.b);
		usleep(5000);
	}
	return NULL;
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

static void begin(int cipher)
{
	memset(numbers, 0, sizeof(numbers));
	memset(arrived, 0, sizeof(arrived));
	records = repeated = wild = newest = 0;
	received = bad = lost = 0;
	if (!dtls13) {
		pair_open(&p, AF_INET, cipher);
	} else {
		pair_open13(&p, AF_INET, cipher);
		end_init(&epochs[0], cipher, 0xc1, 3);
		for (int i = 1; i < EPOCHS; i++) {
			epochs[i] = epochs[i - 1];
			end_next(&epochs[i]);
		}
	}
	client_port = ntohs(((struct sockaddr_in *)&p.addr_a)->sin_port);
}

/*
 * Returns how many records came when the keys of their epoch were gone: a thread that is
 * held between sealing and sending, or a driver that takes its time, is overtaken.
 */
static unsigned int talk(bool with_updates, unsigned int made[2])
{
	unsigned int late;
	pthread_t tx[THREADS], rx[THREADS], update;

	for (long i = 0; i < THREADS; i++)
		need(!pthread_create(&rx[i], NULL, receiver, NULL) &&
		     !pthread_create(&tx[i], NULL, sender, (void *)i),
		     "threads");
	if (with_updates)
		need(!pthread_create(&update, NULL, updater, made), "a thread");
	for (int i = 0; i < THREADS; i++)
		pthread_join(tx[i], NULL);
	for (int i = 0; i < 100 && received < ALL; i++)
		usleep(20000);
	if (with_updates)
		pthread_join(update, NULL);
	late = pair_drops(p.b, DTLS_DROP_EPOCH);
	/* not by close_notify, which could reuse a number */
	shutdown(p.b, SHUT_RD);
	close(p.a);
	for (int i = 0; i < THREADS; i++)
		pthread_join(rx[i], NULL);
	close(p.b);
	return late;
}

static void run(int cipher, bool with_updates)
{
	const char *name = cipher_name(cipher);
	unsigned int once = 0, made[2] = { 0 }, late;
	struct capture *tap;

	begin(cipher);
	tap = capture_start(each, NULL);
	late = talk(with_updates, made);
	if (!with_updates || late > OVERTAKEN)
		late = 0;
	capture_check(tap, name);
	for (int i = 0; i < ALL; i++)
		once += arrived[i] == 1;
	ok(records >= ALL && !repeated && wild <= late,
	   "%s: no record number twice on the wire", name);
	diag("%u records, %u repeated, %u wild, %u epochs", records, repeated, wild,
	     newest + 1);
	ok(once + late >= ALL && !bad, "%s: every message arrived once, whole", name);
	if (once != ALL || bad)
		diag("%u of %u, %d bad, %u too late", once, ALL, bad, late);
	if (with_updates) {
		ok(made[0] > 1 && made[1] > 1 && newest > 1,
		   "%s: the keys have changed meanwhile", name);
		diag("%u and %u KeyUpdates", made[0], made[1]);
	}
}

/* threads [--dtls12]: without those of DTLS 1.3 */
int main(int argc, char **argv)
{
	run(DTLS_CIPHER_AES_128_GCM, false);
	run(DTLS_CIPHER_CHACHA20_POLY1305, false);
	if (argc > 1)
		return done_testing();
	dtls13 = true;
	run(DTLS_CIPHER_AES_128_GCM, false);
	run(DTLS_CIPHER_AES_128_GCM, true);
	run(DTLS_CIPHER_CHACHA20_POLY1305, true);
	return done_testing();
}
