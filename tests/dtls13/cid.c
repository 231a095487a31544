// SPDX-License-Identifier: GPL-2.0
/* Connection IDs in DTLS 1.3: where they must be, may be absent, and change nothing. */
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "ends.h"
#include "pair.h"
#include "tap.h"
#include "record/dtls13/handshake13.h"

#define GCM	DTLS_CIPHER_AES_128_GCM

/* The socket is p.b; p.a is plain. theirs: what it opens, ours: what it seals. */
static struct pair p;
static struct end theirs, ours, bare;	/* theirs, without a Connection ID */
static u8 record[3 * END_MAX_RECORD], in[END_MAX_RECORD];
static unsigned long long drops_before;

static void begin(const char *to_us, const char *to_them)
{
	struct dtls_keys keys;

	end_init(&theirs, GCM, 0xc1, 3);
	end_init(&ours, GCM, 0x51, 3);
	bare = theirs;
	end_set_cid(&theirs, to_us);
	end_set_cid(&ours, to_them);
	pair_plain(&p, AF_INET);
	need(!setsockopt(p.b, SOL_IP, DTLS_ULP, "dtls", 4), "attach");
	ends_keys(&keys, &ours, &theirs, false);
	need(!ends_set(p.b, &keys), "keys");
}

static size_t text(const struct end *e, u64 seq, const char *word, u8 *at)
{
	return end_data(e, seq, word, strlen(word), at);
}

static void sends(size_t len)
{
	drops_before = pair_sum_drops(p.b);
	need(send(p.a, record, len, 0) == (ssize_t)len, "send");
}

static bool receives(const char *word)
{
	return pair_recv(p.b, in, sizeof(in), 5000) == (ssize_t)strlen(word) &&
	       !memcmp(in, word, strlen(word));
}

static bool dropped(enum dtls_drop reason, unsigned int n)
{
	return pair_only_drops(p.b, drops_before) && pair_drops(p.b, reason) == n;
}

/* The next record from the socket, which must have the CID. */
static bool hears(u64 next, struct opened_record *o)
{
	ssize_t len = pair_recv(p.a, record, sizeof(record), 3000);

	return len > 0 && !end_open(&ours, next, record, len, o) &&
	       o->first & DTLS13_CID;
}

static void in_datagrams(void)
{
	struct opened_record o;
	struct end other;
	size_t len;

	begin("ours", "to them");
	sends(text(&theirs, 0, "one", record));
	ok(receives("one"), "a record with it");
	sends(text(&bare, 1, "two", record));
	ok(dropped(DTLS_DROP_CID, 1), "none in the first record of a datagram: dropped");
	len = text(&theirs, 2, "three", record);
	len += text(&bare, 3, "four", record + len);
	len += text(&theirs, 4, "five", record + len);
	sends(len);
	ok(receives("three") && receives("four") && receives("five"),
	   "those behind it need none");
	other = theirs;
	end_set_cid(&other, "owls");
	len = text(&theirs, 5, "six", record);
	len += text(&other, 6, "seven", record + len);
	len += text(&theirs, 7, "eight", record + len);
	sends(len);
	ok(receives("six") && dropped(DTLS_DROP_CID, 2) &&
	   pair_drops(p.b, DTLS_DROP_REST) == 1,
	   "another's behind it: it and the rest are dropped");
	need(send(p.b, "word", 4, 0) == 4, "send");
	ok(hears(0, &o) && o.len == 4, "what the socket sends has the peer's");
	pair_close(&p);

	begin("", "to them");
	sends(text(&other, 0, "x", record));
	ok(dropped(DTLS_DROP_CID, 1), "none was asked for: a record with one is dropped");
	sends(text(&theirs, 0, "one", record));
	ok(receives("one"), "one without is not");
	pair_close(&p);
}

/* New keys, the same Connection IDs: RFC 9147 section 9. */
static void behind_an_update(void)
{
	u8 update[DTLS13_KEY_UPDATE_LEN];
	const struct dtls13_content c = {
		.type = DTLS_TYPE_HANDSHAKE, .form = FORM_16, .len = sizeof(update),
	};
	struct opened_record o;

	dtls13_put_key_update(update, 0, DTLS13_UPDATE_REQUESTED);
	begin("ours", "to them");
	sends(end_seal(&theirs, &c, update, record));
	ok(hears(0, &o) && o.type == DTLS_TYPE_ACK, "the ACK of a KeyUpdate has it");
	ok(hears(1, &o) && o.type == DTLS_TYPE_HANDSHAKE, "the KeyUpdate in turn, too");
	end_next(&theirs);
	sends(text(&theirs, 0, "new", record));
	ok(receives("new"), "a record of the new epoch with the same one");
	bare = theirs;
	end_set_cid(&bare, "");
	sends(text(&bare, 1, "bare", record));
	ok(dropped(DTLS_DROP_CID, 1), "and not without");
	pair_close(&p);
}

/* The limit counts the content type once, in whatever order the keys come. */
static void record_size_limit(void)
{
	struct dtls_status status;
	struct dtls_keys keys;
	socklen_t len = sizeof(status);

	end_init(&theirs, GCM, 0xc1, 3);
	end_init(&ours, GCM, 0x51, 3);
	end_set_cid(&ours, "to them");
	pair_plain(&p, AF_INET);
	need(!setsockopt(p.b, SOL_IP, DTLS_ULP, "dtls", 4), "attach");
	ends_keys(&keys, &ours, &theirs, false);
	keys.flags = DTLS_KEYS_RX;
	keys.record_size_limit = 100;
	memset(&keys.tx, 0, sizeof(keys.tx));
	need(!ends_set(p.b, &keys) &&
	     !getsockopt(p.b, SOL_DTLS, DTLS_STATUS, &status, &len), "keys to receive");
	keys.assoc = status.assoc;
	keys.flags = DTLS_KEYS_TX;
	keys.record_size_limit = 0;
	memset(&keys.rx, 0, sizeof(keys.rx));
	end_secret(&keys.tx, &ours, 0);
	need(!ends_set(p.b, &keys) &&
	     !getsockopt(p.b, SOL_DTLS, DTLS_STATUS, &status, &len), "keys to send");
	is_int(status.mtu, 99, "a record size limit of 100 before the Connection ID");
	pair_close(&p);
}

/* A socket with one of many, which is at p.b; p.a is elsewhere. */
static int of_one(u32 roam)
{
	struct sockaddr_storage from = {};
	socklen_t len = sizeof(from);
	struct dtls_keys keys;
	u32 cid_len = 4;
	int server;

	end_init(&theirs, GCM, 0xc1, 3);
	end_init(&ours, GCM, 0x51, 3);
	end_set_cid(&theirs, "four");
	bare = theirs;
	end_set_cid(&bare, "");
	pair_plain(&p, AF_INET);
	server = socket(AF_INET, SOCK_DGRAM, 0);
	((struct sockaddr_in *)&from)->sin_family = AF_INET;
	((struct sockaddr_in *)&from)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	need(server >= 0 && !bind(server, (void *)&from, sizeof(struct sockaddr_in)) &&
	     !getsockname(server, (void *)&from, &len) &&
	     !setsockopt(server, SOL_IP, DTLS_ULP, "dtls", 4) &&
	     !setsockopt(server, SOL_DTLS, DTLS_CID, &cid_len, sizeof(cid_len)) &&
	     !setsockopt(server, SOL_DTLS, DTLS_ROAM, &roam, sizeof(roam)),
	     "a server");
	ends_keys(&keys, &ours, &theirs, false);
	memcpy(&keys.peer, &p.addr_b, sizeof(keys.peer));
	need(!ends_set(server, &keys), "keys of the peer at p.b");
	need(!connect(p.a, (void *)&from, len) && !connect(p.b, (void *)&from, len),
	     "connect");
	return server;
}

/* By the Connection ID, from any address. */
static void of_many(void)
{
	int server = of_one(DTLS_ROAM_ASK);

	need(send(p.a, record, text(&theirs, 0, "moved", record), 0) > 0, "send");
	ok(pair_recv(server, in, sizeof(in), 5000) == 5, "DTLS_CID: from another address");
	need(send(p.a, record, text(&bare, 1, "bare", record), 0) > 0, "send");
	ok(!pair_poll(server, POLLIN, 50), "not without it");
	close(server);
	pair_close(&p);
}

/*
 * A peer that has announced new keys uses the old ones until our ACK comes, which goes to
 * where the peer was: what it sends from elsewhere in between moves it.
 */
static void moved_in_an_update(void)
{
	struct dtls_status status = {};
	u8 update[DTLS13_KEY_UPDATE_LEN];
	const struct dtls13_content c = {
		.type = DTLS_TYPE_HANDSHAKE, .form = FORM_16, .len = sizeof(update),
	};
	socklen_t len = sizeof(status);
	int server = of_one(DTLS_ROAM_TRUST);

	dtls13_put_key_update(update, 0, DTLS13_UPDATE_NOT_REQUESTED);
	need(send(p.b, record, end_seal(&theirs, &c, update, record), 0) > 0, "send");
	ok(pair_recv(p.b, record, sizeof(record), 3000) > 0, "an ACK goes to where it is");
	need(send(p.a, record, text(&theirs, 1, "moved", record), 0) > 0, "send");
	ok(pair_recv(server, in, sizeof(in), 5000) == 5, "a record in the old epoch");
	memcpy(&status.peer, &p.addr_a, sizeof(status.peer));
	ok(!getsockopt(server, SOL_DTLS, DTLS_STATUS, &status, &len) && status.assoc,
	   "... moves the peer");
	end_next(&theirs);
	need(send(p.b, record, text(&theirs, 0, "back", record), 0) > 0, "send");
	ok(pair_recv(server, in, sizeof(in), 5000) == 4, "one in the new epoch");
	close(server);
	pair_close(&p);
}

int main(void)
{
	in_datagrams();
	behind_an_update();
	record_size_limit();
	of_many();
	moved_in_an_update();
	return done_testing();
}
