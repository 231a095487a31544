// SPDX-License-Identifier: GPL-2.0
/*
 * Two ends, each a process, perhaps on two machines, for tests/bench/metal.
 * The server takes orders over TCP, a connection each:
 *
 *	client: cell PATH BATCH CIPHER BYTES	server: ready
 *	(datagrams; for a library a handshake first)
 *	client: stop				server: got RECORDS NANOSECONDS
 *							and its use of the CPUs
 *
 * Keys of path kdtls are constants of tests/socket/pair.c: the data is not
 * secret.
 */
#include <arpa/inet.h>
#include <getopt.h>
#include <netdb.h>
#include <netinet/udp.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "cputime.h"
#include "library.h"
#include "pair.h"
#include "stats.h"
#include "tap.h"

#define CLIENT		0
#define SERVER		1
/* Maximum in flight, unconfirmed; the server confirms four times as often. */
#define WINDOW_RECORDS	1024
#define WINDOW_BYTES	(2 << 20)
#define ROOM		(8 << 20)
#define TIMEOUT_MS	100
#define MAX_LATENCIES	(1 << 20)

static const struct batch batches[] = {
	{ "1", WAY_1, 1 }, { "mmsg", WAY_MMSG, MMSG_RECORDS },
	{ "gso", WAY_GSO, GSO_RECORDS }, { "rtt", WAY_RTT, 1 },
};

static struct gathered to[2];

struct end {
	int id, fd;
	const struct library *library;	/* NULL: the plain calls */
	struct load load;
	size_t wire;			/* bytes of a datagram as send() has it */
	unsigned int window, confirm;	/* records */
};

/* What an end used of the CPUs, from begin_use() to end_use(). */
struct use {
	double own_ns, busy_ns;		/* its process; its whole machine */
	int cpu;			/* -1: not pinned */
};

struct order {
	char path[16], batch[8], cipher[32];
	size_t bytes;
};

static bool by_hand(const struct end *e)
{
	return e->library && (e->load.batch->way == WAY_MMSG ||
			      e->load.batch->way == WAY_GSO);
}

static void send_records(struct end *e, unsigned int n)
{
	struct gathered *g = &to[!e->id];
	struct load load = e->load;
	unsigned int i;

	load.count = n;
	if (e->library)
		for (i = 0; i < n; i++)
			e->library->write(e->id, load.out, load.bytes);
	if (e->library && !by_hand(e))
		return;
	if (e->library) {
		load.out = g->data;
		load.bytes = e->wire;
	}
	sockets_send(e->fd, &load);
	gather_reset(g);
}

static unsigned int receive_many(struct end *e, unsigned char *data)
{
	struct mmsghdr msgs[MMSG_RECORDS] = { };
	struct iovec vec[MMSG_RECORDS];
	int i, n;

	for (i = 0; i < MMSG_RECORDS; i++) {
		vec[i].iov_base = data + i * e->wire;
		vec[i].iov_len = e->wire;
		msgs[i].msg_hdr.msg_iov = &vec[i];
		msgs[i].msg_hdr.msg_iovlen = 1;
	}
	n = recvmmsg(e->fd, msgs, MMSG_RECORDS, MSG_WAITFORONE, NULL);
	for (i = 0; i < n; i++)
		need(msgs[i].msg_len == e->wire, "records of that size");
	return n > 0 ? n : 0;
}

/* One, or as many as UDP_GRO gives. */
static unsigned int receive_some(struct end *e, unsigned char *data)
{
	struct iovec vec = { data, e->load.count * e->wire };
	char control[CMSG_SPACE(sizeof(int))];
	struct msghdr msg = {
		.msg_iov = &vec, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	ssize_t len = recvmsg(e->fd, &msg, 0);

	if (len < 0)
		return 0;
	need(!(len % e->wire) && !(msg.msg_flags & MSG_TRUNC),
	     "records of that size");
	return len / e->wire;
}

/* The records of a received buffer, one by one. */
static unsigned int deal(struct end *e, unsigned int n)
{
	struct gathered *g = &to[e->id];
	unsigned int i;

	g->count = n;
	g->next = 0;
	for (i = 0; i < n; i++)
		g->ends[i] = (i + 1) * e->wire;
	for (i = 0; i < n; i++)
		need(e->library->read(e->id, e->load.in, e->load.bytes),
		     "a record");
	return n;
}

/* Returns records; 0 when none came for a while. */
static unsigned int receive_records(struct end *e)
{
	unsigned char *data = e->library ? to[e->id].data : e->load.in;
	unsigned int n;

	if (e->library && !by_hand(e))
		return e->library->read(e->id, e->load.in, e->load.bytes);
	if (e->load.batch->way == WAY_MMSG)
		n = receive_many(e, data);
	else
		n = receive_some(e, data);
	return e->library && n ? deal(e, n) : n;
}

static const struct batch *batch_by_name(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(batches) / sizeof(*batches); i++)
		if (!strcmp(batches[i].name, name))
			return &batches[i];
	need(false, "such a batch");
	return NULL;
}

/* Before the other end may send. */
static void make_room(struct end *e)
{
	struct timeval wait = { .tv_usec = TIMEOUT_MS * 1000 };
	int room = ROOM;

	/* by force where that is allowed */
	if (setsockopt(e->fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)))
		setsockopt(e->fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	need(!setsockopt(e->fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)),
	     "SO_RCVTIMEO");
}

/* After the handshake, which has datagrams of other sizes. */
static void offload(struct end *e)
{
	int segment = e->wire, on = 1;

	if (e->load.batch->way != WAY_GSO)
		return;
	need(!setsockopt(e->fd, SOL_UDP, UDP_SEGMENT, &segment,
			 sizeof(segment)), "UDP_SEGMENT");
	need(!setsockopt(e->fd, SOL_UDP, UDP_GRO, &on, sizeof(on)), "UDP_GRO");
}

/* The same addresses as the TCP connection; ports: the server's + 1 and + 2. */
static int datagrams(int tcp, int id)
{
	struct sockaddr_storage a, b;
	socklen_t len = sizeof(a), peer_len = sizeof(b);
	/* sin_port and sin6_port have the same offset */
	in_port_t *mine = &((struct sockaddr_in *)&a)->sin_port;
	in_port_t *other = &((struct sockaddr_in *)&b)->sin_port;
	unsigned short port;
	int fd;

	need(!getsockname(tcp, (void *)&a, &len) &&
	     !getpeername(tcp, (void *)&b, &peer_len), "addresses");
	port = ntohs(id == SERVER ? *mine : *other);
	*mine = htons(port + (id == SERVER ? 1 : 2));
	*other = htons(port + (id == SERVER ? 2 : 1));
	fd = socket(a.ss_family, SOCK_DGRAM, 0);
	need(fd >= 0 && !bind(fd, (void *)&a, len), "bind");
	need(!connect(fd, (void *)&b, peer_len), "connect");
	return fd;
}

static void keyed(const struct end *e)
{
	struct dtls_keys keys;

	need(!setsockopt(e->fd, SOL_IP, DTLS_ULP, "dtls", 4),
	     "attach (is kdtls loaded?)");
	pair_keys(&keys, e->load.cipher->kdtls, e->id == CLIENT);
	need(!pair_set_keys(e->fd, &keys), "keys");
}

static void sizes(struct end *e)
{
	unsigned int fit = GSO_BYTES / (e->load.bytes + MAX_OVERHEAD);

	e->load.count = e->load.batch->records;
	if (e->load.batch->way == WAY_GSO && e->load.count > fit)
		e->load.count = fit;
	e->wire = e->load.bytes +
		  (e->library ? e->load.cipher->overhead : 0);
	e->window = WINDOW_BYTES / e->load.bytes;
	if (e->window > WINDOW_RECORDS)
		e->window = WINDOW_RECORDS;
	e->confirm = e->window / 4;
	e->load.out = calloc(e->load.count, e->load.bytes);
	/* UDP_GRO may return more than was sent in one call */
	e->load.in = malloc(65536 + e->load.bytes * MMSG_RECORDS);
	need(e->load.out && e->load.in, "malloc");
}

/* All but the handshake. */
static void open_end(struct end *e, const struct order *o, int tcp, int id)
{
	e->id = id;
	e->load.batch = batch_by_name(o->batch);
	e->load.bytes = o->bytes;
	e->load.cipher = cipher_by_name(o->cipher);
	need(e->load.cipher && o->bytes && o->bytes <= MAX_BYTES,
	     "a cipher and a size");
	if (!strcmp(o->path, "openssl"))
		e->library = &library_openssl;
	else if (!strcmp(o->path, "gnutls"))
		e->library = &library_gnutls;
	else
		need(!strcmp(o->path, "udp") || !strcmp(o->path, "kdtls"),
		     "such a path");
	sizes(e);
	e->fd = datagrams(tcp, id);
	make_room(e);
	if (!strcmp(o->path, "kdtls"))
		keyed(e);
}

static void handshake(struct end *e)
{
	if (e->library)
		handshake_one(e->library, e->load.cipher, e->id, e->fd);
	if (by_hand(e))
		e->library->in_memory(e->id, to);
	offload(e);
}

static void read_line(int tcp, char *line, size_t size)
{
	size_t n = 0;

	do {
		need(n < size - 1 && read(tcp, line + n, 1) == 1, "a line");
	} while (line[n++] != '\n');
	line[n] = '\0';
}

static bool readable(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	return poll(&pfd, 1, 0) == 1;
}

static void begin_use(struct use *use)
{
	use->own_ns = -cputime_of(0);
	use->busy_ns = -cputime_busy(ALL_CPUS);
}

static void end_use(struct use *use)
{
	use->own_ns += cputime_of(0);
	use->busy_ns += cputime_busy(ALL_CPUS);
	use->cpu = pinned_cpu();
}

static void serve_records(struct end *e, int tcp)
{
	unsigned long records = 0, confirmed = 0;
	double first = 0, last = 0;
	struct use use;
	char line[64];

	begin_use(&use);
	for (;;) {
		unsigned int n = receive_records(e);

		if (!n && readable(tcp))
			break;
		if (!n)
			continue;
		if (e->load.batch->way == WAY_RTT) {
			send_records(e, 1);
			continue;
		}
		last = now_ns();
		if (!records)
			first = last;
		records += n;
		for (; records - confirmed >= e->confirm;
		     confirmed += e->confirm)
			send_records(e, 1);
	}
	end_use(&use);
	read_line(tcp, line, sizeof(line));
	dprintf(tcp, "got %lu %.0f %.0f %.0f %d\n", records, last - first,
		use.own_ns, use.busy_ns, use.cpu);
}

static void serve_order(int tcp)
{
	struct end e = { };
	struct order o;
	char line[128];

	read_line(tcp, line, sizeof(line));
	need(sscanf(line, "cell %15s %7s %31s %zu", o.path, o.batch, o.cipher,
		    &o.bytes) == 4, "an order");
	open_end(&e, &o, tcp, SERVER);
	dprintf(tcp, "ready\n");
	handshake(&e);
	serve_records(&e, tcp);
}

static struct addrinfo *resolve(const char *host, const char *port, int flags)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
				  .ai_flags = flags };
	struct addrinfo *found;

	need(!getaddrinfo(host, port, &hints, &found), "such a host");
	return found;
}

static int serve(const char *host, const char *port)
{
	struct addrinfo *ai = resolve(host, port, AI_PASSIVE);
	int listener = socket(ai->ai_family, SOCK_STREAM, 0), on = 1;

	need(listener >= 0 &&
	     !setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) &&
	     !bind(listener, ai->ai_addr, ai->ai_addrlen) &&
	     !listen(listener, 5), "listen");
	signal(SIGCHLD, SIG_IGN);
	for (;;) {
		int tcp = accept(listener, NULL, NULL);

		/* a failed one does not affect others */
		if (tcp >= 0 && !fork()) {
			serve_order(tcp);
			exit(0);
		}
		close(tcp);
	}
}

static int connected(const char *host, const char *port)
{
	struct addrinfo *ai = resolve(host, port, 0);
	int fd, tries;

	for (tries = 0; tries < 100; tries++) {
		fd = socket(ai->ai_family, SOCK_STREAM, 0);
		if (!connect(fd, ai->ai_addr, ai->ai_addrlen))
			return fd;
		close(fd);
		usleep(100 * 1000);
	}
	need(false, "a server");
	return -1;
}

/* Returns how many were sent. */
static unsigned long stream(struct end *e, double seconds)
{
	double end = now_ns() + seconds * 1e9;
	unsigned long sent = 0;
	long on_its_way = 0;

	while (now_ns() < end) {
		unsigned int n;

		if (on_its_way + e->load.count <= e->window) {
			send_records(e, e->load.count);
			sent += e->load.count;
			on_its_way += e->load.count;
			continue;
		}
		n = receive_records(e);
		/* nothing for this time: something was lost */
		on_its_way = n ? on_its_way - (long)n * e->confirm : 0;
		if (on_its_way < 0)
			on_its_way = 0;
	}
	return sent;
}

/* Fills in latencies; returns how many. */
static size_t round_trips(struct end *e, double seconds, double *latencies)
{
	double end = now_ns() + seconds * 1e9;
	size_t n = 0;

	while (now_ns() < end && n < MAX_LATENCIES) {
		double start = now_ns();

		send_records(e, 1);
		if (receive_records(e))
			latencies[n++] = now_ns() - start;
	}
	need(n, "an answer");
	return n;
}

/* As arrays: this end, the server. */
static void print_use(const struct use *a, const struct use *b)
{
	printf(", \"cpu\": [%d, %d], \"own_ns\": [%.0f, %.0f], \"busy_ns\": [%.0f, %.0f]",
	       a->cpu, b->cpu, a->own_ns, b->own_ns, a->busy_ns, b->busy_ns);
}

static void run_cell(const struct order *o, int tcp, double seconds)
{
	double *latencies = malloc(MAX_LATENCIES * sizeof(double));
	unsigned long sent = 0, got = 0;
	struct use mine, its;
	struct end e = { };
	size_t trips = 0;
	double ns = 0;
	char line[128];

	need(latencies, "malloc");
	open_end(&e, o, tcp, CLIENT);
	read_line(tcp, line, sizeof(line));
	handshake(&e);
	begin_use(&mine);
	if (e.load.batch->way == WAY_RTT)
		trips = round_trips(&e, seconds, latencies);
	else
		sent = stream(&e, seconds);
	end_use(&mine);
	dprintf(tcp, "stop\n");
	read_line(tcp, line, sizeof(line));
	need(sscanf(line, "got %lu %lf %lf %lf %d", &got, &ns, &its.own_ns,
		    &its.busy_ns, &its.cpu) == 5, "an answer");
	printf("{\"sent\": %lu, \"records\": %lu, \"ns\": %.0f", sent,
	       trips ? trips : got, ns);
	print_use(&mine, &its);
	if (trips)
		print_percentiles(stdout, latencies, trips);
	printf("}\n");
}

static void usage(FILE *f)
{
	fprintf(f,
"Usage: bench-two serve ADDRESS PORT\n"
"       bench-two run HOST PORT PATH BATCH CIPHER BYTES SECONDS\n"
"       bench-two versions\n"
"  PATH    udp, kdtls, openssl, gnutls\n"
"  BATCH   1, mmsg, gso; rtt: round trips\n"
"PORT is for TCP; UDP takes the next two.\n");
}

int main(int argc, char **argv)
{
	struct order o;
	int tcp;

	if (argc == 2 && !strcmp(argv[1], "versions")) {
		printf("{\"openssl\": \"%s\", \"gnutls\": \"%s\"}\n",
		       library_openssl.version(), library_gnutls.version());
		return 0;
	}
	if (argc == 4 && !strcmp(argv[1], "serve"))
		return serve(argv[2], argv[3]);
	if (argc != 9 || strcmp(argv[1], "run")) {
		usage(stderr);
		return 2;
	}
	snprintf(o.path, sizeof(o.path), "%s", argv[4]);
	snprintf(o.batch, sizeof(o.batch), "%s", argv[5]);
	snprintf(o.cipher, sizeof(o.cipher), "%s", argv[6]);
	o.bytes = strtoul(argv[7], NULL, 10);
	tcp = connected(argv[2], argv[3]);
	dprintf(tcp, "cell %s %s %s %zu\n", o.path, o.batch, o.cipher, o.bytes);
	run_cell(&o, tcp, atof(argv[8]));
	return 0;
}
