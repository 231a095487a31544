// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Acts as the kernel: passes on the handshake (epoch 0, and type 22
 * of epoch 1), holds early application data, owns the last flight after
 * done and seals it again when the peer repeats its own.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "fake.h"
#include "fake13.h"
#include "gnutls_aead.h"
#include "seal.h"

#define MAX_EVENTS	64
#define NUMBERS		4096

struct datagram {
	size_t len;
	uint8_t data[2048];
};

struct fake {
	struct port port;
	const struct fake_options *o;
	struct fake_report *r;
	int timer;
	bool accepted;
	uint64_t id;
	unsigned int times;	/* that are over */
	unsigned int sent, sent_final;
	struct datagram in[MAX_EVENTS];
	unsigned int n_in;
	struct datagram early[8];
	unsigned int n_early;
	uint8_t flight[MAX_FLIGHT];
	size_t flight_len;
	uint64_t next0;
	uint8_t used[2][NUMBERS];
};

static struct fake *of(struct port *port)
{
	return (struct fake *)port;
}

static void finish(void)
{
	kill(getpid(), SIGTERM);
}

static void arm(struct fake *f, unsigned int ms);
static void send_data(struct fake *f, const void *data, size_t len);

/* The peer is at its end, too, and comes back. */
static void begin_again(struct fake *f)
{
	send_data(f, "end", 3);
	usleep(300000);
	f->accepted = false;
	f->n_in = 0;
	f->n_early = 0;
	f->flight_len = 0;
	f->sent = 0;
	memset(f->used, 0, sizeof(f->used));
	memset(f->r, 0, sizeof(*f->r));
	f->port.handler->wanted(f->port.ctx);
}

/* The time of this one is over. */
static void next_time(struct fake *f)
{
	if (++f->times < f->o->times && !f->r->result.status)
		begin_again(f);
	else
		finish();
}

static void arm(struct fake *f, unsigned int ms)
{
	struct itimerspec once = {
		.it_value = { ms / 1000, ms % 1000 * 1000000L + 1 },
	};

	timerfd_settime(f->timer, 0, &once, NULL);
}

/* Every number sent by this side, from library or kernel. */
static void note_numbers(struct fake *f, const uint8_t *data, size_t len)
{
	struct record r;
	size_t n;

	for (; (n = record_parse(data, len, &r)); data += n, len -= n) {
		if (r.h.epoch > 1 || r.h.seq >= NUMBERS)
			continue;
		f->r->reused += f->used[r.h.epoch][r.h.seq];
		f->used[r.h.epoch][r.h.seq] = 1;
	}
}

static void transmit(struct fake *f, const void *data, size_t len)
{
	note_numbers(f, data, len);
	if (send(f->o->fd, data, len, 0) < 0 && errno != ECONNREFUSED)
		perror("send");
}

static bool lost(struct fake *f)
{
	unsigned int n = f->sent++;
	unsigned int m = f->r->keyed ? f->sent_final++ : FAKE_MAX_DROPS;

	return (n < FAKE_MAX_DROPS && f->o->drop_sent >> n & 1) ||
	       (m < FAKE_MAX_DROPS && f->o->drop_final >> m & 1);
}

static bool is_dtls13(const struct fake *f)
{
	return f->r->keys.version == DTLS_VERSION_1_3;
}

static void send_sealed(struct fake *f, uint8_t type, const void *data, size_t len)
{
	uint8_t out[4096];
	size_t n = record_seal(f->r->keys.cipher, &f->r->keys.tx, type, data, len,
			       out, sizeof(out));

	transmit(f, out, n);
}

static void send_data(struct fake *f, const void *data, size_t len)
{
	uint8_t out[4096];

	if (is_dtls13(f))
		transmit(f, out, fake13_seal(f->r->keys.cipher, &f->r->keys.tx, data, len, out));
	else
		send_sealed(f, DTLS_TYPE_APPLICATION_DATA, data, len);
}

static void send_plain(struct fake *f, uint8_t type, const void *data, size_t len)
{
	uint8_t out[4096];

	transmit(f, out, record_plain(f->next0++, type, data, len, out));
}

/* As in the kernel: fresh numbers. */
static void repeat_flight(struct fake *f)
{
	struct dtls_flight head;
	struct dtls_flight_record rec;
	uint8_t *at = f->flight + sizeof(head);

	if (!f->flight_len)
		return;
	f->r->repeats++;
	memcpy(&head, f->flight, sizeof(head));
	for (int i = 0; i < head.count; i++) {
		memcpy(&rec, at, sizeof(rec));
		at += sizeof(rec);
		if (rec.epoch)
			send_sealed(f, rec.type, at, rec.len);
		else
			send_plain(f, rec.type, at, rec.len);
		at += rec.len;
	}
}

static void got_data(struct fake *f, const char *data, size_t len)
{
	f->flight_len = 0;
	if (len >= sizeof(f->r->data))
		len = sizeof(f->r->data) - 1;
	memcpy(f->r->data, data, len);
	f->r->data[len] = '\0';
	if (f->o->wait_data)
		arm(f, 100);
}

static void open_records13(struct fake *f, const uint8_t *data, size_t len)
{
	char plain[4096];
	long n = fake13_open(f->r->keys.cipher, &f->r->keys.rx, data, len, plain, sizeof(plain));

	if (n >= 0) {
		got_data(f, plain, n);
		return;
	}
	n = fake13_open_message(f->r->keys.cipher, &f->r->keys.rx, data, len, plain,
				sizeof(plain));
	if (n > 0 && f->r->result.tickets) {
		f->r->tickets++;
		f->port.handler->ticket(f->port.ctx, f->id, plain, n);
	}
}

static void open_records(struct fake *f, const uint8_t *data, size_t len)
{
	uint8_t plain[4096];
	struct record r;
	size_t n;

	for (; (n = record_parse(data, len, &r)); data += n, len -= n) {
		struct record_aead a;
		ssize_t n_plain;

		if (r.h.epoch != 1 ||
		    !record_open_begin(f->r->keys.cipher, &f->r->keys.rx, &r, &a))
			continue;
		n_plain = gnutls_aead_open(&a, plain, sizeof(plain));
		if (n_plain < 0)
			continue;
		if (r.h.type == DTLS_TYPE_HANDSHAKE)
			repeat_flight(f);
		else if (r.h.type == DTLS_TYPE_APPLICATION_DATA)
			got_data(f, (char *)plain, n_plain);
	}
}

static bool is_data(const uint8_t *data, size_t len)
{
	struct record r;

	return record_parse(data, len, &r) && r.h.epoch == 1 &&
	       r.h.type == DTLS_TYPE_APPLICATION_DATA;
}

static void keep(struct datagram *list, unsigned int *n, unsigned int max,
		 const uint8_t *data, size_t len)
{
	if (*n == max || len > sizeof(list->data))
		return;
	memcpy(list[*n].data, data, len);
	list[(*n)++].len = len;
}

static void received(struct fake *f, const uint8_t *data, size_t len)
{
	if (f->r->done && is_dtls13(f))
		open_records13(f, data, len);
	else if (f->r->done)
		open_records(f, data, len);
	else if (is_data(data, len) || fake13_is_data(data, len))
		keep(f->early, &f->n_early, 8, data, len);
	else
		keep(f->in, &f->n_in, MAX_EVENTS, data, len);
}

/* struct port_ops */

static int op_fds(struct port *port, int fds[PORT_MAX_FDS])
{
	fds[0] = of(port)->o->fd;
	fds[1] = of(port)->timer;
	return 2;
}

static void op_ready(struct port *port, int fd)
{
	struct fake *f = of(port);
	uint8_t data[2048];
	uint64_t ticks;
	ssize_t n;

	if (fd == f->timer) {
		if (read(fd, &ticks, sizeof(ticks)) == sizeof(ticks))
			next_time(f);
		return;
	}
	while ((n = recv(fd, data, sizeof(data), MSG_DONTWAIT)) > 0)
		received(f, data, n);
}

static void op_tick(struct port *port)
{
}

static void op_dispatch(struct port *port)
{
	struct fake *f = of(port);

	if (!f->accepted)
		return;
	for (unsigned int i = 0; i < f->n_in; i++)
		port->handler->datagram(port->ctx, f->id, f->in[i].data, f->in[i].len);
	f->n_in = 0;
}

/* Datagrams come by ready() */
static int op_next(struct port *port, unsigned int count)
{
	return -EAGAIN;
}

static int op_accept(struct port *port, struct handshake_request *request)
{
	struct fake *f = of(port);

	if (f->accepted)
		return -EAGAIN;
	f->accepted = true;
	*request = f->o->request;
	f->id = request->id + f->times;
	request->id = f->id;
	return 0;
}

static bool does_not_fit(const struct fake *f, size_t len)
{
	return f->o->path && len > f->o->path;
}

static int op_send(struct port *port, uint64_t id, const struct cid *cid,
		   const void *data, size_t len)
{
	struct fake *f = of(port);

	f->r->after_done += f->r->done;
	if (does_not_fit(f, len) && !f->o->filtered)
		return -EMSGSIZE;
	if (lost(f) || does_not_fit(f, len))
		note_numbers(f, data, len);
	else
		transmit(f, data, len);
	return 0;
}

static int op_path(struct port *port, uint64_t id, uint32_t narrow, uint32_t *mtu)
{
	struct fake *f = of(port);

	if (narrow)
		f->r->narrow = narrow;
	*mtu = f->o->path && !f->o->filtered ? f->o->path : f->o->request.mtu;
	return 0;
}

static int op_install(struct port *port, uint64_t id, const struct dtls_keys *keys)
{
	struct fake *f = of(port);

	if (f->r->keyed)
		return -EALREADY;
	f->r->keys = *keys;
	f->r->keyed = true;
	return 0;
}

static void describe_flight(struct fake *f, const struct dtls_flight *head)
{
	struct dtls_flight_record rec;
	const uint8_t *at = f->flight + sizeof(*head);
	char *out = f->r->flight;

	for (int i = 0; i < head->count; i++) {
		memcpy(&rec, at, sizeof(rec));
		at += sizeof(rec);
		/* a Finished begins with its type and its length */
		if (rec.epoch && (at[0] != 20 || rec.len != 12 + 12))
			strcpy(out, "broken ");
		else
			sprintf(out, "%u/%llu ", rec.type, (unsigned long long)rec.epoch);
		out += strlen(out);
		at += rec.len;
	}
}

/* As the kernel does, the first time; it is not lost here. */
static void send_flight13(struct fake *f)
{
	const uint8_t *at = f->flight + sizeof(struct dtls_flight) +
			    sizeof(struct dtls_flight_record);
	bool server = f->r->keys.role == DTLS_ROLE_SERVER;
	uint8_t out[4096];

	while (at < f->flight + f->flight_len) {
		size_t n = fake13_seal_fragment(f->r->keys.cipher, server, &f->r->keys.tx,
						&at, out);

		transmit(f, out, n);
		strcat(f->r->flight, server ? "22/3 " : "22/2 ");
	}
}

static int op_last_flight(struct port *port, uint64_t id, const void *flight, size_t len)
{
	struct fake *f = of(port);
	struct dtls_flight head;

	if (!f->r->keyed || len > sizeof(f->flight))
		return -EINVAL;
	memcpy(f->flight, flight, len);
	f->flight_len = len;
	memcpy(&head, flight, sizeof(head));
	f->next0 = head.next_seq;
	if (is_dtls13(f))
		send_flight13(f);
	else
		describe_flight(f, &head);
	return 0;
}

static void show(const char *name, const uint8_t *key, size_t len)
{
	printf("%s: ", name);
	for (size_t i = 0; i < len; i++)
		printf("%02x", key[i]);
	putchar('\n');
	fflush(stdout);
}

static void show_keys(struct fake *f, const struct handshake_result *result)
{
	size_t len = dtls_cipher_by_id(f->r->keys.cipher)->key_len;

	show("tx", f->r->keys.tx.key, len);
	show("rx", f->r->keys.rx.key, len);
	show("secret", result->exporter, result->exporter_len);
}

static void established(struct fake *f)
{
	if (f->o->show_keys)
		show_keys(f, &f->r->result);
	for (unsigned int i = 0; i < f->n_early; i++)
		received(f, f->early[i].data, f->early[i].len);
	if (f->o->say)
		send_data(f, f->o->say, strlen(f->o->say));
}

static int op_done(struct port *port, uint64_t id, const struct handshake_result *result)
{
	struct fake *f = of(port);

	if (f->r->done)
		return -ENOENT;
	f->r->done = true;
	f->r->result = *result;
	if (result->status) {
		arm(f, 1);
		return 0;
	}
	established(f);
	arm(f, f->o->linger_ms);
	return 0;
}

static void op_close(struct port *port)
{
	close(of(port)->timer);
	free(of(port));
}

/* This kernel has no listening sockets. */
static int op_hello(struct port *port, struct hello *hello)
{
	return -EAGAIN;
}

static const struct port_ops ops = {
	.fds = op_fds,
	.ready = op_ready,
	.tick = op_tick,
	.dispatch = op_dispatch,
	.next = op_next,
	.accept = op_accept,
	.hello = op_hello,
	.send = op_send,
	.path = op_path,
	.install = op_install,
	.last_flight = op_last_flight,
	.done = op_done,
	.close = op_close,
};

struct port *fake_open(const struct fake_options *options, struct fake_report *report)
{
	struct fake *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->port.ops = &ops;
	f->o = options;
	f->r = report;
	f->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	return &f->port;
}
