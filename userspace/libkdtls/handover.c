// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include <kdtls/kdtls.h>

#include "handover.h"
#include "hello.h"
#include "options.h"

#define HEADER		13
#define MAX_DATAGRAM	65536
#define MAX_FLIGHT	16	/* records, struct dtls_flight */
#define MAX_FLIGHT_SIZE	16384
#define MAX_KEPT	256
#define MAX_KEPT_SIZE	(256 * 1024)

#define MAX_HELLO	8192	/* of a peer: far above what any sends */

#define HS_CLIENT_HELLO		HELLO_CLIENT
#define HS_SERVER_HELLO		HELLO_SERVER
#define HS_NEW_SESSION_TICKET	4
#define HS_FINISHED		20
#define HS_HEADER		12
#define VERIFY_DATA		12	/* RFC 5246 section 7.4.9 */
#define MAX_FINISHED		(HEADER + HS_HEADER + VERIFY_DATA + 8 + 16)

/* Bytes of a record that outlive its datagram. */
struct copy {
	struct copy *next;
	uint8_t type;
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
	struct copy *finished[MAX_FLIGHT]; /* whole records, as sent */
	unsigned int n_finished;

	struct copy *kept, **kept_end;	/* whole records, for the kernel */
	unsigned int n_kept;
	size_t kept_size;

	uint16_t peer_limit;		/* RFC 8449: of its hellos, or 0 */
	struct hello hello;

	size_t held;			/* what wait() left in buf */
	uint8_t buf[MAX_DATAGRAM];
};

struct record {
	const uint8_t *start;
	uint8_t type;
	uint16_t epoch;
	uint64_t seq;
	const uint8_t *body;
	size_t len;			/* of the body */
};

static uint64_t get_be(const uint8_t *p, unsigned int bytes)
{
	uint64_t v = 0;

	while (bytes--)
		v = v << 8 | *p++;
	return v;
}

static bool parse(const uint8_t *p, size_t size, struct record *r)
{
	if (size < HEADER)
		return false;
	r->start = p;
	r->type = p[0];
	r->epoch = get_be(p + 3, 2);
	r->seq = get_be(p + 5, 6);
	r->len = get_be(p + 11, 2);
	r->body = p + HEADER;
	return r->len <= size - HEADER;
}

static struct copy *copy_new(const void *data, size_t size, uint8_t type)
{
	struct copy *c = malloc(sizeof(*c) + size);

	if (!c)
		return NULL;
	c->next = NULL;
	c->type = type;
	c->size = size;
	memcpy(c->data, data, size);
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

static struct copy *sent_copy(struct handover *h, const void *data,
			      size_t size, uint8_t type)
{
	struct copy *c = copy_new(data, size, type);

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
	if (r->len < HS_HEADER)
		return;
	if (r->body[0] == HS_CLIENT_HELLO)
		h->role = DTLS_ROLE_CLIENT;
	else if (r->body[0] == HS_SERVER_HELLO)
		h->role = DTLS_ROLE_SERVER;
	if (r->body[0] != HS_NEW_SESSION_TICKET) {
		forget_tickets(h);
		return;
	}
	if (!get_be(r->body + 6, 3))
		forget_tickets(h);
	if (h->n_tickets == MAX_FLIGHT) {
		h->too_large = true;
		return;
	}
	h->tickets[h->n_tickets] = sent_copy(h, r->body, r->len, r->type);
	if (h->tickets[h->n_tickets])
		h->n_tickets++;
}

static void sent_ccs(struct handover *h, const struct record *r)
{
	/* always the same byte */
	if (!h->ccs)
		h->ccs = sent_copy(h, r->body, r->len, r->type);
}

/*
 * Finished, or a fragment of it: OpenSSL cuts messages wherever the datagram
 * is full. What comes when there is no room is the same again.
 */
static void sent_finished(struct handover *h, const struct record *r)
{
	if (h->n_finished == MAX_FLIGHT)
		return;
	h->finished[h->n_finished] = sent_copy(h, r->start, HEADER + r->len,
					       r->type);
	if (h->finished[h->n_finished])
		h->n_finished++;
}

static void sent_record(struct handover *h, const struct record *r)
{
	if (r->epoch > 1) {
		h->more_epochs = true;
		return;
	}
	if (r->seq >= h->next[r->epoch])
		h->next[r->epoch] = r->seq + 1;

	if (r->type == DTLS_TYPE_ALERT && r->epoch)
		h->alert_sent = true;
	else if (r->type == DTLS_TYPE_HANDSHAKE && !r->epoch)
		sent_handshake(h, r);
	else if (r->type == DTLS_TYPE_CHANGE_CIPHER_SPEC && !r->epoch)
		sent_ccs(h, r);
	else if (r->type == DTLS_TYPE_HANDSHAKE)
		sent_finished(h, r);
}

void handover_sent(struct handover *h, const void *datagram, size_t size)
{
	const uint8_t *p = datagram, *end = p + size;
	struct record r;

	for (; parse(p, end - p, &r); p = r.body + r.len)
		sent_record(h, &r);
}

/* what the library receives */

/* No memory, no room: lost, as datagrams may be. */
static void keep(struct handover *h, const struct record *r)
{
	size_t size = HEADER + r->len;
	struct copy *c;

	if (h->n_kept == MAX_KEPT || h->kept_size + size > MAX_KEPT_SIZE)
		return;
	c = copy_new(r->start, size, r->type);
	if (!c)
		return;
	*h->kept_end = c;
	h->kept_end = &c->next;
	h->n_kept++;
	h->kept_size += size;
}

/* A fragment: type 1, length 3, number 2, offset 3, length 3, and its bytes. */
struct fragment {
	uint8_t type;
	uint16_t number;
	size_t whole, offset, len;
	const uint8_t *bytes;
};

static bool parse_fragment(const uint8_t *p, size_t size, struct fragment *f)
{
	if (size < HS_HEADER)
		return false;
	f->type = p[0];
	f->whole = get_be(p + 1, 3);
	f->number = get_be(p + 4, 2);
	f->offset = get_be(p + 6, 3);
	f->len = get_be(p + 9, 3);
	f->bytes = p + HS_HEADER;
	return f->len <= size - HS_HEADER && f->offset + f->len <= f->whole;
}

static void add_hello(struct hello *hello, const struct fragment *f)
{
	size_t i;

	if (hello->type != f->type || hello->number != f->number ||
	    hello->size != f->whole) {
		memset(hello->seen, 0, sizeof(hello->seen));
		hello->have = 0;
	}
	hello->type = f->type;
	hello->number = f->number;
	hello->size = f->whole;
	memcpy(hello->body + f->offset, f->bytes, f->len);
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
	const uint8_t *p = r->body, *end = p + r->len;
	struct fragment f;

	for (; parse_fragment(p, end - p, &f); p = f.bytes + f.len) {
		if ((f.type != HS_CLIENT_HELLO && f.type != HS_SERVER_HELLO) ||
		    f.whole > MAX_HELLO)
			continue;
		add_hello(&h->hello, &f);
		if (h->hello.have == f.whole)
			heard_limit(h);
	}
}

/* Not for the library; it would open it, and answer an alert itself. */
static bool for_kernel(const struct record *r)
{
	return r->epoch && (r->type == DTLS_TYPE_APPLICATION_DATA ||
			    r->type == DTLS_TYPE_ALERT);
}

/*
 * For both: the library may find the peer's Finished in it, sent again, or the
 * kernel what comes behind that. Number 0 is Finished itself.
 */
static bool for_both(const struct record *r)
{
	return r->epoch && r->type == DTLS_TYPE_HANDSHAKE && r->seq;
}

size_t handover_filter(struct handover *h, void *datagram, size_t size)
{
	uint8_t *p = datagram, *end = p + size, *to = p;
	struct record r;
	size_t n;

	while (parse(p, end - p, &r)) {
		n = HEADER + r.len;
		if (r.type == DTLS_TYPE_HANDSHAKE && !r.epoch)
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

ssize_t handover_recv(struct handover *h, void *buf, size_t size)
{
	size_t n;

	if (fetch(h, 0))
		return -1;
	n = h->held < size ? h->held : size;
	memcpy(buf, h->buf, n);
	h->held = 0;
	return n;
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

struct cipher {
	uint8_t key, iv, explicit_nonce, tag;
};

static const struct cipher ciphers[] = {
	[DTLS_CIPHER_AES_128_GCM]	= { 16, 4, 8, 16 },
	[DTLS_CIPHER_AES_256_GCM]	= { 32, 4, 8, 16 },
	[DTLS_CIPHER_CHACHA20_POLY1305]	= { 32, 12, 0, 16 },
	[DTLS_CIPHER_AES_128_CCM]	= { 16, 4, 8, 16 },
	[DTLS_CIPHER_AES_128_CCM_8]	= { 16, 4, 8, 8 },
};

static const struct cipher *cipher_by_id(uint16_t id)
{
	static const struct cipher none;

	return id <= DTLS_CIPHER_MAX ? &ciphers[id] : &none;
}

size_t handover_key_len(uint16_t id)
{
	return cipher_by_id(id)->key;
}

size_t handover_iv_len(uint16_t id)
{
	return cipher_by_id(id)->iv;
}

size_t handover_tag_len(uint16_t id)
{
	return cipher_by_id(id)->tag;
}

static void make_nonce(const struct cipher *c, const uint8_t *iv,
		       const struct record *r, uint8_t nonce[12])
{
	unsigned int i;

	memcpy(nonce, iv, c->iv);
	if (c->explicit_nonce) {
		memcpy(nonce + c->iv, r->body, c->explicit_nonce);
		return;
	}
	/* RFC 7905: epoch and number, on the right */
	for (i = 0; i < 8; i++)
		nonce[4 + i] ^= r->start[3 + i];
}

/* epoch and number, type, version, length: RFC 5246 section 6.2.3.3 */
static void make_aad(const struct record *r, size_t plain_len, uint8_t aad[13])
{
	memcpy(aad, r->start + 3, 8);
	memcpy(aad + 8, r->start, 3);
	aad[11] = plain_len >> 8;
	aad[12] = plain_len;
}

static ssize_t open_record(const struct handover_session *s,
			   const struct record *r, uint8_t *plain)
{
	const struct cipher *c = cipher_by_id(s->cipher);
	struct handover_aead a = { .cipher = s->cipher, .key = s->tx.key };
	ssize_t n;

	if (r->len < c->explicit_nonce + c->tag)
		return -1;
	make_nonce(c, s->tx.iv, r, a.nonce);
	a.sealed = r->body + c->explicit_nonce;
	a.size = r->len - c->explicit_nonce;
	make_aad(r, a.size - c->tag, a.aad);
	n = s->open(&a, plain);
	explicit_bzero(a.nonce, sizeof(a.nonce));
	return n;
}

struct finished {
	uint8_t message[HS_HEADER + VERIFY_DATA];
	uint16_t have;			/* bit n: byte n of the verify data */
};

/* Header of a fragment: type 1, length 3, number 2, offset 3, length 3. */
static int add_fragment(struct finished *f, const uint8_t *p, size_t size)
{
	size_t offset, len;

	if (size < HS_HEADER || p[0] != HS_FINISHED ||
	    get_be(p + 1, 3) != VERIFY_DATA)
		return -1;
	offset = get_be(p + 6, 3);
	len = get_be(p + 9, 3);
	if (len != size - HS_HEADER || offset + len > VERIFY_DATA)
		return -1;
	memcpy(f->message + HS_HEADER + offset, p + HS_HEADER, len);
	f->have |= ((1u << len) - 1) << offset;
	/* one piece again: type, length and number stay */
	memcpy(f->message, p, 6);
	memset(f->message + 6, 0, 3);
	memcpy(f->message + 9, p + 1, 3);
	return 0;
}

/*
 * Opens our own Finished with the keys that the kernel is to get: it is part
 * of the last flight, and what opens it is the right key.
 */
static int open_finished(struct handover *h, const struct handover_session *s,
			 struct finished *f)
{
	uint8_t plain[MAX_FINISHED];
	struct record r;
	unsigned int i;
	ssize_t n;

	for (i = 0; i < h->n_finished; i++) {
		struct copy *c = h->finished[i];

		if (c->size > sizeof(plain) || !parse(c->data, c->size, &r))
			return -1;
		n = open_record(s, &r, plain);
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
	struct dtls_flight_record r = { type, epoch, len };

	if (f->head.count == MAX_FLIGHT ||
	    f->size + sizeof(r) + len > sizeof(f->records))
		return -1;
	memcpy(f->records + f->size, &r, sizeof(r));
	memcpy(f->records + f->size + sizeof(r), data, len);
	f->size += sizeof(r) + len;
	f->head.count++;
	return 0;
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
		if (add_record(f, DTLS_TYPE_HANDSHAKE, 0, h->tickets[i]->data,
			       h->tickets[i]->size))
			return -1;
	if (add_record(f, DTLS_TYPE_CHANGE_CIPHER_SPEC, 0, h->ccs->data,
		       h->ccs->size) ||
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
	if (!cipher_by_id(s->cipher)->key || h->more_epochs)
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
		.epoch = 1,
		.record_size_limit = size_limit(h, s),
		.tx = s->tx,
		.rx = s->rx,
	};
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
