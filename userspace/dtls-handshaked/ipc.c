// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "ipc.h"
#include "record/handshake12.h"

#define QUEUE_BYTES (1 << 20)

bool ipc_pair(int fds[2])
{
	int size = QUEUE_BYTES;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds))
		return false;
	for (int i = 0; i < 2; i++)
		if (setsockopt(fds[i], SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)))
			setsockopt(fds[i], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	fcntl(fds[0], F_SETFL, O_NONBLOCK);
	return true;
}

int ipc_send(int fd, enum ipc_type type, uint64_t id, const void *data, size_t len)
{
	struct ipc_message m;
	struct iovec iov[2] = {
		{ .iov_base = &m.head, .iov_len = sizeof(m.head) },
		{ .iov_base = (void *)data, .iov_len = len },
	};
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 2 };
	ssize_t n;

	m.head.version = IPC_VERSION;
	m.head.type = type;
	m.head.len = len;
	m.head.id = id;
	do
		n = sendmsg(fd, &msg, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

int ipc_send_hello(int fd, enum ipc_type type, const struct hello *hello)
{
	return ipc_send(fd, type, hello->listener, hello,
			offsetof(struct hello, data) + hello->len);
}

static bool is_terminated(const char *s, size_t size)
{
	return !!memchr(s, '\0', size);
}

static bool valid_request(const struct handshake_request *r)
{
	return is_terminated(r->profile, sizeof(r->profile)) &&
	       is_terminated(r->server_name, sizeof(r->server_name)) &&
	       is_terminated(r->alpn, sizeof(r->alpn)) &&
	       is_terminated(r->exporter_label, sizeof(r->exporter_label)) &&
	       r->exporter_len <= DTLS_MAX_EXPORTER &&
	       r->cid.len <= sizeof(r->cid.bytes) &&
	       r->context_len <= sizeof(r->context);
}

static bool valid_result(const struct handshake_result *r)
{
	return is_terminated(r->alpn, sizeof(r->alpn)) &&
	       is_terminated(r->server_name, sizeof(r->server_name)) &&
	       r->identity_len <= sizeof(r->identity) &&
	       is_terminated(r->reason, sizeof(r->reason)) &&
	       r->cert_len <= sizeof(r->cert) && r->exporter_len == 0 &&
	       r->status < 512;		/* as the kernel accepts it */
}

static bool valid_hello(const struct hello *h, size_t len)
{
	size_t head = offsetof(struct hello, data);

	return len > head && len <= sizeof(*h) && h->len == len - head &&
	       is_terminated(h->profile, sizeof(h->profile));
}

static bool valid_message(const struct ipc_message *m, size_t len)
{
	switch (m->head.type) {
	case IPC_START:
		return len == sizeof(m->request) && valid_request(&m->request);
	case IPC_DATAGRAM:
		return len > 0 && len <= MAX_DATAGRAM;
	case IPC_TICKET:
		return len > 0 && len <= MAX_TICKET + DTLS12_FRAGMENT_HEADER;
	case IPC_CANCEL:
	case IPC_KEYS:
	case IPC_NO_HELLO:
	case IPC_FRAGMENT:
	case IPC_PING:
	case IPC_PONG:
	case IPC_TAKEN:
		return len == 0;
	case IPC_PATH:
		return len == sizeof(m->path) && m->path.mtu <= MAX_DATAGRAM &&
		       m->path.narrow <= MAX_DATAGRAM;
	case IPC_CID:
		return len == sizeof(m->cid) && m->cid.len <= sizeof(m->cid.bytes);
	case IPC_FLIGHT:
		return len > sizeof(struct dtls_flight) && len <= MAX_FLIGHT;
	case IPC_DONE:
		return len == sizeof(m->result) && valid_result(&m->result);
	case IPC_HELLO:
	case IPC_CHALLENGE:
	case IPC_ADMIT:
		return valid_hello(&m->hello, len);
	}
	return false;
}

enum ipc_status ipc_recv(int fd, struct ipc_message *m)
{
	struct iovec iov = { .iov_base = m, .iov_len = sizeof(*m) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t n = recvmsg(fd, &msg, MSG_DONTWAIT);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? IPC_NOTHING : IPC_CLOSED;
	if (n == 0)
		return IPC_CLOSED;
	if ((size_t)n < sizeof(m->head) || (msg.msg_flags & MSG_TRUNC) ||
	    m->head.version != IPC_VERSION || m->head.len != n - sizeof(m->head) ||
	    !valid_message(m, m->head.len))
		return IPC_BAD;
	return IPC_MESSAGE;
}
