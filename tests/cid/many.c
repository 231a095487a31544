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

#include "figure.h"
#include "peer.h"
#include "tap.h"

static void found_by_it(void)
{
	struct peer a, b, plain;
	u32 len = 0;
	socklen_t size = sizeof(len);

	peers_begin(false);
	peer_open(&a, 1, "aaaaaaaa");
	peer_open(&b, 3, "bbbbbbbb");
	peer_open(&plain, 5, "");
	ok(!getsockopt(server.server, SOL_DTLS, DTLS_CID, &len, &size) &&
	   len == CID_LEN && set_cid_len(server.server, 4) == EALREADY,
	   "DTLS_CID is fixed by the first association");
	peer_says(&a, a.fd, "a");
	ok(heard(&server, &a, "a") && answered(&server, &a), "one peer");
	peer_says(&b, b.fd, "b");
	ok(heard(&server, &b, "b") && answered(&server, &b), "the other");
	peer_says(&plain, plain.fd, "plain");
	ok(heard(&server, &plain, "plain") && answered(&server, &plain),
	   "one without a Connection ID beside them");
	peer_says(&a, a.other, "moved");
	ok(heard(&server, &a, "moved"), "from another address: its name is the old one");
	ok(answered(&server, &a), "and an answer goes there");
	peer_says(&a, b.fd, "behind b");
	ok(heard(&server, &a, "behind b"), "from another peer's address");
	peer_says(&b, b.fd, "b");
	ok(heard(&server, &b, "b") && answered(&server, &b), "which is no other's");
	peer_says(&plain, plain.other, "plain");
	ok(nothing(&server), "without a Connection ID no peer is found elsewhere");
	plain.seq = 1;
	peer_says(&plain, plain.fd, "plain");
	ok(heard(&server, &plain, "plain"), "... only there");
	peer_close(&a);
	peer_close(&b);
	peer_close(&plain);
	close(server.server);
}

static void unknown_ones(void)
{
	unsigned long drops = figure(KDTLS_STAT, "KdtlsDropNoAssoc");
	struct peer a, stranger;

	peers_begin(false);
	peer_open(&a, 1, "aaaaaaaa");
	peer_init(&stranger, 1, "aaaaaaab");
	peer_says(&stranger, stranger.fd, "x");
	peer_says(&stranger, a.fd, "x");
	ok(nothing(&server), "an unknown Connection ID");
	is_int(figure(KDTLS_STAT, "KdtlsDropNoAssoc") - drops, 2, "... is counted as that");
	stranger.up.params.cid_len = 4;
	peer_says(&stranger, a.fd, "x");
	ok(nothing(&server), "a shorter one");
	stranger.up.params.cid_len = 0;
	peer_says(&stranger, a.fd, "x");
	ok(nothing(&server), "none, where there must be one");
	peer_says(&a, a.other, "a");
	ok(heard(&server, &a, "a"), "nothing of that did harm");
	peer_close(&a);
	peer_close(&stranger);
	close(server.server);
}

static void refused(void)
{
	struct peer a, twin, longer;

	peers_begin(false);
	peer_open(&a, 1, "aaaaaaaa");
	peer_init(&twin, 3, "aaaaaaaa");
	is_int(peer_add(&twin, &server), EEXIST, "a Connection ID twice");
	peer_init(&longer, 5, "nine nine");
	is_int(peer_add(&longer, &server), EINVAL, "one of another length");
	need(!setsockopt(server.server, SOL_DTLS, DTLS_CLOSE, &a.id, sizeof(a.id)),
	     "DTLS_CLOSE");
	is_int(peer_add(&twin, &server), 0, "it is free when its association has ended");
	peer_says(&a, a.fd, "old");
	ok(nothing(&server), "the old keys are gone");
	peer_says(&twin, twin.other, "new");
	ok(heard(&server, &twin, "new"), "the new ones are found");
	peer_close(&a);
	peer_close(&twin);
	peer_close(&longer);
	close(server.server);
}

/* The name is that of the peer, also if its association has ended meanwhile. */
static void last_words(void)
{
	struct peer a;
	size_t len;

	peers_begin(false);
	peer_open(&a, 1, "aaaaaaaa");
	len = side_data(&a.up, 0, "bye", 3, peer_record);
	len += side_seal(&a.up, 1, DTLS_TYPE_ALERT, "\1\0", 2, 0, peer_record + len);
	need(send(a.other, peer_record, len, 0) == (ssize_t)len, "send");
	ok(heard(&server, &a, "bye"), "last words from elsewhere have the old name");
	peer_close(&a);
	close(server.server);
}

/* A datagram to another address of ours is not the association's. */
static void our_end(void)
{
	struct sockaddr_storage to;
	struct sockaddr_in *in = (void *)&to;
	struct peer a;

	peers_begin(true);
	to = server.addr;
	inet_pton(AF_INET, "127.0.0.1", &in->sin_addr);
	peer_init(&a, 1, "aaaaaaaa");
	need(!connect(a.fd, (void *)&to, sizeof(*in)) &&
	     !connect(a.other, (void *)&to, sizeof(*in)), "connect");
	need(!peer_add_at(&a, &server, &to), "keys with our end");
	peer_says(&a, a.other, "here");
	ok(heard(&server, &a, "here"), "a datagram to our end");
	inet_pton(AF_INET, "127.0.0.2", &in->sin_addr);
	need(!connect(a.other, (void *)&to, sizeof(*in)), "connect");
	peer_says(&a, a.other, "there");
	ok(nothing(&server), "one to another address of ours is dropped");
	peer_close(&a);
	close(server.server);
}

/* Keys of one direction after the other. */
static void in_two_steps(bool rx_first)
{
	const char *first = rx_first ? "receiving" : "sending";
	struct dtls_status status;
	struct dtls_keys keys;
	struct peer a;

	peers_begin(false);
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
	peer_says(&a, rx_first ? a.other : a.fd, "early");
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
	if (!rx_first) {
		keys.rx.cid_len = CID_LEN + 1;
		ok(pair_set_keys(server.server, &keys) && errno == EINVAL,
		   "%s first: then a Connection ID of another length", first);
		keys.rx.cid_len = CID_LEN;
		keys.rx.seq = 1ULL << 48;
		ok(pair_set_keys(server.server, &keys) && errno == EINVAL,
		   "%s first: then a number of 2^48", first);
		keys.rx.seq = 0;
	}
	need(!pair_set_keys(server.server, &keys), "keys of the other");
	ok(rx_first ? heard(&server, &a, "early") : nothing(&server),
	   "%s first: what came early %s", first, rx_first ? "waited" : "was dropped");
	peer_says(&a, a.other, "then");
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

	peers_begin(false);
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
	need(crowd_recv(&server, peer_in, sizeof(peer_in), NULL, NULL, NULL) == 2 &&
	     !memcmp(peer_in, "12", 2), "the first two");
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
		a.other = peer_socket(&unused);
		peer_says(&a, a.other, "a");
		peer_says(&b, a.other, "b");
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

	peers_begin(false);
	peer_open(&a, 1, "aaaaaaaa");
	peer_open(&b, 3, "bbbbbbbb");
	fd = crowd_peeloff(server.server, a.id, 0);
	need(fd >= 0, "DTLS_PEELOFF");
	peer_says(&a, a.fd, "here");
	ok(pair_recv(fd, peer_in, sizeof(peer_in), 2000) == 4, "DTLS_PEELOFF: from its address");
	peer_says(&a, a.other, "there");
	/* the parent's reader hands it on */
	{
		struct sockaddr_storage from = {};
		socklen_t len = sizeof(from);

		ok(nothing(&server) && pair_poll(fd, POLLIN, 2000) &&
		   recvfrom(fd, peer_in, sizeof(peer_in), 0, (void *)&from, &len) == 5 &&
		   same_addr(&from, &a.addr), "and from another, by the same name");
	}
	peer_says(&b, b.other, "b");
	ok(heard(&server, &b, "b"), "others stay");
	close(fd);
	peer_says(&a, a.other, "gone");
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
	last_words();
	our_end();
	in_two_steps(true);
	in_two_steps(false);
	one_sender();
	shared_port();
	with_its_own_socket();
	return done_testing();
}
