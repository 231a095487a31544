// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include <kdtls/kdtls.h>

#include "datagram.h"
#include "handover.h"
#include "hello.h"
#include "options.h"
#include "record/handshake12.h"

#define MAX_DATAGRAM	65536
#define MAX_FLIGHT	16	/* records, struct dtls_flight */
#define MAX_FLIGHT_SIZE	DTLS_MAX_FLIGHT
#define MAX_KEPT	256
#define MAX_KEPT_SIZE	(256 * 1024)

#define MAX_HELLO	8192	/* of a peer: far above what any sends */

#define VERIFY_DATA		12	/* RFC 5246 section 7.4.9 */
#define FINISHED_SIZE		(DTLS12_FRAGMENT_HEADER + VERIFY_DATA)
/* an explicit nonce, the longest tag */
#define MAX_FINISHED		(DTLS12_HEADER + FINISHED_SIZE + 8 + DTLS_MAX_TAG)

/* A whole record that outlives its datagram. */
struct copy {
	struct copy *next;
	size_t size;
	uint8_t data[];
};

/* The peer's hello, of as many fragments as it is sent in. */
struct hello {
	uint8_t type;
	uint16_t number;		/* of the handshake message */
	size_t size, have;
	bool seen[MAX_HELLO];		/* these bytes */
	uint8_t body[MAX_HELLO];
};

struct handover {
	int fd;
	uint16_t role;			/* the side that sends first is the client */
	uint64_t next[2];		/* free record number, by epoch */
	bool more_epochs;		/* a second handshake was begun */
	bool alert_sent;		/* under the keys to be handed over */
	bool lost;			/* out of memory, part of flight lost */
	bool too_large;			/* the flight, for the kernel */

	/* the last flight: tickets, ChangeCipherSpec, Finished */
	struct copy *tickets[MAX_FLIGHT];
	unsigned int n_tickets;
	struct copy *ccs;
	struct copy *finished[MAX_FLIGHT];
	unsigned int n_finished;

	struct copy *kept, **kept_end;	/* for the kernel */
	unsigned int n_kept;
	size_t kept_size;

	uint16_t peer_limit;		/* RFC 8449: of its hellos, or 0 */
	struct hello hello;

	size_t held;			/* what wait() left in buf */
	uint8_t buf[MAX_DATAGRAM];
};

static struct copy *copy_new(const struct record *r)
{
	size_t size = r->h.len + r->h.payload_len;
	struct copy *c = malloc(sizeof(*c) + size);

	if (!c)
		return NULL;
	c->next = NULL;
	c->size = size;
	memcpy(c->data, r->start, size);
	return c;
}

/* making and ending */

static int check_socket(int fd)
{
	struct sockaddr_storage peer;
	socklen_t len = sizeof(peer);
	int protocol;

	if (getpeername(fd, (struct sockaddr *)&peer, &len))
		return -1;
	len = sizeof(protocol);
	if (getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &len))
		return -1;
	if (protocol == IPPROTO_UDP)
		return 0;
	errno = EPROTOTYPE;
	return -1;
}

struct handover *handover_new(int fd)
{
	struct handover *h;

	if (check_socket(fd))
		return NULL;
	h = calloc(1, sizeof(*h));
	if (!h)
		return NULL;
	h->fd = fd;
	h->kept_end = &h->kept;
	return h;
}

int handover_fd(const struct handover *h)
{
	return h->fd;
}

static void forget_tickets(struct handover *h)
{
	while (h->n_tickets)
		free(h->tickets[--h->n_tickets]);
}

void handover_free(struct handover *h)
{
	struct copy *c;

	if (!h)
		return;
	while ((c = h->kept)) {
		h->kept = c->next;
		free(c);
	}
	forget_tickets(h);
	while (h->n_finished)
		free(h->finished[--h->n_finished]);
	free(h->ccs);
	free(h);
}

/* what the library sends */

static struct copy *sent_copy(struct handover *h, const struct record *r)
{
	struct copy *c = copy_new(r);

	if (!c)
		h->lost = true;
	return c;
}

/*
 * Everything in epoch 0 but a ticket belongs to an earlier flight. A flight
 * sent again starts with the first fragment of its first message, and may be
 * cut at other places than before.
 */
static void sent_handshake(struct handover *h, const struct record *r)
{
	struct dtls_fragment f;

	if (!dtls12_parse_fragment(r->payload, r->h.payload_len, &f))
		return;
	if (f.type == DTLS_CLIENT_HELLO)
		h->role = DTLS_ROLE_CLIENT;
	else if (f.type == DTLS_SERVER_HELLO)
		h->role = DTLS_ROLE_SERVER;
	if (f.type != DTLS_NEW_SESSION_TICKET || !f.offset)
		forget_tickets(h);
	if (f.type != DTLS_NEW_SESSION_TICKET)
		return;
	if (h->n_tickets == MAX_FLIGHT) {
		h->too_large = true;
		return;
	}
	h->tickets[h->n_tickets] = sent_copy(h, r);
	if (h->tickets[h->n_tickets])
		h->n_tickets++;
}

static void sent_ccs(struct handover *h, const struct record *r)
{
	/* always the same byte */
	if (!h->ccs)
		h->ccs = sent_copy(h, r);
}

/*
 * Finished, or a fragment of it: OpenSSL cuts messages wherever the datagram
 * is full. What comes when there is no room is the same again.
 */
static void sent_finished(struct handover *h, const struct record *r)
{
	if (h->n_finished == MAX_FLIGHT)
		return;
	h->finished[h->n_finished] = sent_copy(h, r);
	if (h->finished[h->n_finished])
		h->n_finished++;
}

static void sent_record(struct handover *h, const struct record *r)
{
	if (r->h.epoch > 1) {
		h->more_epochs = true;
		return;
	}
	if (r->h.seq >= h->next[r->h.epoch])
		h->next[r->h.epoch] = r->h.seq + 1;

	if (r->h.type == DTLS_TYPE_ALERT && r->h.epoch)
		h->alert_sent = true;
	else if (r->h.type == DTLS_TYPE_HANDSHAKE && !r->h.epoch)
		sent_handshake(h, r);
	else if (r->h.type == DTLS_TYPE_CHANGE_CIPHER_SPEC && !r->h.epoch)
		sent_ccs(h, r);
	else if (r->h.type == DTLS_TYPE_HANDSHAKE)
		sent_finished(h, r);
}

void handover_sent(struct handover *h, const void *datagram, size_t size)
{
	const uint8_t *p = datagram, *end = p + size;
	struct record r;
	size_t n;

	for (; (n = record_parse(p, end - p, &r)); p += n)
		sent_record(h, &r);
}

/* what the library receives */

/* No memory, no room: lost, as datagrams may be. */
static void keep(struct handover *h, const struct record *r)
{
	size_t size = r->h.len + r->h.payload_len;
	struct copy *c;

	if (h->n_kept == MAX_KEPT || h->kept_size + size > MAX_KEPT_SIZE)
		return;
	c = copy_new(r);
	if (!c)
		return;
	*h->kept_end = c;
	h->kept_end = &c->next;
	h->n_kept++;
	h->kept_size += size;
}

static void add_hello(struct hello *hello, const struct dtls_fragment *f,
		      const uint8_t *bytes)
{
	size_t i;

	if (hello->type != f->type || hello->number != f->message_seq ||
	    hello->size != f->message) {
		memset(hello->seen, 0, sizeof(hello->seen));
		hello->have = 0;
	}
	hello->type = f->type;
	hello->number = f->message_seq;
	hello->size = f->message;
	memcpy(hello->body + f->offset, bytes, f->len);
	for (i = f->offset; i < f->offset + f->len; i++) {
		hello->have += !hello->seen[i];
		hello->seen[i] = true;
	}
}

/*
 * Nothing authenticates it here, nor do we know which one the library takes: of
 * several limits the smallest is right for all.
 */
static void heard_limit(struct handover *h)
{
	uint16_t limit = hello_size_limit(h->hello.type, h->hello.body,
					  h->hello.size);

	if (limit && (!h->peer_limit || limit < h->peer_limit))
		h->peer_limit = limit;
}

/* Several messages may stand in a record. */
static void heard_handshake(struct handover *h, const struct record *r)
{
	const uint8_t *p = r->payload, *end = p + r->h.payload_len;
	struct dtls_fragment f;

	for (; dtls12_parse_fragment(p, end - p, &f); p += f.len) {
		p += DTLS12_FRAGMENT_HEADER;
		if ((f.type != DTLS_CLIENT_HELLO && f.type != DTLS_SERVER_HELLO) ||
		    f.message > MAX_HELLO)
			continue;
		add_hello(&h->hello, &f, p);
		if (h->hello.have == f.message)
			heard_limit(h);
	}
}

/* Not for the library; it would open it, and answer an alert itself. */
static bool for_kernel(const struct record *r)
{
	return r->h.epoch && (r->h.type == DTLS_TYPE_APPLICATION_DATA ||
			      r->h.type == DTLS_TYPE_ALERT);
}

/*
 * For both: the library may find the peer's Finished in it, sent again, or the
 * kernel what comes behind that. Number 0 is Finished itself.
 */
static bool for_both(const struct record *r)
{
	return r->h.epoch && r->h.type == DTLS_TYPE_HANDSHAKE && r->h.seq;
}

size_t handover_filter(struct handover *h, void *datagram, size_t size)
{
	uint8_t *p = datagram, *end = p + size, *to = p;
	struct record r;
	size_t n;

	while ((n = record_parse(p, end - p, &r))) {
		if (r.h.type == DTLS_TYPE_HANDSHAKE && !r.h.epoch)
			heard_handshake(h, &r);
		if (for_kernel(&r) || for_both(&r))
			keep(h, &r);
		if (!for_kernel(&r)) {
			memmove(to, p, n);
			to += n;
		}
		p += n;
	}
	/* what is no record is the library's to drop */
	memmove(to, p, end - p);
	return to + (end - p) - (uint8_t *)datagram;
}

/* The next datagram of which something is left, into buf. */
static int fetch(struct handover *h, int flags)
{
	ssize_t n;

	while (!h->held) {
		n = recv(h->fd, h->buf, sizeof(h->buf), flags);
		if (n < 0)
			return -1;
		h->held = handover_filter(h, h->buf, n);
	}
	return 0;
}

int handover_feed(struct handover *h, const void *datagram, size_t size)
{
	if (h->held || size > sizeof(h->buf)) {
		errno = h->held ? EBUSY : EMSGSIZE;
		return -1;
	}
	memcpy(h->buf, datagram, size);
	h->held = handover_filter(h, h->buf, size);
	return 0;
}

size_t handover_take_held(struct handover *h, void *buf, size_t size)
{
	size_t n = h->held < size ? h->held : size;

	memcpy(buf, h->buf, n);
	h->held = 0;
	return n;
}

ssize_t handover_recv(struct handover *h, void *buf, size_t size)
{
	if (fetch(h, 0))
		return -1;
	return handover_take_held(h, buf, size);
}

static long long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

int handover_wait(struct handover *h, unsigned int ms)
{
	struct pollfd p = { .fd = h->fd, .events = POLLIN };
	long long end = now_ms() + ms, left = ms;
	int n;

	for (;;) {
		if (!fetch(h, MSG_DONTWAIT))
			return 1;
		if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
			return -1;
		/* ms may be "for ever" for a library, which is too long here */
		n = poll(&p, 1, left > 3600000 ? 3600000 : left);
		if (n <= 0)
			return n;
		left = end - now_ms();
		if (left < 0)
			left = 0;
	}
}

/* handing over */

struct finished {
	uint8_t message[FINISHED_SIZE];
	uint16_t have;			/* bit n: byte n of the verify data */
};

static int add_fragment(struct finished *f, const uint8_t *p, size_t size)
{
	struct dtls_fragment fragment;

	if (!dtls12_parse_only_fragment(p, size, &fragment) ||
	    fragment.type != DTLS_FINISHED || fragment.message != VERIFY_DATA)
		return -1;
	memcpy(f->message + DTLS12_FRAGMENT_HEADER + fragment.offset,
	       p + DTLS12_FRAGMENT_HEADER, fragment.len);
	f->have |= ((1u << fragment.len) - 1) << fragment.offset;
	/* one piece again */
	memcpy(f->message, p, DTLS12_FRAGMENT_SAME);
	dtls12_move_fragment(f->message, 0, VERIFY_DATA);
	return 0;
}

static ssize_t open_record(const struct handover_session *s,
			   const struct copy *c, uint8_t *plain, size_t size)
{
	struct record_aead a;
	ssize_t n = -1;
	struct record r;

	if (c->size <= size && record_parse(c->data, c->size, &r) &&
	    record_open_begin(s->cipher, &s->tx, &r, &a))
		n = s->open(&a, plain, size);
	explicit_bzero(&a, sizeof(a));
	return n;
}

/*
 * Opens our own Finished with the keys that the kernel is to get: it is part
 * of the last flight, and what opens it is the right key.
 */
static int open_finished(struct handover *h, const struct handover_session *s,
			 struct finished *f)
{
	uint8_t plain[MAX_FINISHED];
	unsigned int i;
	ssize_t n;

	for (i = 0; i < h->n_finished; i++) {
		n = open_record(s, h->finished[i], plain, sizeof(plain));
		if (n < 0 || add_fragment(f, plain, n))
			return -1;
	}
	return f->have == (1u << VERIFY_DATA) - 1 ? 0 : -1;
}

struct flight {
	struct dtls_flight head;
	uint8_t records[MAX_FLIGHT_SIZE];
	size_t size;			/* of the records */
};

static int add_record(struct flight *f, uint8_t type, uint8_t epoch,
		      const void *data, size_t len)
{
	struct dtls_flight_record r = {
		.type = type,
		.len = len,
		.epoch = epoch,
	};

	if (f->head.count == MAX_FLIGHT ||
	    f->size + sizeof(r) + len > sizeof(f->records))
		return -1;
	memcpy(f->records + f->size, &r, sizeof(r));
	memcpy(f->records + f->size + sizeof(r), data, len);
	f->size += sizeof(r) + len;
	f->head.count++;
	return 0;
}

static int add_copy(struct flight *f, const struct copy *c)
{
	return add_record(f, c->data[0], 0, c->data + DTLS12_HEADER,
			  c->size - DTLS12_HEADER);
}

/* Server: tickets, CCS, Finished. Client (after a resumption): no tickets. */
static int build_flight(struct handover *h, const struct finished *finished,
			struct flight *f)
{
	unsigned int i;

	f->head.next_seq = h->next[0];
	errno = EMSGSIZE;
	if (h->too_large)
		return -1;
	for (i = 0; h->role == DTLS_ROLE_SERVER && i < h->n_tickets; i++)
		if (add_copy(f, h->tickets[i]))
			return -1;
	if (add_copy(f, h->ccs) ||
	    add_record(f, DTLS_TYPE_HANDSHAKE, 1, finished->message,
		       sizeof(finished->message)))
		return -1;
	return 0;
}

/* The server ends a full handshake, the client a resumption (RFC 5246, 7.3). */
static bool sent_last_flight(const struct handover *h,
			     const struct handover_session *s)
{
	return (h->role == DTLS_ROLE_SERVER) != s->resumed;
}

static int refusal(const struct handover *h, const struct handover_session *s)
{
	if (!dtls_cipher_by_id(s->cipher) || h->more_epochs)
		return EOPNOTSUPP;
	if (h->alert_sent)
		return EPIPE;
	if (h->lost)
		return ENOMEM;
	if (!h->n_finished || !h->ccs || !h->role)
		return EAGAIN;
	return 0;
}

/* What the library knows, and the peer's hello: the smaller one; 0: none */
static uint16_t size_limit(const struct handover *h,
			   const struct handover_session *s)
{
	uint16_t limit = s->record_size_limit;

	if (h->peer_limit && h->peer_limit < DTLS_MAX_CONTENT &&
	    (!limit || h->peer_limit < limit))
		limit = h->peer_limit;
	return limit;
}

static void fill_keys(const struct handover *h,
		      const struct handover_session *s, struct dtls_keys *keys)
{
	*keys = (struct dtls_keys) {
		.version = DTLS_VERSION_1_2,
		.cipher = s->cipher,
		.role = h->role,
		.record_size_limit = size_limit(h, s),
		.tx = s->tx,
		.rx = s->rx,
	};
	keys->tx.epoch = 1;
	keys->rx.epoch = 1;
	keys->tx.seq = h->next[1];
	/* no application record was opened: all numbers are unseen */
	keys->rx.seq = 0;
}

/* What comes back late is lost, as datagrams may be: no reason to fail. */
static void inject_kept(struct handover *h)
{
	struct copy *c;

	for (c = h->kept; c; c = c->next)
		kdtls_setopt(h->fd, DTLS_INJECT, c->data, c->size);
}

static enum handover_result install(struct handover *h,
				    const struct dtls_keys *keys,
				    const struct flight *f)
{
	if (kdtls_enable(h->fd))
		return HANDOVER_REFUSED;
	if (kdtls_setopt(h->fd, DTLS_KEYS, keys, sizeof(*keys)))
		return HANDOVER_TORN;
	/*
	 * Before the flight: while one is kept the kernel reads the socket by
	 * itself, and a close_notify that arrives now would be opened first.
	 */
	inject_kept(h);
	/* EPIPE: the peer's end was among them, and it repeats nothing */
	if (f && kdtls_setopt(h->fd, DTLS_LAST_FLIGHT, f,
			      sizeof(f->head) + f->size) && errno != EPIPE)
		return HANDOVER_TORN;
	return HANDOVER_DONE;
}

static enum handover_result hand_over(struct handover *h,
				      struct handover_session *s,
				      struct flight *f)
{
	struct finished finished = { 0 };
	enum handover_result result;
	struct dtls_keys keys;

	errno = refusal(h, s);
	if (errno)
		return HANDOVER_REFUSED;
	if (open_finished(h, s, &finished)) {
		errno = EBADMSG;
		return HANDOVER_REFUSED;
	}
	if (!sent_last_flight(h, s))
		f = NULL;
	else if (build_flight(h, &finished, f))
		return HANDOVER_REFUSED;
	fill_keys(h, s, &keys);
	result = install(h, &keys, f);
	explicit_bzero(&keys, sizeof(keys));
	return result;
}

enum handover_result handover_attach(struct handover *h,
				     struct handover_session *s)
{
	enum handover_result result = HANDOVER_REFUSED;
	struct flight *f = calloc(1, sizeof(*f));
	int error;

	if (f)
		result = hand_over(h, s, f);
	error = errno;
	free(f);
	explicit_bzero(s, sizeof(*s));
	errno = error;
	return result;
}
