// SPDX-License-Identifier: GPL-2.0
/* Memory of sockets is charged to their cgroup and SO_RCVBUF. */
#include <arpa/inet.h>
#include <linux/sock_diag.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crowd.h"
#include "pair.h"
#include "tap.h"

#define TOP	"/sys/fs/cgroup"
#define OWN	TOP "/kdtls"
#define FLOODED	TOP "/kdtls-flooded"

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

/* Moves this program to a cgroup of its own. */
static void own_cgroup(void)
{
	if (access(TOP "/cgroup.procs", F_OK))
		need(!mount("none", TOP, "cgroup2", 0, NULL), "cgroup2");
	say(TOP "/cgroup.subtree_control", "+memory");
	need(!mkdir(OWN, 0755), OWN);
	say(OWN "/cgroup.procs", "0");
}

/* The number after the name at the beginning of a line. */
static long number(const char *path, const char *name)
{
	FILE *f = fopen(path, "r");
	size_t len = strlen(name);
	char line[300];
	long n = -1;

	need(f, path);
	while (n < 0 && fgets(line, sizeof(line), f))
		if (!strncmp(line, name, len) &&
		    sscanf(line + len, " %ld", &n) != 1)
			n = -1;
	fclose(f);
	need(n >= 0, name);
	return n;
}

/*
 * Bytes of kernel and socket memory charged to the cgroup: updated
 * every two seconds.
 */
static long charged(void)
{
	usleep(2500000);
	return number(OWN "/memory.stat", "kernel") +
	       number(OWN "/memory.stat", "sock");
}

/* Pages that are charged to all UDP sockets. */
static long udp_pages(void)
{
	FILE *f = fopen("/proc/net/sockstat", "r");
	char line[100];
	long n = -1;

	need(f, "sockstat");
	while (n < 0 && fgets(line, sizeof(line), f))
		if (sscanf(line, "UDP: inuse %*d mem %ld", &n) != 1)
			n = -1;
	fclose(f);
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
	before = charged() - before;
	ok(before > WAITING / 2,
	   "records that a reader left are the cgroup's memory");
	diag("%ld bytes, of %d", before, WAITING);
	for (int i = 0; i < SOCKETS; i++)
		pair_close(&p[i]);
}

/* Without a reader the work item opens them. */
static void opened_by_work(void)
{
	struct client cl[SOCKETS];
	struct crowd c[SOCKETS];
	long before, pages;

	for (int i = 0; i < SOCKETS; i++) {
		crowd_open(&c[i], AF_INET, false);
		client_open(&cl[i], &c[i], AF_INET, i);
	}
	before = charged();
	pages = udp_pages();
	for (int i = 0; i < SOCKETS; i++)
		for (int j = 0; j < RECORDS; j++)
			need(send(cl[i].fd, out, BYTES, 0) == BYTES, "send");
	before = charged() - before;
	ok(before > WAITING / 2,
	   "unread records are charged to the cgroup");
	diag("%ld bytes, of %d", before, WAITING);
	ok(udp_pages() - pages > WAITING / 4096, "... and in udp_mem");
	for (int i = 0; i < SOCKETS; i++) {
		close(cl[i].fd);
		close(c[i].server);
	}
	usleep(500000);
	/* each CPU batches up to 256 before it updates the counter */
	ok(udp_pages() - pages < WAITING / 4096, "closed, they are not");
}

#define ROOM	32768		/* in which records are sealed, kernel/workspace.h */

/* All records of a chunk but one are read. */
static void kept_rooms(void)
{
	struct pair p[SOCKETS], sink;
	struct utsname name;
	long before;

	if (!uname(&name) && !strncmp(name.release, "6.1.", 4)) {
		skip("it copies", "rooms that unread records keep");
		return;
	}
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
	before = charged() - before;
	ok(before > SOCKETS * ROOM / 2,
	   "what unread records keep of others' is the cgroup's memory");
	diag("%ld bytes, of %d", before, SOCKETS * ROOM);
	for (int i = 0; i < SOCKETS; i++)
		pair_close(&p[i]);
	pair_close(&sink);
}

/* A genuine record of one byte, and padding that makes a large datagram. */
#define BIG	60000

static unsigned char big[BIG];

static long rmem(int fd)
{
	__u32 info[SK_MEMINFO_VARS];
	socklen_t len = sizeof(info);

	need(!getsockopt(fd, SOL_SOCKET, SO_MEMINFO, info, &len), "SO_MEMINFO");
	return info[SK_MEMINFO_RMEM_ALLOC];
}

static void shown(void)
{
	struct pair p;
	long before;

	pair_victim(&p, AF_INET, DTLS_CIPHER_AES_128_GCM);
	before = rmem(p.b);
	need(send(p.a, big, BIG, 0) == BIG && pair_poll(p.b, POLLIN, 5000),
	     "a record");
	ok(rmem(p.b) - before >= BIG,
	   "a record that waits is in SO_RCVBUF with its packet");
	need(recv(p.b, in, sizeof(in), 0) == 1, "recv");
	is_int(rmem(p.b), before, "read, it is not");
	pair_close(&p);
}

#define MAX		(32 << 20)
#define CROWD		640

/* In a cgroup with little memory: all sockets have a record, none is read. */
static void flooded(int report)
{
	const struct rlimit files = { 3 * CROWD, 3 * CROWD };
	static struct pair p[CROWD];
	char done = 0;

	need(!setrlimit(RLIMIT_NOFILE, &files), "files");
	say(FLOODED "/cgroup.procs", "0");
	for (int i = 0; i < CROWD; i++)
		pair_victim(&p[i], AF_INET, DTLS_CIPHER_AES_128_GCM);
	for (int i = 0; i < CROWD; i++) {
		send(p[i].a, big, BIG, 0);
		pair_poll(p[i].b, POLLIN, 0);
	}
	need(write(report, &done, 1) == 1, "report");
	pause();
}

static void within_max(void)
{
	long before, taken, limit = MAX + MAX / 10;
	int report[2];
	pid_t child;
	char done;

	need(!mkdir(FLOODED, 0755), FLOODED);
	say(FLOODED "/memory.max", "33554432");
	need(!pipe(report), "pipe");
	before = number("/proc/meminfo", "MemAvailable:");
	child = fork();
	if (!child)
		flooded(report[1]);
	close(report[1]);
	done = read(report[0], &done, 1) == 1;
	taken = (before - number("/proc/meminfo", "MemAvailable:")) * 1024;
	diag("%ld bytes taken of the machine, memory.max %d, %s", taken, MAX,
	     done ? "alive" : "killed");
	ok(!done || taken <= limit,
	   "what is not read stays within memory.max, or is killed");
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	usleep(2500000);
	is_int(number(FLOODED "/memory.stat", "sock"), 0,
	       "afterwards it is all given back");
}

/* Objects of the slab allocator, in bytes. */
static long slab(void)
{
	long objects, all, size, bytes = 0;
	FILE *f = fopen("/proc/slabinfo", "r");
	char line[300];

	need(f, "slabinfo");
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "%*s %ld %ld %ld", &objects, &all, &size) == 3)
			bytes += objects * size;
	fclose(f);
	return bytes;
}

#define ASSOCS	400

/* The crypto API's uncharged allocations are charged by kdtls. */
static void many_keyed(struct crowd *c, int cipher)
{
	struct sockaddr_in peer = {
		.sin_family = AF_INET, .sin_port = htons(cipher),
	};
	struct dtls_keys keys;
	long before, gone;

	pair_keys(&keys, cipher, false);
	before = charged();
	gone = slab();
	for (int i = 0; i < ASSOCS; i++) {
		peer.sin_addr.s_addr = htonl(0x0a000001 + i);
		memcpy(&keys.peer, &peer, sizeof(peer));
		need(!pair_set_keys(c->server, &keys), "keys");
	}
	gone = slab() - gone;
	before = charged() - before;
	if (on_debug_kernel())
		skip("objects of this kernel have redzones",
		     "%s: associations are the cgroup's memory",
		     cipher_name(cipher));
	else
		ok(before > gone / 10 * 9,
		   "%s: associations are the cgroup's memory",
		   cipher_name(cipher));
	diag("%ld bytes each charged, %ld gone", before / ASSOCS,
	     gone / ASSOCS);
}

static void all_ciphers(void)
{
	struct crowd c;

	crowd_open(&c, AF_INET, false);
	for (int cipher = DTLS_CIPHER_AES_128_GCM;
	     cipher <= DTLS_CIPHER_AES_128_CCM; cipher++)
		many_keyed(&c, cipher);
	close(c.server);
}

int main(void)
{
	own_cgroup();
	pair_record(DTLS_CIPHER_AES_128_GCM, 1, 0, "x", 1, big);
	left_by_readers();
	opened_by_work();
	kept_rooms();
	shown();
	all_ciphers();
	within_max();
	return done_testing();
}
