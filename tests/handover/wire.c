// SPDX-License-Identifier: GPL-2.0
/* Between two ends: every datagram passes here. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ends.h"
#include "tap.h"

/* Two sockets connected to each other; the first is not blocking. */
static void make_pair(int *end, int *wire)
{
	struct sockaddr_in a = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t len = sizeof(a);
	int fd[2], i;

	for (i = 0; i < 2; i++) {
		a.sin_port = 0;
		fd[i] = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
		need(fd[i] >= 0 && !bind(fd[i], (void *)&a, sizeof(a)), "bind");
	}
	for (i = 0; i < 2; i++) {
		getsockname(fd[i], (void *)&a, &len);
		need(!connect(fd[!i], (void *)&a, len), "connect");
	}
	*end = fd[0];
	*wire = fd[1];
}

void wire_open(struct wire *w, struct end *client, struct end *server)
{
	w->client = client;
	w->server = server;
	w->n_records = 0;
	w->last_flight = 0;
	make_pair(&client->fd, &w->to_client);
	make_pair(&server->fd, &w->to_server);
}

void wire_close(struct wire *w)
{
	while (w->n_records)
		free(w->records[--w->n_records].record);
	close(w->client->fd);
	close(w->server->fd);
	close(w->to_client);
	close(w->to_server);
}

/* Ticket (4), ChangeCipherSpec, Finished: the records of a last flight. */
static bool of_last_flight(const struct wire_record *r)
{
	if (r->type == DTLS_TYPE_HANDSHAKE)
		return r->epoch || r->record[RECORD_HEADER] == 4;
	return r->type == DTLS_TYPE_CHANGE_CIPHER_SPEC;
}

/* Returns whether the datagram holds a part of the last flight. */
static bool remember(struct wire *w, bool from_server, const uint8_t *p,
		     size_t size)
{
	bool last = false;

	while (size >= RECORD_HEADER) {
		size_t n = RECORD_HEADER + get_be(p + 11, 2);
		struct wire_record *r = &w->records[w->n_records++];

		need(n <= size && w->n_records < MAX_WIRE, "records on wire");
		r->from_server = from_server;
		r->type = p[0];
		r->epoch = get_be(p + 3, 2);
		r->seq = get_be(p + 5, 6);
		r->record = malloc(n);
		r->size = n;
		memcpy(r->record, p, n);
		if (from_server == w->server_last && of_last_flight(r))
			last = true;
		p += n;
		size -= n;
	}
	return last;
}

static void carry_one(struct wire *w, bool from_server)
{
	struct end *to = from_server ? w->client : w->server;
	uint8_t buf[65536];
	ssize_t n;
	bool last;

	n = recv(from_server ? w->to_server : w->to_client, buf, sizeof(buf),
		 MSG_DONTWAIT);
	if (n <= 0)
		return;
	last = remember(w, from_server, buf, n);
	if (last && w->last_flight++ < 32 &&
	    w->lose & 1u << (w->last_flight - 1))
		return;
	if (to->attached && !real_kernel)
		kernel_arrived(to, buf, n);
	else
		send(from_server ? w->to_client : w->to_server, buf, n, 0);
}

void wire_carry(struct wire *w, int ms)
{
	struct pollfd p[2] = {
		{ .fd = w->to_client, .events = POLLIN },
		{ .fd = w->to_server, .events = POLLIN },
	};

	kernel_drain(w->client);
	kernel_drain(w->server);
	while (poll(p, 2, ms) > 0) {
		if (p[0].revents)
			carry_one(w, false);
		if (p[1].revents)
			carry_one(w, true);
		ms = 0;
	}
}

const struct wire_record *wire_repeated(const struct wire *w)
{
	const struct wire_record *a, *b;

	for (a = w->records; a < w->records + w->n_records; a++)
		for (b = w->records; b < a; b++)
			if (a->from_server == b->from_server &&
			    a->epoch == b->epoch && a->seq == b->seq)
				return a;
	return NULL;
}
