// SPDX-License-Identifier: LGPL-2.1-or-later
/* Asking dtls-handshaked for a handshake, and waiting for its end. */
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include <kdtls/kdtls.h>

#include "options.h"

static int copy_string(char *to, const char *from, size_t size)
{
	size_t len = from ? strlen(from) : 0;

	if (len >= size) {
		errno = ENAMETOOLONG;
		return -1;
	}
	if (len)
		memcpy(to, from, len);
	return 0;
}

/* An empty context differs from none: RFC 5705 section 4. */
static int fill_context(struct dtls_request *req,
			const struct kdtls_options *o)
{
	if (o->exporter_context_len > sizeof(req->exporter_context) ||
	    (o->exporter_context_len && !o->exporter_context)) {
		errno = EINVAL;
		return -1;
	}
	if (!o->exporter_context)
		return 0;
	req->flags |= DTLS_REQUEST_EXPORTER_CONTEXT;
	req->exporter_context_len = o->exporter_context_len;
	memcpy(req->exporter_context, o->exporter_context,
	       o->exporter_context_len);
	return 0;
}

static int fill_request(struct dtls_request *req,
			const struct kdtls_options *o)
{
	static const struct kdtls_options none;

	if (memcmp(o->reserved, none.reserved, sizeof(o->reserved)) ||
	    o->exporter_len > DTLS_MAX_EXPORTER) {
		errno = EINVAL;
		return -1;
	}
	if (fill_context(req, o))
		return -1;
	req->min_version = o->min_version;
	req->max_version = o->max_version;
	req->timeout_ms = o->timeout_ms;
	req->exporter_len = o->exporter_len;
	if (copy_string(req->profile, o->profile, sizeof(req->profile)) ||
	    copy_string(req->server_name, o->server_name,
			sizeof(req->server_name)) ||
	    copy_string(req->alpn, o->alpn, sizeof(req->alpn)) ||
	    copy_string(req->exporter_label, o->exporter_label,
			sizeof(req->exporter_label)))
		return -1;
	return 0;
}

static int request(int fd, int option, const struct kdtls_options *options)
{
	struct dtls_request req = { 0 };

	if (options && fill_request(&req, options))
		return -1;
	return kdtls_setopt_enable(fd, option, &req, sizeof(req));
}

int kdtls_connect(int fd, const struct kdtls_options *options)
{
	return request(fd, DTLS_CONNECT, options);
}

int kdtls_listen(int fd, const struct kdtls_options *options)
{
	return request(fd, DTLS_LISTEN, options);
}

static int so_error(int fd)
{
	int error = 0;
	socklen_t len = sizeof(error);

	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) ? errno :
								   error;
}

/* The handshake succeeded, and the peer has closed since. */
static bool was_keyed(const struct dtls_status *status)
{
	return status->tx_epoch && status->rx_epoch;
}

/* 0: keyed, for recv() to say what came of it. EAGAIN: not over. Else why not. */
static int handshake_verdict(int fd)
{
	struct dtls_status status;
	int error;

	if (kdtls_status(fd, &status))
		return errno;
	switch (status.state) {
	case DTLS_STATE_ESTABLISHED:
		return 0;
	case DTLS_STATE_HANDSHAKE:
		return EAGAIN;
	case DTLS_STATE_CLOSED:
		return was_keyed(&status) ? 0 : EPIPE;
	case DTLS_STATE_FAILED:
		/* read SO_ERROR too, or the next call would report it */
		error = so_error(fd);
		return status.error ? (int)status.error :
		       error ? error : ECONNABORTED;
	default:
		return ENOTCONN;
	}
}

static long long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

int kdtls_wait(int fd, int timeout_ms)
{
	long long end = now_ms() + timeout_ms, left = timeout_ms;
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	int error;

	while ((error = handshake_verdict(fd)) == EAGAIN) {
		if (timeout_ms >= 0) {
			left = end - now_ms();
			if (left <= 0)
				break;
		}
		if (poll(&p, 1, left) < 0)
			return -1;
		/* an ICMP error does not end a handshake: do not spin on it */
		if ((p.revents & (POLLERR | POLLOUT)) == POLLERR &&
		    handshake_verdict(fd) == EAGAIN) {
			so_error(fd);
			poll(NULL, 0, 10);
		}
	}
	errno = error;
	return error ? -1 : 0;
}
