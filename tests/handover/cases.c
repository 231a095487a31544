// SPDX-License-Identifier: GPL-2.0
/*
 * handover [--kernel] [PART]...
 *
 * Sessions of OpenSSL and GnuTLS in all four pairs are handed over at both
 * ends while datagrams of the last flight are lost. Without --kernel
 * kernel.c emulates the kernel, which tests the data that libkdtls extracts; with
 * it the real kernel is used.
 */
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <kdtls/gnutls.h>
#include <kdtls/openssl.h>

#include "ends.h"
#include "tap.h"

#define PATIENCE_MS	20000

static const struct end_ops *libs[] = { &openssl_end, &gnutls_end };
static const char * const cipher_names[] = {
	"CBC", "AES-128-GCM", "AES-256-GCM", "ChaCha20-Poly1305",
	"AES-128-CCM", "AES-128-CCM-8",
};

enum { EARLY_SERVER = 1, EARLY_CLIENT = 2, EACH_WAY = 10 };

struct trial {
	struct end client, server;
	struct wire wire;
	bool keep;			/* the saved session is the caller's */
	char name[160];
};

static long long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static struct trial *trial_prepare(int client, int server, uint16_t cipher,
				   unsigned int mtu, void *saved, uint32_t lose)
{
	struct trial *t = calloc(1, sizeof(*t));

	t->client.ops = libs[client];
	t->server.ops = libs[server];
	t->server.server = true;
	t->client.cipher = cipher;
	t->server.cipher = cipher;
	t->client.mtu = mtu;
	t->server.mtu = mtu;
	t->client.saved = saved;
	t->keep = saved;
	t->wire.lose = lose;
	t->wire.server_last = !saved;
	wire_open(&t->wire, &t->client, &t->server);
	snprintf(t->name, sizeof(t->name), "%s client, %s server, %s%s%s",
		 t->client.ops->name, t->server.ops->name,
		 cipher_names[cipher], mtu ? ", small MTU" : "",
		 saved ? ", resumed" : "");
	return t;
}

static void trial_start(struct trial *t)
{
	kernel_watch(&t->client, &t->server);
	t->client.ops->start(&t->client);
	t->server.ops->start(&t->server);
}

static struct trial *trial_new(int client, int server, uint16_t cipher,
			       unsigned int mtu, void *saved, uint32_t lose)
{
	struct trial *t = trial_prepare(client, server, cipher, mtu, saved,
					lose);

	trial_start(t);
	return t;
}

static void trial_free(struct trial *t)
{
	if (t->client.saved && !t->keep)
		t->client.ops->forget(t->client.saved);
	t->client.ops->stop(&t->client);
	t->server.ops->stop(&t->server);
	wire_close(&t->wire);
	kernel_watch(NULL, NULL);
	free(t);
}

/* An end that is done is attached at once, and sends at once. */
static int advance(struct end *e)
{
	int ret;

	if (e->done)
		return 0;
	ret = e->ops->step(e);
	if (ret <= 0)
		return ret;
	e->done = true;
	if (!e->server && !e->saved)
		e->ops->save(e);
	return 0;
}

static int attach_when_done(struct end *e, unsigned int early)
{
	if (advance(e))
		return -1;
	if (!e->done || e->attached)
		return 0;
	/* one from the library; its number must be counted */
	end_send(e, early);
	if (e->ops->attach(e)) {
		diag("attach: %s", strerror(errno));
		return -1;
	}
	e->attached = true;
	end_send(e, early + 4);
	return 0;
}

static bool run(struct trial *t)
{
	long long end = now_ms() + PATIENCE_MS;

	while (!t->client.attached || !t->server.attached) {
		if (attach_when_done(&t->client, EARLY_CLIENT) ||
		    attach_when_done(&t->server, EARLY_SERVER) ||
		    now_ms() > end)
			return false;
		wire_carry(&t->wire, 5);
	}
	return true;
}

static void talk(struct trial *t)
{
	unsigned int i;

	for (i = 0; i < EACH_WAY; i++) {
		end_send(&t->client, 100 + i);
		end_send(&t->server, 200 + i);
		wire_carry(&t->wire, 5);
	}
	for (i = 0; i < 4; i++) {
		wire_carry(&t->wire, 10);
		end_receive(&t->client);
		end_receive(&t->server);
	}
}

/* All sent messages arrived, once. */
static bool all_once(const struct end *e, unsigned int early,
		     unsigned int first)
{
	unsigned int i;

	if (end_count(e, early) != 1 || end_count(e, early + 4) != 1) {
		diag("%s got early data %u and %u times", e->server ?
		     "server" : "client", end_count(e, early),
		     end_count(e, early + 4));
		return false;
	}
	for (i = 0; i < EACH_WAY; i++) {
		if (end_count(e, first + i) == 1)
			continue;
		diag("%s got %u %u times", e->server ? "server" : "client",
		     first + i, end_count(e, first + i));
		return false;
	}
	return e->n_got == EACH_WAY + 2;
}

static bool numbers_once(const struct trial *t)
{
	const struct wire_record *r = wire_repeated(&t->wire);

	if (r)
		diag("number %u/%llu twice, type %u, from the %s", r->epoch,
		     (unsigned long long)r->seq, r->type,
		     r->from_server ? "server" : "client");
	return !r;
}

/* The keys of each end open all records of the other. */
static bool keys_right(const struct trial *t)
{
	const struct wire_record *r;
	uint8_t plain[65536];

	for (r = t->wire.records; r < t->wire.records + t->wire.n_records; r++) {
		const struct end *from = r->from_server ? &t->server : &t->client;
		const struct end *to = r->from_server ? &t->client : &t->server;

		if (r->epoch == 1 &&
		    (aead_open(from->keys.cipher, &from->keys.tx, r->record,
			       r->size, plain) < 0 ||
		     aead_open(to->keys.cipher, &to->keys.rx, r->record,
			       r->size, plain) < 0))
			return false;
	}
	return true;
}

/* Finished as this end sent it, in one or more fragments. */
static bool finished_on_wire(const struct trial *t, const struct end *e,
			     uint8_t message[24])
{
	const struct wire_record *r;
	unsigned int have = 0;
	uint8_t plain[65536];

	for (r = t->wire.records; r < t->wire.records + t->wire.n_records; r++) {
		unsigned int offset, len;

		if (r->from_server != e->server || r->epoch != 1 ||
		    r->type != DTLS_TYPE_HANDSHAKE)
			continue;
		if (aead_open(e->keys.cipher, &e->keys.tx, r->record, r->size,
			      plain) < 12)
			return false;
		offset = get_be(plain + 6, 3);
		len = get_be(plain + 9, 3);
		memcpy(message, plain, 6);
		put_be(message + 6, 6, 12);
		memcpy(message + 12 + offset, plain + 12, len);
		have |= ((1u << len) - 1) << offset;
	}
	return have == 0xfff;
}

/* The flight as on the wire: same kinds, same Finished, next number. */
static bool flight_right(const struct trial *t, const struct end *e)
{
	const struct dtls_flight *f = (void *)e->flight;
	const uint8_t *p = f->data, *end = e->flight + e->flight_len;
	const struct wire_record *r;
	bool ccs = false, fin = false;
	uint8_t finished[24];
	uint64_t next = 0;
	unsigned int i;

	if (!finished_on_wire(t, e, finished))
		return false;
	for (r = t->wire.records; r < t->wire.records + t->wire.n_records; r++)
		if (r->from_server == e->server && !r->epoch &&
		    r->seq >= next && r->seq < f->next_seq)
			next = r->seq + 1;
	for (i = 0; i < f->count; i++) {
		struct dtls_flight_record h;

		memcpy(&h, p, sizeof(h));
		p += sizeof(h);
		if (p + h.len > end)
			return false;
		if (h.type == DTLS_TYPE_CHANGE_CIPHER_SPEC)
			ccs = !h.epoch && h.len == 1 && *p == 1;
		else if (h.epoch == 1)
			fin = ccs && h.len == 24 && !memcmp(p, finished, 24);
		else if (h.type != DTLS_TYPE_HANDSHAKE || *p != 4 || ccs)
			return false;
		p += h.len;
	}
	return p == end && ccs && fin && f->next_seq == next;
}

static void check_trial(struct trial *t, const char *what)
{
	const struct end *last = t->wire.server_last ? &t->server : &t->client;
	const struct end *other = t->wire.server_last ? &t->client : &t->server;
	bool good;

	talk(t);
	good = numbers_once(t) && keys_right(t) &&
	       flight_right(t, last) && !other->flight_len &&
	       all_once(&t->client, EARLY_SERVER, 200) &&
	       all_once(&t->server, EARLY_CLIENT, 100);
	if (!good)
		diag("numbers %d keys %d flight %d other %zu", numbers_once(t),
		     keys_right(t), flight_right(t, last), other->flight_len);
	ok(good, "%s: %s", t->name, what);
}

/*
 * One trial; returns the datagrams of the last flight, 0 if it failed. With
 * a saved session it is resumed, else *saved is the new one.
 */
static unsigned int try(int client, int server, uint16_t cipher,
			unsigned int mtu, void **saved, uint32_t lose,
			const char *what)
{
	struct trial *t = trial_new(client, server, cipher, mtu, *saved, lose);
	unsigned int n = 0;
	bool resume = *saved;

	if (!ok(run(t),
		"%s: %s: both ends attached", t->name, what)) {
		diag("client %s%s, server %s%s",
		     t->client.done ? "done" : "not done",
		     t->client.attached ? ", attached" : "",
		     t->server.done ? "done" : "not done",
		     t->server.attached ? ", attached" : "");
	} else {
		check_trial(t, what);
		n = t->wire.last_flight;
		if (!resume) {
			*saved = t->client.saved;
			t->keep = true;
		}
	}
	trial_free(t);
	return n;
}

static unsigned int lose(int client, int server, uint16_t cipher,
			 unsigned int mtu, void *resume, uint32_t lost,
			 const char *what)
{
	void *saved = resume;
	unsigned int n;

	n = try(client, server, cipher, mtu, &saved, lost, what);
	if (saved && saved != resume)
		libs[client]->forget(saved);
	return n;
}

/* Each datagram of the last flight in turn, and all of them. */
static void lose_each(int client, int server, uint16_t cipher,
		      unsigned int mtu, void *resume)
{
	unsigned int n, i;
	char what[64];

	n = lose(client, server, cipher, mtu, resume, 0, "nothing lost");
	for (i = 0; i < n; i++) {
		snprintf(what, sizeof(what), "%u of %u lost", i + 1, n);
		lose(client, server, cipher, mtu, resume, 1u << i, what);
	}
	if (n > 1)
		lose(client, server, cipher, mtu, resume, (1u << n) - 1,
		     "last flight lost");
}

static void full_and_resumed(int client, int server, uint16_t cipher,
			     unsigned int mtu)
{
	void *saved = NULL;

	lose_each(client, server, cipher, mtu, NULL);
	try(client, server, cipher, mtu, &saved, 0, "to be resumed");
	if (!saved)
		return;
	lose_each(client, server, cipher, mtu, saved);
	libs[client]->forget(saved);
}

static void part_ciphers(void)
{
	int client, server, cipher;

	for (client = 0; client < 2; client++)
		for (server = 0; server < 2; server++)
			for (cipher = 1; cipher <= DTLS_CIPHER_MAX; cipher++)
				lose(client, server, cipher, 0, NULL, 0,
				     "nothing lost");
}

static void part_loss(void)
{
	int client, server;

	for (client = 0; client < 2; client++)
		for (server = 0; server < 2; server++) {
			full_and_resumed(client, server,
					 DTLS_CIPHER_AES_128_GCM, 0);
			full_and_resumed(client, server,
					 DTLS_CIPHER_CHACHA20_POLY1305, 240);
		}
}

/* refusals, which leave the session unchanged */

static int prepare(struct end *e, int fd)
{
	return e->ops == &openssl_end ?
	       kdtls_openssl_prepare(e->tls, fd, 0) :
	       kdtls_gnutls_prepare(e->tls, fd, 0);
}

static void until_done(struct trial *t)
{
	long long end = now_ms() + PATIENCE_MS;

	while ((!t->client.done || !t->server.done) && now_ms() < end) {
		need(!advance(&t->client) && !advance(&t->server), "handshake");
		wire_carry(&t->wire, 5);
	}
	need(t->client.done && t->server.done, "handshake in time");
}

/* The library continues with its own I/O, both ways. */
static bool libraries_talk(struct trial *t)
{
	long long end = now_ms() + PATIENCE_MS;
	char buf[64];
	int n = -1, m = -1;

	if (t->client.ops->cancel(&t->client) ||
	    t->server.ops->cancel(&t->server))
		return false;
	end_send(&t->client, 1);
	end_send(&t->server, 2);
	while ((n <= 0 || m <= 0) && now_ms() < end) {
		wire_carry(&t->wire, 5);
		if (n <= 0)
			n = t->server.ops->read(&t->server, buf, sizeof(buf));
		if (m <= 0)
			m = t->client.ops->read(&t->client, buf, sizeof(buf));
	}
	return n == 11 && m == 11;
}

#define refuses(call, error, ...) do {					\
	errno = 0;							\
	int ret_ = (call);						\
	ok(ret_ == -1 && errno == (error), __VA_ARGS__);		\
} while (0)

static void refuse_with(int lib)
{
	const char *name = libs[lib]->name;
	struct trial *t;
	int plain = socket(AF_INET, SOCK_DGRAM, 0);
	int tcp = socket(AF_INET, SOCK_STREAM, 0);

	t = trial_new(lib, lib, DTLS_CIPHER_AES_128_GCM, 0, NULL, 0);
	refuses(prepare(&t->client, t->client.fd), EALREADY,
		"%s: prepared twice", name);
	refuses(t->client.ops->attach(&t->client), EAGAIN,
		"%s: attach before the handshake", name);
	while (!t->client.done || !t->server.done) {
		struct end *e = t->client.done ? &t->server : &t->client;

		if (advance(&t->client) || advance(&t->server))
			break;
		if (!e->done && (!e->ops->attach(e) || errno != EAGAIN))
			break;
		wire_carry(&t->wire, 5);
	}
	ok(t->client.done && t->server.done,
	   "%s: attach at every step of the handshake is EAGAIN", name);
	refuse_ulp = ENOPROTOOPT;
	refuses(t->client.ops->attach(&t->client), EPROTONOSUPPORT,
		"%s: attach without kdtls", name);
	refuse_ulp = EBUSY;
	refuses(t->server.ops->attach(&t->server), EBUSY,
		"%s: attach to a socket that is in use", name);
	refuse_ulp = 0;
	ok(libraries_talk(t), "%s: both sessions continue by themselves", name);
	refuses(t->client.ops->attach(&t->client), ENODEV,
		"%s: attach after cancel", name);
	refuses(prepare(&t->client, plain), ENOTCONN,
		"%s: prepare a socket that is not connected", name);
	refuses(prepare(&t->client, tcp), ENOTCONN,
		"%s: prepare a TCP socket", name);
	trial_free(t);

	t = trial_new(lib, lib, 0, 0, NULL, 0);
	until_done(t);
	refuses(t->client.ops->attach(&t->client), EOPNOTSUPP,
		"%s: attach with a CBC suite", name);
	ok(libraries_talk(t), "%s: with CBC, too, they continue", name);
	trial_free(t);

	close(plain);
	close(tcp);
}

static void part_refuse(void)
{
	refuse_with(0);
	refuse_with(1);
}

/* after the attach the library is not used */
static void cut_off(int lib)
{
	struct trial *t = trial_new(lib, lib, DTLS_CIPHER_AES_128_GCM, 0,
				    NULL, 0);
	unsigned int before;
	char buf[64];

	need(run(t), "both ends attached");
	wire_carry(&t->wire, 20);
	before = t->wire.n_records;
	ok(t->client.ops->write(&t->client, "leak") < 0,
	   "%s: the library cannot write after the attach", libs[lib]->name);
	ok(t->client.ops->read(&t->client, buf, sizeof(buf)) < 0,
	   "%s: nor read", libs[lib]->name);
	wire_carry(&t->wire, 20);
	is_int(t->wire.n_records, before, "%s: nor send anything",
	       libs[lib]->name);
	trial_free(t);
}

static void part_cut_off(void)
{
	cut_off(0);
	cut_off(1);
}

/*
 * A peer that sends continuously while this end is attached: each message
 * arrives once or not at all, before, during and after.
 */
#define MAX_SENT	500

struct sender {
	struct trial *trial;
	unsigned int sent;
	bool stop;
};

static void *send_on(void *arg)
{
	struct sender *s = arg;

	while (!__atomic_load_n(&s->stop, __ATOMIC_ACQUIRE) &&
	       s->sent < MAX_SENT) {
		end_send(&s->trial->server, 300 + s->sent);
		__atomic_fetch_add(&s->sent, 1, __ATOMIC_RELEASE);
		wire_carry(&s->trial->wire, 0);
		usleep(1000);
	}
	return NULL;
}

static void wait_sent(struct sender *s, unsigned int n)
{
	if (n > MAX_SENT)
		n = MAX_SENT;
	while (__atomic_load_n(&s->sent, __ATOMIC_ACQUIRE) < n)
		usleep(500);
}

static void during(int client, int server)
{
	struct trial *t = trial_new(client, server, DTLS_CIPHER_AES_256_GCM, 0,
				    NULL, 0);
	struct sender s = { .trial = t };
	unsigned int i, twice = 0, never = 0;
	pthread_t thread;
	char buf[64];

	until_done(t);
	need(!t->server.ops->attach(&t->server), "attach");
	t->server.attached = true;
	need(!pthread_create(&thread, NULL, send_on, &s), "thread");
	wait_sent(&s, 5);
	/* the library reads, and must not get it */
	ok(t->client.ops->read(&t->client, buf, sizeof(buf)) < 0,
	   "%s: the library sees no data", t->name);
	wait_sent(&s, s.sent + 5);
	ok(!t->client.ops->attach(&t->client),
	   "%s: attached while the other side sends", t->name);
	t->client.attached = true;
	wait_sent(&s, s.sent + 5);
	__atomic_store_n(&s.stop, true, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
	for (i = 0; i < 4; i++) {
		wire_carry(&t->wire, 5);
		end_receive(&t->client);
	}
	for (i = 0; i < s.sent; i++) {
		twice += end_count(&t->client, 300 + i) > 1;
		never += !end_count(&t->client, 300 + i);
	}
	diag("%u sent, %u never arrived", s.sent, never);
	ok(!twice && never < s.sent,
	   "%s: nothing arrived twice", t->name);
	ok(numbers_once(t), "%s: no number was used twice", t->name);
	trial_free(t);
}

static void part_during(void)
{
	int client, server;

	if (!real_kernel) {
		skip("needs kdtls", "attach while the peer sends");
		return;
	}
	for (client = 0; client < 2; client++)
		for (server = 0; server < 2; server++)
			during(client, server);
}

/* The record size limit of a GnuTLS peer (RFC 8449) is passed to the kernel. */
static void limit(int client, int server, bool server_says, unsigned int mtu,
		  unsigned int wanted)
{
	struct trial *t = trial_prepare(client, server, DTLS_CIPHER_AES_128_GCM,
					mtu, NULL, 0);
	struct end *says = server_says ? &t->server : &t->client;
	struct end *hears = server_says ? &t->client : &t->server;

	says->limit = 600;
	trial_start(t);
	ok(run(t), "%s: the %s limits to 600", t->name,
	   server_says ? "server" : "client");
	is_int(hears->keys.record_size_limit, wanted,
	       "%s: the kernel has its limit", t->name);
	trial_free(t);
}

static void part_limit(void)
{
	/* OpenSSL does not send it, so there is no answer */
	limit(OPENSSL, GNUTLS, true, 0, 0);
	limit(GNUTLS, GNUTLS, true, 0, 600);
	limit(GNUTLS, GNUTLS, false, 0, 600);
	limit(GNUTLS, OPENSSL, false, 0, 600);
	/* hellos of several fragments */
	limit(GNUTLS, GNUTLS, true, 240, 600);
	limit(GNUTLS, OPENSSL, false, 240, 600);
}

/*
 * The peer sends one payload and closes before this end is attached. Payload
 * and close_notify were read by the library, or not.
 */
enum { WORD_READ = 1, END_READ = 2 };

/* Until the wire has carried this many more records. */
static void carried(struct trial *t, unsigned int records)
{
	long long end = now_ms() + PATIENCE_MS;
	unsigned int before = t->wire.n_records;

	while (t->wire.n_records < before + records && now_ms() < end)
		wire_carry(&t->wire, 5);
	need(t->wire.n_records == before + records, "records on the wire");
}

static void part_from(struct trial *t, struct end *leaver, struct end *stayer,
		      unsigned int read)
{
	char buf[64];

	end_send(leaver, 400);
	carried(t, 1);
	if (read & WORD_READ)
		stayer->ops->read(stayer, buf, sizeof(buf));
	need(!shutdown(leaver->fd, SHUT_WR), "close_notify");
	carried(t, 1);
	if (read & END_READ)
		stayer->ops->read(stayer, buf, sizeof(buf));
}

static ssize_t receives(struct end *e, char *buf, size_t size)
{
	struct pollfd p = { .fd = e->fd, .events = POLLIN };

	need(poll(&p, 1, PATIENCE_MS) == 1, "something to read");
	return recv(e->fd, buf, size, MSG_DONTWAIT);
}

static void goodbye(int lib, bool server_leaves, unsigned int read)
{
	struct trial *t = trial_new(lib, lib, DTLS_CIPHER_AES_128_GCM, 0,
				    NULL, 0);
	struct end *leaver = server_leaves ? &t->server : &t->client;
	struct end *stayer = server_leaves ? &t->client : &t->server;
	ssize_t word, end;
	char buf[64];

	until_done(t);
	wire_carry(&t->wire, 50);
	need(!leaver->ops->attach(leaver), "attach");
	leaver->attached = true;
	part_from(t, leaver, stayer, read);
	ok(!stayer->ops->attach(stayer), "%s: the %s left before the attach",
	   t->name, server_leaves ? "server" : "client");
	stayer->attached = true;
	word = receives(stayer, buf, sizeof(buf));
	end = receives(stayer, buf, sizeof(buf));
	if (!ok(word == 11 && !end,
		"%s: its data is read, then the end (%u)", t->name, read))
		diag("%zd bytes, then %zd, %s", word, end, strerror(errno));
	trial_free(t);
}

static void part_goodbye(void)
{
	unsigned int read;
	int lib;

	if (!real_kernel) {
		skip("needs kdtls", "the peer leaves before the attach");
		return;
	}
	for (lib = 0; lib < 2; lib++)
		for (read = 0; read <= (WORD_READ | END_READ); read++) {
			goodbye(lib, true, read);
			goodbye(lib, false, read);
		}
}

static bool server_sent(const struct trial *t)
{
	unsigned int i;

	for (i = 0; i < t->wire.n_records; i++)
		if (t->wire.records[i].from_server)
			return true;
	return false;
}

/*
 * A server that read the ClientHello itself, as one does that answers with a
 * cookie or has many processes.
 */
static void feed(int lib)
{
	struct trial *t = trial_prepare(lib, lib, DTLS_CIPHER_AES_128_GCM, 0,
					NULL, 0);
	unsigned char hello[4096];
	ssize_t n;

	kernel_watch(&t->client, &t->server);
	t->client.ops->start(&t->client);
	need(!t->client.ops->step(&t->client), "ClientHello");
	carried(t, 1);
	n = recv(t->server.fd, hello, sizeof(hello), MSG_DONTWAIT);
	need(n > 0, "read by the program");
	t->server.ops->start(&t->server);
	refuses(t->server.ops->feed(&t->server, hello, 70000), EMSGSIZE,
		"%s: fed: no datagram is so large", t->name);
	ok(!t->server.ops->feed(&t->server, hello, n), "%s: a ClientHello is fed",
	   t->name);
	refuses(t->server.ops->feed(&t->server, hello, n), EBUSY,
		"%s: one at a time", t->name);
	/* the client takes no part: it would send again what was not read */
	need(!t->server.ops->step(&t->server), "a step of the server");
	wire_carry(&t->wire, 20);
	ok(server_sent(t), "%s: it is answered", t->name);
	ok(run(t), "%s: the handshake goes on from there", t->name);
	refuses(t->server.ops->feed(&t->server, hello, n), ENODEV,
		"%s: not after the attach", t->name);
	trial_free(t);
}

static void part_feed(void)
{
	feed(OPENSSL);
	feed(GNUTLS);
}

/* Until there is something. */
static int hears(struct trial *t, struct end *e, void *buf, size_t size)
{
	long long end = now_ms() + PATIENCE_MS;
	int n;

	do {
		wire_carry(&t->wire, 5);
		n = e->ops->hear(e, buf, size);
	} while (n == LATER && now_ms() < end);
	return n;
}

static void both_ways(struct trial *t, const char *who)
{
	struct end *c = &t->client, *s = &t->server;
	char buf[64];

	ok(c->ops->hear(c, buf, sizeof(buf)) == LATER &&
	   s->ops->hear(s, buf, sizeof(buf)) == LATER,
	   "%s, %s: nothing to read yet", t->name, who);
	ok(c->ops->say(c, "a question", 10) == 10 &&
	   hears(t, s, buf, sizeof(buf)) == 10 && !memcmp(buf, "a question", 10),
	   "%s, %s: from the client", t->name, who);
	ok(s->ops->say(s, "an answer", 9) == 9 &&
	   hears(t, c, buf, sizeof(buf)) == 9 && !memcmp(buf, "an answer", 9),
	   "%s, %s: from the server", t->name, who);
}

static void io_of_library(int lib)
{
	struct trial *t = trial_new(lib, lib, DTLS_CIPHER_AES_128_GCM, 0,
				    NULL, 0);

	until_done(t);
	need(!t->client.ops->cancel(&t->client) &&
	     !t->server.ops->cancel(&t->server), "cancel");
	both_ways(t, "cancelled");
	trial_free(t);
}

static void io_of_kernel(int lib)
{
	struct trial *t = trial_new(lib, lib, DTLS_CIPHER_AES_128_GCM, 0,
				    NULL, 0);
	struct end *c = &t->client, *s = &t->server;
	static char large[20000], buf[64];

	until_done(t);
	need(!c->ops->attach(c) && !s->ops->attach(s), "attach");
	both_ways(t, "attached");
	is_int(c->ops->say(c, large, sizeof(large)), TOO_LARGE,
	       "%s: too large for a record", t->name);
	need(!shutdown(s->fd, SHUT_WR), "close_notify");
	is_int(s->ops->say(s, "x", 1), CLOSED, "%s: not after the end", t->name);
	is_int(hears(t, c, buf, sizeof(buf)), 0, "%s: the peer hears of it",
	       t->name);
	trial_free(t);
}

static void part_io(void)
{
	int lib;

	for (lib = 0; lib < 2; lib++)
		io_of_library(lib);
	for (lib = 0; lib < 2 && real_kernel; lib++)
		io_of_kernel(lib);
}

static const struct part {
	const char *name;
	void (*run)(void);
} parts[] = {
	{ "ciphers", part_ciphers },
	{ "loss", part_loss },
	{ "refuse", part_refuse },
	{ "cut-off", part_cut_off },
	{ "during", part_during },
	{ "goodbye", part_goodbye },
	{ "limit", part_limit },
	{ "feed", part_feed },
	{ "io", part_io },
	{ NULL, NULL }
};

int main(int argc, char **argv)
{
	const struct part *p;
	int i, first = 1;

	if (argc > 1 && !strcmp(argv[1], "--kernel")) {
		real_kernel = true;
		first = 2;
	}
	ends_init();
	for (p = parts; p->name; p++) {
		bool wanted = first == argc;

		for (i = first; i < argc; i++)
			wanted |= !strcmp(argv[i], p->name);
		if (wanted)
			p->run();
	}
	return done_testing();
}
