// SPDX-License-Identifier: GPL-2.0
/*
 * How throughput grows with threads, for plain UDP and kdtls in turns. With
 * a shared lock it grows less than without. Kinds:
 *
 *	senders   n threads send on one socket; the other is not read
 *	readers   n threads each send a record on one socket and take one from
 *		  another, if there is one: while a thread is preempted, the
 *		  others may move the replay window past its record
 *	sockets   n threads each send on a socket of their own and read from
 *		  one of n with the same port (SO_REUSEPORT)
 */
#include <arpa/inet.h>
#include <getopt.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "bench.h"
#include "pair.h"
#include "stats.h"
#include "tap.h"

#define MAX_THREADS	4
#define MAX_RUNS	51

static const struct batch single = { "1", WAY_1, 1 };
static const struct batch segments = { "gso", WAY_GSO, 32 };

enum kind { SENDERS, READERS, SOCKETS };

static const char * const kind_names[] = { "senders", "readers", "sockets" };

static const struct question {
	enum kind kind;
	const struct batch *batch;
} questions[] = {
	{ SENDERS, &single }, { SENDERS, &segments }, { READERS, &single },
	{ SOCKETS, &single }, { SOCKETS, &segments },
};

#define QUESTIONS	(sizeof(questions) / sizeof(*questions))

static const int counts[] = { 1, 2, 3, 4 };

#define COUNTS		(sizeof(counts) / sizeof(*counts))

enum side { UDP, KDTLS, SIDES };

static const char * const side_names[SIDES] = { "udp", "kdtls" };

struct worker {
	pthread_t thread;
	struct load load;
	enum kind kind;
	int fds[2];
	unsigned long records;
};

static size_t bytes = 1400;
static int runs = 11;
static double run_seconds = 0.2;
static const char *only;
static pthread_barrier_t start;
static atomic_bool stop;

/* Returns records. */
static unsigned int round_of(struct worker *w)
{
	switch (w->kind) {
	case SENDERS:
		sockets_send(w->fds[0], &w->load);
		return w->load.count;
	case READERS:
		sockets_send(w->fds[0], &w->load);
		return recv(w->fds[1], w->load.in, w->load.bytes,
			    MSG_DONTWAIT) == (ssize_t)w->load.bytes;
	default:
		sockets_round(w->fds, &w->load);
		return w->load.count;
	}
}

static void *work(void *arg)
{
	struct worker *w = arg;

	pthread_barrier_wait(&start);
	while (!atomic_load_explicit(&stop, memory_order_relaxed))
		w->records += round_of(w);
	return NULL;
}

static void pause_for(double seconds)
{
	struct timespec ts = {
		.tv_sec = seconds,
		.tv_nsec = (seconds - (long)seconds) * 1e9,
	};

	clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, NULL);
}

/* Records a second of n of these workers. */
static double rate(struct worker *workers, int n)
{
	unsigned long records = 0;
	double begin;
	int i;

	atomic_store(&stop, false);
	need(!pthread_barrier_init(&start, NULL, n + 1), "barrier");
	for (i = 0; i < n; i++) {
		workers[i].records = 0;
		need(!pthread_create(&workers[i].thread, NULL, work,
				     &workers[i]), "thread");
	}
	pthread_barrier_wait(&start);
	begin = now_ns();
	pause_for(run_seconds);
	atomic_store(&stop, true);
	for (i = 0; i < n; i++) {
		pthread_join(workers[i].thread, NULL);
		records += workers[i].records;
	}
	pthread_barrier_destroy(&start);
	return records / (now_ns() - begin) * 1e9;
}

static int datagram(struct sockaddr_in *addr)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0), on = 1;
	socklen_t len = sizeof(*addr);

	need(fd >= 0, "socket");
	if (addr->sin_port)
		need(!setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on,
				 sizeof(on)), "SO_REUSEPORT");
	need(!bind(fd, (void *)addr, len) &&
	     !getsockname(fd, (void *)addr, &len), "bind");
	return fd;
}

/* port: of the reading end, possibly shared; 0: any */
static void connected(int fds[2], unsigned short port)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	struct sockaddr_in b = { .sin_family = AF_INET };

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	b.sin_addr = a.sin_addr;
	b.sin_port = port;
	fds[0] = datagram(&a);
	fds[1] = datagram(&b);
	need(!connect(fds[0], (void *)&b, sizeof(b)) &&
	     !connect(fds[1], (void *)&a, sizeof(a)), "connect");
}

static void keyed(int fd, bool client)
{
	struct dtls_keys keys;

	need(!setsockopt(fd, SOL_IP, DTLS_ULP, "dtls", 4), "attach");
	pair_keys(&keys, DTLS_CIPHER_AES_128_GCM, client);
	need(!pair_set_keys(fd, &keys), "keys");
}

static void open_worker(struct worker *w, const struct question *q,
			enum side side)
{
	connected(w->fds, q->kind == SOCKETS ? htons(7001 + side) : 0);
	if (side == KDTLS) {
		keyed(w->fds[0], true);
		/* the other end of senders is not read: it may be plain */
		if (q->kind != SENDERS)
			keyed(w->fds[1], false);
	}
	sockets_prepare(w->fds, &w->load);
}

static void open_workers(struct worker *workers, const struct question *q,
			 enum side side)
{
	int i;

	memset(workers, 0, sizeof(*workers) * MAX_THREADS);
	for (i = 0; i < MAX_THREADS; i++) {
		struct worker *w = &workers[i];

		w->load = (struct load){
			.batch = q->batch, .bytes = bytes,
			.count = q->batch->records,
		};
		w->kind = q->kind;
		w->load.out = calloc(w->load.count, bytes);
		w->load.in = calloc(w->load.count, bytes);
		need(w->load.out && w->load.in, "calloc");
		if (!i || q->kind == SOCKETS)
			open_worker(w, q, side);
		else
			memcpy(w->fds, workers[0].fds, sizeof(w->fds));
	}
}

static void close_workers(struct worker *workers, const struct question *q)
{
	int i;

	for (i = 0; i < MAX_THREADS; i++) {
		free(workers[i].load.out);
		free(workers[i].load.in);
		if (i && q->kind != SOCKETS)
			continue;
		close(workers[i].fds[0]);
		close(workers[i].fds[1]);
	}
}

struct cell {
	struct summary rate, ratio;
};

/* UDP and kdtls, one thread and many, in turns. */
static void measure(const struct question *q, struct cell cells[SIDES][COUNTS])
{
	static double rates[SIDES][COUNTS][MAX_RUNS];
	static double ratios[SIDES][COUNTS][MAX_RUNS];
	struct worker workers[SIDES][MAX_THREADS];
	size_t side, i;
	int r;

	for (side = 0; side < SIDES; side++) {
		open_workers(workers[side], q, side);
		rate(workers[side], 1);
	}
	for (r = 0; r < runs; r++)
		for (side = 0; side < SIDES; side++)
			for (i = 0; i < COUNTS; i++) {
				rates[side][i][r] = rate(workers[side],
							 counts[i]);
				ratios[side][i][r] = rates[side][i][r] /
						     rates[side][0][r];
			}
	for (side = 0; side < SIDES; side++) {
		close_workers(workers[side], q);
		for (i = 0; i < COUNTS; i++) {
			cells[side][i].rate = summarise(rates[side][i], runs);
			cells[side][i].ratio = summarise(ratios[side][i], runs);
		}
	}
	fprintf(stderr, "# %s, batch %s: done\n", kind_names[q->kind],
		q->batch->name);
}

static const char *unit(void)
{
	const char *icount = getenv("KDTLS_ICOUNT");

	return icount && *icount ? "by instructions" :
				   "by time";
}

static void print_cell(FILE *f, const struct question *q, int side, int threads,
		       const struct cell *cell)
{
	const char *host = getenv("KDTLS_HOST_CPUS");
	struct utsname uts;

	uname(&uts);
	fprintf(f, "{\"kind\": \"%s\", \"path\": \"%s\", \"batch\": \"%s\", \"bytes\": %zu, \"threads\": %d, \"unit\": \"%s\", \"cpus\": %ld, \"host_cpus\": %s, \"kernel\": \"%s\",\n \"ratio\": ",
		kind_names[q->kind], side_names[side], q->batch->name, bytes,
		threads, unit(), sysconf(_SC_NPROCESSORS_ONLN),
		host ? host : "null", uts.release);
	print_summary(f, &cell->ratio, 3);
	fprintf(f, ", \"records_per_second\": ");
	print_summary(f, &cell->rate, 0);
	fprintf(f, "}");
}

static void answer(FILE *f, const struct question *q)
{
	struct cell cells[SIDES][COUNTS];
	static bool more;
	size_t side, i;

	measure(q, cells);
	for (side = 0; side < SIDES; side++)
		for (i = 0; i < COUNTS; i++) {
			fprintf(f, "%s", more ? ",\n" : "");
			more = true;
			print_cell(f, q, side, counts[i], &cells[side][i]);
		}
}

static void usage(FILE *f)
{
	fprintf(f,
"Usage: bench-scale [OPTION...], in a guest with --smp 4\n"
"Throughput by threads, of plain UDP and kdtls in turns.\n"
"  --kind K        senders, readers or sockets (all)\n"
"  --bytes N       size of a record's content (1400)\n"
"  --runs N        of each (11)\n"
"  --seconds S     of a run (0.2)\n"
"  --json FILE     default: standard output\n");
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "bytes", 1, NULL, 'n' }, { "runs", 1, NULL, 'r' },
		{ "seconds", 1, NULL, 's' }, { "kind", 1, NULL, 'k' },
		{ "json", 1, NULL, 'j' }, { "help", 0, NULL, 'h' }, { }
	};
	const char *json = "/dev/stdout";
	size_t i;
	FILE *f;
	int c;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (c) {
		case 'n': bytes = strtoul(optarg, NULL, 10); break;
		case 'r': runs = atoi(optarg); break;
		case 's': run_seconds = atof(optarg); break;
		case 'k': only = optarg; break;
		case 'j': json = optarg; break;
		case 'h': usage(stdout); return 0;
		default: usage(stderr); return 2;
		}
	}
	need(runs > 0 && runs <= MAX_RUNS && bytes && bytes <= 1400 &&
	     run_seconds > 0, "options in their range");
	f = fopen(json, "w");
	need(f, json);
	fprintf(f, "[\n");
	for (i = 0; i < QUESTIONS; i++)
		if (!only || !strcmp(only, kind_names[questions[i].kind]))
			answer(f, &questions[i]);
	fprintf(f, "\n]\n");
	need(!fclose(f), json);
	return 0;
}
