// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "capture.h"
#include "crowd.h"
#include "tap.h"

/* The loopback or the wildcard address for bind() of this family. */
static socklen_t make_addr(struct sockaddr_storage *addr, int family, bool any)
{
	struct sockaddr_in6 *in6 = (void *)addr;
	struct sockaddr_in *in = (void *)addr;

	memset(addr, 0, sizeof(*addr));
	addr->ss_family = family;
	if (family == AF_INET6) {
		if (!any)
			in6->sin6_addr = in6addr_loopback;
		return sizeof(*in6);
	}
	in->sin_addr.s_addr = htonl(any ? INADDR_ANY : INADDR_LOOPBACK);
	return sizeof(*in);
}

/* Bound to the crowd's address, attached. */
static void settle(struct crowd *c)
{
	__u32 info = DTLS_RECVINFO_ASSOC;

	need(!bind(c->server, (void *)&c->addr, c->addr_len), "bind");
	need(!getsockname(c->server, (void *)&c->addr, &c->addr_len),
	     "getsockname");
	need(!setsockopt(c->server, SOL_IP, DTLS_ULP, "dtls", 4), "attach");
	need(!setsockopt(c->server, SOL_DTLS, DTLS_RECVINFO, &info,
			 sizeof(info)), "DTLS_RECVINFO");
}

void crowd_open(struct crowd *c, int family, bool any)
{
	c->family = family;
	c->server = socket(family, SOCK_DGRAM, 0);
	need(c->server >= 0, "socket");
	c->addr_len = make_addr(&c->addr, family, any);
	settle(c);
}

void crowd_share(struct crowd *c, const struct crowd *where, int option)
{
	int one = 1;

	*c = *where;
	c->server = socket(c->family, SOCK_DGRAM, 0);
	need(c->server >= 0, "socket");
	need(!setsockopt(c->server, SOL_SOCKET, SO_REUSEADDR, &one,
			 sizeof(one)) &&
	     !setsockopt(c->server, SOL_SOCKET, option, &one, sizeof(one)),
	     "share a port");
	settle(c);
}

void crowd_keys(struct dtls_keys *keys, unsigned int n, bool client)
{
	pair_keys(keys, DTLS_CIPHER_AES_128_GCM, client);
	memcpy(keys->tx.key, &n, sizeof(n));
	memcpy(keys->rx.key, &n, sizeof(n));
}

int crowd_add(struct crowd *c, unsigned int n, const void *peer,
	      const void *local)
{
	struct dtls_keys keys;

	crowd_keys(&keys, n, false);
	if (peer)
		memcpy(&keys.peer, peer, sizeof(keys.peer));
	if (local)
		memcpy(&keys.local, local, sizeof(keys.local));
	return pair_set_keys(c->server, &keys) ? errno : 0;
}

/* The server's address as a client of this family connects to it. */
static socklen_t server_addr(const struct crowd *c, int family,
			     struct sockaddr_storage *addr)
{
	socklen_t len = make_addr(addr, family, false);
	const struct sockaddr_in *in = (const void *)&c->addr;

	/* the port has the same offset in both */
	((struct sockaddr_in *)addr)->sin_port = in->sin_port;
	return len;
}

/* The address in the crowd's family: IPv4 mapped to IPv6. */
static void as_seen(const struct crowd *c, struct sockaddr_storage *addr)
{
	const struct sockaddr_in in = *(struct sockaddr_in *)addr;
	struct sockaddr_in6 *in6 = (void *)addr;

	if (c->family == in.sin_family)
		return;
	memset(addr, 0, sizeof(*addr));
	in6->sin6_family = AF_INET6;
	in6->sin6_port = in.sin_port;
	in6->sin6_addr.s6_addr[10] = 0xff;
	in6->sin6_addr.s6_addr[11] = 0xff;
	memcpy(in6->sin6_addr.s6_addr + 12, &in.sin_addr, 4);
}

void client_open(struct client *cl, struct crowd *c, int family,
		 unsigned int n)
{
	struct sockaddr_storage to;
	socklen_t len = server_addr(c, family, &to);
	struct dtls_status status;
	struct dtls_keys keys;

	cl->n = n;
	cl->fd = socket(family, SOCK_DGRAM, 0);
	need(cl->fd >= 0 && !connect(cl->fd, (void *)&to, len), "connect");
	memset(&cl->addr, 0, sizeof(cl->addr));
	len = sizeof(cl->addr);
	need(!getsockname(cl->fd, (void *)&cl->addr, &len), "getsockname");
	as_seen(c, &cl->addr);
	need(!setsockopt(cl->fd, SOL_IP, DTLS_ULP, "dtls", 4), "attach");
	crowd_keys(&keys, n, true);
	need(!pair_set_keys(cl->fd, &keys), "keys of a client");
	errno = crowd_add(c, n, &cl->addr, NULL);
	need(!errno, "its keys on the server");
	errno = crowd_status(c, 0, &cl->addr, &status);
	need(!errno, "its status on the server");
	cl->id = status.assoc;
}

int crowd_status(struct crowd *c, __u64 id, const void *peer,
		 struct dtls_status *status)
{
	socklen_t len = sizeof(*status);

	memset(status, 0, sizeof(*status));
	status->assoc = id;
	if (peer)
		memcpy(&status->peer, peer, sizeof(status->peer));
	return getsockopt(c->server, SOL_DTLS, DTLS_STATUS, status, &len) ?
	       errno : 0;
}

ssize_t crowd_recv(struct crowd *c, void *buf, size_t size,
		   struct sockaddr_storage *from, __u64 *id, __u8 *type)
{
	char control[256];
	struct iovec iov = { buf, size };
	struct msghdr msg = {
		.msg_name = from, .msg_namelen = from ? sizeof(*from) : 0,
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *cmsg;
	ssize_t len;

	if (from)
		memset(from, 0, sizeof(*from));
	if (!pair_poll(c->server, POLLIN, 5000)) {
		errno = ETIMEDOUT;
		return -1;
	}
	len = recvmsg(c->server, &msg, MSG_DONTWAIT);
	if (len < 0)
		return -1;
	for (cmsg = CMSG_FIRSTHDR(&msg); cmsg; cmsg = CMSG_NXTHDR(&msg, cmsg)) {
		if (cmsg->cmsg_level != SOL_DTLS)
			continue;
		if (cmsg->cmsg_type == DTLS_ASSOC_ID && id)
			memcpy(id, CMSG_DATA(cmsg), sizeof(*id));
		if (cmsg->cmsg_type == DTLS_RECORD_TYPE && type)
			*type = *CMSG_DATA(cmsg);
	}
	return len;
}

ssize_t crowd_send(struct crowd *c, const void *to, __u64 id, const void *buf,
		   size_t len)
{
	char control[CMSG_SPACE(sizeof(id))] = { 0 };
	struct iovec iov = { (void *)buf, len };
	struct msghdr msg = {
		.msg_name = (void *)to, .msg_namelen = to ? c->addr_len : 0,
		.msg_iov = &iov, .msg_iovlen = 1,
	};
	struct cmsghdr *cmsg;

	if (id) {
		msg.msg_control = control;
		msg.msg_controllen = sizeof(control);
		cmsg = CMSG_FIRSTHDR(&msg);
		cmsg->cmsg_level = SOL_DTLS;
		cmsg->cmsg_type = DTLS_ASSOC_ID;
		cmsg->cmsg_len = CMSG_LEN(sizeof(id));
		memcpy(CMSG_DATA(cmsg), &id, sizeof(id));
	}
	return sendmsg(c->server, &msg, 0);
}

bool same_addr(const struct sockaddr_storage *a,
	       const struct sockaddr_storage *b)
{
	const struct sockaddr_in6 *a6 = (const void *)a, *b6 = (const void *)b;
	const struct sockaddr_in *a4 = (const void *)a, *b4 = (const void *)b;

	if (a->ss_family != b->ss_family || a4->sin_port != b4->sin_port)
		return false;
	if (a->ss_family == AF_INET6)
		return !memcmp(&a6->sin6_addr, &b6->sin6_addr, 16);
	return a4->sin_addr.s_addr == b4->sin_addr.s_addr;
}

bool crowd_talks(struct crowd *c, const struct client *cl)
{
	struct sockaddr_storage from;
	char out[100], in[200];
	__u64 id = 0;

	canary_fill(out, 100, cl->n);
	return send(cl->fd, out, 100, 0) == 100 &&
	       crowd_recv(c, in, sizeof(in), &from, &id, NULL) == 100 &&
	       !memcmp(in, out, 100) && same_addr(&from, &cl->addr) &&
	       id == cl->id && crowd_send(c, &from, 0, in, 99) == 99 &&
	       canary_heard(cl->fd, 99, cl->n);
}

int crowd_peeloff(int fd, __u64 id, __u32 flags)
{
	struct dtls_peeloff p = { .assoc = id, .flags = flags, .fd = -1 };
	socklen_t len = sizeof(p);

	if (getsockopt(fd, SOL_DTLS, DTLS_PEELOFF, &p, &len))
		return -1;
	errno = 0;
	return len == sizeof(p) ? p.fd : -2;
}
