// SPDX-License-Identifier: GPL-2.0
/*
 * handover-calls		every call of libkdtls, on two keyed sockets
 * handover-calls autoload	an unprivileged user loads the module
 * handover-calls missing	there is no kdtls
 * handover-calls hold		two keyed sockets, until standard input ends
 * handover-calls update		two with DTLS 1.3, and new keys of both
 */
#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <kdtls/kdtls.h>

#include "tap.h"

static int fds[2];			/* client, server */

static int udp(void)
{
	struct sockaddr_in a = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	need(fd >= 0 && !bind(fd, (void *)&a, sizeof(a)), "bind");
	return fd;
}

static void make_pair(void)
{
	struct sockaddr_in a;
	socklen_t len = sizeof(a);
	int i;

	for (i = 0; i < 2; i++)
		fds[i] = udp();
	for (i = 0; i < 2; i++) {
		getsockname(fds[i], (void *)&a, &len);
		need(!connect(fds[!i], (void *)&a, len), "connect");
	}
}

static struct dtls_keys keys_of(int role)
{
	struct dtls_keys k = {
		.version = DTLS_VERSION_1_2,
		.cipher = DTLS_CIPHER_CHACHA20_POLY1305,
		.role = role,
		.tx.epoch = 1,
		.rx.epoch = 1,
	};
	bool client = role == DTLS_ROLE_CLIENT;

	memset(k.tx.key, client ? 'c' : 's', 32);
	memset(k.rx.key, client ? 's' : 'c', 32);
	memset(k.tx.iv, client ? 'C' : 'S', 12);
	memset(k.rx.iv, client ? 'S' : 'C', 12);
	return k;
}

static void set_keys(void)
{
	struct dtls_keys c = keys_of(DTLS_ROLE_CLIENT);
	struct dtls_keys s = keys_of(DTLS_ROLE_SERVER);

	need(!kdtls_set_keys(fds[0], &c) && !kdtls_set_keys(fds[1], &s),
	     "kdtls_set_keys");
}

#define fails(call, error, ...) do {					\
	errno = 0;							\
	long ret_ = (call);						\
	if (!ok(ret_ == -1 && errno == (error), __VA_ARGS__))		\
		diag("returned %ld, errno %s", ret_, strerror(errno));	\
} while (0)

/* DTLS 1.3, as traffic secrets. */
static struct dtls_keys keys13_of(int role)
{
	struct dtls_keys k = {
		.version = DTLS_VERSION_1_3,
		.cipher = DTLS_CIPHER_CHACHA20_POLY1305,
		.role = role,
		.tx = { .epoch = 3, .flags = DTLS_DIRECTION_SECRET },
		.rx = { .epoch = 3, .flags = DTLS_DIRECTION_SECRET },
	};
	bool client = role == DTLS_ROLE_CLIENT;

	memset(k.tx.key, client ? 'c' : 's', 32);
	memset(k.rx.key, client ? 's' : 'c', 32);
	return k;
}

static bool has_epochs(int fd, unsigned int tx, unsigned int rx)
{
	struct dtls_status st = { 0 };

	for (int i = 0; i < 100; i++) {
		if (!kdtls_status(fd, &st) && st.tx_epoch == tx && st.rx_epoch == rx)
			return true;
		usleep(20000);
	}
	diag("epochs: %llu and %llu", st.tx_epoch, st.rx_epoch);
	return false;
}

/* Without a reader: the module's own work sees to it. */
static void key_updates(void)
{
	struct dtls_keys c = keys13_of(DTLS_ROLE_CLIENT);
	struct dtls_keys s = keys13_of(DTLS_ROLE_SERVER);
	struct dtls_status st;

	make_pair();
	need(!kdtls_set_keys(fds[0], &c) && !kdtls_set_keys(fds[1], &s),
	     "kdtls_set_keys");
	ok(!kdtls_key_update(fds[0], 0) && has_epochs(fds[0], 4, 3) &&
	   has_epochs(fds[1], 3, 4), "kdtls_key_update");
	fails(kdtls_key_update(fds[0], ~0U), EINVAL, "unknown flags");
	need(!kdtls_status(fds[1], &st), "status");
	ok(!kdtls_assoc_key_update(fds[1], st.assoc, DTLS_KEY_UPDATE_REQUEST) &&
	   has_epochs(fds[0], 5, 4) && has_epochs(fds[1], 4, 5),
	   "kdtls_assoc_key_update, of both");
	fails(kdtls_assoc_key_update(fds[1], st.assoc + 1000, 0), ENOENT,
	      "no such association");
	close(fds[0]);
	close(fds[1]);
}

static void before_keys(void)
{
	char name[DTLS_MAX_PROFILE + 1] = "";
	struct kdtls_options o = { .profile = "default" };
	struct dtls_status st;
	struct dtls_stats stats;
	int other = socket(AF_INET, SOCK_STREAM, 0);

	fails(kdtls_enable(other), EOPNOTSUPP, "enable a TCP socket");
	fails(kdtls_enable(-1), EBADF, "enable nothing");
	ok(kdtls_status(fds[0], &st) && errno != EBADF,
	   "status of a plain UDP socket");
	ok(!kdtls_enable(fds[0]), "enable");
	ok(!kdtls_enable(fds[0]), "enable again");
	ok(!kdtls_status(fds[0], &st) && st.state == DTLS_STATE_NONE,
	   "status none");
	fails(kdtls_wait(fds[0], 0), ENOTCONN, "wait for nothing");
	fails(kdtls_stats(fds[0], &stats), ENOTCONN, "stats of nothing");
	fails(kdtls_key_update(fds[0], 0), ENOTCONN, "new keys without keys");
	o.exporter_len = DTLS_MAX_EXPORTER + 1;
	fails(kdtls_connect(fds[0], &o), EINVAL, "exporter too long");
	o.exporter_len = 0;
	o.reserved[2] = &o;
	fails(kdtls_connect(fds[0], &o), EINVAL, "reserved member");
	o.reserved[2] = NULL;
	memset(name, 'x', DTLS_MAX_PROFILE);
	o.profile = name;
	fails(kdtls_connect(fds[0], &o), ENAMETOOLONG, "profile too long");
	fails(kdtls_connect(fds[0], NULL), ESRCH, "connect without a daemon");
	fails(kdtls_replay_window(fds[0], 100), EINVAL, "window of 100");
	ok(!kdtls_replay_window(fds[0], 2048), "window of 2048");
	close(other);
}

static void after_keys(void)
{
	char buf[sizeof(struct dtls_peer)];
	struct dtls_status st;
	struct dtls_stats stats;

	set_keys();
	ok(!kdtls_wait(fds[0], -1), "wait: keyed");
	ok(!kdtls_status(fds[0], &st) && st.state == DTLS_STATE_ESTABLISHED &&
	   st.cipher == DTLS_CIPHER_CHACHA20_POLY1305 && st.tx_epoch == 1 &&
	   st.role == DTLS_ROLE_CLIENT, "status established");
	ok(kdtls_mtu(fds[0]) > 1000, "mtu is %d", kdtls_mtu(fds[0]));
	fails(kdtls_peer(fds[0], (void *)buf), ENODATA, "peer");
	fails(kdtls_peer_identity(fds[0], buf, 8), ENODATA, "identity");
	fails(kdtls_exporter(fds[0], buf, sizeof(buf)), ENODATA, "exporter");
	fails(kdtls_replay_window(fds[0], 2048), EALREADY, "window too late");
	fails(kdtls_key_update(fds[0], 0), EOPNOTSUPP, "new keys in DTLS 1.2");

	need(send(fds[0], "canary", 6, 0) == 6, "send");
	need(recv(fds[1], buf, sizeof(buf), 0) == 6, "recv");
	ok(!memcmp(buf, "canary", 6), "data");
	ok(!kdtls_stats(fds[1], &stats) && stats.rx_records == 1 &&
	   stats.rx_bytes == 6, "stats");
	ok(!kdtls_stats(fds[0], &stats) && stats.tx_records == 1, "stats tx");
}

static void records(void)
{
	struct kdtls_record rec;
	char buf[64];

	ok(!kdtls_recvinfo(fds[1], DTLS_RECVINFO_TYPE | DTLS_RECVINFO_ASSOC),
	   "recvinfo");
	fails(kdtls_recvinfo(fds[1], 1u << 31), EINVAL, "recvinfo unknown");
	need(send(fds[0], "canary", 6, 0) == 6, "send");
	is_int(kdtls_recv_record(fds[1], buf, 3, 0, &rec), 3, "cut short");
	ok(rec.type == DTLS_TYPE_APPLICATION_DATA && rec.assoc &&
	   rec.flags & MSG_TRUNC, "type, association and MSG_TRUNC");
	fails(kdtls_send_alert(fds[0], 3, 0), EINVAL, "alert of level 3");
	ok(!kdtls_send_alert(fds[0], 1, 90), "a warning");
	is_int(kdtls_recv_record(fds[1], buf, sizeof(buf), 0, &rec), 2,
	       "received");
	ok(rec.type == DTLS_TYPE_ALERT && buf[0] == 1 && buf[1] == 90,
	   "it is that alert");
	ok(!kdtls_close_notify(fds[0]), "close_notify");
	fails(send(fds[0], "x", 1, MSG_NOSIGNAL), EPIPE, "no sending after it");
	while (kdtls_recv_record(fds[1], buf, sizeof(buf), 0, &rec) > 0)
		ok(rec.type == DTLS_TYPE_ALERT && !buf[1], "close_notify came");
	is_int(rec.type, 0, "then the end");
	fails(send(fds[1], "x", 1, MSG_NOSIGNAL), EPIPE, "for both sides");
	ok(!kdtls_wait(fds[1], 0), "wait: it was keyed, whatever came of it");
}

/* The server is not connected, and keys the client by its address. */
static struct dtls_keys many_open(struct sockaddr_in *peer,
				  struct sockaddr_in *server)
{
	struct dtls_keys c = keys_of(DTLS_ROLE_CLIENT);
	struct dtls_keys s = keys_of(DTLS_ROLE_SERVER);
	socklen_t len = sizeof(*peer);

	fds[0] = udp();
	fds[1] = udp();
	getsockname(fds[0], (void *)peer, &len);
	getsockname(fds[1], (void *)server, &len);
	need(!connect(fds[0], (void *)server, len), "connect");
	memcpy(&s.peer, peer, len);
	need(!kdtls_set_keys(fds[0], &c), "kdtls_set_keys");
	ok(!kdtls_set_keys(fds[1], &s), "kdtls_set_keys: one of many");
	return s;
}

static void one_of_many(void)
{
	struct sockaddr_in peer, server;
	struct dtls_keys s = many_open(&peer, &server);
	struct dtls_status status;
	struct dtls_stats stats;
	struct dtls_peer who;
	socklen_t len = sizeof(peer);
	char buf[64];
	__u64 id;

	id = kdtls_assoc_find(fds[1], &peer, len);
	ok(id && !kdtls_assoc_status(fds[1], id, &status) &&
	   status.assoc == id && !memcmp(&status.peer, &peer, len),
	   "kdtls_assoc_find, kdtls_assoc_status");
	ok(!kdtls_assoc_find(fds[1], &server, len) && errno == ENOENT,
	   "kdtls_assoc_find: no association");
	ok(send(fds[0], "hi", 2, 0) == 2 && recv(fds[1], buf, 64, 0) == 2 &&
	   !kdtls_assoc_stats(fds[1], id, &stats) && stats.rx_records == 1,
	   "kdtls_assoc_stats");
	is_int(kdtls_assoc_mtu(fds[1], id), DTLS_MAX_CONTENT,
	       "kdtls_assoc_mtu");
	fails(kdtls_assoc_peer(fds[1], id, &who), ENODATA,
	      "kdtls_assoc_peer");
	fails(kdtls_assoc_exporter(fds[1], id, buf, 64), ENODATA,
	      "kdtls_assoc_exporter");
	fails(kdtls_assoc_exporter(fds[1], id, buf, 4), EINVAL,
	      "kdtls_assoc_exporter: no space for an id");
	ok(!kdtls_assoc_limit(fds[1], 1), "kdtls_assoc_limit");
	fails(kdtls_set_keys(fds[1], &s), EEXIST, "one peer twice");
	ok(!kdtls_assoc_close(fds[1], id) && recv(fds[0], buf, 64, 0) == 0,
	   "kdtls_assoc_close");
	fails(kdtls_assoc_close(fds[1], id), ENOENT, "it is gone");
}

/* The records have no Connection ID: it is the peer's address that changes. */
static void moved(void)
{
	struct sockaddr_in peer, server;
	struct dtls_status status;
	__u64 id;

	many_open(&peer, &server);
	id = kdtls_assoc_find(fds[1], &peer, sizeof(peer));
	fails(kdtls_assoc_cid(fds[1], 8), EALREADY, "kdtls_assoc_cid: too late");
	fails(kdtls_assoc_roam(fds[1], 7), EINVAL, "kdtls_assoc_roam: no such policy");
	ok(!kdtls_assoc_roam(fds[1], DTLS_ROAM_TRUST), "kdtls_assoc_roam");
	fails(kdtls_assoc_move(fds[1], id, &peer, sizeof(peer)), EALREADY,
	      "kdtls_assoc_move: it is there");
	fails(kdtls_assoc_move(fds[1], id, &peer, 1000), EINVAL,
	      "kdtls_assoc_move: no address");
	peer.sin_port = htons(1);
	ok(!kdtls_assoc_move(fds[1], id, &peer, sizeof(peer)) &&
	   !kdtls_assoc_status(fds[1], id, &status) &&
	   !memcmp(&status.peer, &peer, sizeof(peer)), "kdtls_assoc_move");
	close(fds[0]);
	close(fds[1]);
	fds[1] = udp();
	ok(!kdtls_assoc_cid(fds[1], 8), "kdtls_assoc_cid");
	close(fds[1]);
}

static void peeled_off(void)
{
	struct sockaddr_in peer, server;
	struct dtls_status status;
	char buf[64];
	__u64 id;
	int fd;

	many_open(&peer, &server);
	id = kdtls_assoc_find(fds[1], &peer, sizeof(peer));
	fails(kdtls_peeloff(fds[1], id + 1000, 0), ENOENT,
	      "kdtls_peeloff: no association");
	fd = kdtls_peeloff(fds[1], id, SOCK_CLOEXEC);
	ok(fd >= 0 && !kdtls_status(fd, &status) && status.assoc == id &&
	   send(fds[0], "hi", 2, 0) == 2 && recv(fd, buf, 64, 0) == 2,
	   "kdtls_peeloff");
	close(fd);
	is_int(recv(fds[0], buf, 64, 0), 0, "it is closed");
}

static void events(void)
{
	struct dtls_keys keys = keys_of(DTLS_ROLE_SERVER);
	struct sockaddr_in peer;
	socklen_t len = sizeof(peer);
	struct dtls_event event;
	int nobody = udp(), one = 1;
	__u64 id;

	getsockname(nobody, (void *)&peer, &len);
	close(nobody);
	memcpy(&keys.peer, &peer, len);
	fds[1] = udp();
	need(!kdtls_set_keys(fds[1], &keys), "kdtls_set_keys");
	fails(kdtls_events(fds[1], DTLS_EVENT_LOST), EINVAL,
	      "kdtls_events: not that one");
	ok(!kdtls_events(fds[1], DTLS_EVENT_CLOSED), "kdtls_events");
	ok(!kdtls_next_event(fds[1], &event), "kdtls_next_event: none");
	need(!setsockopt(fds[1], SOL_IP, IP_RECVERR, &one, sizeof(one)),
	     "IP_RECVERR");
	/* its close_notify has no receiver: an ICMP error comes before it */
	id = kdtls_assoc_find(fds[1], &peer, sizeof(peer));
	ok(!kdtls_assoc_close(fds[1], id) &&
	   kdtls_next_event(fds[1], &event) == 1 && event.assoc == id &&
	   event.kind == DTLS_EVENT_CLOSED,
	   "kdtls_next_event: the event, and not the ICMP error");
	ok(!kdtls_next_event(fds[1], &event), "kdtls_next_event: none again");
	fails(kdtls_next_event(-1, &event), EBADF, "kdtls_next_event: no socket");
	close(fds[1]);
}

static void names(void)
{
	unsigned int i;

	for (i = 0; i < DTLS_REASON_COUNT; i++)
		if (!strcmp(kdtls_reason_name(i), "unknown"))
			break;
	is_int(i, DTLS_REASON_COUNT, "every reason has a name");
	ok(!strcmp(kdtls_event_name(DTLS_EVENT_LOST), "lost") &&
	   !strcmp(kdtls_event_name(3), "unknown"), "names of events");
	for (i = 0; i < DTLS_DROP_COUNT; i++)
		if (!strcmp(kdtls_drop_name(i), "unknown"))
			break;
	is_int(i, DTLS_DROP_COUNT, "every drop reason has a name");
	ok(!strcmp(kdtls_cipher_name(99), "unknown"), "unknown cipher");
}

static int hold(void)
{
	uint8_t forged[64] = { 23, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 9, 0, 51 };
	struct sockaddr_in a;
	socklen_t len = sizeof(a);
	struct pollfd p = { .events = POLLIN };
	char buf[64];

	make_pair();
	getsockname(fds[1], (void *)&a, &len);
	set_keys();
	need(send(fds[0], "canary", 6, 0) == 6, "send");
	need(recv(fds[1], buf, sizeof(buf), 0) == 6, "recv");
	/* one that fails to authenticate, from the peer's own address */
	kdtls_inject(fds[1], forged, sizeof(forged));
	p.fd = fds[1];
	poll(&p, 1, 10);
	printf("ready\n");
	fflush(stdout);
	while (read(0, buf, sizeof(buf)) > 0)
		;
	return 0;
}

int main(int argc, char **argv)
{
	const char *part = argc > 1 ? argv[1] : "";

	if (!strcmp(part, "hold"))
		return hold();
	if (!strcmp(part, "update")) {
		key_updates();
		return done_testing();
	}
	if (!strcmp(part, "autoload")) {
		need(!setgid(65534) && !setuid(65534), "setuid");
		ok(!kdtls_enable(udp()), "an unprivileged user loads kdtls");
		return done_testing();
	}
	if (!strcmp(part, "missing")) {
		fails(kdtls_enable(udp()), EPROTONOSUPPORT, "no kdtls here");
		names();
		return done_testing();
	}
	make_pair();
	before_keys();
	after_keys();
	records();
	one_of_many();
	peeled_off();
	moved();
	events();
	names();
	key_updates();
	return done_testing();
}
