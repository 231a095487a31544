// SPDX-License-Identifier: GPL-2.0
/*
 * One socket with many peers, keys by the application: no handshakes, the load
 * is records. Clients from many addresses of loopback talk to an echo
 * server on a CPU of its own; forged records arrive meanwhile.
 */
#include <arpa/inet.h>
#include <getopt.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "crowd.h"
#include "figures.h"
#include "forger.h"
#include "tap.h"

#define MAX_SIZES	8
#define MAX_FORGERS	8	/* threads, a CPU each */
#define MAX_RECORD	1300

struct hello {			/* begins each payload */
	unsigned int peer, n, size;
};

static struct {
	unsigned int peers, addresses, rate, seconds, reboots, rcvbuf;
	unsigned int sizes[MAX_SIZES], n_sizes;
	unsigned long forged, forged_rate;
	unsigned int forged_records, forged_size;
	bool json, tap;
} args = {
	.peers = 500, .addresses = 200, .rate = 200, .seconds = 10,
	.sizes = { 20, 256, 1200 }, .n_sizes = 3,
	.forged_records = 1, .forged_size = 256,
};

static struct crowd c;
static struct client *clients;
static struct sockaddr_in *addresses;
static volatile bool over;
static volatile unsigned long received, wrong;
static unsigned long sent, back, rebooted;
static struct forger forgers[MAX_FORGERS];
static unsigned int n_forgers;

static const char help[] =
"Usage: load-keyed [OPTION...]\n"
"Records between many clients and one socket; keys by the application.\n"
"\n"
"  --peers N        clients (500)\n"
"  --addresses N    that they come from (200)\n"
"  --rate N         records a second, of all clients (200)\n"
"  --sizes N,...    bytes of a record, in turn (20,256,1200)\n"
"  --seconds N      how long, if nothing is forged (10)\n"
"  --reboots N      clients that end and return from their port, new keys (0)\n"
"  --forged N       forged datagrams beside that, as from those clients (0)\n"
"  --forged-rate N  a second; 0: as fast as it goes (0)\n"
"  --forged-records N  records in each (1)\n"
"  --forged-size N  bytes of content of each (256)\n"
"  --rcvbuf BYTES   SO_RCVBUF of the server (the system's default)\n"
"  --json           the report as JSON\n"
"  --tap            a line of TAP for each check too\n";

static void pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	pthread_setaffinity_np(pthread_self(), sizeof(set), &set);
}

static void peer_address(struct sockaddr_in *in, unsigned int n)
{
	*in = (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_port = htons(10000 + n / args.addresses),
		.sin_addr.s_addr = htonl(0x7f100001 + n % args.addresses),
	};
}

/* Client n, with fresh keys. */
static void come(unsigned int n, unsigned int keys_n)
{
	struct sockaddr_storage peer = { 0 };
	struct client *cl = &clients[n];
	struct dtls_keys keys;

	memcpy(&peer, &addresses[n], sizeof(addresses[n]));
	cl->fd = socket(AF_INET, SOCK_DGRAM, 0);
	need(cl->fd >= 0 &&
	     !bind(cl->fd, (void *)&addresses[n], sizeof(addresses[n])) &&
	     !connect(cl->fd, (void *)&c.addr, c.addr_len) &&
	     !setsockopt(cl->fd, SOL_IP, DTLS_ULP, "dtls", 4), "a client");
	crowd_keys(&keys, keys_n, true);
	need(!pair_set_keys(cl->fd, &keys), "its keys");
	errno = crowd_add(&c, keys_n, &peer, NULL);
	need(!errno, "its association");
}

/* The server: echoes valid payloads. */
static void *serve(void *arg)
{
	unsigned char buf[MAX_RECORD];
	struct sockaddr_storage from;

	pin(0);
	while (!over) {
		struct pollfd p = { .fd = c.server, .events = POLLIN };
		socklen_t len = sizeof(from);
		struct hello h;
		ssize_t n;

		n = recvfrom(c.server, buf, sizeof(buf), MSG_DONTWAIT,
			     (void *)&from, &len);
		if (n < 0) {
			poll(&p, 1, 100);
			continue;
		}
		memcpy(&h, buf, sizeof(h));
		if (n < (ssize_t)sizeof(h) || h.size != n || h.peer >= args.peers ||
		    memcmp(&from, &addresses[h.peer], 8))
			wrong++;
		else
			received++;
		sendto(c.server, buf, n, MSG_DONTWAIT, (void *)&from, len);
	}
	return NULL;
}

static void take(unsigned int n)
{
	unsigned char buf[MAX_RECORD];
	struct hello h;
	ssize_t len;

	while ((len = recv(clients[n].fd, buf, sizeof(buf), MSG_DONTWAIT)) > 0) {
		memcpy(&h, buf, sizeof(h));
		if (h.peer == n && h.size == len)
			back++;
		else
			wrong++;
	}
}

static void talk(unsigned int n)
{
	unsigned char buf[MAX_RECORD] = { 0 };
	struct hello h = { n, sent, args.sizes[sent % args.n_sizes] };

	memcpy(buf, &h, sizeof(h));
	take(n);
	if (send(clients[n].fd, buf, h.size, MSG_DONTWAIT) == h.size)
		sent++;
}

static void reboot_client(unsigned int n)
{
	struct dtls_status status;
	struct sockaddr_storage peer = { 0 };

	memcpy(&peer, &addresses[n], sizeof(addresses[n]));
	close(clients[n].fd);
	/* gone when the close_notify is read; do not wait for a lost one */
	for (int i = 0; i < 1000 && !crowd_status(&c, 0, &peer, &status); i++)
		usleep(1000);
	if (!crowd_status(&c, 0, &peer, &status))
		setsockopt(c.server, SOL_DTLS, DTLS_CLOSE, &status.assoc,
			   sizeof(status.assoc));
	come(n, args.peers + rebooted);
	rebooted++;
}

/* All are forged, or without forgeries the time is over; and all rebooted. */
static bool traffic_over(double took)
{
	if (rebooted < args.reboots)
		return took > 60 + args.seconds;
	for (unsigned int i = 0; i < n_forgers; i++)
		if (!forgers[i].seconds)
			return false;
	return n_forgers || took > args.seconds;
}

static void traffic(void)
{
	double begin = now(), left;
	unsigned long i;

	for (i = 0; !traffic_over(now() - begin); i++) {
		unsigned int n = i * 7919 % args.peers;

		if (rebooted < args.reboots && i % 10 == 9)
			reboot_client(n);
		talk(n);
		left = begin + (double)(i + 1) / args.rate - now();
		if (left > 0)
			usleep(left * 1e6);
	}
	sleep(1);	/* records in flight */
	for (i = 0; i < args.peers; i++)
		take(i);
}

struct report {
	struct figures before, full, after;
	double setup, took;
	unsigned long forged;
	double flood;		/* seconds */
};

/* They share the records to send; the server has its own CPU. */
static void start_forgers(pthread_t *threads)
{
	unsigned int cpus = sysconf(_SC_NPROCESSORS_ONLN);

	if (args.forged)
		n_forgers = cpus < 2 ? 1 : cpus - 1;
	if (n_forgers > MAX_FORGERS)
		n_forgers = MAX_FORGERS;
	for (unsigned int i = 0; i < n_forgers; i++) {
		forgers[i] = (struct forger){
			.sources = addresses, .n_sources = args.peers,
			.target = *(struct sockaddr_in *)&c.addr,
			.count = args.forged / n_forgers,
			.rate = args.forged_rate / n_forgers,
			.size = args.forged_size,
			.records = args.forged_records,
			.cpu = (i + 1) % cpus,
		};
		need(!pthread_create(&threads[i], NULL, forger_run,
				     &forgers[i]), "a thread");
	}
}

static void join_forgers(pthread_t *threads, struct report *r)
{
	for (unsigned int i = 0; i < n_forgers; i++) {
		pthread_join(threads[i], NULL);
		r->forged += forgers[i].sent;
		if (forgers[i].seconds > r->flood)
			r->flood = forgers[i].seconds;
	}
}

static void print(const struct report *r)
{
	const char *form = args.json ?
		"{\n \"%s\": %u,\n \"%s\": %.0f,\n \"%s\": %ld,\n \"%s\": %.1f,\n"
		" \"%s\": %lu,\n \"%s\": %ld,\n \"%s\": %ld,\n \"%s\": %lu,\n"
		" \"%s\": %lu,\n \"%s\": %lu,\n \"%s\": %.0f,\n \"%s\": %lu,\n"
		" \"%s\": %.0f,\n \"%s\": %lu,\n \"%s\": %lu,\n \"%s\": %.1f\n}\n" :
		"# %-32s%u\n# %-32s%.0f\n# %-32s%ld\n# %-32s%.1f\n"
		"# %-32s%lu\n# %-32s%ld\n# %-32s%ld\n# %-32s%lu\n"
		"# %-32s%lu\n# %-32s%lu\n# %-32s%.0f\n# %-32s%lu\n"
		"# %-32s%.0f\n# %-32s%lu\n# %-32s%lu\n# %-32s%.1f\n";
	unsigned long tag = r->after.tag - r->before.tag;
	double flood = r->flood ?: 1;

	printf(form, "associations", args.peers,
	       "set up per second", args.peers / r->setup,
	       "bytes of kernel memory, pair", ((long)r->full.kernel_kb -
			(long)r->before.kernel_kb) * 1024 / args.peers,
	       "records per second", (received + back) / r->took,
	       "records sent", sent, "lost to the server", (long)(sent - received),
	       "echoes lost", (long)(received - back), "wrong", wrong,
	       "rebooted", rebooted,
	       "forged", r->forged,
	       "forged per second", r->forged / flood,
	       "refused", tag, "refused per second", tag / flood,
	       "queue drops", r->after.queue - r->before.queue,
	       "of these by kdtls", r->after.inside - r->before.inside,
	       "seconds", r->took);
	fflush(stdout);
}

static int check(const struct report *r)
{
	unsigned long queue = r->after.queue - r->before.queue;
	/* a peer that reboots has no association for a moment */
	unsigned long refused = r->after.tag - r->before.tag +
				r->after.nobody - r->before.nobody;

	if (!args.tap)
		return wrong || sent - received > queue;
	ok(sent && received, "%u peers of one socket talk", args.peers);
	is_int(wrong, 0, "every record is right");
	ok(sent - received <= queue, "each that was lost is a queue drop");
	is_int(rebooted, args.reboots, "rebooted peers returned");
	ok(refused + queue >= r->forged,
	   "%lu forged records are counted", r->forged);
	return done_testing();
}

static unsigned long number(const char *text, unsigned long most)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || n > most) {
		fprintf(stderr, "load-keyed: '%s' is not from 0 to %lu\n", text,
			most);
		exit(2);
	}
	return n;
}

static void set_sizes(char *text)
{
	args.n_sizes = 0;
	for (char *p = strtok(text, ","); p; p = strtok(NULL, ",")) {
		unsigned int size = number(p, MAX_RECORD);

		if (size < sizeof(struct hello) || args.n_sizes == MAX_SIZES)
			exit(2);
		args.sizes[args.n_sizes++] = size;
	}
}

static void parse(int argc, char **argv)
{
	static const struct option options[] = {
		{ "peers", 1, NULL, 'p' }, { "addresses", 1, NULL, 'a' },
		{ "rate", 1, NULL, 'r' }, { "sizes", 1, NULL, 's' },
		{ "seconds", 1, NULL, 't' }, { "reboots", 1, NULL, 'b' },
		{ "forged", 1, NULL, 'f' }, { "forged-rate", 1, NULL, 'g' },
		{ "forged-records", 1, NULL, 'n' },
		{ "forged-size", 1, NULL, 'l' },
		{ "rcvbuf", 1, NULL, 'q' },
		{ "json", 0, NULL, 'j' }, { "tap", 0, NULL, 'T' },
		{ "help", 0, NULL, 'h' }, { }
	};
	int o;

	while ((o = getopt_long(argc, argv, "h", options, NULL)) != -1)
		switch (o) {
		case 'p': args.peers = number(optarg, 200000); break;
		case 'a': args.addresses = number(optarg, 60000); break;
		case 'r': args.rate = number(optarg, 1000000); break;
		case 's': set_sizes(optarg); break;
		case 't': args.seconds = number(optarg, 3600); break;
		case 'b': args.reboots = number(optarg, 100000); break;
		case 'f': args.forged = number(optarg, 100000000); break;
		case 'g': args.forged_rate = number(optarg, 10000000); break;
		case 'n': args.forged_records = number(optarg, 39); break;
		case 'l': args.forged_size = number(optarg, 1400); break;
		case 'q': args.rcvbuf = number(optarg, 1 << 28); break;
		case 'j': args.json = true; break;
		case 'T': args.tap = true; break;
		case 'h': fputs(help, stdout); exit(0);
		default: fputs(help, stderr); exit(2);
		}
	if (!args.peers || !args.addresses || !args.rate || !args.n_sizes)
		exit(2);
}

static void set_up(struct report *r)
{
	struct rlimit many = { args.peers + 100, args.peers + 100 };

	need(!setrlimit(RLIMIT_NOFILE, &many), "that many descriptors");
	clients = calloc(args.peers, sizeof(*clients));
	addresses = calloc(args.peers, sizeof(*addresses));
	need(clients && addresses, "memory");
	crowd_open(&c, AF_INET, false);
	need(!args.rcvbuf || !setsockopt(c.server, SOL_SOCKET, SO_RCVBUFFORCE,
					 &args.rcvbuf, sizeof(args.rcvbuf)),
	     "SO_RCVBUFFORCE");
	figures_read(&r->before);
	r->setup = now();
	for (unsigned int i = 0; i < args.peers; i++) {
		peer_address(&addresses[i], i);
		come(i, i);
	}
	r->setup = now() - r->setup;
	figures_read(&r->full);
}

int main(int argc, char **argv)
{
	pthread_t server, threads[MAX_FORGERS];
	struct report r = { 0 };

	parse(argc, argv);
	set_up(&r);
	pin(sysconf(_SC_NPROCESSORS_ONLN) - 1);
	need(!pthread_create(&server, NULL, serve, NULL), "a thread");
	r.took = now();
	start_forgers(threads);
	traffic();
	r.took = now() - r.took;
	join_forgers(threads, &r);
	over = true;
	pthread_join(server, NULL);
	figures_read(&r.after);
	print(&r);
	return check(&r);
}
