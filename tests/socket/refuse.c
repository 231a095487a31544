// SPDX-License-Identifier: GPL-2.0
/*
 * Refused calls: the documented errno, and an unchanged socket
 * afterwards.
 */
#include <linux/bpf.h>
#include <netinet/udp.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "capture.h"
#include "pair.h"
#include "tap.h"

#ifndef SO_ZEROCOPY
#define SO_ZEROCOPY 60
#endif
#ifndef MSG_ZEROCOPY
#define MSG_ZEROCOPY 0x4000000
#endif

static char out[200], in[400];

static int set(int fd, int level, int name, const void *value, socklen_t len)
{
	return setsockopt(fd, level, name, value, len) ? errno : 0;
}

static int set_int(int fd, int level, int name, int value)
{
	return set(fd, level, name, &value, sizeof(value));
}

static int attach(int fd)
{
	return set(fd, SOL_IP, DTLS_ULP, "dtls", 4);
}

/* Unchanged: a message each way. */
static bool works(struct pair *p)
{
	return send(p->a, out, 100, 0) == 100 &&
	       pair_poll(p->b, POLLIN, 2000) &&
	       recv(p->b, in, sizeof(in), 0) == 100 &&
	       !memcmp(in, out, 100) && send(p->b, out, 99, 0) == 99 &&
	       pair_poll(p->a, POLLIN, 2000) &&
	       recv(p->a, in, sizeof(in), 0) == 99;
}

static void ulp(void)
{
	int raw = socket(AF_INET, SOCK_RAW, IPPROTO_UDP);
	int tcp = socket(AF_INET, SOCK_STREAM, 0);
	int unx = socket(AF_UNIX, SOCK_DGRAM, 0);
	int udp = socket(AF_INET, SOCK_DGRAM, 0);
	int lite = socket(AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE);

	is_int(attach(raw), EOPNOTSUPP, "a raw socket of protocol UDP");
	is_int(attach(tcp), EOPNOTSUPP, "a TCP socket");
	ok(attach(unx) != 0, "a Unix socket");
	if (lite >= 0)
		is_int(attach(lite), EOPNOTSUPP, "UDP-Lite");
	else
		skip("no UDP-Lite here", "UDP-Lite");
	is_int(set(udp, SOL_IP, DTLS_ULP, "dtls", 3), EINVAL, "a short name");
	is_int(set(udp, SOL_IP, DTLS_ULP, "dtlsdtls", 8), EINVAL,
	       "a long name");
	is_int(set(udp, SOL_IP, DTLS_ULP, "smtp", 4), ENOENT, "another name");
	is_int(set(udp, SOL_IP, DTLS_ULP, NULL, 4), EFAULT, "no name");
	is_int(set(udp, SOL_DTLS, DTLS_RECVINFO, "\0\0\0", 4), ENOPROTOOPT,
	       "SOL_DTLS before the attach");
	is_int(attach(udp), 0, "none of that harmed the socket");
	is_int(attach(udp), EALREADY, "attached twice");
	is_int(set_int(udp, SOL_DTLS, 999, 1), ENOPROTOOPT,
	       "an unknown option of SOL_DTLS");
	close(raw);
	close(tcp);
	close(unx);
	close(udp);
	close(lite);
}

static void attach_busy(void)
{
	struct pair p;
	int enc = 2;	/* UDP_ENCAP_ESPINUDP */

	pair_plain(&p, AF_INET);
	need(send(p.a, "x", 1, MSG_MORE) == 1, "MSG_MORE on plain UDP");
	is_int(attach(p.a), EBUSY, "attach with corked data");
	need(send(p.a, "y", 1, 0) == 1, "uncork");
	ok(recv(p.b, in, 10, 0) == 2, "which is sent as UDP does");
	is_int(attach(p.a), 0, "then it attaches");
	need(!set_int(p.b, SOL_UDP, UDP_CORK, 1), "UDP_CORK");
	is_int(attach(p.b), EBUSY, "attach with UDP_CORK on");
	pair_close(&p);
	pair_plain(&p, AF_INET);
	if (set(p.a, SOL_UDP, UDP_ENCAP, &enc, sizeof(enc)))
		skip("no UDP_ENCAP here", "attach to an UDP_ENCAP socket");
	else
		is_int(attach(p.a), EBUSY, "attach to an UDP_ENCAP socket");
	pair_close(&p);
}

static int bpf(int cmd, union bpf_attr *attr)
{
	return syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

static int socket_map(enum bpf_map_type type)
{
	union bpf_attr attr = {
		.map_type = type, .key_size = 4, .value_size = 4,
		.max_entries = 4,
	};

	return bpf(BPF_MAP_CREATE, &attr);
}

static int map_add(int map, __u32 key, __u32 fd)
{
	union bpf_attr attr = {
		.map_fd = map, .key = (unsigned long)&key,
		.value = (unsigned long)&fd,
	};

	return bpf(BPF_MAP_UPDATE_ELEM, &attr) ? errno : 0;
}

static void sockmaps(struct pair *keyed)
{
	int map = socket_map(BPF_MAP_TYPE_SOCKMAP), err;
	struct pair p;

	if (map < 0) {
		skip("no sockmap here", "sockmap takes no attached socket");
		skip("no sockmap here", "attach takes no socket of a sockmap");
		return;
	}
	err = map_add(map, 0, keyed->a);
	ok((err == EOPNOTSUPP || err == EINVAL || err == EBUSY) && works(keyed),
	   "sockmap takes no attached socket (%s)", strerror(err));
	pair_plain(&p, AF_INET);
	err = map_add(map, 1, p.a);
	if (err)
		skip(strerror(err), "attach takes no socket of a sockmap");
	else
		is_int(attach(p.a), EBUSY,
		       "attach takes no socket of a sockmap");
	pair_close(&p);
	close(map);
}

/* A socket of a group, bound. */
static int reuseport_socket(void)
{
	struct sockaddr_in any = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	need(fd >= 0 && !set_int(fd, SOL_SOCKET, SO_REUSEPORT, 1) &&
	     !bind(fd, (void *)&any, sizeof(any)), "a reuseport socket");
	return fd;
}

static void reuseport_arrays(void)
{
	int map = socket_map(BPF_MAP_TYPE_REUSEPORT_SOCKARRAY);
	int first = reuseport_socket(), second = reuseport_socket();

	if (map < 0) {
		skip("no such map here", "no attached socket in a sockarray");
		skip("no such map here", "attach takes none of a sockarray");
	} else {
		need(!attach(first), "attach");
		is_int(map_add(map, 0, first), EBUSY,
		       "a reuseport sockarray takes no attached socket");
		need(!map_add(map, 1, second), "another socket");
		is_int(attach(second), EBUSY,
		       "attach takes no socket of a reuseport sockarray");
		close(map);
	}
	close(first);
	close(second);
}

static void udp_features(struct pair *p)
{
	ok(send(p->a, out, 9, MSG_MORE) == -1 && errno == EOPNOTSUPP &&
	   works(p), "MSG_MORE");
	ok(set_int(p->a, SOL_UDP, UDP_CORK, 1) == EOPNOTSUPP && works(p),
	   "UDP_CORK");
	is_int(set_int(p->a, SOL_UDP, UDP_CORK, 0), 0,
	       "but it may be off, as it is");
	set_int(p->a, SOL_SOCKET, SO_ZEROCOPY, 1);
	ok(send(p->a, out, 9, MSG_ZEROCOPY) == -1 && errno == EOPNOTSUPP &&
	   works(p), "MSG_ZEROCOPY");
	ok(set_int(p->a, SOL_SOCKET, SO_PEEK_OFF, 0) == EOPNOTSUPP && works(p),
	   "SO_PEEK_OFF");
	ok(set_int(p->a, SOL_UDP, UDP_ENCAP, 2) == EOPNOTSUPP && works(p),
	   "UDP_ENCAP");
	ok(send(p->a, out, 9, MSG_OOB) == -1 && errno == EOPNOTSUPP &&
	   works(p), "MSG_OOB");
	is_int(set_int(p->a, SOL_UDP, UDP_SEGMENT, -1), EINVAL,
	       "UDP_SEGMENT of -1");
	is_int(set_int(p->a, SOL_UDP, UDP_SEGMENT, 65536), EINVAL,
	       "UDP_SEGMENT of 65536");
	is_int(set(p->a, SOL_UDP, UDP_SEGMENT, NULL, 4), EFAULT,
	       "UDP_SEGMENT of NULL");
	is_int(set(p->a, SOL_UDP, UDP_SEGMENT, out, 3), EINVAL,
	       "UDP_SEGMENT of 3 bytes");
	ok(works(p), "and the socket works");
}

static void elsewhere(struct pair *p)
{
	struct sockaddr none = { .sa_family = AF_UNSPEC };
	struct sockaddr_in other;

	memcpy(&other, &p->addr_b, sizeof(other));
	other.sin_port ^= 1;
	ok(connect(p->a, (void *)&other, p->addr_len) == -1 &&
	   errno == EISCONN && works(p), "connect elsewhere");
	ok(connect(p->a, &none, sizeof(none)) == -1 && errno == EISCONN &&
	   works(p), "connect(AF_UNSPEC)");
	ok(connect(p->a, (void *)&p->addr_b, p->addr_len) == 0 && works(p),
	   "but connect to the same peer is none");
	ok(sendto(p->a, out, 9, 0, (void *)&other, p->addr_len) == -1 &&
	   errno == EISCONN && works(p), "sendto elsewhere");
	ok(sendto(p->a, out, 9, 0, (void *)&other, 3) == -1 && works(p),
	   "sendto an address too short to be one");
}

static void addrform(void)
{
	struct pair p;

	pair_open(&p, AF_INET6, DTLS_CIPHER_AES_128_GCM);
	ok(set_int(p.a, IPPROTO_IPV6, IPV6_ADDRFORM, AF_INET) == EOPNOTSUPP &&
	   works(&p), "IPV6_ADDRFORM");
	pair_close(&p);
}

/* An argument with one error, for a keyed or unkeyed socket. */
static struct dtls_keys keys;

static void fresh(struct pair *p)
{
	pair_plain(p, AF_INET);
	pair_attach(p);
	pair_keys(&keys, DTLS_CIPHER_AES_128_GCM, true);
}

#define bad_key(p, change, err, what) do {				\
	struct dtls_status st;						\
	socklen_t st_len = sizeof(st);					\
	pair_keys(&keys, DTLS_CIPHER_AES_128_GCM, true);		\
	change;								\
	is_int(set((p)->a, SOL_DTLS, DTLS_KEYS, &keys, sizeof(keys)), err, \
	       "DTLS_KEYS: " what);					\
	getsockopt((p)->a, SOL_DTLS, DTLS_STATUS, &st, &st_len);	\
	if (st.state != DTLS_STATE_NONE || st.assoc)			\
		ok(0, "DTLS_KEYS: " what ": the socket is as it was");	\
} while (0)

static void key_members(struct pair *p)
{
	bad_key(p, keys.assoc = 1, ENOENT, "an association id");
	bad_key(p, keys.flags = 4, EINVAL, "an unknown flag");
	bad_key(p, keys.flags = DTLS_KEYS_TX, EINVAL,
		"keys of a direction that is not given");
	bad_key(p, keys.pad = 1, EINVAL, "padding");
	bad_key(p, keys.tx.pad = 1, EINVAL, "padding of a direction");
	bad_key(p, keys.rx.reserved[9] = 1, EINVAL, "what is reserved in the other");
	bad_key(p, keys.version = 0, EOPNOTSUPP, "no version");
	bad_key(p, keys.version = DTLS_VERSION_1_0, EOPNOTSUPP, "DTLS 1.0");
	bad_key(p, keys.cipher = 0, EOPNOTSUPP, "no cipher");
	bad_key(p, keys.cipher = DTLS_CIPHER_MAX + 1, EOPNOTSUPP,
		"a cipher beyond the last");
	bad_key(p, keys.cipher = 65535, EOPNOTSUPP, "cipher 65535");
	bad_key(p, keys.role = 0, EINVAL, "no role");
	bad_key(p, keys.role = 3, EINVAL, "a third role");
	bad_key(p, keys.tx.epoch = 0, EINVAL, "epoch 0");
	bad_key(p, keys.rx.epoch = 65536, EINVAL, "epoch 65536");
	bad_key(p, keys.tx.cid[0] = 1, EINVAL, "a Connection ID without its length");
	bad_key(p, keys.tx.sn_key[0] = 1, EINVAL, "a key of DTLS 1.3");
	bad_key(p, keys.rx.message_seq = 1, EINVAL, "a message_seq");
	bad_key(p, keys.record_size_limit = 63, EINVAL,
		"a record size limit of 63");
	bad_key(p, keys.tx.seq = 1ULL << 48, EINVAL, "a number of 2^48");
	bad_key(p, keys.rx.seq = ~0ULL, EINVAL, "a number of 2^64 - 1");
}

static void key_sizes(struct pair *p)
{
	char *big = calloc(1, 8192);

	pair_keys(&keys, DTLS_CIPHER_AES_128_GCM, true);
	memcpy(big, &keys, sizeof(keys));
	is_int(set(p->a, SOL_DTLS, DTLS_KEYS, NULL, sizeof(keys)), EFAULT,
	       "DTLS_KEYS: NULL");
	is_int(set(p->a, SOL_DTLS, DTLS_KEYS, &keys, 0), EINVAL,
	       "DTLS_KEYS: no bytes, all zero");
	is_int(set(p->a, SOL_DTLS, DTLS_KEYS, &keys, 16), EINVAL,
	       "DTLS_KEYS: short, role zero");
	big[sizeof(keys)] = 1;
	is_int(set(p->a, SOL_DTLS, DTLS_KEYS, big, sizeof(keys) + 8), E2BIG,
	       "DTLS_KEYS: longer, not zero");
	is_int(set(p->a, SOL_DTLS, DTLS_KEYS, big, 8192), E2BIG,
	       "DTLS_KEYS: longer than a page");
	big[sizeof(keys)] = 0;
	is_int(set(p->a, SOL_DTLS, DTLS_KEYS, big, sizeof(keys) + 8), 0,
	       "DTLS_KEYS: longer, zero");
	is_int(set(p->a, SOL_DTLS, DTLS_KEYS, big, sizeof(keys)), EALREADY,
	       "DTLS_KEYS: twice");
	free(big);
}

static void key_states(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	struct pair p;

	pair_keys(&keys, DTLS_CIPHER_AES_128_GCM, true);
	need(!attach(fd), "attach");
	is_int(set(fd, SOL_DTLS, DTLS_KEYS, &keys, sizeof(keys)), ENOTCONN,
	       "DTLS_KEYS: not connected");
	close(fd);
	pair_open(&p, AF_INET, DTLS_CIPHER_AES_128_GCM);
	keys.tx.epoch = 2;
	keys.rx.epoch = 2;
	is_int(set(p.a, SOL_DTLS, DTLS_KEYS, &keys, sizeof(keys)), EALREADY,
	       "DTLS_KEYS: another epoch, DTLS 1.2 has one");
	ok(works(&p), "and the first keys still serve");
	close(p.b);
	need(pair_poll(p.a, POLLIN, 2000), "close_notify");
	is_int(set(p.a, SOL_DTLS, DTLS_KEYS, &keys, sizeof(keys)), EPIPE,
	       "DTLS_KEYS: after close_notify");
	close(p.a);
}

static void windows(struct pair *p)
{
	__u32 value;
	socklen_t len = sizeof(value);

	is_int(set_int(p->b, SOL_DTLS, DTLS_REPLAY_WINDOW, 63), EINVAL,
	       "DTLS_REPLAY_WINDOW: 63");
	is_int(set_int(p->b, SOL_DTLS, DTLS_REPLAY_WINDOW, 100), EINVAL,
	       "DTLS_REPLAY_WINDOW: not a power of two");
	is_int(set_int(p->b, SOL_DTLS, DTLS_REPLAY_WINDOW, 1 << 30), EINVAL,
	       "DTLS_REPLAY_WINDOW: 2^30");
	is_int(set(p->b, SOL_DTLS, DTLS_REPLAY_WINDOW, NULL, 4), EFAULT,
	       "DTLS_REPLAY_WINDOW: NULL");
	is_int(set(p->b, SOL_DTLS, DTLS_REPLAY_WINDOW, out, 3), EINVAL,
	       "DTLS_REPLAY_WINDOW: 3 bytes");
	is_int(set_int(p->b, SOL_DTLS, DTLS_REPLAY_WINDOW, 64), 0,
	       "DTLS_REPLAY_WINDOW: 64");
	ok(!getsockopt(p->b, SOL_DTLS, DTLS_REPLAY_WINDOW, &value, &len) &&
	   value == 64, "reads back");
	pair_keys(&keys, DTLS_CIPHER_AES_128_GCM, false);
	need(!set(p->b, SOL_DTLS, DTLS_KEYS, &keys, sizeof(keys)), "keys");
	is_int(set_int(p->b, SOL_DTLS, DTLS_REPLAY_WINDOW, 128), EALREADY,
	       "DTLS_REPLAY_WINDOW: after the keys");
}

static void infos(struct pair *p)
{
	__u32 value = 99;
	socklen_t len = sizeof(value);

	is_int(set_int(p->a, SOL_DTLS, DTLS_RECVINFO, 8), EINVAL,
	       "DTLS_RECVINFO: an unknown flag");
	is_int(set(p->a, SOL_DTLS, DTLS_RECVINFO, NULL, 4), EFAULT,
	       "DTLS_RECVINFO: NULL");
	is_int(set(p->a, SOL_DTLS, DTLS_RECVINFO, out, 8), EINVAL,
	       "DTLS_RECVINFO: 8 bytes");
	ok(!getsockopt(p->a, SOL_DTLS, DTLS_RECVINFO, &value, &len) &&
	   value == 0, "DTLS_RECVINFO is as it was");
	len = 2;
	ok(!getsockopt(p->a, SOL_DTLS, DTLS_RECVINFO, &value, &len) && len == 2,
	   "a short answer to a short buffer");
	len = -1;
	ok(getsockopt(p->a, SOL_DTLS, DTLS_RECVINFO, &value, &len) == -1 &&
	   errno == EINVAL, "a negative length");
	len = 4;
	ok(getsockopt(p->a, SOL_DTLS, DTLS_STATUS, (void *)8, &len) == -1 &&
	   errno == EFAULT, "an answer to nowhere");
}

static void flights(struct pair *p)
{
	static char buf[20000];
	struct dtls_flight *f = (void *)buf;
	struct dtls_flight_record *r = (void *)f->data;
	socklen_t size = sizeof(*f) + sizeof(*r) + 10;

	f->count = 1;
	r->type = DTLS_TYPE_HANDSHAKE;
	r->len = 10;
	is_int(set(p->a, SOL_DTLS, DTLS_LAST_FLIGHT, f, sizeof(*f) - 1), EINVAL,
	       "DTLS_LAST_FLIGHT: shorter than its head");
	is_int(set(p->a, SOL_DTLS, DTLS_LAST_FLIGHT, NULL, size), EFAULT,
	       "DTLS_LAST_FLIGHT: NULL");
	is_int(set(p->a, SOL_DTLS, DTLS_LAST_FLIGHT, f, sizeof(buf)), EMSGSIZE,
	       "DTLS_LAST_FLIGHT: too long");
	is_int(set(p->a, SOL_DTLS, DTLS_LAST_FLIGHT, f, size - 1), EINVAL,
	       "DTLS_LAST_FLIGHT: a record longer than the rest");
	is_int(set(p->a, SOL_DTLS, DTLS_LAST_FLIGHT, f, size + 1), EINVAL,
	       "DTLS_LAST_FLIGHT: bytes left over");
	r->type = DTLS_TYPE_APPLICATION_DATA;
	is_int(set(p->a, SOL_DTLS, DTLS_LAST_FLIGHT, f, size), EINVAL,
	       "DTLS_LAST_FLIGHT: application data");
	r->type = DTLS_TYPE_HANDSHAKE;
	r->epoch = 9;
	is_int(set(p->a, SOL_DTLS, DTLS_LAST_FLIGHT, f, size), EINVAL,
	       "DTLS_LAST_FLIGHT: an epoch without keys");
	r->epoch = 0;
	f->count = 0;
	is_int(set(p->a, SOL_DTLS, DTLS_LAST_FLIGHT, f, size), EINVAL,
	       "DTLS_LAST_FLIGHT: no records");
	f->count = 65535;
	is_int(set(p->a, SOL_DTLS, DTLS_LAST_FLIGHT, f, size), EINVAL,
	       "DTLS_LAST_FLIGHT: 65535 records");
	f->count = 1;
	f->assoc = 12345;
	is_int(set(p->a, SOL_DTLS, DTLS_LAST_FLIGHT, f, size), EINVAL,
	       "DTLS_LAST_FLIGHT: an association id");
	f->assoc = 0;
	f->flags = 1;
	is_int(set(p->a, SOL_DTLS, DTLS_LAST_FLIGHT, f, size), EINVAL,
	       "DTLS_LAST_FLIGHT: a flag");
	f->flags = 0;
	is_int(set(p->a, SOL_DTLS, DTLS_LAST_FLIGHT, f, size), 0,
	       "DTLS_LAST_FLIGHT: a good one");
	ok(works(p), "and the socket works");
}

static void injected(struct pair *p)
{
	static char big[65508];
	int i, err = 0;

	is_int(set(p->b, SOL_DTLS, DTLS_INJECT, big, 0), EINVAL,
	       "DTLS_INJECT: nothing");
	is_int(set(p->b, SOL_DTLS, DTLS_INJECT, big, sizeof(big)), EINVAL,
	       "DTLS_INJECT: more than a datagram");
	is_int(set(p->b, SOL_DTLS, DTLS_INJECT, NULL, 100), EFAULT,
	       "DTLS_INJECT: NULL");
	is_int(set(p->b, SOL_DTLS, DTLS_INJECT, big, 100), 0,
	       "DTLS_INJECT: what is no DTLS is dropped");
	ok(pair_drops(p->b, DTLS_DROP_NOT_DTLS) == 1, "and counted");
	for (i = 0; i < 2000 && !err; i++) {
		static char rec[PAIR_MAX_RECORD];
		size_t len = pair_record(DTLS_CIPHER_AES_128_GCM, 1,
					 5000 + i, in, 400, rec);

		err = set(p->b, SOL_DTLS, DTLS_INJECT, rec, len);
	}
	is_int(err, ENOBUFS, "DTLS_INJECT: not more than SO_RCVBUF holds");
	while (recv(p->b, in, sizeof(in), MSG_DONTWAIT) > 0)
		i--;
	is_int(i, 1, "and what it took can be read");
}

static void controls(struct pair *p)
{
	static const struct {
		int level, type, len;
		__u8 value;
		const char *what;
	} cases[] = {
		{ SOL_DTLS, DTLS_RECORD_TYPE, 1, 22, "a handshake record" },
		{ SOL_DTLS, DTLS_RECORD_TYPE, 1, 20, "a ChangeCipherSpec" },
		{ SOL_DTLS, DTLS_RECORD_TYPE, 4, 23, "a type of four bytes" },
		{ SOL_DTLS, DTLS_RECORD_TYPE, 1, 21, "an alert of 100 bytes" },
		{ SOL_DTLS, 77, 1, 23, "an unknown control message" },
		{ SOL_UDP, UDP_SEGMENT, 4, 23, "UDP_SEGMENT of four bytes" },
	};

	for (unsigned int i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char control[64] = { 0 };
		struct iovec iov = { out, 100 };
		struct msghdr msg = {
			.msg_iov = &iov, .msg_iovlen = 1,
			.msg_control = control,
			.msg_controllen = CMSG_SPACE(cases[i].len),
		};
		struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

		c->cmsg_level = cases[i].level;
		c->cmsg_type = cases[i].type;
		c->cmsg_len = CMSG_LEN(cases[i].len);
		*CMSG_DATA(c) = cases[i].value;
		ok(sendmsg(p->a, &msg, 0) == -1 && errno == EINVAL,
		   "sending %s", cases[i].what);
	}
	ok(works(p), "and the socket works");
}

/* No option number returns anything that looks like a key. */
static void unreadable(struct pair *p)
{
	static char buf[8192];
	int i, found = 0;

	for (i = 0; i < 256; i++) {
		socklen_t len = sizeof(buf);

		memset(buf, 0, sizeof(buf));
		getsockopt(p->a, SOL_DTLS, i, buf, &len);
		found += memmem(buf, sizeof(buf), "\xc1\xc1\xc1\xc1", 4) ||
			 memmem(buf, sizeof(buf), "\x51\x51\x51\x51", 4);
	}
	ok(!found, "no getsockopt reads a key");
	ok(getsockopt(p->a, SOL_DTLS, DTLS_KEYS, buf, &(socklen_t){ 100 }) ==
	   -1 && errno == ENOPROTOOPT, "DTLS_KEYS is write-only");
}

static void exec_status(struct pair *p)
{
	ok(getsockopt(p->a, SOL_DTLS, DTLS_PEER, in, &(socklen_t){ 400 }) ==
	   -1 && errno == ENODATA, "DTLS_PEER of an application-keyed socket");
}

int main(void)
{
	struct capture *tap = capture_start(NULL, NULL);
	struct pair p;

	canary_fill(out, sizeof(out), 1);
	ulp();
	attach_busy();
	pair_open(&p, AF_INET, DTLS_CIPHER_AES_128_GCM);
	udp_features(&p);
	elsewhere(&p);
	sockmaps(&p);
	reuseport_arrays();
	flights(&p);
	controls(&p);
	infos(&p);
	unreadable(&p);
	exec_status(&p);
	injected(&p);
	pair_close(&p);
	addrform();
	fresh(&p);
	key_members(&p);
	key_sizes(&p);
	windows(&p);
	ok(works(&p), "after all that the two still talk");
	pair_close(&p);
	key_states();
	capture_check(tap, "all of this");
	return done_testing();
}
