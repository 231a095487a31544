// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * GnuTLS: keys by gnutls_record_get_state(), I/O by push and pull functions.
 *
 * GnuTLS has nothing that belongs to a session and ends with it, so prepared
 * sessions are found in a list; only prepare, attach and cancel look there.
 */
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <kdtls/gnutls.h>

#include "gnutls_aead.h"
#include "handover.h"

struct prepared {
	struct prepared *next;
	gnutls_session_t session;
	struct handover *h;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct prepared *all;

static struct prepared *find(gnutls_session_t session)
{
	struct prepared *p;

	pthread_mutex_lock(&lock);
	for (p = all; p && p->session != session; p = p->next)
		;
	pthread_mutex_unlock(&lock);
	return p;
}

static void add(struct prepared *p)
{
	pthread_mutex_lock(&lock);
	p->next = all;
	all = p;
	pthread_mutex_unlock(&lock);
}

static void forget(struct prepared *p)
{
	struct prepared **where;

	pthread_mutex_lock(&lock);
	for (where = &all; *where != p; where = &(*where)->next)
		;
	*where = p->next;
	pthread_mutex_unlock(&lock);
	handover_free(p->h);
	free(p);
}

/* the session's I/O until the attach */

static ssize_t push(gnutls_transport_ptr_t ptr, const void *data, size_t size)
{
	struct prepared *p = ptr;

	handover_sent(p->h, data, size);
	return send(handover_fd(p->h), data, size, MSG_NOSIGNAL);
}

static ssize_t pull(gnutls_transport_ptr_t ptr, void *data, size_t size)
{
	struct prepared *p = ptr;

	return handover_recv(p->h, data, size);
}

static int pull_timeout(gnutls_transport_ptr_t ptr, unsigned int ms)
{
	struct prepared *p = ptr;

	return handover_wait(p->h, ms);
}

/* after a cancel: what GnuTLS would have done by itself */

static ssize_t plain_push(gnutls_transport_ptr_t ptr, const void *data,
			  size_t size)
{
	return send((int)(intptr_t)ptr, data, size, MSG_NOSIGNAL);
}

static ssize_t plain_pull(gnutls_transport_ptr_t ptr, void *data, size_t size)
{
	return recv((int)(intptr_t)ptr, data, size, 0);
}

static void give_back(gnutls_session_t session, int fd)
{
	gnutls_transport_set_ptr(session, (void *)(intptr_t)fd);
	gnutls_transport_set_push_function(session, plain_push);
	gnutls_transport_set_pull_function(session, plain_pull);
	gnutls_transport_set_pull_timeout_function(session,
						   gnutls_system_recv_timeout);
}

/* after the attach: nothing; its address is the transport of such a session */
static char kernel_has_it;

static ssize_t dead_push(gnutls_transport_ptr_t ptr, const void *data,
			 size_t size)
{
	errno = EPIPE;
	return -1;
}

static ssize_t dead_pull(gnutls_transport_ptr_t ptr, void *data, size_t size)
{
	errno = EPIPE;
	return -1;
}

static int dead_timeout(gnutls_transport_ptr_t ptr, unsigned int ms)
{
	errno = EPIPE;
	return -1;
}

static void cut_off(gnutls_session_t session)
{
	gnutls_transport_set_ptr(session, &kernel_has_it);
	gnutls_transport_set_push_function(session, dead_push);
	gnutls_transport_set_pull_function(session, dead_pull);
	gnutls_transport_set_pull_timeout_function(session, dead_timeout);
}

int kdtls_gnutls_prepare(gnutls_session_t session, int fd, unsigned int flags)
{
	struct prepared *p;

	if (flags || find(session)) {
		errno = flags ? EINVAL : EALREADY;
		return -1;
	}
	p = calloc(1, sizeof(*p));
	if (!p)
		return -1;
	p->session = session;
	p->h = handover_new(fd);
	if (!p->h) {
		free(p);
		return -1;
	}
	add(p);
	gnutls_transport_set_ptr(session, p);
	gnutls_transport_set_push_function(session, push);
	gnutls_transport_set_pull_function(session, pull);
	gnutls_transport_set_pull_timeout_function(session, pull_timeout);
	return 0;
}

int kdtls_gnutls_feed(gnutls_session_t session, const void *datagram,
		      size_t size)
{
	struct prepared *p = find(session);

	if (!p) {
		errno = ENODEV;
		return -1;
	}
	return handover_feed(p->h, datagram, size);
}

int kdtls_gnutls_cancel(gnutls_session_t session)
{
	struct prepared *p = find(session);

	if (!p) {
		errno = ENODEV;
		return -1;
	}
	give_back(session, handover_fd(p->h));
	forget(p);
	return 0;
}

/* The keys are the session's own memory: copied, never freed. */
static int get_direction(gnutls_session_t session, int read,
			 const struct dtls_cipher *cipher,
			 struct dtls_direction *d)
{
	gnutls_datum_t mac, iv, key;
	unsigned char seq[8];
	int ret;

	ret = gnutls_record_get_state(session, read, &mac, &iv, &key, seq);
	if (ret)
		return EAGAIN;
	/* epoch 1 is the one after the first handshake */
	if (seq[0] || seq[1] != 1)
		return seq[0] || seq[1] ? EOPNOTSUPP : EAGAIN;
	if (key.size != cipher->key_len || iv.size != cipher->iv_len)
		return EOPNOTSUPP;
	memcpy(d->key, key.data, key.size);
	memcpy(d->iv, iv.data, iv.size);
	return 0;
}

/* tls-unique exists from the moment when the first handshake is over. */
static bool handshake_over(gnutls_session_t session)
{
	gnutls_datum_t unique;

	if (gnutls_session_channel_binding(session, GNUTLS_CB_TLS_UNIQUE,
					   &unique))
		return false;
	gnutls_free(unique.data);
	return true;
}

static uint16_t size_limit(gnutls_session_t session)
{
	size_t size = gnutls_record_get_max_size(session);

	return size >= 64 && size < DTLS_MAX_CONTENT ? size : 0;
}

static int get_session(gnutls_session_t session, struct handover_session *s)
{
	const struct dtls_cipher *cipher;
	int error;

	if (!handshake_over(session))
		return EAGAIN;
	if (gnutls_session_get_flags(session) & GNUTLS_SFLAGS_FALSE_START)
		return EOPNOTSUPP;
	if (gnutls_protocol_get_version(session) != GNUTLS_DTLS1_2)
		return EPROTONOSUPPORT;
	/* received data cannot be pending: it never got in */
	if (gnutls_record_check_corked(session))
		return EBUSY;
	s->cipher = gnutls_aead_id(gnutls_cipher_get(session));
	if (!s->cipher)
		return EOPNOTSUPP;
	s->resumed = gnutls_session_is_resumed(session);
	s->record_size_limit = size_limit(session);
	s->open = gnutls_aead_open;
	cipher = dtls_cipher_by_id(s->cipher);
	error = get_direction(session, 0, cipher, &s->tx);
	if (error)
		return error;
	return get_direction(session, 1, cipher, &s->rx);
}

int kdtls_gnutls_attach(gnutls_session_t session, unsigned int flags)
{
	struct prepared *p = find(session);
	struct handover_session s = { 0 };
	enum handover_result result;
	int error;

	if (flags || !p) {
		errno = flags ? EINVAL : ENODEV;
		return -1;
	}
	error = get_session(session, &s);
	if (error) {
		explicit_bzero(&s, sizeof(s));
		errno = error;
		return -1;
	}
	result = handover_attach(p->h, &s);
	if (result == HANDOVER_REFUSED)
		return -1;
	error = errno;
	cut_off(session);
	forget(p);
	errno = error;
	return result == HANDOVER_DONE ? 0 : -1;
}

/* I/O, whether the kernel or the library has the session */

static bool in_kernel(gnutls_session_t session)
{
	return !session || gnutls_transport_get_ptr(session) == &kernel_has_it;
}

/* otherwise: what is neither the library's nor the protocol's, as it has it */
static ssize_t gnutls_result(ssize_t n, int otherwise)
{
	if (n >= 0)
		return n;
	switch (errno) {
	case EAGAIN:
		return GNUTLS_E_AGAIN;
	case EINTR:
		return GNUTLS_E_INTERRUPTED;
	case EMSGSIZE:
		return GNUTLS_E_LARGE_PACKET;
	case EPIPE:
		return GNUTLS_E_INVALID_SESSION;
	case ECONNRESET:
		return GNUTLS_E_FATAL_ALERT_RECEIVED;
	case EKEYEXPIRED:
		return GNUTLS_E_RECORD_LIMIT_REACHED;
	default:
		return otherwise;
	}
}

ssize_t kdtls_gnutls_send(gnutls_session_t session, int fd, const void *data,
			  size_t size)
{
	if (!in_kernel(session))
		return gnutls_record_send(session, data, size);
	return gnutls_result(send(fd, data, size, MSG_NOSIGNAL),
			     GNUTLS_E_PUSH_ERROR);
}

ssize_t kdtls_gnutls_recv(gnutls_session_t session, int fd, void *data,
			  size_t size)
{
	if (!in_kernel(session))
		return gnutls_record_recv(session, data, size);
	return gnutls_result(recv(fd, data, size, 0), GNUTLS_E_PULL_ERROR);
}
