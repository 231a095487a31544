// SPDX-License-Identifier: GPL-2.0
/* What waits to be read is the memory of somebody's cgroup. */
#include <poll.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crowd.h"
#include "pair.h"
#include "tap.h"

#define TOP	"/sys/fs/cgroup"
#define OWN	TOP "/kdtls"

#define SOCKETS	40
#define RECORDS	40
#define BYTES	1200
#define WAITING	(SOCKETS * (RECORDS - 1) * BYTES)

static char out[BYTES], in[2 * BYTES];

static void say(const char *path, const char *what)
{
	FILE *f = fopen(path, "w");

	need(f && fputs(what, f) >= 0 && !fclose(f), path);
}

/* From here on this program is in a cgroup of its own. */
static void own_cgroup(void)
{
	if (access(TOP "/cgroup.procs", F_OK))
		need(!mount("none", TOP, "cgroup2", 0, NULL), "cgroup2");
	say(TOP "/cgroup.subtree_control", "+memory");
	need(!mkdir(OWN, 0755), OWN);
	say(OWN "/cgroup.procs", "0");
}

/* Bytes of the kernel's memory that are the cgroup's. */
static long charged(void)
{
	FILE *f = fopen(OWN "/memory.stat", "r");
	char line[100];
	long n = -1;

	need(f, "memory.stat");
	while (fgets(line, sizeof(line), f) &&
	       sscanf(line, "kernel %ld", &n) != 1)
		;
	fclose(f);
	need(n >= 0, "the kernel's memory in memory.stat");
	return n;
}

/* One record is read, and the others of its datagram wait. */
static void left_by_readers(void)
{
	static unsigned char datagram[RECORDS * (BYTES + 50)];
	struct pair p[SOCKETS];
	size_t len = 0;
	long before;

	for (int i = 0; i < RECORDS; i++)
		len += pair_record(DTLS_CIPHER_AES_128_GCM, 1, i, out, BYTES,
				   datagram + len);
	for (int i = 0; i < SOCKETS; i++)
		pair_victim(&p[i], AF_INET, DTLS_CIPHER_AES_128_GCM);
	before = charged();
	for (int i = 0; i < SOCKETS; i++)
		need(send(p[i].a, datagram, len, 0) == (ssize_t)len &&
		     pair_poll(p[i].b, POLLIN, 5000) &&
		     recv(p[i].b, in, sizeof(in), 0) == BYTES, "a record");
	ok(charged() - before > WAITING / 2,
	   "records that a reader left are the cgroup's memory");
	diag("%ld bytes, of %d", charged() - before, WAITING);
	for (int i = 0; i < SOCKETS; i++)
		pair_close(&p[i]);
}

/* Nobody reads: the work item opens them. */
static void opened_by_work(void)
{
	struct client cl[SOCKETS];
	struct crowd c[SOCKETS];
	long before;

	for (int i = 0; i < SOCKETS; i++) {
		crowd_open(&c[i], AF_INET, false);
		client_open(&cl[i], &c[i], AF_INET, i);
	}
	before = charged();
	for (int i = 0; i < SOCKETS; i++)
		for (int j = 0; j < RECORDS; j++)
			need(send(cl[i].fd, out, BYTES, 0) == BYTES, "send");
	for (int i = 0; i < 50 && charged() - before < WAITING / 2; i++)
		usleep(100000);
	ok(charged() - before > WAITING / 2,
	   "records that nobody reads are the cgroup's memory");
	diag("%ld bytes, of %d", charged() - before, WAITING);
	for (int i = 0; i < SOCKETS; i++) {
		close(cl[i].fd);
		close(c[i].server);
	}
}

#define ROOM	32768		/* in which records are sealed, kernel/workspace.h */

/* Of the records of a room all are read but one. */
static void kept_rooms(void)
{
	struct pair p[SOCKETS], sink;
	long before;

	pair_open(&sink, AF_INET, DTLS_CIPHER_AES_128_GCM);
	for (int i = 0; i < SOCKETS; i++)
		pair_open(&p[i], AF_INET, DTLS_CIPHER_AES_128_GCM);
	before = charged();
	for (int i = 0; i < SOCKETS; i++) {
		need(send(p[i].a, out, BYTES, 0) == BYTES, "send");
		for (int j = 0; j < ROOM / BYTES; j++)
			need(send(sink.a, out, BYTES, 0) == BYTES &&
			     recv(sink.b, in, sizeof(in), 0) == BYTES, "sink");
	}
	ok(charged() - before > SOCKETS * ROOM / 2,
	   "what unread records keep of others' is the cgroup's memory");
	diag("%ld bytes, of %d", charged() - before, SOCKETS * ROOM);
	for (int i = 0; i < SOCKETS; i++)
		pair_close(&p[i]);
	pair_close(&sink);
}

int main(void)
{
	own_cgroup();
	left_by_readers();
	opened_by_work();
	kept_rooms();
	return done_testing();
}
