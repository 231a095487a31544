// SPDX-License-Identifier: GPL-2.0
/*
 * Malformed netlink messages, many in a sendmsg, from a daemon with real
 * handshakes in flight: keys, flights, datagrams and ends reach the code behind
 * the checks. A pair of keyed sockets exchanges messages meanwhile.
 *
 * The kernel answers each message that it refuses. Most answers do not fit the
 * receive buffer and are dropped, as intended; in one of 32 batches the buffer is
 * large enough, every message requests an answer, and they are counted.
 *
 * KDTLS_FUZZ_MESSAGES: how many (default 1,000,000; 50,000 on the debug
 * kernel). KDTLS_FUZZ_SEED: which (default 1; the number of CPUs counts too).
 * For long runs: KDTLS_FUZZ_MESSAGES=1000000000 tests/harness/vm/run --smp 2 \
 *	--timeout 86400 -- build/tests/netlink-fuzz
 */
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <linux/genetlink.h>
#include <linux/kdtls_netlink.h>
#include <linux/netlink.h>

#include "figure.h"
#include "message.h"
#include "pair.h"
#include "tap.h"

#define WORKERS		8	/* at most; one a CPU */
#define BATCH		128	/* messages */
#define BATCH_BYTES	60000	/* no further message after so many */
#define AUDIT		32	/* batches */
#define ERRNOS		256

/* A socket that requests a handshake. */
struct wish {
	int fd, peer;
	uint64_t id;
};

struct worker {
	pthread_t thread;
	struct rng rng;
	struct world world;
	struct wish wishes[WORLD_IDS];
	int nl;
	uint32_t seq;
	unsigned char *buf;
	unsigned long sent, batches, audited, answered;
	unsigned long seen[KDTLS_CMD_MAX + 1][ERRNOS];	/* of audited ones */
};

static struct {
	uint16_t family;
	uint32_t handshakes;		/* group */
	unsigned long messages, seed;	/* messages: of each worker */
	unsigned int workers, running;
	struct pair pair;
} fuzz;

static const struct nlattr *attr_find(const void *attrs, size_t len,
				      unsigned int type)
{
	const struct nlattr *a = attrs;
	size_t size;

	while (len >= NLA_HDRLEN && a->nla_len >= NLA_HDRLEN &&
	       a->nla_len <= len) {
		if ((a->nla_type & NLA_TYPE_MASK) == type)
			return a;
		size = NLA_ALIGN(a->nla_len);
		if (size >= len)
			break;
		len -= size;
		a = (const void *)((const char *)a + size);
	}
	need(false, "an attribute");
	return NULL;
}

static const void *attr_data(const struct nlattr *a)
{
	return (const char *)a + NLA_HDRLEN;
}

static int netlink_socket(void)
{
	struct sockaddr_nl addr = { .nl_family = AF_NETLINK };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);

	need(fd >= 0 && !bind(fd, (void *)&addr, sizeof(addr)), "netlink");
	need(!setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &(int){ 1 }, 4),
	     "NETLINK_CAP_ACK");
	need(!setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &(int){ 1 << 20 }, 4),
	     "SO_SNDBUFFORCE");
	return fd;
}

/* The number of the family and of its first group. */
static void family_resolve(int nl)
{
	struct {
		struct nlmsghdr h;
		struct genlmsghdr g;
		struct nlattr a;
		char name[8];
	} ask = {
		.h = { sizeof(ask), GENL_ID_CTRL, NLM_F_REQUEST, 1, 0 },
		.g = { .cmd = CTRL_CMD_GETFAMILY, .version = 1 },
		.a = { NLA_HDRLEN + 6, CTRL_ATTR_FAMILY_NAME },
		.name = KDTLS_FAMILY_NAME,
	};
	static char answer[8192];
	const char *attrs = answer + NLMSG_HDRLEN + GENL_HDRLEN;
	const struct nlattr *groups, *group;
	ssize_t len;

	need(send(nl, &ask, sizeof(ask), 0) == sizeof(ask), "getfamily");
	len = recv(nl, answer, sizeof(answer), 0) - NLMSG_HDRLEN - GENL_HDRLEN;
	need(len > 0, "getfamily");
	fuzz.family = *(uint16_t *)attr_data(attr_find(attrs, len,
						       CTRL_ATTR_FAMILY_ID));
	groups = attr_find(attrs, len, CTRL_ATTR_MCAST_GROUPS);
	group = attr_data(groups);
	need(!strcmp(attr_data(attr_find(attr_data(group), group->nla_len,
					 CTRL_ATTR_MCAST_GRP_NAME)),
		     KDTLS_MCGRP_HANDSHAKES), "the first group");
	fuzz.handshakes = *(uint32_t *)attr_data(attr_find(attr_data(group),
				group->nla_len, CTRL_ATTR_MCAST_GRP_ID));
}

/* A group member, without which no handshake begins. It never reads. */
static int listener(void)
{
	int nl = netlink_socket();

	need(!setsockopt(nl, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP,
			 &fuzz.handshakes, 4), "join");
	return nl;
}

/* Reading */

static void room_set(struct worker *w, int bytes)
{
	need(!setsockopt(w->nl, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, 4),
	     "SO_RCVBUFFORCE");
}

static uint8_t command_of(const struct worker *w, uint32_t seq);

/* One answer a message: its error, or that a dump of it is done. */
static void answer_count(struct worker *w, const struct nlmsghdr *h)
{
	const struct nlmsgerr *e = NLMSG_DATA(h);
	int err = h->nlmsg_type == NLMSG_DONE ? 0 : -e->error;

	if (h->nlmsg_type != NLMSG_ERROR && h->nlmsg_type != NLMSG_DONE)
		return;
	w->answered++;
	if (err >= 0 && err < ERRNOS)
		w->seen[command_of(w, h->nlmsg_seq)][err]++;
}

static void answers_read(struct worker *w, bool count)
{
	static __thread char buf[65536];
	struct nlmsghdr *h;
	ssize_t len;

	while ((len = recv(w->nl, buf, sizeof(buf), MSG_DONTWAIT)) > 0 ||
	       (len < 0 && errno == ENOBUFS)) {
		for (h = (void *)buf; count && len > 0 && NLMSG_OK(h, len);
		     h = NLMSG_NEXT(h, len))
			answer_count(w, h);
	}
}

/* Sending */

/* Commands of the batch in flight, by sequence number. */
static __thread uint8_t batch_commands[BATCH];

static uint8_t command_of(const struct worker *w, uint32_t seq)
{
	uint8_t cmd = batch_commands[seq % BATCH];

	return cmd <= KDTLS_CMD_MAX ? cmd : 0;
}

static size_t batch_make(struct worker *w, bool audit, unsigned int *n)
{
	size_t len = 0, size;

	for (*n = 0; *n < BATCH && len < BATCH_BYTES; ++*n) {
		struct nlmsghdr *h = (void *)(w->buf + len);

		size = message_spoiled(&w->rng, &w->world, fuzz.family,
				       ++w->seq, h);
		if (audit)
			h->nlmsg_flags |= NLM_F_ACK;
		batch_commands[w->seq % BATCH] =
			((struct genlmsghdr *)NLMSG_DATA(h))->cmd;
		len += size;
	}
	return len;
}

static void batch_send(struct worker *w)
{
	bool audit = w->batches++ % AUDIT == 0;
	unsigned int n;
	size_t len = batch_make(w, audit, &n);

	if (audit)
		room_set(w, 1 << 24);
	need(send(w->nl, w->buf, len, 0) == (ssize_t)len, "a batch");
	answers_read(w, audit);
	if (audit) {
		w->audited += n;
		room_set(w, 4096);
	}
	w->sent += n;
}

/* A valid one; its answer is checked elsewhere. */
static void say(struct worker *w, uint64_t id, uint8_t cmd)
{
	size_t len = message_right(&w->rng, id, fuzz.family, cmd, ++w->seq,
				   w->buf);

	need(send(w->nl, w->buf, len, 0) == (ssize_t)len, "a message");
}

/* Handshakes */

static void wish_end(struct wish *wish)
{
	close(wish->fd);
	close(wish->peer);
}

/* Plain socket at the other end, without a reader. */
static void wish_socket(struct wish *wish, struct rng *r)
{
	struct pair p;

	pair_plain(&p, once_in(r, 2) ? AF_INET : AF_INET6);
	wish->fd = p.a;
	wish->peer = p.b;
	need(!setsockopt(wish->fd, SOL_IP, DTLS_ULP, "dtls", 4), "attach");
}

static uint64_t assoc_id(int fd)
{
	struct dtls_status status;
	socklen_t len = sizeof(status);

	need(!getsockopt(fd, SOL_DTLS, DTLS_STATUS, &status, &len), "status");
	return status.assoc;
}

static void wish_begin(struct wish *wish, struct rng *r, uint32_t timeout_ms)
{
	struct dtls_request request = {
		.timeout_ms = timeout_ms,
		.exporter_len = 32, .exporter_label = "EXPERIMENTAL-fuzz",
	};

	wish_socket(wish, r);
	need(!setsockopt(wish->fd, SOL_DTLS,
			 once_in(r, 2) ? DTLS_CONNECT : DTLS_LISTEN, &request,
			 sizeof(request)), "a request");
	wish->id = assoc_id(wish->fd);
}

/* Half of the handshakes at a step take the next one. */
static void wish_further(struct worker *w, struct wish *wish)
{
	static const uint8_t steps[] = {
		KDTLS_CMD_ACCEPT, KDTLS_CMD_KEY_INSTALL, KDTLS_CMD_KEY_INSTALL,
		KDTLS_CMD_LAST_FLIGHT, KDTLS_CMD_DONE,
	};
	unsigned int i;

	for (i = 0; i < sizeof(steps) && (!i || once_in(&w->rng, 2)); i++) {
		if (i || !once_in(&w->rng, 8))
			say(w, wish->id, steps[i]);
		answers_read(w, false);
	}
}

static void wish_renew(struct worker *w)
{
	unsigned int i = below(&w->rng, WORLD_IDS);
	struct wish *wish = &w->wishes[i];

	wish_end(wish);
	/* an end counts for its user until the daemon has received it */
	say(w, wish->id, KDTLS_CMD_NEXT);
	answers_read(w, false);
	wish_begin(wish, &w->rng,
		   once_in(&w->rng, 8) ? 1 + below(&w->rng, 50) : 0);
	wish_further(w, wish);
	w->world.ids[i] = wish->id;
}

/* Actions of program and peer meanwhile. */
static void wish_use(struct worker *w)
{
	struct wish *wish = &w->wishes[below(&w->rng, WORLD_IDS)];
	unsigned char record[13 + 40] = { 22, 0xfe, 0xfd };
	static const int options[] = {
		DTLS_PEER, DTLS_EXPORTER, DTLS_STATS, DTLS_MTU, DTLS_STATUS
	};
	socklen_t len = sizeof(record);

	record[0] = 20 + below(&w->rng, 6);
	record[4] = below(&w->rng, 2);
	record[10] = rnd(&w->rng);
	record[12] = 40;
	send(wish->peer, record, sizeof(record), MSG_DONTWAIT);
	send(wish->fd, record, 20, MSG_DONTWAIT | MSG_NOSIGNAL);
	recv(wish->fd, record, sizeof(record), MSG_DONTWAIT);
	getsockopt(wish->fd, SOL_DTLS, options[below(&w->rng, 5)], record, &len);
}

static void *work(void *arg)
{
	struct worker *w = arg;
	unsigned int i;

	w->nl = netlink_socket();
	w->buf = malloc(BATCH_BYTES + MESSAGE_MAX);
	need(w->buf, "memory");
	for (i = 0; i < WORLD_IDS; i++) {
		wish_begin(&w->wishes[i], &w->rng, 0);
		w->world.ids[i] = w->wishes[i].id;
	}
	while (w->sent < fuzz.messages) {
		wish_renew(w);
		wish_renew(w);
		wish_use(w);
		batch_send(w);
	}
	/* half of them end by their sockets, half by the daemon's end */
	for (i = 0; i < WORLD_IDS; i += 2)
		wish_end(&w->wishes[i]);
	close(w->nl);
	for (i = 1; i < WORLD_IDS; i += 2)
		wish_end(&w->wishes[i]);
	free(w->buf);
	__atomic_sub_fetch(&fuzz.running, 1, __ATOMIC_RELEASE);
	return NULL;
}

/* Invariants */

static void talk(unsigned long *sent, unsigned long *arrived)
{
	char out[100], in[200];

	memset(out, 'a' + *sent % 26, sizeof(out));
	++*sent;
	if (send(fuzz.pair.a, out, sizeof(out), 0) == sizeof(out) &&
	    recv(fuzz.pair.b, in, sizeof(in), 0) == sizeof(out) &&
	    !memcmp(in, out, sizeof(out)))
		++*arrived;
}

static void pair_check(unsigned long sent, unsigned long arrived)
{
	struct dtls_stats stats;
	socklen_t len = sizeof(stats);
	unsigned long long drops;

	need(!getsockopt(fuzz.pair.b, SOL_DTLS, DTLS_STATS, &stats, &len),
	     "stats");
	drops = pair_sum_drops(fuzz.pair.b);
	ok(arrived == sent && stats.rx_records == sent && !drops,
	   "a pair of sockets talked all the while and still does");
	diag("%lu records, %lu arrived, %llu dropped", sent, arrived, drops);
}

static void command_check(const struct worker *workers, uint8_t cmd,
			  const char *name)
{
	unsigned long good = 0, bad[ERRNOS] = {}, all = 0;
	unsigned int i, e;

	for (i = 0; i < fuzz.workers; i++) {
		good += workers[i].seen[cmd][0];
		for (e = 1; e < ERRNOS; e++)
			bad[e] += workers[i].seen[cmd][e];
	}
	for (e = 1; e < ERRNOS; e++)
		all += bad[e];
	ok(good && all, "%s: some were obeyed, some refused", name);
	diag("of the audited: %lu obeyed, %lu refused", good, all);
	for (e = 1; e < ERRNOS; e++)
		if (bad[e])
			diag("    %lu %s", bad[e], strerrorname_np(e));
}

static void audit_check(const struct worker *workers)
{
	unsigned long sent = 0, audited = 0, answered = 0;
	unsigned int i;

	for (i = 0; i < fuzz.workers; i++) {
		sent += workers[i].sent;
		audited += workers[i].audited;
		answered += workers[i].answered;
	}
	ok(audited && answered == audited,
	   "%lu messages; each of %lu audited ones had one answer", sent,
	   audited);
	if (answered != audited)
		diag("  %lu answers", answered);
}

static void handshake_check(void)
{
	struct worker w = { .rng = { 1 }, .nl = netlink_socket() };
	struct dtls_status status;
	socklen_t len = sizeof(status);
	struct wish wish;
	static const uint8_t steps[] = {
		KDTLS_CMD_ACCEPT, KDTLS_CMD_DATAGRAM, KDTLS_CMD_KEY_INSTALL,
		KDTLS_CMD_KEY_INSTALL, KDTLS_CMD_LAST_FLIGHT, KDTLS_CMD_DONE,
	};
	unsigned int i;

	w.buf = malloc(MESSAGE_MAX);
	need(w.buf, "memory");
	wish_begin(&wish, &w.rng, 0);
	for (i = 0; i < sizeof(steps); i++)
		say(&w, wish.id, steps[i]);
	need(!getsockopt(wish.fd, SOL_DTLS, DTLS_STATUS, &status, &len),
	     "status");
	is_int(status.state, DTLS_STATE_ESTABLISHED,
	       "a handshake works as before");
	wish_end(&wish);
	close(w.nl);
	free(w.buf);
}

static long associations(void)
{
	return figure(KDTLS_STAT, "KdtlsCurrAssocs");
}

/* Lines that the kernel logged since; netlink's lines about bad attributes are
 * rate-limited and not from kdtls.
 */
static unsigned int log_lines(int kmsg)
{
	unsigned int lines = 0;
	char line[2048];
	ssize_t len;

	while ((len = read(kmsg, line, sizeof(line) - 1)) > 0 ||
	       (len < 0 && errno == EPIPE)) {
		line[len > 0 ? len : 0] = '\0';
		if (!strstr(line, "kdtls") || strstr(line, ";netlink: "))
			continue;
		diag("logged: %s", line);
		lines++;
	}
	return lines;
}

static void configure(void)
{
	const char *messages = getenv("KDTLS_FUZZ_MESSAGES");
	const char *seed = getenv("KDTLS_FUZZ_SEED");
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	fuzz.workers = cpus < WORKERS ? cpus : WORKERS;
	fuzz.messages = on_debug_kernel() ? 50000 : 1000000;
	if (messages)
		fuzz.messages = strtoul(messages, NULL, 0);
	fuzz.messages = (fuzz.messages + cpus - 1) / fuzz.workers;
	fuzz.seed = seed ? strtoul(seed, NULL, 0) : 1;
	diag("KDTLS_FUZZ_SEED=%lu, %u workers", fuzz.seed, fuzz.workers);
}

static void worker_start(struct worker *w, unsigned int i)
{
	/* not 0, and far apart */
	w->rng.state = (fuzz.seed * 64 + i + 1) * 0x9e3779b97f4a7c15ULL;
	w->world.spared[0] = assoc_id(fuzz.pair.a);
	w->world.spared[1] = assoc_id(fuzz.pair.b);
	need(!pthread_create(&w->thread, NULL, work, w), "a thread");
}

static void commands_check(const struct worker *workers)
{
	command_check(workers, KDTLS_CMD_GET, "get");
	command_check(workers, KDTLS_CMD_CLOSE, "delete");
	command_check(workers, KDTLS_CMD_ACCEPT, "accept");
	command_check(workers, KDTLS_CMD_DATAGRAM, "datagram");
	command_check(workers, KDTLS_CMD_KEY_INSTALL, "key-install");
	command_check(workers, KDTLS_CMD_LAST_FLIGHT, "last-flight");
	command_check(workers, KDTLS_CMD_DONE, "done");
}

int main(void)
{
	static struct worker workers[WORKERS];
	unsigned long sent = 0, arrived = 0;
	time_t begin = time(NULL);
	int kmsg, nl;
	unsigned int i;

	kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK);
	need(kmsg >= 0 && lseek(kmsg, 0, SEEK_END) >= 0, "/dev/kmsg");
	configure();
	nl = netlink_socket();
	family_resolve(nl);
	close(nl);
	nl = listener();
	pair_open(&fuzz.pair, AF_INET, DTLS_CIPHER_AES_128_GCM);
	fuzz.running = fuzz.workers;
	for (i = 0; i < fuzz.workers; i++)
		worker_start(&workers[i], i);
	while (__atomic_load_n(&fuzz.running, __ATOMIC_ACQUIRE)) {
		talk(&sent, &arrived);
		usleep(100000);
	}
	for (i = 0; i < fuzz.workers; i++)
		pthread_join(workers[i].thread, NULL);
	talk(&sent, &arrived);
	diag("%ld s", (long)(time(NULL) - begin));
	audit_check(workers);
	commands_check(workers);
	pair_check(sent, arrived);
	handshake_check();
	pair_close(&fuzz.pair);
	close(nl);
	is_int(associations(), 0, "no association is left");
	is_int(log_lines(kmsg), 0, "nothing was logged");
	return done_testing();
}
