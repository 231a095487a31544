// SPDX-License-Identifier: GPL-2.0
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "forger.h"
#include "tap.h"

#define BATCH		32
#define MAX_BYTES	1472	/* of a datagram */
#define OVERHEAD	(8 + 16)	/* explicit nonce and tag */

struct packet {
	struct iphdr ip;
	struct udphdr udp;
	unsigned char records[MAX_BYTES];
} __attribute__((packed));

static __thread struct packet packets[BATCH];

double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static void pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	pthread_setaffinity_np(pthread_self(), sizeof(set), &set);
}

static unsigned int record_bytes(const struct forger *f)
{
	return 13 + OVERHEAD + f->size;
}

/* Record i of datagram n: with a number unknown to any window. */
static void forge_record(unsigned char *record, const struct forger *f,
			 unsigned long n, unsigned int i)
{
	unsigned int len = OVERHEAD + f->size;

	memcpy(record, "\x17\xfe\xfd\0\1\0", 6);
	record[6] = i + 1;
	for (int b = 0; b < 4; b++)
		record[7 + b] = n >> (24 - 8 * b);
	record[11] = len >> 8;
	record[12] = len;
}

/* The UDP checksum is optional, and the kernel fills in that of IP. */
static size_t forge(struct packet *p, const struct forger *f, unsigned long n)
{
	const struct sockaddr_in *from = &f->sources[n % f->n_sources];
	size_t size = sizeof(p->ip) + sizeof(p->udp) +
		      f->records * record_bytes(f);

	p->ip = (struct iphdr){
		.version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_UDP,
		.tot_len = htons(size),
		.saddr = from->sin_addr.s_addr,
		.daddr = f->target.sin_addr.s_addr,
	};
	p->udp = (struct udphdr){
		.source = from->sin_port, .dest = f->target.sin_port,
		.len = htons(size - sizeof(p->ip)),
	};
	for (unsigned int i = 0; i < f->records; i++)
		forge_record(p->records + i * record_bytes(f), f, n, i);
	return size;
}

static void send_batch(int raw, struct forger *f, unsigned int n)
{
	struct mmsghdr msgs[BATCH] = { 0 };
	struct iovec iov[BATCH];
	unsigned int done = 0;

	for (unsigned int i = 0; i < n; i++) {
		iov[i].iov_base = &packets[i];
		iov[i].iov_len = forge(&packets[i], f, f->sent + i);
		msgs[i].msg_hdr.msg_iov = &iov[i];
		msgs[i].msg_hdr.msg_iovlen = 1;
		msgs[i].msg_hdr.msg_name = &f->target;
		msgs[i].msg_hdr.msg_namelen = sizeof(f->target);
	}
	while (done < n) {
		int ret = sendmmsg(raw, msgs + done, n - done, 0);

		need(ret > 0 || errno == ENOBUFS, "sendmmsg of a raw socket");
		done += ret > 0 ? ret : 0;
	}
	f->sent += n;
}

/* Waits until the next one is due. */
static void pace(const struct forger *f, double begin)
{
	double left;

	if (!f->rate)
		return;
	left = begin + (double)f->sent / f->rate - now();
	if (left > 0)
		usleep(left * 1e6);
}

void *forger_run(void *arg)
{
	struct forger *f = arg;
	int raw = socket(AF_INET, SOCK_RAW, IPPROTO_RAW);
	double begin = now();

	pin(f->cpu);
	need(raw >= 0, "a raw socket");
	need(f->records * record_bytes(f) <= MAX_BYTES, "fewer or smaller records");
	while (f->sent < f->count) {
		unsigned long left = f->count - f->sent;

		send_batch(raw, f, left < BATCH ? left : BATCH);
		pace(f, begin);
	}
	f->seconds = now() - begin;
	close(raw);
	return NULL;
}
