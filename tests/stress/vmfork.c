// SPDX-License-Identifier: GPL-2.0
/*
 * A forked machine sends nothing with its old keys: the other
 * copy has the same keys and the same next number.
 */
#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "capture.h"
#include "crowd.h"
#include "pair.h"
#include "tap.h"

#define THREADS	4

static char out[200], in[400];
static _Atomic unsigned long packets;

static void seen(void *arg, const uint8_t *data, size_t len, unsigned int sport)
{
	packets++;
}

/* Waits until the tap has captured all datagrams. */
static unsigned long settled(void)
{
	unsigned long before;

	do {
		before = packets;
		usleep(300000);
	} while (packets != before);
	return before;
}

/* 0: announced; else not supported by this kernel, see tests/harness/module. */
static int announce(void)
{
	int status = system("modprobe -q kdtls-vmfork");

	if (!status)
		need(!system("rmmod kdtls-vmfork"), "rmmod");
	return status;
}

static bool talks(struct pair *p)
{
	return send(p->a, out, 200, 0) == 200 && pair_poll(p->b, POLLIN, 5000) &&
	       recv(p->b, in, sizeof(in), 0) == 200 &&
	       send(p->b, out, 100, 0) == 100 && pair_poll(p->a, POLLIN, 5000) &&
	       recv(p->a, in, sizeof(in), 0) == 100;
}

static bool revoked(int fd)
{
	struct dtls_status status;
	socklen_t len = sizeof(status);

	return !getsockopt(fd, SOL_DTLS, DTLS_STATUS, &status, &len) &&
	       status.state == DTLS_STATE_FAILED &&
	       status.error == EKEYREVOKED;
}

static bool cannot_send(int fd)
{
	for (int i = 0; i < 3; i++)
		if (send(fd, out, 200, MSG_NOSIGNAL) != -1 ||
		    errno != EKEYREVOKED)
			return false;
	return true;
}

/* As fast as possible, in batches too, until an error. */
static void *sends(void *arg)
{
	static char batch[40000];
	struct pair *p = arg;
	int size = 1000, err;

	setsockopt(p->a, IPPROTO_UDP, 103 /* UDP_SEGMENT */, &size,
		   sizeof(size));
	while (send(p->a, batch, sizeof(batch), MSG_NOSIGNAL) > 0)
		;
	err = errno;
	return (void *)(long)err;
}

static void under_load(void)
{
	struct pair p[THREADS];
	pthread_t thread[THREADS];
	unsigned long before, now;
	int good = 0;
	void *err;

	for (int i = 0; i < THREADS; i++) {
		pair_open(&p[i], AF_INET, DTLS_CIPHER_AES_128_GCM);
		need(!pthread_create(&thread[i], NULL, sends, &p[i]), "thread");
	}
	before = packets;
	while (packets < before + 1000)
		usleep(10000);
	need(!announce(), "fork");
	for (int i = 0; i < THREADS; i++) {
		pthread_join(thread[i], &err);
		good += (long)err == EKEYREVOKED;
		if ((long)err != EKEYREVOKED)
			printf("# a sender got: %s\n", strerror((long)err));
	}
	is_int(good, THREADS, "a sending thread gets the error");
	before = settled();
	for (int i = 0; i < THREADS; i++)
		pair_close(&p[i]);
	now = settled();
	is_int(now, before, "and nothing is sent after that");
}

/* One socket with many peers: each association ends. */
static void many(void)
{
	unsigned long before;
	struct client cl;
	struct crowd c;

	crowd_open(&c, AF_INET, false);
	client_open(&cl, &c, AF_INET, 1);
	need(send(cl.fd, out, 200, 0) == 200 &&
	     crowd_recv(&c, in, sizeof(in), NULL, NULL, NULL) == 200 &&
	     crowd_send(&c, &cl.addr, 0, out, 100) == 100, "they talk");
	before = settled();
	need(!announce(), "fork");
	ok(crowd_send(&c, &cl.addr, 0, out, 100) == -1 &&
	   crowd_send(&c, NULL, cl.id, out, 100) == -1 && cannot_send(cl.fd),
	   "many peers: none is sent to");
	close(cl.fd);
	close(c.server);
	is_int(settled(), before, "nor an alert");
}

int main(void)
{
	struct capture *tap = capture_start(seen, NULL);
	struct dtls_keys keys;
	unsigned long before;
	struct pair p, fresh;

	if (announce()) {
		printf("1..0 # SKIP this kernel does not report VM forks\n");
		return 0;
	}
	canary_fill(out, sizeof(out), 1);
	pair_open(&p, AF_INET, DTLS_CIPHER_AES_128_GCM);
	ok(talks(&p), "two sockets talk");
	before = settled();
	need(!announce(), "fork");
	ok(revoked(p.a) && revoked(p.b), "the machine is forked: both fail");
	ok(cannot_send(p.a) && cannot_send(p.b), "neither sends again");
	pair_keys(&keys, DTLS_CIPHER_AES_128_GCM, true);
	ok(pair_set_keys(p.a, &keys) == -1 && cannot_send(p.a),
	   "nor gets other keys");
	pair_open(&fresh, AF_INET6, DTLS_CIPHER_AES_128_GCM);
	shutdown(p.a, SHUT_RDWR);
	pair_close(&p);
	is_int(settled(), before, "not even an alert was sent");
	ok(talks(&fresh), "new sockets talk");
	need(!announce(), "fork");
	ok(revoked(fresh.a) && cannot_send(fresh.b), "until the next fork");
	pair_close(&fresh);
	many();
	under_load();
	capture_check(tap, "all of this");
	return done_testing();
}
