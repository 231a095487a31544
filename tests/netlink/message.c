// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include <linux/genetlink.h>
#include <linux/kdtls.h>
#include <linux/kdtls_netlink.h>
#include <linux/netlink.h>

#include "message.h"

/* xorshift64* */
uint32_t rnd(struct rng *r)
{
	r->state ^= r->state >> 12;
	r->state ^= r->state << 25;
	r->state ^= r->state >> 27;
	return (r->state * 0x2545f4914f6cdd1dULL) >> 32;
}

uint32_t below(struct rng *r, uint32_t n)
{
	return (uint64_t)rnd(r) * n >> 32;
}

bool once_in(struct rng *r, uint32_t n)
{
	return !below(r, n);
}

/* A message under construction. */
struct maker {
	struct rng *r;
	uint64_t id;
	bool spoil;
	uint16_t cipher, direction;	/* keys must match them */
	unsigned char *at;		/* offset of the next attribute */
};

typedef size_t value_fn(struct maker *m, unsigned char *to);

static size_t number(unsigned char *to, uint64_t value, size_t len)
{
	memcpy(to, &value, len);	/* little endian, as the tests' machines */
	return len;
}

static size_t noise(struct maker *m, unsigned char *to, size_t len)
{
	size_t i;

	for (i = 0; i + 4 <= len; i += 4)
		number(to + i, rnd(m->r), 4);
	for (; i < len; i++)
		to[i] = rnd(m->r);
	return len;
}

static size_t an_id(struct maker *m, unsigned char *to)
{
	return number(to, m->id, 8);
}

static size_t an_epoch(struct maker *m, unsigned char *to)
{
	uint64_t epoch = 1;

	if (m->spoil && once_in(m->r, 8))
		epoch = (uint64_t)below(m->r, 4) << below(m->r, 63);
	return number(to, epoch, 8);
}

static size_t a_direction(struct maker *m, unsigned char *to)
{
	m->direction = m->direction ?: 1 + below(m->r, 2);
	return number(to, m->direction, 4);
}

static size_t a_version(struct maker *m, unsigned char *to)
{
	bool wrong = m->spoil && once_in(m->r, 8);

	return number(to, wrong ? 0xfefc + below(m->r, 4) : 0xfefd, 2);
}

static size_t a_cipher(struct maker *m, unsigned char *to)
{
	m->cipher = 1 + below(m->r, DTLS_CIPHER_MAX + (m->spoil ? 1 : 0));
	return number(to, m->cipher, 2);
}

/* Wrong sizes are refused early; most keys are wrong, since valid ones cost. */
static size_t a_key(struct maker *m, unsigned char *to)
{
	size_t len = m->cipher == DTLS_CIPHER_AES_256_GCM ||
		     m->cipher == DTLS_CIPHER_CHACHA20_POLY1305 ? 32 : 16;

	if (m->spoil && !once_in(m->r, 8))
		len = below(m->r, 80);
	return noise(m, to, len);
}

static size_t an_iv(struct maker *m, unsigned char *to)
{
	size_t len = m->cipher == DTLS_CIPHER_CHACHA20_POLY1305 ? 12 : 4;

	if (m->spoil && once_in(m->r, 8))
		len = below(m->r, 20);
	return noise(m, to, len);
}

static size_t an_epoch13(struct maker *m, unsigned char *to)
{
	return number(to, m->spoil && once_in(m->r, 8) ? below(m->r, 6) : 3, 8);
}

static size_t a_version13(struct maker *m, unsigned char *to)
{
	return number(to, DTLS_VERSION_1_3, 2);
}

static size_t a_secret(struct maker *m, unsigned char *to)
{
	size_t len = m->cipher == DTLS_CIPHER_AES_256_GCM ? 48 : 32;

	if (m->spoil && once_in(m->r, 4))
		len = below(m->r, 80);
	return noise(m, to, len);
}

static size_t a_seq(struct maker *m, unsigned char *to)
{
	uint64_t seq = below(m->r, 4);

	if (m->spoil && once_in(m->r, 4))
		seq = (uint64_t)rnd(m->r) << below(m->r, 33);
	return number(to, seq, 8);
}

static size_t a_limit(struct maker *m, unsigned char *to)
{
	return number(to, m->spoil ? rnd(m->r) : 1000, 2);
}

static size_t a_status(struct maker *m, unsigned char *to)
{
	/* success needs keys; a failure ends the handshake for all that follow */
	return number(to, m->spoil && once_in(m->r, 64) ? below(m->r, 5000) : 0, 4);
}

static size_t a_u16(struct maker *m, unsigned char *to)
{
	return number(to, rnd(m->r), 2);
}

static size_t a_u32(struct maker *m, unsigned char *to)
{
	return number(to, below(m->r, 3), 4);
}

static size_t an_mtu(struct maker *m, unsigned char *to)
{
	return number(to, m->spoil && once_in(m->r, 8) ? rnd(m->r) :
							 228 + below(m->r, 1300), 4);
}

static size_t a_count(struct maker *m, unsigned char *to)
{
	return number(to, m->spoil && once_in(m->r, 8) ? rnd(m->r) : 64, 4);
}

static size_t a_text(struct maker *m, unsigned char *to)
{
	size_t len = m->spoil && once_in(m->r, 8) ? 250 + below(m->r, 8) :
						    below(m->r, 20);

	memset(to, 'a' + below(m->r, 26), len);
	to[len] = m->spoil && once_in(m->r, 8);
	return len + 1;
}

/* Small, and sometimes of maximum size, or a little more. */
static size_t some_len(struct maker *m, size_t small, size_t large)
{
	if (m->spoil && once_in(m->r, 256))
		return large - 2 + below(m->r, 4);
	return below(m->r, small);
}

static size_t few_or_many(struct maker *m, unsigned char *to)
{
	return noise(m, to, some_len(m, 64, 16384));
}

static size_t a_digest(struct maker *m, unsigned char *to)
{
	return noise(m, to, m->spoil && once_in(m->r, 8) ? below(m->r, 64) : 32);
}

/* The tests request 32. */
static size_t an_exporter(struct maker *m, unsigned char *to)
{
	return noise(m, to, m->spoil && once_in(m->r, 4) ? below(m->r, 300) : 32);
}

static size_t a_record(struct maker *m, unsigned char *to)
{
	static const unsigned char types[] = { 20, 21, 22, 22, 22, 23, 24, 25, 26 };
	size_t len = some_len(m, 60, 16384);
	bool spoil = m->spoil && once_in(m->r, 4);

	if (m->spoil && once_in(m->r, 8)) {	/* DTLS 1.3, with a length */
		to[0] = 0x24 | (once_in(m->r, 4) ? rnd(m->r) & 0x1b : 2);
		to[2] = len >> 8;
		to[3] = len;
		to[1] = rnd(m->r);
		return 4 + noise(m, to + 4, len);
	}
	to[0] = spoil ? types[below(m->r, sizeof(types))] : 22;
	to[1] = 0xfe;
	to[2] = spoil ? rnd(m->r) : 0xfd;
	noise(m, to + 3, 8 + 2 + (len < 4 ? len : 4));
	to[11] = len >> 8;
	to[12] = len;
	if (spoil && once_in(m->r, 4))
		to[11 + below(m->r, 2)] ^= rnd(m->r);
	return 13 + len;
}

static size_t records(struct maker *m, unsigned char *to)
{
	size_t len = 0;

	do
		len += a_record(m, to + len);
	while (once_in(m->r, 3) && len < 30000);
	return m->spoil && once_in(m->r, 8) ? below(m->r, len + 1) : len;
}

static size_t a_flight_record(struct maker *m, unsigned char *to)
{
	struct dtls_flight_record record = {
		.type = once_in(m->r, 2) ? 20 : 22,
		.epoch = below(m->r, m->spoil ? 3 : 2),
		.len = 1 + some_len(m, 40, 16384),
	};
	size_t len = record.len;

	if (m->spoil && once_in(m->r, 8))
		((unsigned char *)&record)[below(m->r, sizeof(record))] ^= rnd(m->r);
	memcpy(to, &record, sizeof(record));
	memset(to + sizeof(record), 0x55, len);
	return sizeof(record) + len;
}

static size_t a_flight(struct maker *m, unsigned char *to)
{
	unsigned int n = 1 + below(m->r, m->spoil && once_in(m->r, 8) ? 18 : 3);
	struct dtls_flight flight = { .next_seq = below(m->r, 9), .count = n };
	size_t len = sizeof(flight);

	while (n-- && len < 40000)
		len += a_flight_record(m, to + len);
	if (m->spoil && once_in(m->r, 4))
		((unsigned char *)&flight)[below(m->r, sizeof(flight))] ^= rnd(m->r);
	memcpy(to, &flight, sizeof(flight));
	return m->spoil && once_in(m->r, 8) ? below(m->r, len + 1) : len;
}

#define ATTRS	13

static const struct command {
	uint8_t cmd;
	uint8_t weight;
	struct {
		uint8_t type;
		value_fn *value;
	} attrs[ATTRS];
} commands[] = {
	{ KDTLS_CMD_GET, 8, { { KDTLS_A_ASSOCIATION_ID, an_id } } },
	{ KDTLS_CMD_CLOSE, 1, { { KDTLS_A_ASSOCIATION_ID, an_id } } },
	{ KDTLS_CMD_ACCEPT, 8, { { KDTLS_A_HANDSHAKE_ID, an_id } } },
	{ KDTLS_CMD_DATAGRAM, 24, {
		{ KDTLS_A_HANDSHAKE_ID, an_id },
		{ KDTLS_A_HANDSHAKE_DATA, records } } },
	{ KDTLS_CMD_KEY_INSTALL, 24, {
		{ KDTLS_A_HANDSHAKE_ID, an_id },
		{ KDTLS_A_HANDSHAKE_EPOCH, an_epoch },
		{ KDTLS_A_HANDSHAKE_DIRECTION, a_direction },
		{ KDTLS_A_HANDSHAKE_VERSION, a_version },
		{ KDTLS_A_HANDSHAKE_CIPHER, a_cipher },
		{ KDTLS_A_HANDSHAKE_KEY, a_key },
		{ KDTLS_A_HANDSHAKE_IV, an_iv },
		{ KDTLS_A_HANDSHAKE_SEQ, a_seq },
		{ KDTLS_A_HANDSHAKE_RECORD_SIZE_LIMIT, a_limit } } },
	{ KDTLS_CMD_LAST_FLIGHT, 24, {
		{ KDTLS_A_HANDSHAKE_ID, an_id },
		{ KDTLS_A_HANDSHAKE_FLIGHT, a_flight } } },
	{ KDTLS_CMD_DONE, 24, {
		{ KDTLS_A_HANDSHAKE_ID, an_id },
		{ KDTLS_A_HANDSHAKE_STATUS, a_status },
		{ KDTLS_A_HANDSHAKE_SUITE, a_u16 },
		{ KDTLS_A_HANDSHAKE_ALPN, a_text },
		{ KDTLS_A_HANDSHAKE_SERVER_NAME, a_text },
		{ KDTLS_A_HANDSHAKE_IDENTITY, few_or_many },
		{ KDTLS_A_HANDSHAKE_CERTIFICATE, few_or_many },
		{ KDTLS_A_HANDSHAKE_CERTIFICATE_SHA256, a_digest },
		{ KDTLS_A_HANDSHAKE_EXPORTER, an_exporter },
		{ KDTLS_A_HANDSHAKE_VERIFIED, a_u32 },
		{ KDTLS_A_HANDSHAKE_REASON, a_text } } },
	{ KDTLS_CMD_KEY_INSTALL, 12, {
		{ KDTLS_A_HANDSHAKE_ID, an_id },
		{ KDTLS_A_HANDSHAKE_EPOCH, an_epoch13 },
		{ KDTLS_A_HANDSHAKE_DIRECTION, a_direction },
		{ KDTLS_A_HANDSHAKE_VERSION, a_version13 },
		{ KDTLS_A_HANDSHAKE_CIPHER, a_cipher },
		{ KDTLS_A_HANDSHAKE_SECRET, a_secret },
		{ KDTLS_A_HANDSHAKE_SEQ, a_seq },
		{ KDTLS_A_HANDSHAKE_MESSAGE_SEQ, a_u16 },
		{ KDTLS_A_HANDSHAKE_HANDSHAKE_SECRET, a_secret },
		{ KDTLS_A_HANDSHAKE_HANDSHAKE_SEQ, a_seq } } },
	{ KDTLS_CMD_NEXT, 8, { { KDTLS_A_HANDSHAKE_COUNT, a_count } } },
	{ KDTLS_CMD_PATH, 8, {
		{ KDTLS_A_HANDSHAKE_ID, an_id },
		{ KDTLS_A_HANDSHAKE_MTU, an_mtu } } },
};

static const struct command *command_by_number(uint8_t cmd)
{
	const struct command *c = commands;

	while (c->cmd != cmd)
		c++;
	return c;
}

static const struct command *command_any(struct rng *r)
{
	const struct command *c = commands;
	uint32_t pick = below(r, 141);		/* sum of the weights */

	while (pick >= c->weight)
		pick -= (c++)->weight;
	return c;
}

static void put(struct maker *m, uint16_t type, size_t len)
{
	struct nlattr head = { .nla_type = type, .nla_len = NLA_HDRLEN + len };

	memcpy(m->at, &head, sizeof(head));
	memset(m->at + NLA_HDRLEN + len, 0, NLA_ALIGN(len) - len);
	m->at += NLA_HDRLEN + NLA_ALIGN(len);
}

/* Unknown, nested, empty, of the wrong size. */
static void put_odd(struct maker *m)
{
	uint16_t type = once_in(m->r, 2) ? below(m->r, 40) : rnd(m->r);

	if (once_in(m->r, 4))
		type |= once_in(m->r, 2) ? NLA_F_NESTED : NLA_F_NET_BYTEORDER;
	put(m, type, noise(m, m->at + NLA_HDRLEN, below(m->r, 24)));
}

static void put_all(struct maker *m, const struct command *c)
{
	unsigned int i;

	for (i = 0; i < ATTRS && c->attrs[i].value; i++) {
		if (m->spoil && once_in(m->r, 24))
			continue;
		put(m, c->attrs[i].type,
		    c->attrs[i].value(m, m->at + NLA_HDRLEN));
		if (m->spoil && once_in(m->r, 48))
			put_odd(m);
	}
}

/* Any byte of the attributes, including their headers. */
static void flip(struct rng *r, unsigned char *from, size_t len)
{
	unsigned int n = 1 + below(r, 3);

	while (len && n--)
		from[below(r, len)] ^= 1 << below(r, 8);
}

static size_t finish(unsigned char *buf, unsigned char *end, uint16_t family,
		     uint16_t flags, uint8_t cmd, uint32_t seq)
{
	struct nlmsghdr head = {
		.nlmsg_len = end - buf, .nlmsg_type = family,
		.nlmsg_flags = flags, .nlmsg_seq = seq,
	};
	struct genlmsghdr genl = { .cmd = cmd, .version = KDTLS_FAMILY_VERSION };

	memcpy(buf, &head, sizeof(head));
	memcpy(buf + NLMSG_HDRLEN, &genl, sizeof(genl));
	return head.nlmsg_len;
}

size_t message_right(struct rng *r, uint64_t id, uint16_t family, uint8_t cmd,
		     uint32_t seq, void *buf)
{
	unsigned char *body = (unsigned char *)buf + NLMSG_HDRLEN + GENL_HDRLEN;
	/* both directions, one after the other */
	struct maker m = { .r = r, .id = id, .at = body,
			   .direction = 1 + seq % 2 };

	put_all(&m, command_by_number(cmd));
	return finish(buf, m.at, family, NLM_F_REQUEST | NLM_F_ACK, cmd, seq);
}

static uint64_t any_id(struct rng *r, const struct world *w)
{
	if (once_in(r, 32))
		return w->spared[below(r, 2)];
	if (once_in(r, 32))
		return (uint64_t)rnd(r) << below(r, 33);
	return w->ids[below(r, WORLD_IDS)];
}

/* Would it delete an association that must stay? May err towards yes. */
static bool hits_spared(const struct world *w, const void *body, size_t len)
{
	return memmem(body, len, &w->spared[0], 8) ||
	       memmem(body, len, &w->spared[1], 8);
}

static uint16_t any_flags(struct rng *r)
{
	if (once_in(r, 512))
		return rnd(r);
	return once_in(r, 512) ? NLM_F_REQUEST | NLM_F_DUMP : NLM_F_REQUEST;
}

size_t message_spoiled(struct rng *r, const struct world *w, uint16_t family,
		       uint32_t seq, void *buf)
{
	unsigned char *body = (unsigned char *)buf + NLMSG_HDRLEN + GENL_HDRLEN;
	struct maker m = { .r = r, .id = any_id(r, w), .at = body,
			   .spoil = !once_in(r, 4) };
	const struct command *c = command_any(r);
	uint8_t cmd = once_in(r, 64) ? rnd(r) : c->cmd;

	put_all(&m, c);
	if (once_in(r, 4))
		flip(r, body, m.at - body);
	if (once_in(r, 16))
		m.at = body + NLA_ALIGN(below(r, m.at - body + 1));
	if (cmd == KDTLS_CMD_CLOSE && hits_spared(w, body, m.at - body))
		cmd = KDTLS_CMD_GET;
	return finish(buf, m.at, family, any_flags(r), cmd, seq);
}
