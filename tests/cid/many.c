// SPDX-License-Identifier: GPL-2.0
/*
 * One socket, many peers with Connection IDs: each is found by it, whatever address
 * its datagrams come from.
 */
#include <arpa/inet.h>
#include <netinet/udp.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "crowd.h"
#include "side.h"
#include "tap.h"

#define GCM	DTLS_CIPHER_AES_128_GCM
#define CID_LEN	8

/* A peer of the server: plain sockets, and the keys. */
struct peer {
	struct side	up, down;	/* to the server, from it */
	u64		seq;		/* of up */
	int		fd, other;	/* where it was first, where it is next */
	struct sockaddr_storage addr;	/* of fd */
	u64		id;
};

static struct crowd server;
static u8 record[2 * SIDE_MAX_RECORD], in[SIDE_MAX_RECORD];

static int plain_socket(struct sockaddr_storage *addr)
{
	socklen_t len = sizeof(*addr);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	memset(addr, 0, sizeof(*addr));
	need(fd >= 0 && !connect(fd, (void *)&server.addr, server.addr_len) &&
	     !getsockname(fd, (void *)addr, &len), "a plain socket");
	return fd;
}

static int set_cid_len(int fd, u32 len)
{
	return setsockopt(fd, SOL_DTLS, DTLS_CID, &len, sizeof(len)) ? errno : 0;
}

/* cid: in its records to the server, "" for none. */
static void peer_init(struct peer *p, u8 byte, const char *cid)
{
	struct sockaddr_storage unused;

	side_init(&p->up, GCM, byte, cid);
	side_init(&p->down, GCM, byte + 1, *cid ? "peer" : "");
	p->seq = 0;
	p->fd = plain_socket(&p->addr);
	p->other = plain_socket(&unused);
}

static int peer_add(struct peer *p, struct crowd *c)
{
	struct dtls_status status;
	int err = side_set_keys(c->server, &p->down, &p->up, false, &p->addr);

	if (err)
		return err;
	need(!crowd_status(c, 0, &p->addr, &status), "its status");
	p->id = status.assoc;
	return 0;
}

static void peer_open(struct peer *p, u8 byte, const char *cid)
{
	peer_init(p, byte, cid);
	errno = peer_add(p, &server);
	need(!errno, "keys of a peer");
}

static void peer_close(struct peer *p)
{
	close(p->fd);
	close(p->other);
}

static void says(struct peer *p, int fd, const char *text)
{
	size_t len = side_data(&p->up, p->seq++, text, strlen(text), record);

	need(send(fd, record, len, 0) == (ssize_t)len, "send");
}

/* The next record that c reads is this one, of this peer, by its first address. */
static bool heard(struct crowd *c, const struct peer *p, const char *text)
{
	struct sockaddr_storage from;
	u64 id = 0;

	return crowd_recv(c, in, sizeof(in), &from, (void *)&id, NULL) ==
	       (ssize_t)strlen(text) && !memcmp(in, text, strlen(text)) &&
	       id == p->id && same_addr(&from, &p->addr);
}

static bool nothing(struct crowd *c)
{
	return !pair_poll(c->server, POLLIN, 50);
}

/* An answer to the name that the record had. */
static bool answered(struct crowd *c, const struct peer *p)
{
	struct side_opened o;
	ssize_t len;

	if (crowd_send(c, &p->addr, 0, "answer", 6) != 6)
		return false;
	len = pair_recv(p->fd, record, sizeof(record), 2000);
	return len > 0 && !side_open(&p->down, record, len, &o) && o.len == 6;
}

static void begin(void)
{
	crowd_open(&server, AF_INET, false);
	need(!set_cid_len(server.server, CID_LEN), "DTLS_CID");
}

static void found_by_it(void)
{
	struct peer a, b, plain;
	u32 len = 0;
	socklen_t size = sizeof(len);

	begin();
	peer_open(&a, 1, "aaaaaaaa");
	peer_open(&b, 3, "bbbbbbbb");
	peer_open(&plain, 5, "");
	ok(!getsockopt(server.server, SOL_DTLS, DTLS_CID, &len, &size) &&
	   len == CID_LEN && set_cid_len(server.server, 4) == EALREADY,
	   "DTLS_CID is fixed by the first association");
	says(&a, a.fd, "a");
	ok(heard(&server, &a, "a") && answered(&server, &a), "one peer");
	says(&b, b.fd, "b");
	ok(heard(&server, &b, "b") && answered(&server, &b), "the other");
	says(&plain, plain.fd, "plain");
	ok(heard(&server, &plain, "plain") && answered(&server, &plain),
	   "one without a Connection ID beside them");
	says(&a, a.other, "moved");
	ok(heard(&server, &a, "moved"), "from another address: its name is the old one");
	ok(answered(&server, &a), "and an answer goes there");
	says(&a, b.fd, "behind b");
	ok(heard(&server, &a, "behind b"), "from another peer's address");
	says(&b, b.fd, "b");
	ok(heard(&server, &b, "b") && answered(&server, &b), "which is no other's");
	says(&plain, plain.other, "plain");
	ok(nothing(&server), "without a Connection ID nobody is found elsewhere");
	plain.seq = 1;
	says(&plain, plain.fd, "plain");
	ok(heard(&server, &plain, "plain"), "... only there");
	peer_close(&a);
	peer_close(&b);
	peer_close(&plain);
	close(server.server);
}

static void unknown_ones(void)
{
	struct peer a, stranger;

	begin();
	peer_open(&a, 1, "aaaaaaaa");
	peer_init(&stranger, 1, "aaaaaaab");
	says(&stranger, stranger.fd, "x");
	says(&stranger, a.fd, "x");
	ok(nothing(&server), "an unknown Connection ID");
	stranger.up.params.cid_len = 4;
	says(&stranger, a.fd, "x");
	ok(nothing(&server), "a shorter one");
	stranger.up.params.cid_len = 0;
	says(&stranger, a.fd, "x");
	ok(nothing(&server), "none, where there must be one");
	says(&a, a.other, "a");
	ok(heard(&server, &a, "a"), "nothing of that did harm");
	peer_close(&a);
	peer_close(&stranger);
	close(server.server);
}

static void refused(void)
{
	struct peer a, twin, longer;

	begin();
	peer_open(&a, 1, "aaaaaaaa");
	peer_init(&twin, 3, "aaaaaaaa");
	is_int(peer_add(&twin, &server), EEXIST, "a Connection ID twice");
	peer_init(&longer, 5, "nine nine");
	is_int(peer_add(&longer, &server), EINVAL, "one of another length");
	need(!setsockopt(server.server, SOL_DTLS, DTLS_CLOSE, &a.id, sizeof(a.id)),
	     "DTLS_CLOSE");
	is_int(peer_add(&twin, &server), 0, "it is free when its association has ended");
	says(&a, a.fd, "old");
	ok(nothing(&server), "the old keys are gone");
	says(&twin, twin.other, "new");
	ok(heard(&server, &twin, "new"), "the new ones are found");
	peer_close(&a);
	peer_close(&twin);
	peer_close(&longer);
	close(server.server);
}

/* Keys of one direction after the other. */
static void in_two_steps(bool rx_first)
{
	const char *first = rx_first ? "receiving" : "sending";
	struct dtls_status status;
	struct dtls_keys keys;
	struct peer a;

	begin();
	peer_init(&a, 1, "aaaaaaaa");
	pair_keys(&keys, GCM, false);
	memset(&keys.tx, 0, sizeof(keys.tx));
	memset(&keys.rx, 0, sizeof(keys.rx));
	keys.flags = rx_first ? DTLS_KEYS_RX : DTLS_KEYS_TX;
	if (rx_first)
		side_keys(&keys.rx, &a.up);
	else
		side_keys(&keys.tx, &a.down);
	memcpy(&keys.peer, &a.addr, sizeof(keys.peer));
	need(!pair_set_keys(server.server, &keys), "keys of one direction");
	need(!crowd_status(&server, 0, &a.addr, &status), "status");
	a.id = status.assoc;
	if (rx_first)
		says(&a, a.other, "early");
	ok(nothing(&server), "%s first: nothing yet", first);

	pair_keys(&keys, GCM, false);
	memset(&keys.tx, 0, sizeof(keys.tx));
	memset(&keys.rx, 0, sizeof(keys.rx));
	keys.assoc = a.id;
	keys.flags = rx_first ? DTLS_KEYS_TX : DTLS_KEYS_RX;
	if (rx_first)
		side_keys(&keys.tx, &a.down);
	else
		side_keys(&keys.rx, &a.up);
	need(!pair_set_keys(server.server, &keys), "keys of the other");
	ok(!rx_first || heard(&server, &a, "early"), "%s first: what came early", first);
	says(&a, a.other, "then");
	ok(heard(&server, &a, "then") && answered(&server, &a), "%s first: then", first);
	peer_close(&a);
	close(server.server);
}

/* Datagrams of two peers from one address, which UDP_GRO puts together. */
static void one_sender(void)
{
	int on = 1;
	struct peer a, b;
	size_t len, one;
	u8 both[1000];

	begin();
	need(!setsockopt(server.server, SOL_UDP, UDP_GRO, &on, sizeof(on)), "UDP_GRO");
	peer_open(&a, 1, "aaaaaaaa");
	peer_open(&b, 3, "bbbbbbbb");
	one = side_data(&a.up, a.seq++, "1", 1, both);
	len = one;
	len += side_data(&a.up, a.seq++, "2", 1, both + len);
	len += side_data(&b.up, b.seq++, "3", 1, both + len);
	len += side_data(&a.up, a.seq++, "4", 1, both + len);
	on = one;
	need(!setsockopt(a.fd, SOL_UDP, UDP_SEGMENT, &on, sizeof(on)) &&
	     send(a.fd, both, len, 0) == (ssize_t)len, "a batch");
	need(crowd_recv(&server, in, sizeof(in), NULL, NULL, NULL) == 2 &&
	     !memcmp(in, "12", 2), "the first two");
	ok(heard(&server, &b, "3"), "the third datagram is another peer's");
	ok(heard(&server, &a, "4"), "the fourth is the first's again");
	ok(nothing(&server), "and that is all");
	peer_close(&a);
	peer_close(&b);
	close(server.server);
}

/* Of sockets that share a port the Connection ID decides, not UDP's hash. */
static void shared_port(void)
{
	struct crowd first, second;
	struct peer a, b;
	int good = 0;

	crowd_open(&server, AF_INET, false);
	close(server.server);
	crowd_share(&first, &server, SO_REUSEPORT);
	need(!set_cid_len(first.server, CID_LEN), "DTLS_CID");
	crowd_share(&second, &server, SO_REUSEPORT);
	peer_init(&a, 1, "aaaaaaaa");
	peer_init(&b, 3, "bbbbbbbb");
	need(!peer_add(&a, &first), "a peer of the first");
	is_int(peer_add(&b, &second), EINVAL, "a group has Connection IDs of one length");
	need(!set_cid_len(second.server, CID_LEN), "DTLS_CID");
	is_int(peer_add(&b, &second), 0, "then it has peers, too");
	for (int i = 0; i < 16; i++) {
		struct sockaddr_storage unused;

		close(a.other);
		a.other = plain_socket(&unused);
		says(&a, a.other, "a");
		says(&b, a.other, "b");
		good += heard(&first, &a, "a") + heard(&second, &b, "b");
	}
	is_int(good, 32, "each worker gets its peer's, from whatever port");
	peer_close(&a);
	peer_close(&b);
	close(first.server);
	close(second.server);
}

static void with_its_own_socket(void)
{
	struct peer a, b;
	int fd;

	begin();
	peer_open(&a, 1, "aaaaaaaa");
	peer_open(&b, 3, "bbbbbbbb");
	fd = crowd_peeloff(server.server, a.id, 0);
	need(fd >= 0, "DTLS_PEELOFF");
	says(&a, a.fd, "here");
	ok(pair_recv(fd, in, sizeof(in), 2000) == 4, "DTLS_PEELOFF: from its address");
	says(&a, a.other, "there");
	/* the parent's reader hands it on */
	ok(nothing(&server) && pair_recv(fd, in, sizeof(in), 2000) == 5,
	   "and from another");
	says(&b, b.other, "b");
	ok(heard(&server, &b, "b"), "others stay");
	close(fd);
	says(&a, a.other, "gone");
	ok(nothing(&server), "nothing after its close");
	peer_close(&a);
	peer_close(&b);
	close(server.server);
}

int main(void)
{
	found_by_it();
	unknown_ones();
	refused();
	in_two_steps(true);
	in_two_steps(false);
	one_sender();
	shared_port();
	with_its_own_socket();
	return done_testing();
}
