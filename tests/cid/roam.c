// SPDX-License-Identifier: GPL-2.0
/*
 * A peer that is at another address (RFC 9146 section 6): what says so, what decides, and
 * what goes where then.
 */
#include <arpa/inet.h>
#include <linux/errqueue.h>
#include <netinet/udp.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "peer.h"
#include "tap.h"

static void choose(int fd, u32 roam, u32 events)
{
	need(!setsockopt(fd, SOL_DTLS, DTLS_ROAM, &roam, sizeof(roam)) &&
	     !setsockopt(fd, SOL_DTLS, DTLS_EVENTS, &events, sizeof(events)),
	     "DTLS_ROAM and DTLS_EVENTS");
}

static int move(int fd, u64 id, const struct sockaddr_storage *to)
{
	struct dtls_move want = { .assoc = id };
	int tries = 100;

	memcpy(&want.peer, to, sizeof(want.peer));
	while (setsockopt(fd, SOL_DTLS, DTLS_MOVE, &want, sizeof(want))) {
		if (errno != EAGAIN || !tries--)
			return errno;
		usleep(20000);
	}
	return 0;
}

/* The next event of the socket; false: there is none. */
static bool event_of(int fd, struct dtls_event *event)
{
	char control[200];
	struct iovec iov = { event, sizeof(*event) };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};

	return recvmsg(fd, &msg, MSG_ERRQUEUE | MSG_DONTWAIT) == sizeof(*event);
}

static bool said(const struct peer *p, u32 reason, const struct sockaddr_storage *peer,
		 const struct sockaddr_storage *old_peer)
{
	struct dtls_event event;

	return event_of(server.server, &event) && event.kind == DTLS_EVENT_MOVED &&
	       event.reason == reason && event.assoc == p->id &&
	       same_addr((void *)&event.peer, peer) &&
	       same_addr((void *)&event.old_peer, old_peer);
}

static bool silent(void)
{
	struct dtls_event event;

	return !event_of(server.server, &event);
}

static bool is_at(const struct peer *p, const struct sockaddr_storage *addr)
{
	struct dtls_status status;

	return !crowd_status(&server, p->id, NULL, &status) &&
	       same_addr((void *)&status.peer, addr) &&
	       !crowd_status(&server, 0, addr, &status) && status.assoc == p->id;
}

/* Says it from the other address, until the move of before is no obstacle. */
static bool goes_to(struct peer *p, int fd, const struct sockaddr_storage *addr)
{
	for (int i = 0; i < 100; i++) {
		peer_says(p, fd, "here");
		if (!heard_from(&server, p, "here", addr)) {
			if (i == 99)
				return false;
			usleep(20000);
			continue;
		}
		return is_at(p, addr);
	}
	return false;
}

static void asked(void)
{
	struct peer a, b;

	peers_begin(false);
	peer_open(&a, 1, "aaaaaaaa");
	peer_open(&b, 3, "bbbbbbbb");
	peer_says(&a, a.other, "no events");
	ok(heard(&server, &a, "no events") && silent() && is_at(&a, &a.addr),
	   "without DTLS_EVENT_MOVED a record from elsewhere is only delivered");
	choose(server.server, DTLS_ROAM_ASK, DTLS_EVENT_MOVED);
	peer_says(&a, a.fd, "at home");
	ok(heard(&server, &a, "at home") && silent(), "none from where the peer is");
	peer_says(&a, a.other, "one");
	ok(heard(&server, &a, "one") &&
	   said(&a, DTLS_REASON_SEEN, &a.other_addr, &a.addr) && is_at(&a, &a.addr),
	   "an event says where it came from; the peer stays where it was");
	peer_says(&a, a.other, "two");
	ok(heard(&server, &a, "two") && silent() && answered(&server, &a),
	   "one event an address");
	is_int(move(server.server, a.id, &a.other_addr), 0, "DTLS_MOVE");
	ok(said(&a, DTLS_REASON_NONE, &a.other_addr, &a.addr) &&
	   is_at(&a, &a.other_addr), "the peer is there");
	ok(answered_at(&server, &a, &a.other_addr, a.other), "and is sent to there");
	ok(crowd_send(&server, &a.addr, 0, "x", 1) == -1 && errno == ENOTCONN,
	   "no peer is at the old address");
	peer_says(&a, a.fd, "back");
	ok(heard_from(&server, &a, "back", &a.other_addr) &&
	   said(&a, DTLS_REASON_SEEN, &a.addr, &a.other_addr),
	   "the way back is a move, too");
	is_int(move(server.server, a.id, &b.addr), EEXIST, "not where another peer is");
	is_int(move(server.server, a.id, &a.other_addr), EALREADY, "not where it is");
	is_int(move(server.server, 1ULL << 60, &a.addr), ENOENT, "not an unknown one");
	((struct sockaddr_in *)&b.other_addr)->sin_port = 0;
	is_int(move(server.server, a.id, &b.other_addr), EINVAL, "not to port 0");
	is_int(move(server.server, a.id, &a.addr), 0, "back");
	ok(is_at(&a, &a.addr) && answered(&server, &a) && is_at(&b, &b.addr),
	   "where it began; the other was there all the time");
	peer_close(&a);
	peer_close(&b);
	close(server.server);
}

/*
 * Opening writes in front of a record, with ChaCha20-Poly1305 farthest: not over where
 * it came from.
 */
static void opened_where_it_lies(void)
{
	struct peer a;

	peers_begin(false);
	choose(server.server, DTLS_ROAM_ASK, DTLS_EVENT_MOVED);
	peer_init(&a, 1, "aaaaaaaa");
	side_init(&a.up, DTLS_CIPHER_CHACHA20_POLY1305, 1, "aaaaaaaa");
	side_init(&a.down, DTLS_CIPHER_CHACHA20_POLY1305, 2, "peer");
	errno = peer_add(&a, &server);
	need(!errno, "keys of a peer");
	peer_says(&a, a.fd, "at home");
	ok(heard(&server, &a, "at home") && silent(), "ChaCha20-Poly1305: at home");
	peer_says(&a, a.other, "elsewhere");
	ok(heard(&server, &a, "elsewhere") &&
	   said(&a, DTLS_REASON_SEEN, &a.other_addr, &a.addr), "ChaCha20-Poly1305: elsewhere");
	peer_close(&a);
	close(server.server);
}

/* What is old, forged or replayed moves no peer. */
static void not_believed(void)
{
	u8 old[200], kept[200];
	size_t old_len, kept_len;
	struct peer a, b;

	peers_begin(false);
	choose(server.server, DTLS_ROAM_TRUST, DTLS_EVENT_MOVED);
	peer_open(&a, 1, "aaaaaaaa");
	peer_open(&b, 3, "bbbbbbbb");
	old_len = side_data(&a.up, a.seq++, "held back", 9, old);
	kept_len = side_data(&a.up, a.seq++, "seen", 4, kept);
	need(send(a.fd, kept, kept_len, 0) == (ssize_t)kept_len, "send");
	need(heard(&server, &a, "seen"), "a record");
	need(send(a.other, old, old_len, 0) == (ssize_t)old_len, "send");
	ok(heard(&server, &a, "held back") && silent() && is_at(&a, &a.addr),
	   "an older record from elsewhere is delivered and moves no peer");
	need(send(a.other, kept, kept_len, 0) == (ssize_t)kept_len, "send");
	ok(nothing(&server) && silent() && is_at(&a, &a.addr), "nor does a replayed one");
	old_len = side_data(&a.up, a.seq, "forged", 6, old);
	old[old_len - 1] ^= 1;
	need(send(a.other, old, old_len, 0) == (ssize_t)old_len, "send");
	ok(nothing(&server) && silent() && is_at(&a, &a.addr), "nor a forged one");
	peer_says(&b, a.other, "of b");
	ok(heard_from(&server, &b, "of b", &a.other_addr) && is_at(&b, &a.other_addr) &&
	   is_at(&a, &a.addr), "another peer moves there");
	need(said(&b, DTLS_REASON_NONE, &a.other_addr, &b.addr), "its event");
	peer_says(&a, a.other, "taken");
	ok(heard(&server, &a, "taken") &&
	   said(&a, DTLS_REASON_SEEN, &a.other_addr, &a.addr) && is_at(&a, &a.addr),
	   "then it is taken: an event, and no move");
	peer_close(&a);
	peer_close(&b);
	close(server.server);
}

/* A port that was damaged on the way: it is not in the AAD, but in UDP's checksum. */
static void damaged(void)
{
	struct udphdr *udp = (void *)peer_record;
	struct sockaddr_in *other, *ours = (void *)&server.addr;
	int raw = socket(AF_INET, SOCK_RAW, IPPROTO_UDP);
	struct peer a;
	size_t len;

	peers_begin(false);
	choose(server.server, DTLS_ROAM_TRUST, DTLS_EVENT_MOVED);
	peer_open(&a, 1, "aaaaaaaa");
	other = (void *)&a.other_addr;
	len = sizeof(*udp) + side_data(&a.up, a.seq++, "x", 1, peer_record + sizeof(*udp));
	*udp = (struct udphdr){
		.source = other->sin_port, .dest = ours->sin_port,
		.len = htons(len), .check = htons(1),
	};
	need(raw >= 0 && sendto(raw, peer_record, len, 0, (void *)ours, sizeof(*ours)) ==
	     (ssize_t)len, "a datagram with a wrong checksum");
	ok(nothing(&server) && silent() && is_at(&a, &a.addr),
	   "a datagram whose checksum is wrong moves no peer");
	peer_says(&a, a.fd, "at home");
	ok(heard(&server, &a, "at home"), "nor does it harm");
	close(raw);
	peer_close(&a);
	close(server.server);
}

static void set_most(int peers_per_address)
{
	FILE *f = fopen("/sys/module/kdtls/parameters/peers_per_address", "w");

	need(f && fprintf(f, "%d", peers_per_address) > 0 && !fclose(f),
	     "peers_per_address");
}

/* Not where as many are as may be, also if they talk to other addresses of ours. */
static void crowded(void)
{
	struct sockaddr_storage first, second;
	struct peer a, b;

	peers_begin(true);
	first = server.addr;
	second = server.addr;
	inet_pton(AF_INET, "127.0.0.1", &((struct sockaddr_in *)&first)->sin_addr);
	inet_pton(AF_INET, "127.0.0.2", &((struct sockaddr_in *)&second)->sin_addr);
	peer_init(&a, 1, "aaaaaaaa");
	peer_init(&b, 3, "bbbbbbbb");
	need(!peer_add_at(&a, &server, &first) && !peer_add_at(&b, &server, &second),
	     "keys with our ends");
	set_most(1);
	is_int(move(server.server, b.id, &a.addr), EMLINK,
	       "not where as many are as may be");
	set_most(64);
	is_int(move(server.server, b.id, &a.addr), 0, "where more may be");
	peer_close(&a);
	peer_close(&b);
	close(server.server);
}

static void trusted(void)
{
	struct peer a;
	int good = 0;
	u32 bad = 2;

	peers_begin(false);
	ok(setsockopt(server.server, SOL_DTLS, DTLS_ROAM, &bad, sizeof(bad)) &&
	   errno == EINVAL, "an unknown policy");
	choose(server.server, DTLS_ROAM_TRUST, 0);
	peer_open(&a, 1, "aaaaaaaa");
	for (int i = 0; i < 5; i++)
		good += goes_to(&a, a.other, &a.other_addr) &&
			answered_at(&server, &a, &a.other_addr, a.other) &&
			goes_to(&a, a.fd, &a.addr) && answered(&server, &a);
	is_int(good, 5, "there and back five times, answers following");
	need(!setsockopt(server.server, SOL_DTLS, DTLS_CLOSE, &a.id, sizeof(a.id)),
	     "DTLS_CLOSE");
	is_int(move(server.server, a.id, &a.other_addr), ENOENT, "it ends as others do");
	ok(crowd_send(&server, &a.addr, 0, "x", 1) == -1 && errno == ENOTCONN &&
	   crowd_send(&server, &a.other_addr, 0, "x", 1) == -1 && errno == ENOTCONN,
	   "and is at neither address");
	peer_close(&a);
	close(server.server);
}

/* Where it is connected to is where it stays. */
static void of_its_own(void)
{
	struct peer a;
	int fd;

	peers_begin(false);
	choose(server.server, DTLS_ROAM_TRUST, DTLS_EVENT_MOVED);
	peer_open(&a, 1, "aaaaaaaa");
	need(goes_to(&a, a.other, &a.other_addr), "a move");
	fd = crowd_peeloff(server.server, a.id, 0);
	need(fd >= 0, "DTLS_PEELOFF");
	need(send(fd, "answer", 6, 0) == 6, "send");
	ok(pair_recv(a.other, peer_record, sizeof(peer_record), 2000) > 0,
	   "DTLS_PEELOFF behind a move is connected to where the peer is");
	peer_says(&a, a.fd, "back");
	ok(nothing(&server) && pair_recv(fd, peer_in, sizeof(peer_in), 2000) == 4,
	   "it hears the peer from elsewhere");
	need(send(fd, "answer", 6, 0) == 6, "send");
	ok(pair_recv(a.other, peer_record, sizeof(peer_record), 2000) > 0 &&
	   move(server.server, a.id, &a.addr) == ENOENT &&
	   move(fd, a.id, &a.addr) == EOPNOTSUPP, "and stays connected");
	close(fd);
	peer_close(&a);
	close(server.server);
}

int main(void)
{
	asked();
	opened_where_it_lies();
	not_believed();
	damaged();
	crowded();
	trusted();
	of_its_own();
	return done_testing();
}
