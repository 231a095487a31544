// SPDX-License-Identifier: GPL-2.0
/*
 * Many associations on one socket: the memory of one, slab by slab, and that all
 * of it is freed. KDTLS_PEERS=N sets the number.
 */
#include <arpa/inet.h>
#include <poll.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "capture.h"
#include "crowd.h"
#include "figure.h"
#include "tap.h"

#define PEERS		20000
#define MOST_BYTES	6144	/* of kernel memory, each */
#define MAX_SLABS	400

/* /proc/slabinfo: name, pages of a slab, slabs */
#define SLAB_LINE	"%63s %*u %*u %*u %*u %lu : tunables %*u %*u %*u : " \
			"slabdata %*u %lu"

struct slab {
	char name[64];
	unsigned long bytes;
};

struct memory {
	unsigned long slab, percpu;	/* kB */
	struct slab slabs[MAX_SLABS];
	int n;
};

static void address(struct sockaddr_storage *addr, unsigned int n)
{
	struct sockaddr_in *in = (void *)addr;

	memset(addr, 0, sizeof(*addr));
	in->sin_family = AF_INET;
	in->sin_addr.s_addr = htonl(0x7f100000 + n / 100);
	in->sin_port = htons(10000 + n % 100);
}

static void read_slabs(struct memory *m)
{
	unsigned long pages, slabs;
	FILE *f = fopen("/proc/slabinfo", "r");
	char line[400];

	m->n = 0;
	need(f, "/proc/slabinfo");
	while (fgets(line, sizeof(line), f) && m->n < MAX_SLABS) {
		struct slab *s = &m->slabs[m->n];

		if (sscanf(line, SLAB_LINE, s->name, &pages, &slabs) != 3)
			continue;
		s->bytes = slabs * pages * sysconf(_SC_PAGESIZE);
		m->n++;
	}
	fclose(f);
}

static void read_memory(struct memory *m)
{
	m->slab = figure("/proc/meminfo", "Slab:");
	m->percpu = figure("/proc/meminfo", "Percpu:");
	read_slabs(m);
}

/* Slabs that grew by more than 16 bytes for each. */
static void compare(const struct memory *before, const struct memory *after,
		    unsigned int n)
{
	for (int i = 0; i < after->n; i++)
		for (int j = 0; j < before->n; j++) {
			long grown = after->slabs[i].bytes -
				     before->slabs[j].bytes;

			if (!strcmp(before->slabs[j].name,
				    after->slabs[i].name) &&
			    grown > 16L * n)
				diag("%6ld bytes each in %s", grown / n,
				     after->slabs[i].name);
		}
	diag("%6ld bytes each per CPU (%ld CPUs)",
	     ((long)after->percpu - (long)before->percpu) * 1024 / n,
	     sysconf(_SC_NPROCESSORS_CONF));
}

static long total(const struct memory *before, const struct memory *after,
		  unsigned int n)
{
	return ((long)after->slab + (long)after->percpu - (long)before->slab -
		(long)before->percpu) * 1024 / (long)n;
}

static double seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static unsigned long current(void)
{
	return figure(KDTLS_STAT, "KdtlsCurrAssocs");
}

static bool talks(struct crowd *c, struct client *cl)
{
	char buf[100];

	return send(cl->fd, "hello", 5, 0) == 5 &&
	       crowd_recv(c, buf, sizeof(buf), NULL, NULL, NULL) == 5 &&
	       crowd_send(c, &cl->addr, 0, "answer", 6) == 6 &&
	       pair_poll(cl->fd, POLLIN, 5000) &&
	       recv(cl->fd, buf, sizeof(buf), 0) == 6;
}

static unsigned int add_all(struct crowd *c, unsigned int n)
{
	struct sockaddr_storage peer;
	unsigned int done;

	for (done = 0; done < n; done++) {
		address(&peer, done);
		if (crowd_add(c, done, &peer, NULL))
			break;
	}
	return done;
}

static unsigned int found(struct crowd *c, unsigned int n)
{
	struct sockaddr_storage peer;
	struct dtls_status status;
	unsigned int good = 0;

	for (unsigned int i = 0; i < n; i += 97) {
		address(&peer, i);
		good += !crowd_status(c, 0, &peer, &status) && status.assoc;
	}
	return good;
}

/* Sockets with a few more peers than close() takes at a time. */
static void closed_whole(void)
{
	unsigned int left = 0;

	for (unsigned int n = 65; n < 265; n += 2) {
		struct crowd c;

		crowd_open(&c, AF_INET, false);
		need(add_all(&c, n) == n, "peers");
		close(c.server);
		left += current();
	}
	is_int(left, 0, "close() of sockets with 65 to 263 peers leaves none");
}

int main(void)
{
	const char *many = getenv("KDTLS_PEERS");
	unsigned int n = many ? atoi(many) : PEERS;
	static struct memory before, full;
	struct client first, last;
	double begin, added;
	struct crowd c;
	long each;

	crowd_open(&c, AF_INET, false);
	client_open(&first, &c, AF_INET, 1);
	talks(&c, &first);
	read_memory(&before);
	begin = seconds();
	is_int(add_all(&c, n), n, "%u associations on one socket", n);
	added = seconds();
	read_memory(&full);
	compare(&before, &full, n);
	each = total(&before, &full, n);
	ok(each > 0 && each <= MOST_BYTES,
	   "one takes %ld bytes of kernel memory, at most %d", each,
	   MOST_BYTES);
	client_open(&last, &c, AF_INET, 2);
	ok(talks(&c, &first) && talks(&c, &last),
	   "the first and the last among them talk");
	is_int(found(&c, n), (n + 96) / 97, "any of them is found");
	is_int(current(), n + 4, "and counted");
	diag("added in %.1f s", added - begin);
	begin = seconds();
	close(c.server);
	diag("close() took %.1f s", seconds() - begin);
	close(first.fd);
	close(last.fd);
	is_int(current(), 0, "after close() none is left");
	closed_whole();
	return done_testing();
}
