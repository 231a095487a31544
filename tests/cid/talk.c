// SPDX-License-Identifier: GPL-2.0
/* A connected socket with Connection IDs: both directions, and what is refused. */
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "pair.h"
#include "side.h"
#include "tap.h"
#include "traffic.h"

#define GCM	DTLS_CIPHER_AES_128_GCM

static u8 out[100], in[SIDE_MAX_RECORD], record[2 * SIDE_MAX_RECORD];

/* Each end's CID in records to it, of every kind of length. */
static const struct {
	int cipher;
	const char *client, *server;
} cases[] = {
	{ DTLS_CIPHER_AES_128_GCM, "", "to-b" },
	{ DTLS_CIPHER_AES_256_GCM, "a", "" },
	{ DTLS_CIPHER_CHACHA20_POLY1305, "01234567890123456789012345678901", "xy" },
	{ DTLS_CIPHER_AES_128_CCM, "eight888", "twenty bytes 1234567" },
	{ DTLS_CIPHER_AES_128_CCM_8, "one", "another" },
};

static unsigned int mtu_of(int fd)
{
	socklen_t len = sizeof(__u32);
	__u32 mtu = 0;

	need(!getsockopt(fd, SOL_DTLS, DTLS_MTU, &mtu, &len), "DTLS_MTU");
	return mtu;
}

static void closes(const struct pair *p, const char *name)
{
	const u8 bye[] = { 1, 0 };

	pair_send_typed(p->a, DTLS_TYPE_ALERT, bye, sizeof(bye));
	ok(recv(p->b, in, sizeof(in), 0) == 0 && recv(p->a, in, sizeof(in), 0) == 0,
	   "%s: close_notify, both ways", name);
}

static void two_sockets(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *name = cipher_name(cases[i].cipher);
		struct side up, down;
		struct pair p;

		side_init(&up, cases[i].cipher, 0xc1, cases[i].server);
		side_init(&down, cases[i].cipher, 0x51, cases[i].client);
		pair_plain(&p, i % 2 ? AF_INET6 : AF_INET);
		pair_attach(&p);
		need(!side_set_keys(p.a, &up, &down, true, NULL, NULL) &&
		     !side_set_keys(p.b, &down, &up, false, NULL, NULL), "keys");
		is_int(traffic_sizes(&p, 16383), 0, "%s: records of all sizes, both ways",
		       name);
		/* loopback: what a record holds is the limit there */
		is_int(mtu_of(p.a), up.params.cid_len ? 16383 : 16384,
		       "%s: the inner type counts", name);
		ok(traffic_batch(&p), "%s: a batch of 20 records", name);
		closes(&p, name);
		pair_close(&p);
	}
}

/* The socket is p.b; p.a is plain. theirs: what it opens, ours: what it seals. */
static struct pair p;
static struct side theirs, ours;
static unsigned long long drops_before;

static void begin(int cipher, const char *to_us, const char *to_them)
{
	side_init(&theirs, cipher, 0xc1, to_us);
	side_init(&ours, cipher, 0x51, to_them);
	pair_plain(&p, AF_INET);
	need(!setsockopt(p.b, SOL_IP, DTLS_ULP, "dtls", 4), "attach");
	need(!side_set_keys(p.b, &ours, &theirs, false, NULL, NULL), "keys");
}

static void sends(size_t len)
{
	drops_before = pair_sum_drops(p.b);
	need(send(p.a, record, len, 0) == (ssize_t)len, "send");
}

static bool receives(const char *text)
{
	return pair_recv(p.b, in, sizeof(in), 5000) == (ssize_t)strlen(text) &&
	       !memcmp(in, text, strlen(text));
}

/* What was sent last; so many were, for this reason. */
static void dropped(enum dtls_drop reason, unsigned int n, const char *what)
{
	is_int(pair_only_drops(p.b, drops_before) ? pair_drops(p.b, reason) : 0, n,
	       "%s", what);
}

static void on_the_wire(void)
{
	struct side_opened o;
	ssize_t len;

	begin(GCM, "ours", "theirs");
	need(send(p.b, "word", 4, 0) == 4, "send");
	len = pair_recv(p.a, record, sizeof(record), 2000);
	ok(len > 0 && record[0] == DTLS_TYPE_CID && !memcmp(record + 11, "theirs", 6),
	   "what it sends has the peer's Connection ID before the length");
	ok(!side_open(&ours, record, len, &o) && o.outer == DTLS_TYPE_CID &&
	   o.type == DTLS_TYPE_APPLICATION_DATA && o.len == 4 &&
	   !memcmp(o.content, "word", 4), "and opens as data");
	sends(side_seal(&theirs, 0, DTLS_TYPE_APPLICATION_DATA, "padded", 6, 100,
			record));
	ok(receives("padded"), "zeros behind the inner type");
	sends(side_seal(&theirs, 1, DTLS_TYPE_ALERT, "\1\0", 2, 3, record));
	ok(recv(p.b, in, sizeof(in), 0) == 0, "an alert inside is one");
	len = pair_recv(p.a, record, sizeof(record), 2000);
	ok(!side_open(&ours, record, len, &o) && o.type == DTLS_TYPE_ALERT,
	   "its answer has the Connection ID, too");
	pair_close(&p);
}

static void refused_records(void)
{
	struct side other;
	size_t len;

	begin(GCM, "ours", "");
	other = theirs;
	other.params.cid_len = 0;
	sends(side_data(&other, 0, "x", 1, record));
	dropped(DTLS_DROP_CID, 1, "a record without it");
	memcpy(other.params.cid, "ourt", 4);
	other.params.cid_len = 4;
	sends(side_data(&other, 0, "x", 1, record));
	dropped(DTLS_DROP_CID, 2, "one with another");
	len = side_data(&theirs, 0, "x", 1, record);
	record[len - 1] ^= 1;
	sends(len);
	dropped(DTLS_DROP_TAG, 1, "a forged one");
	sends(side_seal(&theirs, 0, 0, "", 0, 20, record));
	dropped(DTLS_DROP_INNER, 1, "nothing but zeros inside");
	sends(12);
	dropped(DTLS_DROP_HEADER, 1, "12 bytes");
	sends(15);
	dropped(DTLS_DROP_HEADER, 2, "a header that ends in its Connection ID");
	len = side_data(&theirs, 1, "one", 3, record);
	len += side_data(&theirs, 2, "two", 3, record + len);
	sends(len);
	ok(receives("one") && receives("two"), "two records in a datagram");
	sends(side_data(&theirs, 2, "two", 3, record));
	dropped(DTLS_DROP_REPLAY, 1, "a replayed one");
	len = side_data(&theirs, 3, "three", 5, record);
	len += side_data(&other, 4, "four", 4, record + len);
	sends(len);
	ok(receives("three"), "the first of a datagram");
	dropped(DTLS_DROP_CID, 3, "not the second, with another Connection ID");
	pair_close(&p);

	begin(GCM, "", "theirs");
	other = theirs;
	other.params.cid_len = 4;
	sends(side_data(&other, 0, "x", 1, record));
	dropped(DTLS_DROP_CID, 1, "none was asked for: a record with one");
	pair_close(&p);
}

/* RFC 8449: the limit is about what is encrypted, the inner type among it. */
static void record_size_limit(bool in_steps)
{
	const char *how = in_steps ? "before the Connection ID" : "with it";
	struct dtls_status status;
	struct dtls_keys keys;
	socklen_t len = sizeof(status);

	pair_plain(&p, AF_INET);
	pair_attach(&p);
	side_init(&theirs, GCM, 0xc1, "ours");
	side_init(&ours, GCM, 0x51, "theirs");
	pair_keys(&keys, GCM, false);
	keys.record_size_limit = 100;
	side_keys(&keys.rx, &theirs);
	side_keys(&keys.tx, &ours);
	if (in_steps) {
		keys.flags = DTLS_KEYS_RX;
		memset(&keys.tx, 0, sizeof(keys.tx));
		need(!pair_set_keys(p.b, &keys) &&
		     !getsockopt(p.b, SOL_DTLS, DTLS_STATUS, &status, &len), "keys");
		keys.assoc = status.assoc;
		keys.flags = DTLS_KEYS_TX;
		keys.record_size_limit = 0;
		memset(&keys.rx, 0, sizeof(keys.rx));
		side_keys(&keys.tx, &ours);
	}
	need(!pair_set_keys(p.b, &keys), "keys");
	ok(mtu_of(p.b) == 99 && send(p.b, out, 99, 0) == 99 &&
	   send(p.b, out, 100, 0) == -1 && errno == EMSGSIZE,
	   "a record size limit of 100 that came %s: 99 bytes", how);
	pair_close(&p);
}

static void refused_keys(void)
{
	struct dtls_keys keys, good;
	u32 value;

	pair_plain(&p, AF_INET);
	pair_attach(&p);
	pair_keys(&good, GCM, false);
	keys = good;
	keys.rx.cid_len = DTLS_MAX_CID + 1;
	ok(pair_set_keys(p.b, &keys) && errno == EINVAL, "33 bytes");
	keys = good;
	keys.tx.cid_len = 3;
	keys.tx.cid[3] = 1;
	ok(pair_set_keys(p.b, &keys) && errno == EINVAL, "a byte behind it");
	keys = good;
	keys.rx.cid[0] = 1;
	ok(pair_set_keys(p.b, &keys) && errno == EINVAL, "one without a length");
	for (value = 1; value <= 3; value++)
		ok(setsockopt(p.b, SOL_DTLS, DTLS_CID, &value, sizeof(value)) &&
		   errno == EINVAL, "DTLS_CID of %u bytes", value);
	value = 21;
	ok(setsockopt(p.b, SOL_DTLS, DTLS_CID, &value, sizeof(value)) &&
	   errno == EINVAL, "DTLS_CID of 21");
	need(!pair_set_keys(p.b, &good), "keys");
	value = 8;
	ok(setsockopt(p.b, SOL_DTLS, DTLS_CID, &value, sizeof(value)) &&
	   errno == EALREADY, "DTLS_CID behind the keys");
	pair_close(&p);
}

int main(void)
{
	two_sockets();
	on_the_wire();
	refused_records();
	record_size_limit(false);
	record_size_limit(true);
	refused_keys();
	return done_testing();
}
