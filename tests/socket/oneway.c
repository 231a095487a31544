// SPDX-License-Identifier: GPL-2.0
/* DTLS_KEYS of one direction, and of the other by the association's id. */
#include <arpa/inet.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "pair.h"
#include "tap.h"

#define CIPHER	DTLS_CIPHER_AES_128_GCM

static char in[100];

static int set_keys(int fd, const struct dtls_keys *keys)
{
	return pair_set_keys(fd, keys) ? errno : 0;
}

/* With these directions only; no flags: with both. */
static struct dtls_keys keys_of(bool client, __u32 flags)
{
	struct dtls_keys keys;

	pair_keys(&keys, CIPHER, client);
	keys.flags = flags;
	if (flags && !(flags & DTLS_KEYS_TX))
		memset(&keys.tx, 0, sizeof(keys.tx));
	if (flags && !(flags & DTLS_KEYS_RX))
		memset(&keys.rx, 0, sizeof(keys.rx));
	return keys;
}

static struct dtls_status status_of(int fd, const struct sockaddr_storage *peer)
{
	struct dtls_status status = {};
	socklen_t len = sizeof(status);

	if (peer)
		memcpy(&status.peer, peer, sizeof(*peer));
	need(!getsockopt(fd, SOL_DTLS, DTLS_STATUS, &status, &len) &&
	     len == sizeof(status), "DTLS_STATUS");
	return status;
}

static bool receives(int fd, const char *text)
{
	return pair_recv(fd, in, sizeof(in), 5000) == (ssize_t)strlen(text) &&
	       !memcmp(in, text, strlen(text));
}

static bool sends(int fd, const char *text)
{
	return send(fd, text, strlen(text), MSG_DONTWAIT) == (ssize_t)strlen(text);
}

/* The peer has both keys, and sends before this end has them. */
static void early_record(struct pair *p)
{
	struct dtls_keys keys = keys_of(false, 0);

	need(!set_keys(p->b, &keys), "keys of the peer");
	ok(sends(p->b, "early"), "the peer sends");
}

static void both_ways(struct pair *p)
{
	ok(receives(p->a, "early"), "what came before is read");
	ok(sends(p->a, "now") && receives(p->b, "now"), "and it sends");
}

static int reserved(int fd, size_t offset)
{
	struct dtls_keys keys = keys_of(true, 0);

	((char *)&keys)[offset] = 1;
	return set_keys(fd, &keys);
}

#define RESERVED(fd, member) \
	is_int(reserved(fd, offsetof(struct dtls_keys, member)), EINVAL, \
	       "not zero: " #member)

static void refused(void)
{
	struct dtls_keys keys;
	struct pair p;

	pair_plain(&p, AF_INET);
	pair_attach(&p);
	RESERVED(p.a, pad);
	RESERVED(p.a, tx.message_seq);
	RESERVED(p.a, tx.pad);
	RESERVED(p.a, rx.cid);
	RESERVED(p.a, rx.sn_key);
	RESERVED(p.a, tx.flags);
	RESERVED(p.a, rx.reserved[9]);
	keys = keys_of(true, 4);
	is_int(set_keys(p.a, &keys), EINVAL, "an unknown direction");
	keys = keys_of(true, 0);
	keys.flags = DTLS_KEYS_TX;
	is_int(set_keys(p.a, &keys), EINVAL, "keys of a direction not named");
	keys = keys_of(true, DTLS_KEYS_TX | DTLS_KEYS_RX);
	keys.assoc = 1;
	is_int(set_keys(p.a, &keys), ENOENT, "of an association not there");
	keys.tx.epoch = 1ull << 32 | 1;
	keys.assoc = 0;
	is_int(set_keys(p.a, &keys), EINVAL, "an epoch above 65535");
	is_int(status_of(p.a, NULL).state, DTLS_STATE_NONE, "nothing was set up");
	keys = keys_of(true, DTLS_KEYS_TX | DTLS_KEYS_RX);
	is_int(set_keys(p.a, &keys), 0, "without any of that they are right");
	pair_close(&p);
}

/* Of an association that has its receiving keys. */
static void refused_completion(int fd, __u64 assoc)
{
	const struct dtls_keys right = keys_of(true, DTLS_KEYS_TX);
	struct dtls_keys keys = keys_of(true, DTLS_KEYS_RX);

	is_int(set_keys(fd, &right), EALREADY, "without the id");
	keys.assoc = assoc;
	is_int(set_keys(fd, &keys), EALREADY, "the same direction");
	keys = keys_of(true, 0);
	keys.assoc = assoc;
	is_int(set_keys(fd, &keys), EALREADY, "both directions");
	keys = right;
	keys.assoc = assoc + 1;
	is_int(set_keys(fd, &keys), ENOENT, "another id");
	keys.assoc = assoc;
	keys.role = DTLS_ROLE_SERVER;
	is_int(set_keys(fd, &keys), EINVAL, "another role");
	keys.role = right.role;
	keys.cipher = DTLS_CIPHER_AES_256_GCM;
	is_int(set_keys(fd, &keys), EINVAL, "another cipher");
	keys.cipher = right.cipher;
	keys.peer.ss_family = AF_INET;
	is_int(set_keys(fd, &keys), EINVAL, "with an address");
}

static void receiving_first(void)
{
	struct dtls_keys keys;
	struct dtls_status st;
	struct pair p;

	pair_plain(&p, AF_INET);
	pair_attach(&p);
	keys = keys_of(true, DTLS_KEYS_RX);
	is_int(set_keys(p.a, &keys), 0, "receiving keys alone");
	st = status_of(p.a, NULL);
	ok(st.state == DTLS_STATE_HANDSHAKE && st.rx_epoch == 1 && !st.tx_epoch,
	   "state, epochs");
	ok(send(p.a, "x", 1, MSG_DONTWAIT) == -1 && errno == EAGAIN,
	   "nothing can be sent");
	ok(!pair_poll(p.a, POLLOUT, 0), "it does not poll writable");
	early_record(&p);
	refused_completion(p.a, st.assoc);
	keys = keys_of(true, DTLS_KEYS_TX);
	keys.assoc = st.assoc;
	keys.record_size_limit = 64;
	is_int(set_keys(p.a, &keys), 0, "sending keys");
	ok(status_of(p.a, NULL).state == DTLS_STATE_ESTABLISHED &&
	   status_of(p.a, NULL).assoc == st.assoc, "established, the same id");
	both_ways(&p);
	ok(send(p.a, in, 65, 0) == -1 && errno == EMSGSIZE,
	   "its record_size_limit counts");
	is_int(set_keys(p.a, &keys), EALREADY, "once more");
	pair_close(&p);
}

static void sending_first(void)
{
	struct dtls_keys keys = keys_of(true, DTLS_KEYS_TX);
	struct dtls_status st;
	struct pair p;

	pair_plain(&p, AF_INET6);
	pair_attach(&p);
	is_int(set_keys(p.a, &keys), 0, "sending keys alone");
	st = status_of(p.a, NULL);
	ok(st.state == DTLS_STATE_HANDSHAKE && st.tx_epoch == 1 && !st.rx_epoch,
	   "state, epochs");
	ok(send(p.a, "x", 1, MSG_DONTWAIT) == -1 && errno == EAGAIN,
	   "it waits for the other direction");
	early_record(&p);
	ok(!pair_poll(p.a, POLLIN, 50), "which cannot be read yet");
	keys = keys_of(true, DTLS_KEYS_RX);
	keys.assoc = st.assoc;
	is_int(set_keys(p.a, &keys), 0, "receiving keys");
	both_ways(&p);
	pair_close(&p);
}

/* Handshake messages have no place to go: the application keeps the handshake. */
static void epoch_zero(void)
{
	struct dtls_keys keys = keys_of(true, DTLS_KEYS_RX);
	char record[13 + 12] = { 0, 0xfe, 0xfd, [12] = 12 };
	struct pair p;

	pair_plain(&p, AF_INET);
	need(!setsockopt(p.a, SOL_IP, DTLS_ULP, "dtls", 4), "attach");
	need(!set_keys(p.a, &keys), "receiving keys");
	for (char type = DTLS_TYPE_CHANGE_CIPHER_SPEC; type <= DTLS_TYPE_APPLICATION_DATA;
	     type++) {
		record[0] = type;
		need(send(p.b, record, sizeof(record), 0) == sizeof(record), "send");
	}
	ok(!pair_poll(p.a, POLLIN, 100), "records of epoch 0 are not delivered");
	ok(status_of(p.a, NULL).state == DTLS_STATE_HANDSHAKE, "... and change nothing");
	keys = keys_of(true, DTLS_KEYS_TX);
	keys.assoc = status_of(p.a, NULL).assoc;
	is_int(set_keys(p.a, &keys), 0, "... the other direction is keyed");
	need(!pair_poll(p.a, POLLIN, 50), "nothing to read");
	is_int(pair_sum_drops(p.a), 4, "... each is counted");
	pair_close(&p);
}

static int bound_server(struct sockaddr_storage *addr)
{
	struct sockaddr_in *in4 = (void *)addr;
	socklen_t len = sizeof(*in4);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	memset(addr, 0, sizeof(*addr));
	in4->sin_family = AF_INET;
	in4->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	need(!bind(fd, (void *)addr, len) && !getsockname(fd, (void *)addr, &len) &&
	     !setsockopt(fd, SOL_IP, DTLS_ULP, "dtls", 4), "a bound socket");
	return fd;
}

static bool sends_to(int fd, const char *text, const struct sockaddr_storage *to)
{
	return sendto(fd, text, strlen(text), MSG_DONTWAIT, (void *)to,
		      sizeof(struct sockaddr_in)) == (ssize_t)strlen(text);
}

static void one_of_many(void)
{
	struct sockaddr_storage addr, end;
	int other = bound_server(&end), server = bound_server(&addr);
	struct dtls_keys keys = keys_of(false, DTLS_KEYS_RX);
	struct dtls_status st;
	struct pair p;

	pair_plain(&p, AF_INET);
	need(!connect(p.a, (void *)&addr, sizeof(struct sockaddr_in)), "connect");
	pair_attach(&p);
	memcpy(&keys.peer, &p.addr_a, sizeof(p.addr_a));
	is_int(set_keys(server, &keys), 0, "one of many: receiving keys");
	is_int(set_keys(server, &keys), EEXIST, "... the same addresses");
	st = status_of(server, &p.addr_a);
	is_int(st.state, DTLS_STATE_HANDSHAKE, "... waits for the other");
	ok(!sends_to(server, "x", &p.addr_a) && errno == ENOTCONN,
	   "... nothing can be sent");
	keys = keys_of(true, 0);
	need(!set_keys(p.a, &keys), "keys of the client");
	ok(sends(p.a, "early"), "... the client sends");
	keys = keys_of(false, DTLS_KEYS_TX);
	keys.assoc = st.assoc;
	is_int(set_keys(other, &keys), ENOENT, "... by another socket");
	is_int(set_keys(server, &keys), 0, "... sending keys");
	ok(receives(server, "early"), "... what came before is read");
	ok(sends_to(server, "now", &p.addr_a) && receives(p.a, "now"),
	   "... and it sends");
	close(server);
	close(other);
	pair_close(&p);
}

static void ended_between(void)
{
	struct sockaddr_storage addr;
	int server = bound_server(&addr);
	struct dtls_keys keys = keys_of(false, DTLS_KEYS_TX);
	struct dtls_status st;

	memcpy(&keys.peer, &addr, sizeof(addr));
	((struct sockaddr_in *)&keys.peer)->sin_port = htons(9);
	need(!set_keys(server, &keys), "one of many");
	memcpy(&addr, &keys.peer, sizeof(addr));
	st = status_of(server, &addr);
	need(!setsockopt(server, SOL_DTLS, DTLS_CLOSE, &st.assoc,
			 sizeof(st.assoc)), "DTLS_CLOSE");
	keys = keys_of(false, DTLS_KEYS_RX);
	keys.assoc = st.assoc;
	is_int(set_keys(server, &keys), ENOENT, "closed between: it is gone");
	close(server);
}

int main(void)
{
	refused();
	receiving_first();
	sending_first();
	epoch_zero();
	one_of_many();
	ended_between();
	return done_testing();
}
