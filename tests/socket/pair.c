// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <netinet/udp.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "pair.h"
#include "tap.h"

static int bound(struct pair *p, struct sockaddr_storage *addr)
{
	struct sockaddr_in *in = (struct sockaddr_in *)addr;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)addr;
	int fd = socket(p->family, SOCK_DGRAM, 0);

	need(fd >= 0, "socket");
	memset(addr, 0, sizeof(*addr));
	addr->ss_family = p->family;
	p->addr_len = sizeof(*in);
	if (p->family == AF_INET6) {
		in6->sin6_addr = in6addr_loopback;
		p->addr_len = sizeof(*in6);
	} else {
		in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	}
	need(!bind(fd, (void *)addr, p->addr_len), "bind");
	need(!getsockname(fd, (void *)addr, &p->addr_len), "getsockname");
	return fd;
}

void pair_plain(struct pair *p, int family)
{
	p->family = family;
	p->a = bound(p, &p->addr_a);
	p->b = bound(p, &p->addr_b);
	need(!connect(p->a, (void *)&p->addr_b, p->addr_len), "connect");
	need(!connect(p->b, (void *)&p->addr_a, p->addr_len), "connect");
}

void pair_attach(struct pair *p)
{
	need(!setsockopt(p->a, SOL_IP, DTLS_ULP, "dtls", 4), "attach");
	need(!setsockopt(p->b, SOL_IP, DTLS_ULP, "dtls", 4), "attach");
}

static void begin_keys(struct dtls_keys *keys, int version, int cipher,
		       bool client)
{
	memset(keys, 0, sizeof(*keys));
	keys->version = version;
	keys->cipher = cipher;
	keys->role = client ? DTLS_ROLE_CLIENT : DTLS_ROLE_SERVER;
}

void pair_keys(struct dtls_keys *keys, int cipher, bool client)
{
	struct dtls_direction *mine = client ? &keys->tx : &keys->rx;
	struct dtls_direction *other = client ? &keys->rx : &keys->tx;

	begin_keys(keys, DTLS_VERSION_1_2, cipher, client);
	keys->tx.epoch = 1;
	keys->rx.epoch = 1;
	memset(mine->key, 0xc1, sizeof(mine->key));
	memset(mine->iv, 0xc2, sizeof(mine->iv));
	memset(other->key, 0x51, sizeof(other->key));
	memset(other->iv, 0x52, sizeof(other->iv));
}

int pair_set_keys(int fd, const struct dtls_keys *keys)
{
	return setsockopt(fd, SOL_DTLS, DTLS_KEYS, keys, sizeof(*keys));
}

void pair_keys13(struct dtls_keys *keys, int cipher, bool client)
{
	size_t len = cipher == DTLS_CIPHER_AES_256_GCM ? 48 : 32;

	begin_keys(keys, DTLS_VERSION_1_3, cipher, client);
	keys->tx.epoch = 3;
	keys->rx.epoch = 3;
	keys->tx.flags = DTLS_DIRECTION_SECRET;
	keys->rx.flags = DTLS_DIRECTION_SECRET;
	memset(keys->tx.key, client ? 0xc1 : 0x51, len);
	memset(keys->rx.key, client ? 0x51 : 0xc1, len);
}

typedef void make_keys(struct dtls_keys *keys, int cipher, bool client);

static void open_with(struct pair *p, int family, int cipher, make_keys *make)
{
	struct dtls_keys keys;

	pair_plain(p, family);
	pair_attach(p);
	make(&keys, cipher, true);
	need(!pair_set_keys(p->a, &keys), "keys of the client");
	make(&keys, cipher, false);
	need(!pair_set_keys(p->b, &keys), "keys of the server");
}

void pair_open(struct pair *p, int family, int cipher)
{
	open_with(p, family, cipher, pair_keys);
}

void pair_open13(struct pair *p, int family, int cipher)
{
	open_with(p, family, cipher, pair_keys13);
}

void pair_close(struct pair *p)
{
	close(p->a);
	close(p->b);
}

bool pair_poll(int fd, short events, int ms)
{
	struct pollfd pfd = { .fd = fd, .events = events };

	return poll(&pfd, 1, ms) == 1 && pfd.revents & events;
}

long pair_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

ssize_t pair_recv(int fd, void *buf, size_t room, int ms)
{
	long end = pair_ms() + ms, left;
	ssize_t got;

	while ((left = end - pair_ms()) > 0 && pair_poll(fd, POLLIN, left)) {
		got = recv(fd, buf, room, MSG_DONTWAIT);
		if (got >= 0 || errno != EAGAIN)
			return got;
	}
	errno = EAGAIN;
	return -1;
}

void pair_all_drops(int fd, __u64 drops[DTLS_DROP_COUNT])
{
	socklen_t len = DTLS_DROP_COUNT * sizeof(*drops);

	need(!getsockopt(fd, SOL_DTLS, DTLS_DROPS, drops, &len) &&
	     len == DTLS_DROP_COUNT * sizeof(*drops), "drops");
}

unsigned long long pair_sum_drops(int fd)
{
	__u64 drops[DTLS_DROP_COUNT];
	unsigned long long sum = 0;

	pair_all_drops(fd, drops);
	for (int i = 0; i < DTLS_DROP_COUNT; i++)
		sum += drops[i];
	return sum;
}

bool pair_only_drops(int fd, unsigned long long before)
{
	long end = pair_ms() + 5000;
	bool dropped, nothing;
	char byte;

	do {
		nothing = recv(fd, &byte, 1, MSG_DONTWAIT) == -1 &&
			  errno == EAGAIN;
		dropped = pair_sum_drops(fd) > before;
	} while (nothing && !dropped && pair_ms() < end);
	return nothing && dropped;
}

unsigned long long pair_drops(int fd, enum dtls_drop reason)
{
	__u64 drops[DTLS_DROP_COUNT];

	pair_all_drops(fd, drops);
	return drops[reason];
}

const char *cipher_name(int cipher)
{
	static const char * const names[] = {
		[DTLS_CIPHER_AES_128_GCM] = "AES-128-GCM",
		[DTLS_CIPHER_AES_256_GCM] = "AES-256-GCM",
		[DTLS_CIPHER_CHACHA20_POLY1305] = "ChaCha20-Poly1305",
		[DTLS_CIPHER_AES_128_CCM] = "AES-128-CCM",
		[DTLS_CIPHER_AES_128_CCM_8] = "AES-128-CCM-8",
	};

	return names[cipher];
}

void pair_victim(struct pair *p, int family, int cipher)
{
	struct dtls_keys keys;

	pair_plain(p, family);
	need(!setsockopt(p->b, SOL_IP, DTLS_ULP, "dtls", 4), "attach");
	pair_keys(&keys, cipher, false);
	need(!pair_set_keys(p->b, &keys), "keys of the server");
}

void pair_send_typed(int fd, unsigned char type, const void *data, size_t len)
{
	char control[CMSG_SPACE(1)] = { 0 };
	struct iovec iov = { (void *)data, len };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	c->cmsg_level = SOL_DTLS;
	c->cmsg_type = DTLS_RECORD_TYPE;
	c->cmsg_len = CMSG_LEN(1);
	*CMSG_DATA(c) = type;
	need(sendmsg(fd, &msg, 0) == (ssize_t)len, "send");
}

size_t pair_record(int cipher, unsigned int epoch,
		   unsigned long long seq, const void *data, size_t len,
		   void *record)
{
	return pair_record_typed(cipher, epoch, seq, DTLS_TYPE_APPLICATION_DATA,
				 data, len, record);
}

size_t pair_record_typed(int cipher, unsigned int epoch,
			 unsigned long long seq, unsigned char type,
			 const void *data, size_t len, void *record)
{
	static struct {
		int cipher;
		unsigned int epoch;
		unsigned long long next;
		struct pair p;
	} mill;
	struct dtls_keys keys;
	ssize_t got;

	if (mill.cipher != cipher || mill.epoch != epoch || mill.next != seq) {
		if (mill.cipher) {
			close(mill.p.a);
			close(mill.p.b);
		}
		pair_plain(&mill.p, AF_INET);
		need(!setsockopt(mill.p.a, SOL_IP, DTLS_ULP, "dtls", 4),
		     "attach");
		pair_keys(&keys, cipher, true);
		keys.tx.epoch = epoch;
		keys.tx.seq = seq;
		need(!pair_set_keys(mill.p.a, &keys), "keys of the mill");
		mill.cipher = cipher;
		mill.epoch = epoch;
	}
	pair_send_typed(mill.p.a, type, data, len);
	got = recv(mill.p.b, record, PAIR_MAX_RECORD, 0);
	need(got > 13, "the mill receives");
	mill.next = seq + 1;
	return got;
}

ssize_t pair_recv_batch(int fd, void *buf, size_t room, size_t *size)
{
	char control[CMSG_SPACE(sizeof(int))];
	struct iovec iov = { buf, room };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	ssize_t got = recvmsg(fd, &msg, 0);
	struct cmsghdr *c = got > 0 ? CMSG_FIRSTHDR(&msg) : NULL;

	*size = got;
	if (c && c->cmsg_level == SOL_UDP && c->cmsg_type == UDP_GRO)
		*size = *(int *)CMSG_DATA(c);
	return got;
}

void *cmsg_of(struct msghdr *msg, int level, int type)
{
	struct cmsghdr *c;

	for (c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c))
		if (c->cmsg_level == level && c->cmsg_type == type)
			return CMSG_DATA(c);
	return NULL;
}
