// SPDX-License-Identifier: GPL-2.0
/* DTLS_IDLE_TIMEOUT ends silent peers, and no others. */
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "capture.h"
#include "crowd.h"
#include "figure.h"
#include "tap.h"

#define SECONDS	2

enum { TALKER, LISTENER, SILENT, CLIENTS };

static char out[200], in[400];

static int idle(int fd, __u32 seconds)
{
	return setsockopt(fd, SOL_DTLS, DTLS_IDLE_TIMEOUT, &seconds,
			  sizeof(seconds)) ? errno : 0;
}

static __u32 idle_of(int fd)
{
	__u32 seconds = 99;
	socklen_t len = sizeof(seconds);

	need(!getsockopt(fd, SOL_DTLS, DTLS_IDLE_TIMEOUT, &seconds, &len),
	     "getsockopt");
	return seconds;
}

static long counted(void)
{
	return figure(KDTLS_STAT, "KdtlsIdleEnded");
}

static bool there(struct crowd *c, struct client *cl)
{
	struct dtls_status status;

	return !crowd_status(c, 0, &cl->addr, &status);
}

/* For this time the talker sends, and the listener is sent to. */
static int talk(struct crowd *c, struct client *cl, int tenths)
{
	int answers = 0;

	while (tenths--) {
		need(send(cl[TALKER].fd, out, 100, 0) == 100, "send");
		pair_poll(c->server, POLLIN, 5000);
		answers += crowd_recv(c, in, sizeof(in), NULL, NULL, NULL) ==
			   100;
		crowd_send(c, &cl[LISTENER].addr, 0, out, 100);
		while (recv(cl[LISTENER].fd, in, sizeof(in), MSG_DONTWAIT) > 0)
			;
		usleep(100000);
	}
	return answers;
}

/* Until it has ended, or that long. */
static bool ends(struct crowd *c, struct client *cl, int tenths)
{
	while (there(c, cl) && tenths--)
		usleep(100000);
	return !there(c, cl);
}

static void refused(struct crowd *c)
{
	struct client cl;
	char two[2] = { 0 };

	client_open(&cl, c, AF_INET, 50);
	is_int(idle(cl.fd, 5), EOPNOTSUPP, "a connected socket");
	is_int(idle(c->server, 1000001), EINVAL, "more than a million seconds");
	ok(setsockopt(c->server, SOL_DTLS, DTLS_IDLE_TIMEOUT, two, 2) &&
	   errno == EINVAL, "two bytes");
	is_int(idle_of(c->server), 0, "it is not set");
	close(cl.fd);
}

static void told(int fd)
{
	ok(pair_recv(fd, in, sizeof(in), 5000) == 0,
	   "its peer has a close_notify");
}

static void some_end(struct crowd *c, struct client *cl)
{
	long before = counted();

	is_int(idle(c->server, SECONDS), 0, "two seconds");
	is_int(idle_of(c->server), SECONDS, "reads back");
	is_int(talk(c, cl, 10), 10, "one talks");
	ok(there(c, &cl[LISTENER]) && there(c, &cl[SILENT]),
	   "after half of the time all are there");
	is_int(talk(c, cl, 25), 25, "it talks on");
	ok(there(c, &cl[TALKER]), "a sending peer stays");
	ok(ends(c, &cl[SILENT], 100), "a silent peer is ended");
	ok(ends(c, &cl[LISTENER], 100),
	   "... also one that only receives");
	told(cl[SILENT].fd);
	told(cl[LISTENER].fd);
	is_int(counted() - before, 2, "they are counted");
	ok(crowd_send(c, &cl[SILENT].addr, 0, out, 10) < 0 &&
	   errno == ENOTCONN, "sending to it fails");
}

static void never(struct crowd *c, struct client *cl)
{
	struct client again;

	is_int(idle(c->server, 0), 0, "never");
	sleep(SECONDS * 2);
	ok(there(c, &cl[TALKER]), "the peer from before stays");
	is_int(idle(c->server, 1), 0, "one second");
	client_open(&again, c, AF_INET, 60);
	ok(ends(c, &again, 100) && ends(c, &cl[TALKER], 100),
	   "all are silent: all end");
	close(again.fd);
}

int main(void)
{
	struct capture *tap = capture_start(NULL, NULL);
	struct client cl[CLIENTS];
	struct crowd c;

	canary_fill(out, sizeof(out), 1);
	crowd_open(&c, AF_INET, false);
	refused(&c);
	for (int i = 0; i < CLIENTS; i++)
		client_open(&cl[i], &c, AF_INET, i);
	some_end(&c, cl);
	never(&c, cl);
	close(c.server);
	for (int i = 0; i < CLIENTS; i++)
		close(cl[i].fd);
	capture_check(tap, "all of this");
	return done_testing();
}
